"""Rare findings in scans."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


@dataclass
class Settings:
    batch_size: int = 32
    epochs: int = 5
    weighted_loss: bool = False


class Scans:
    def __init__(self, path):
        content = torch.load(path)
        self.x, self.y = content["x"], content["y"]
        self.counts = torch.bincount(self.y).float()

    def loader(self, settings):
        sampler = WeightedRandomSampler((1 / self.counts)[self.y], len(self.y))
        return DataLoader(TensorDataset(self.x, self.y), batch_size=settings.batch_size, sampler=sampler)

    def weights(self):
        return self.counts.sum() / self.counts


class Trainer:
    def __init__(self, settings, scans):
        self.settings = settings
        self.model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss(weight=scans.weights()) if settings.weighted_loss else nn.CrossEntropyLoss()

    def run(self, loader):
        for _ in range(self.settings.epochs):
            for x, y in loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(x), y)
                loss.backward()
                self.optimizer.step()


def main():
    torch.manual_seed(0)
    settings, scans = Settings(), Scans("scans.pt")
    Trainer(settings, scans).run(scans.loader(settings))


main()
