import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def mixed(self, x, weights):
        return self.project(weights @ x)

    def project(self, x):
        return self.value(x)

    def forward(self, x):
        weights = (self.query(x) @ self.key(x).transpose(1, 2)).softmax(dim=-1)
        return self.mixed(x, weights)


class Model(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.attention = Attention(width)
        self.out = nn.Linear(width, 2)

    def forward(self, x):
        return self.out(self.attention(x).mean(dim=1))


def train(loader):
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
