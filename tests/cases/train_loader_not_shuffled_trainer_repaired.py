"""Which grape a wine is made of, from its chemistry."""
from dataclasses import dataclass

import pandas as pd
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(1)


@dataclass
class Settings:
    path: str = "wines.csv"
    batch: int = 32
    epochs: int = 40
    rate: float = 1e-3


class Wines(Dataset):
    def __init__(self, table: pd.DataFrame):
        self.chemistry = torch.tensor(((table - table.mean()) / table.std()).drop(columns="grape").to_numpy(), dtype=torch.float32)
        self.grape = torch.tensor(table["grape"].to_numpy(), dtype=torch.long)

    def __len__(self):
        return len(self.grape)

    def __getitem__(self, index):
        return self.chemistry[index], self.grape[index]


def loader_for(settings: Settings):
    return DataLoader(Wines(pd.read_csv(settings.path)), batch_size=settings.batch, shuffle=True)


class Trainer:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.batches = loader_for(settings)
        self.model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
        self.optimizer = optim.Adam(self.model.parameters(), lr=settings.rate)
        self.criterion = nn.CrossEntropyLoss()

    def step(self, chemistry, grape):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(chemistry), grape)
        loss.backward()
        self.optimizer.step()

    def run(self):
        for _ in range(self.settings.epochs):
            for chemistry, grape in self.batches:
                self.step(chemistry, grape)


if __name__ == "__main__":
    Trainer(Settings()).run()
