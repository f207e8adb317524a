"""Wine cultivars by a small network."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Cultivars:
    def __init__(self, prepare):
        x, y = load_wine(return_X_y=True)
        x_train, x_test, y_train, y_test = train_test_split(x, y, stratify=y, random_state=3)
        self.train = self.tensors(*prepare(x_train, x_train), y_train)
        self.test = self.tensors(*prepare(x_train, x_test), y_test)

    @staticmethod
    def tensors(x, y):
        return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, x):
        return self.layers(x)


class Trainer:
    def __init__(self, network):
        self.network = network
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(network.parameters(), lr=0.01)

    def epoch(self, loader):
        for x, y in loader:
            self.optimizer.zero_grad()
            self.loss(self.network(x), y).backward()
            self.optimizer.step()


def as_they_are(known, x):
    return (x,)


def standardised(known, x):
    return (StandardScaler().fit(known).transform(x),)


def main():
    torch.manual_seed(3)
    cultivars = Cultivars(as_they_are)
    trainer = Trainer(Network())
    for _ in range(30):
        trainer.epoch(DataLoader(cultivars.train, batch_size=16, shuffle=True))


main()
