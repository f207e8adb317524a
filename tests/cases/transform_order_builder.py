import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T


class Augmentation:
    def __init__(self, size, strength):
        self.size = size
        self.strength = strength

    def geometric(self):
        return [T.RandomCrop(self.size, padding=4), T.RandomHorizontalFlip()]

    def statistics(self):
        return [T.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))]

    def erased(self):
        return [T.RandomErasing(p=self.strength)]

    def build(self):
        steps = self.geometric() + self.erased()
        steps.append(T.ToTensor())
        return T.Compose(steps + self.statistics())


def make_loader(train):
    transform = Augmentation(32, 0.25).build() if train else T.Compose([T.ToTensor(), *Augmentation(32, 0).statistics()])
    data = datasets.CIFAR10("data", train=train, transform=transform, download=True)
    return DataLoader(data, batch_size=128, shuffle=train)


def main():
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for x, y in make_loader(train=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in make_loader(train=False))
    print(right / 10_000)


main()
