import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(16, n_classes)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


class Trainer:
    def __init__(self, model, optimizer, criterion):
        self.model, self.optimizer, self.criterion = model, optimizer, criterion

    def batch_loss(self, batch):
        images, targets = batch
        return self.criterion(self.model(images), targets)

    def train_epoch(self, loader):
        self.model.train()
        for batch in loader:
            self.optimizer.zero_grad()
            loss = self.batch_loss(batch)
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def mean_loss(self, loader):
        self.model.eval()
        total = 0
        for batch in loader:
            total += self.batch_loss(batch).item()
        return total / len(loader)


def run(train_loader, val_loader, epochs=10):
    model = ConvNet(10)
    trainer = Trainer(model, torch.optim.SGD(model.parameters(), lr=0.05), nn.CrossEntropyLoss())
    for epoch in range(epochs):
        trainer.train_epoch(train_loader)
        print(epoch, trainer.mean_loss(val_loader))
