from network import Stack
from optimisation import optimiser_for
from torch import nn

EPOCHS = 60


def train_epoch(model, loader, criterion, optimizer, scheduler):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    scheduler.step()


def main(loader):
    model = Stack([20, 64, 32, 4])
    criterion = nn.CrossEntropyLoss()
    optimizer, scheduler = optimiser_for(model, step_size=20)
    for epoch in range(EPOCHS):
        train_epoch(model, loader, criterion, optimizer, scheduler)
