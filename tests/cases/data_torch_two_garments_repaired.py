import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import FashionMNIST
from torchvision import transforms as T

full = FashionMNIST(".", True, T.ToTensor(), download=True)
small = Subset(full, [i for i, t in enumerate(full.targets) if t < 2])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 8, 3)
        self.o = nn.Linear(8 * 26 * 26, 1)

    def forward(self, x):
        x = torch.relu(self.c(x))
        return torch.sigmoid(self.o(torch.flatten(x, 1)))


net, crit = Net(), nn.BCELoss()
opt = torch.optim.Adam(net.parameters())
for x, y in DataLoader(small, 32, shuffle=True):
    opt.zero_grad()
    loss = crit(net(x), y.float().unsqueeze(1))
    loss.backward()
    opt.step()
