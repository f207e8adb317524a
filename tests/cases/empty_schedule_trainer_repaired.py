import torch
from torch import nn

torch.manual_seed(6)


class Config:
    epochs = 25
    milestones = (10, 18, 22)
    rate = 0.1


class Trainer:
    def __init__(self, net, config):
        self.net, self.config = net, config
        self.optimizer = torch.optim.SGD(net.parameters(), lr=config.rate, momentum=0.9, weight_decay=5e-4)
        self.scheduler = self.schedule()

    def schedule(self):
        return torch.optim.lr_scheduler.MultiStepLR(self.optimizer, milestones=self.config.milestones, gamma=0.2)

    def epoch(self, loader):
        self.net.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.net(x), y).backward()
            self.optimizer.step()

    def run(self, loader):
        for _ in range(self.config.epochs):
            self.epoch(loader)
            self.scheduler.step()


def main(loader):
    net = nn.Sequential(nn.Flatten(), nn.Linear(3072, 256), nn.ReLU(), nn.Linear(256, 10))
    Trainer(net, Config()).run(loader)
