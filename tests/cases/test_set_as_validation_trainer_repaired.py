"""Prices of flats: a network that stops when it gets no better."""

import copy

import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def tensors(frame):
    features = torch.tensor(frame.drop(columns="price").to_numpy(), dtype=torch.float32)
    return TensorDataset(features, torch.tensor(frame["price"].to_numpy(), dtype=torch.float32))


def loaders(path, batch=64):
    table = pd.read_csv(path)
    rest, test = train_test_split(table, test_size=0.2, random_state=5)
    train, val = train_test_split(rest, test_size=0.2, random_state=5)
    return DataLoader(tensors(train), batch, shuffle=True), DataLoader(tensors(val), batch), DataLoader(tensors(test), batch)


class Keeper:
    """Keeps the weights of the best epoch."""

    def __init__(self, patience):
        self.best, self.weights, self.waited, self.patience = None, None, 0, patience

    def done(self, value, model):
        if self.best is None or value < self.best:
            self.best, self.weights, self.waited = value, copy.deepcopy(model.state_dict()), 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = nn.L1Loss()

    def epoch(self, loader):
        self.model.train()
        for features, price in loader:
            self.optimizer.zero_grad()
            self.loss(self.model(features).squeeze(1), price).backward()
            self.optimizer.step()

    @torch.no_grad()
    def measure(self, loader):
        self.model.eval()
        total = 0.0
        for features, price in loader:
            total += self.loss(self.model(features).squeeze(1), price).item()
        return total / len(loader)

    def fit(self, train, watched, epochs=300):
        keeper = Keeper(patience=20)
        for _ in range(epochs):
            self.epoch(train)
            if keeper.done(self.measure(watched), self.model):
                break
        self.model.load_state_dict(keeper.weights)


def main():
    train, val, test = loaders("flats.csv")
    trainer = Trainer(nn.Sequential(nn.Linear(9, 64), nn.ReLU(), nn.Linear(64, 1)))
    trainer.fit(train, val)
    print("mean error", trainer.measure(test))


main()
