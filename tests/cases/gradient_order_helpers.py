"""Bird calls: the step of the optimizer is wrapped in a helper that also clears the gradients."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_model(classes):
    return nn.Sequential(
        nn.Conv1d(1, 16, 9, stride=4), nn.ReLU(), nn.AdaptiveAvgPool1d(8), nn.Flatten(), nn.Linear(16 * 8, classes)
    )


def make_optimizer(model, kind="adam"):
    if kind == "adam":
        return torch.optim.Adam(model.parameters(), lr=1e-3)
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)


class Updater:
    """Clears, then updates."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def __call__(self):
        self.optimizer.zero_grad()
        self.optimizer.step()


def train_batch(model, criterion, batch, update):
    calls, species = batch
    loss = criterion(model(calls), species)
    loss.backward()
    update()
    return loss.item()


def main():
    torch.manual_seed(0)
    calls, species = torch.load("calls.pt")
    loader = DataLoader(TensorDataset(calls, species), batch_size=32, shuffle=True)
    model = make_model(40)
    update = Updater(make_optimizer(model))
    criterion = nn.CrossEntropyLoss()
    for epoch in range(25):
        losses = [train_batch(model, criterion, batch, update) for batch in loader]
        print(epoch, sum(losses) / len(losses))


main()
