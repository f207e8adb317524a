"""Churn: a session that switches gradients off for the evaluation and forgets about it."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Session:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.criterion = nn.BCEWithLogitsLoss()

    def learning(self):
        self.model.train()

    def judging(self):
        self.model.eval()
        torch.set_grad_enabled(False)

    def loss(self, x, left):
        return self.criterion(self.model(x).squeeze(1), left)

    def train(self, loader):
        self.learning()
        for x, left in loader:
            self.optimizer.zero_grad()
            self.loss(x, left).backward()
            self.optimizer.step()

    def judge(self, loader):
        self.judging()
        return sum(self.loss(x, left).item() for x, left in loader) / len(loader)


def main():
    torch.manual_seed(0)
    customers = [TensorDataset(*torch.load(f"customers_{part}.pt")) for part in ("train", "test")]
    train_loader = DataLoader(customers[0], batch_size=128, shuffle=True)
    test_loader = DataLoader(customers[1], batch_size=128)
    session = Session(nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1)))
    for epoch in range(10):
        session.train(train_loader)
        print(epoch, session.judge(test_loader))


main()
