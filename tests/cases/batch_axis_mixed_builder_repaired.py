"""A classifier of garments that makes each picture a row."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


@dataclass
class Config:
    size: int = 28
    filters: int = 16
    classes: int = 10


def blocks(config):
    return nn.Sequential(
        nn.Conv2d(1, config.filters, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(config.filters, 2 * config.filters, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


def rows(maps, length):
    return maps.view(-1, length)


class Garments(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.body = blocks(config)
        self.flat = 2 * config.filters * (config.size // 4) ** 2
        self.head = nn.Linear(self.flat, config.classes)

    def forward(self, x):
        return self.head(rows(self.body(x), self.flat))


def loader(train):
    data = datasets.FashionMNIST("data", train=train, download=True, transform=transforms.ToTensor())
    return DataLoader(data, batch_size=64, shuffle=train)


def fit(model, batches, epochs=3):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


torch.manual_seed(0)
fit(Garments(Config()), loader(train=True))
