import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 64), nn.ReLU())
        self.head = nn.Linear(64, 100)

    def forward(self, x):
        return self.head(self.layers(x))


class FineTuner:
    def __init__(self, model, n_classes):
        self.model = model
        self.adapt(n_classes)
        self.optimizer = self.make_optimizer(1e-3)
        self.criterion = nn.CrossEntropyLoss()

    def make_optimizer(self, rate):
        return torch.optim.Adam(self.model.parameters(), lr=rate)

    def adapt(self, n_classes):
        self.model.head = nn.Linear(64, n_classes)

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for x, y in loader:
                self.optimizer.zero_grad()
                self.criterion(self.model(x), y).backward()
                self.optimizer.step()


def main(loader):
    FineTuner(Encoder(), 7).fit(loader, 10)
