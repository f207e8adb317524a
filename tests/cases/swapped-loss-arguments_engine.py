"""Which customers cancel: a small network on the table of contracts."""

import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def read(path):
    contracts = pd.read_csv(path)
    cancelled = contracts.pop("cancelled").to_numpy(dtype="float32")
    return contracts.to_numpy(dtype="float32"), cancelled.reshape(-1, 1)


def loaders(path, size=128):
    x, y = read(path)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.25, stratify=y, random_state=3)
    scaler = StandardScaler().fit(x_train)
    parts = ((scaler.transform(x_train), y_train), (scaler.transform(x_valid), y_valid))
    sets = [TensorDataset(torch.tensor(a, dtype=torch.float32), torch.tensor(b)) for a, b in parts]
    return DataLoader(sets[0], batch_size=size, shuffle=True), DataLoader(sets[1], batch_size=size)


class Engine:
    def __init__(self, network, criterion, lr):
        self.network = network
        self.criterion = criterion
        self.optimizer = torch.optim.Adam(network.parameters(), lr=lr)

    def forward_loss(self, batch):
        features, cancelled = batch
        return self.measure(cancelled, self.network(features))

    def measure(self, scores, cancelled):
        return self.criterion(scores, cancelled)

    def epoch(self, loader):
        self.network.train()
        for batch in loader:
            loss = self.forward_loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()


def network(inputs, hidden=(64, 32)):
    layers = []
    for units in hidden:
        layers += [nn.Linear(inputs, units), nn.ReLU()]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, 1))


train, valid = loaders("contracts.csv")
engine = Engine(network(17), nn.BCEWithLogitsLoss(), lr=1e-3)
for _ in range(15):
    engine.epoch(train)
