"""Wine quality from chemistry: a trainer with hooks, of which one computes the loss and another updates."""

import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regressor(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.layers(x).squeeze(1)


class Trainer:
    def __init__(self, model, rate):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        self.criterion = nn.MSELoss()
        self.history = []

    def before_batch(self):
        self.optimizer.zero_grad()

    def loss(self, x, y):
        return self.criterion(self.model(x), y)

    def after_batch(self, loss):
        self.optimizer.step()
        self.history.append(loss.item())

    def run_batch(self, x, y):
        self.before_batch()
        loss = self.loss(x, y)
        loss.backward()
        self.after_batch(loss)

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            for x, y in loader:
                self.run_batch(x, y)
            print(epoch, sum(self.history[-len(loader) :]) / len(loader))


def load(path):
    wine = pd.read_csv(path)
    quality = torch.tensor(wine.pop("quality").to_numpy(), dtype=torch.float32)
    return TensorDataset(torch.tensor(wine.to_numpy(), dtype=torch.float32), quality)


def main():
    torch.manual_seed(0)
    rows = load("wine.csv")
    Trainer(Regressor(11), 1e-3).fit(DataLoader(rows, batch_size=64, shuffle=True), 40)


main()
