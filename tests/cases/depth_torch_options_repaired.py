import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def get_args():
    parser = argparse.ArgumentParser(description="CIFAR")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--num-classes", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--evaluate", action="store_true")
    return parser.parse_args()


class Classifier(nn.Module):
    def __init__(self, hidden, num_classes):
        super().__init__()
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, num_classes)

    def forward(self, x):
        return self.head(self.features(x))


def build_model(args):
    return Classifier(args.hidden, args.num_classes)


def build_loaders():
    to_tensor = transforms.ToTensor()
    train = datasets.CIFAR10("data", train=True, download=True, transform=to_tensor)
    test = datasets.CIFAR10("data", train=False, download=True, transform=to_tensor)
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(test, batch_size=256)


class Trainer:
    def __init__(self, model, args):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    def step(self, images, labels):
        loss = F.cross_entropy(self.model(images), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            self.model.train()
            for images, labels in loader:
                self.step(images, labels)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        right = sum((self.model(x).argmax(1) == y).sum().item() for x, y in loader)
        return right / len(loader.dataset)


def main():
    args = get_args()
    train, test = build_loaders()
    trainer = Trainer(build_model(args), args)
    if args.evaluate:
        print(trainer.evaluate(test))
        return
    trainer.fit(train, args.epochs)
    print(trainer.evaluate(test))


if __name__ == "__main__":
    main()
