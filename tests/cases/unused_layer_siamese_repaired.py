import torch
from torch import nn


class Tower(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.make_layers(width)

    def make_layers(self, width):
        self.conv = nn.Conv1d(4, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, 16)

    def features(self, x):
        return torch.relu(self.norm(self.conv(x))).mean(dim=2)

    def forward(self, x):
        return self.out(self.features(x))


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = Tower(32)

    def forward(self, a, b):
        return (self.tower(a) - self.tower(b)).pow(2).sum(dim=1)


def distances(pairs):
    model = Siamese()
    model.eval()
    with torch.no_grad():
        return [model(a, b) for a, b in pairs]
