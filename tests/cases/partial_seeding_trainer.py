import random
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    seed: int = 13
    epochs: int = 5
    rate: float = 1e-3
    batch_size: int = 64


class Reproducible:
    """Sets every generator from one place."""

    def __init__(self, seed):
        self.seed = seed

    def apply(self):
        random.seed(self.seed)
        np.random.seed(self.seed)


class Trainer:
    def __init__(self, config):
        self.config = config
        self.model = self.build()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.rate)
        self.criterion = nn.CrossEntropyLoss()

    def build(self):
        return nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 4))

    def loader(self, x, y):
        rows = TensorDataset(torch.from_numpy(x).float(), torch.from_numpy(y).long())
        return DataLoader(rows, batch_size=self.config.batch_size, shuffle=True)

    def fit(self, x, y):
        loader = self.loader(x, y)
        for epoch in range(self.config.epochs):
            self.model.train()
            for batch, labels in loader:
                self.optimizer.zero_grad()
                self.criterion(self.model(batch), labels).backward()
                self.optimizer.step()


def main():
    config = Config()
    Reproducible(config.seed).apply()
    data = np.load("features.npz")
    Trainer(config).fit(data["x"], data["y"])


if __name__ == "__main__":
    main()
