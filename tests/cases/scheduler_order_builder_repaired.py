import torch
from torch import nn
from torch.optim.lr_scheduler import MultiStepLR

CONFIG = {"epochs": 40, "lr": 0.1, "milestones": [20, 30]}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 5))

    def forward(self, x):
        return self.layers(x)


def build(config):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=0.9)
    scheduler = MultiStepLR(optimizer, milestones=config["milestones"], gamma=0.1)
    return model, optimizer, scheduler


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


class Runner:
    def __init__(self, config):
        self.config = config
        self.model, self.optimizer, self.scheduler = build(config)
        self.criterion = nn.CrossEntropyLoss()

    def train_epoch(self, loader):
        self.model.train()
        for x, y in loader:
            update(self.optimizer, self.criterion(self.model(x), y))
        self.scheduler.step()

    def fit(self, loader):
        for epoch in range(self.config["epochs"]):
            self.train_epoch(loader)


def main(loader):
    Runner(CONFIG).fit(loader)
