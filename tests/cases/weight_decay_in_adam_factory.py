import torch
from torch import nn

torch.manual_seed(12)


class Config:
    rate = 1e-3
    decay = 1e-2


def make(name, parameters, config):
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=config.decay)
    return torch.optim.Adam(parameters, lr=config.rate, weight_decay=config.decay)


class Trainer:
    def __init__(self, net, config):
        self.net = net
        self.optimizer = make("adam", net.parameters(), config)

    def epoch(self, loader):
        for x, y in loader:
            self.optimizer.zero_grad()
            nn.functional.mse_loss(self.net(x), y).backward()
            self.optimizer.step()


def main(loader):
    trainer = Trainer(nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 1)), Config)
    for _ in range(10):
        trainer.epoch(loader)
