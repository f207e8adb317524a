"""Road signs: one method runs a phase, and its caller says which; the phase decides the mode only."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Signs(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(5), nn.Flatten())
        self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(16 * 25, classes))

    def forward(self, x):
        return self.head(self.features(x))


class Course:
    def __init__(self, model, loaders):
        self.model, self.loaders = model, loaders
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss()

    def update(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def phase(self, name):
        self.model.train(name == "train")
        total, hits = 0.0, 0
        for x, sign in self.loaders[name]:
            scores = self.model(x)
            loss = self.criterion(scores, sign)
            self.update(loss)
            total += loss.item()
            hits += (scores.argmax(1) == sign).sum().item()
        return total / len(self.loaders[name]), hits

    def run(self, epochs):
        for epoch in range(epochs):
            print(epoch, self.phase("train"), self.phase("validation"))


def loader(name):
    return DataLoader(TensorDataset(*torch.load(f"signs_{name}.pt")), batch_size=64, shuffle=name == "train")


def main():
    torch.manual_seed(0)
    Course(Signs(43), {name: loader(name) for name in ("train", "validation")}).run(12)


main()
