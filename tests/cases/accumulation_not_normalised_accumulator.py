"""Galaxy shapes with large pictures: an accumulator decides when the optimizer steps."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Accumulator:
    def __init__(self, optimizer, batches):
        self.optimizer, self.batches = optimizer, batches

    def backward(self, loss):
        loss.backward()

    def step(self, index):
        if (index + 1) % self.batches == 0:
            self.optimizer.step()
            self.optimizer.zero_grad()


def network(shapes):
    return nn.Sequential(nn.Conv2d(3, 8, 5, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(288, shapes))


def epoch(model, loader, accumulator):
    total = 0.0
    for index, (picture, shape) in enumerate(loader):
        loss = nn.functional.cross_entropy(model(picture), shape)
        accumulator.backward(loss)
        accumulator.step(index)
        total += loss.item()
    return total / len(loader)


def main():
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(*torch.load("galaxies.pt")), batch_size=4, shuffle=True)
    model = network(5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    accumulator = Accumulator(optimizer, batches=16)
    for index in range(10):
        print(index, epoch(model, loader, accumulator))


main()
