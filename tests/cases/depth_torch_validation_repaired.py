import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.body = nn.Linear(inputs, classes)

    def forward(self, x):
        scores = self.body(x)
        if not self.training:
            return torch.softmax(scores, 1)
        return scores


class Learner:
    def __init__(self, net):
        self.net = net
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(net.parameters())

    def train(self, loader):
        self.net.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            self.criterion(self.net(x), y).backward()
            self.optimizer.step()

    @torch.no_grad()
    def confidence(self, loader):
        self.net.eval()
        return sum(self.net(x).max(1).values.mean().item() for x, _ in loader) / len(loader)


def run(train_loader, test_loader):
    learner = Learner(Net(20, 5))
    for _ in range(10):
        learner.train(train_loader)
        print(learner.confidence(test_loader))
