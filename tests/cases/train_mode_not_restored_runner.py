"""Defects in castings: a runner that validates every so many steps, from inside the training loop."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Castings(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(4)
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(16 * 16, 2))

    def forward(self, x):
        return self.head(self.features(x))


class Validation:
    def __init__(self, model, loader):
        self.model, self.loader = model, loader

    def accuracy(self):
        self.model.eval()
        with torch.no_grad():
            hits = [(self.model(x).argmax(1) == y).float().mean().item() for x, y in self.loader]
        return sum(hits) / len(hits)


class Runner:
    def __init__(self, model, validation, every):
        self.model, self.validation, self.every = model, validation, every
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4)
        self.steps = 0

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.steps += 1

    def run(self, loader, epochs):
        self.model.train()
        for _ in range(epochs):
            for x, y in loader:
                self.step(x, y)
                if self.steps % self.every == 0:
                    print(self.steps, self.validation.accuracy())


def loader(path, shuffle):
    return DataLoader(TensorDataset(*torch.load(path)), batch_size=32, shuffle=shuffle)


torch.manual_seed(0)
model = Castings()
Runner(model, Validation(model, loader("held_out.pt", False)), every=200).run(loader("train.pt", True), 12)
