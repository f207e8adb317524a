import torch
from torch import nn
from transformers import get_linear_schedule_with_warmup


class Classifier(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, width), nn.ReLU())
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        return self.head(self.body(x))


def optimisation(model, loader, epochs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-5)
    total_steps = len(loader) * epochs
    scheduler = get_linear_schedule_with_warmup(optimizer, num_warmup_steps=100, num_training_steps=total_steps)
    return optimizer, scheduler


def train_epoch(model, loader, optimizer, criterion):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()


def train_epoch_by_steps(model, loader, optimizer, criterion, scheduler):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()


def fit(loader, epochs=5):
    model = Classifier(128)
    criterion = nn.CrossEntropyLoss()
    optimizer, scheduler = optimisation(model, loader, epochs)
    for epoch in range(epochs):
        model.train()
        train_epoch_by_steps(model, loader, optimizer, criterion, scheduler)
