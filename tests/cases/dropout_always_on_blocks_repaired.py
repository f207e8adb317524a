import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, size, rate):
        super().__init__()
        self.linear = nn.Linear(size, size)
        self.rate = rate

    def regularise(self, x):
        return F.dropout(x, p=self.rate, training=self.training)

    def forward(self, x):
        return x + self.regularise(F.relu(self.linear(x)))


class Regressor(nn.Module):
    def __init__(self, size=32, depth=3):
        super().__init__()
        self.blocks = nn.ModuleList(Block(size, 0.3) for _ in range(depth))
        self.out = nn.Linear(size, 1)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.out(x).squeeze(1)


def predict(model, loader):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x) for x, in loader])


def main(loader):
    return predict(Regressor(), loader)
