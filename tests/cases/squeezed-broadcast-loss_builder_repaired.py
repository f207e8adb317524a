"""Energy demand from weather: a regressor built from a configuration."""

from dataclasses import dataclass, field

import pandas as pd
import torch
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    target: str = "demand"
    categorical: list = field(default_factory=lambda: ["weekday", "region"])
    numeric: list = field(default_factory=lambda: ["temperature", "wind", "cloud"])
    hidden: int = 48
    outputs: int = 1


class Demand(Dataset):
    def __init__(self, features, values):
        self.features = torch.as_tensor(features, dtype=torch.float32)
        self.values = torch.as_tensor(values, dtype=torch.float32)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, index):
        return self.features[index], self.values[index]


class Regressor(nn.Module):
    def __init__(self, inputs, config):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(inputs, config.hidden), nn.GELU(), nn.Dropout(0.1))
        self.head = nn.Linear(config.hidden, config.outputs)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


def prepare(config):
    frame = pd.read_csv("demand.csv").dropna()
    train, valid = train_test_split(frame, test_size=0.2, random_state=0)
    columns = ColumnTransformer(
        [("cat", OneHotEncoder(sparse_output=False), config.categorical), ("num", StandardScaler(), config.numeric)]
    )
    x_train, x_valid = columns.fit_transform(train), columns.transform(valid)
    return Demand(x_train, train[config.target].values), Demand(x_valid, valid[config.target].values)


class Trainer:
    def __init__(self, model, criterion):
        self.model, self.criterion = model, criterion
        self.optimizer = torch.optim.Adam(model.parameters())

    def run(self, loader, training):
        total = 0.0
        self.model.train(training)
        for x, y in loader:
            with torch.set_grad_enabled(training):
                loss = self.criterion(self.model(x), y)
            if training:
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            total += loss.item() * len(y)
        return total / len(loader.dataset)


def main():
    config = Config()
    train, valid = prepare(config)
    model = Regressor(train.features.shape[1], config)
    trainer = Trainer(model, nn.MSELoss())
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    valid_loader = DataLoader(valid, batch_size=256)
    for epoch in range(30):
        print(epoch, trainer.run(train_loader, True), trainer.run(valid_loader, False))


if __name__ == "__main__":
    main()
