import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, classes))

    def forward(self, x):
        return self.layers(x)


def make_heads(width, sizes):
    heads = []
    for size in sizes:
        heads.append(Head(width, size))
    return heads


class MultiTask(nn.Module):
    def __init__(self, sizes, width=64):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(16, width), nn.ReLU())
        self.heads = nn.ModuleList(make_heads(width, sizes))

    def forward(self, x):
        x = self.body(x)
        return [head(x) for head in self.heads]


def train(loader, sizes=(3, 5)):
    model = MultiTask(sizes)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for x, *targets in loader:
        optimizer.zero_grad()
        outputs = model(x)
        loss = sum(criterion(out, target) for out, target in zip(outputs, targets))
        loss.backward()
        optimizer.step()
