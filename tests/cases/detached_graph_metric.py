import torch
from torch import nn


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 1))

    def forward(self, x):
        return self.net(x)


def mask_of(logits):
    return logits.argmax(dim=1).float()


def overlap(mask, target):
    return (mask * target).sum() / (mask + target).sum()


class Trainer:
    def __init__(self):
        self.model = Segmenter()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def loss(self, logits, target):
        score = overlap(mask_of(logits), target)
        return torch.tensor(1.0 - score.item(), requires_grad=True)

    def fit(self, loader):
        for x, target in loader:
            self.optimizer.zero_grad()
            self.loss(self.model(x), target).backward()
            self.optimizer.step()


def main(loader):
    Trainer().fit(loader)
