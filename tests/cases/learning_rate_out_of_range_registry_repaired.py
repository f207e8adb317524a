import torch
from torch import nn

torch.manual_seed(0)

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adadelta": torch.optim.Adadelta}


class Settings:
    optimizer = "adadelta"
    rate = 1.0
    epochs = 12


class Experiment:
    def __init__(self, settings):
        self.settings = settings
        self.net = self.build()
        self.optimizer = self.configure()

    def build(self):
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))

    def configure(self):
        made = OPTIMIZERS[self.settings.optimizer]
        return made(self.net.parameters(), lr=self.settings.rate)

    def epoch(self, loader):
        for x, y in loader:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.net(x), y).backward()
            self.optimizer.step()


def main(loader):
    experiment = Experiment(Settings())
    for _ in range(Settings.epochs):
        experiment.epoch(loader)
