import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self, hidden=128):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, hidden)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(x)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)

    def train_epoch(self, loader):
        self.model.train()
        for images, labels in loader:
            self.optimizer.zero_grad()
            outputs = self.model(images)
            loss = self.criterion(outputs, labels)
            loss.backward()
            self.optimizer.step()

    def test(self, loader):
        self.model.eval()
        correct = 0
        with torch.no_grad():
            for images, labels in loader:
                correct += (self.model(images).argmax(1) == labels).sum().item()
        return correct / len(loader.dataset)


def main():
    tensor = transforms.ToTensor()
    train = DataLoader(datasets.MNIST('data', train=True, download=True, transform=tensor), batch_size=64, shuffle=True)
    test = DataLoader(datasets.MNIST('data', train=False, transform=tensor), batch_size=1000)
    trainer = Trainer(Net(), lr=0.01)
    for epoch in range(5):
        trainer.train_epoch(train)
        print(epoch, trainer.test(test))


if __name__ == '__main__':
    main()
