import os
from contextlib import contextmanager

import click
import torch
import torch.nn as nn
import torch.nn.functional as F


def head(name):
    return getattr(nn, name)


class Net(nn.Module):
    def __init__(self, sizes, last=None):
        super().__init__()
        pairs = zip(sizes, sizes[1:])
        self.layers = nn.ModuleDict({f"fc{i}": nn.Linear(a, b) for i, (a, b) in enumerate(pairs)})
        self.last = last

    def forward(self, x):
        names = list(self.layers)
        for name in names[:-1]:
            x = F.relu(self.layers[name](x))
        x = self.layers[names[-1]](x)
        return x if self.last is None else self.last(x)


class Probabilities(Net):
    def __init__(self, sizes):
        super().__init__(sizes, last=head("Sigmoid")())


@contextmanager
def training(model, optimizer):
    model.train()
    optimizer.zero_grad()
    yield model
    optimizer.step()


def optimise(model, criterion, loader, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for x, y in loader:
        with training(model, optimizer) as net:
            criterion(net(x), y).backward()


def churn(loader, lr):
    optimise(Probabilities([20, 64, 1]), nn.BCELoss(), loader, lr)


def visits(loader, lr):
    optimise(Net([20, 64, 1]), nn.BCEWithLogitsLoss(), loader, lr)


@click.command()
@click.option("--task", default="churn")
@click.option("--lr", type=float, default=1e-3)
def main(task, lr):
    loader = torch.load(os.environ.get("DATA", "data.pt"))
    {"churn": churn, "visits": visits}[task](loader, lr)
    visits(loader, lr)


if __name__ == "__main__":
    main()
