"""Which mushroom is in a picture."""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

torch.manual_seed(1)


class Pipeline:
    def __init__(self, size=224):
        self.size = size

    def train(self):
        return transforms.Compose([transforms.RandomResizedCrop(self.size), transforms.ColorJitter(0.2), transforms.ToTensor()])

    def plain(self):
        return transforms.Compose([transforms.Resize(256), transforms.CenterCrop(self.size), transforms.ToTensor()])


def folders(root):
    pipeline = Pipeline()
    found = {}
    for part in ("train", "val"):
        found[part] = datasets.ImageFolder(f"{root}/{part}", transform=pipeline.train() if part == "train" else pipeline.plain())
    return found


def fit_once(model, optimizer, batches):
    model.train()
    for images, kinds in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), kinds).backward()
        optimizer.step()


@torch.no_grad()
def measure(model, batches):
    model.eval()
    right = total = 0
    for images, kinds in batches:
        right += (model(images).argmax(1) == kinds).sum().item()
        total += len(kinds)
    return right / total


def main():
    parts = folders("mushrooms")
    train = DataLoader(parts["train"], batch_size=32, shuffle=True)
    val = DataLoader(parts["val"], batch_size=64)
    model = models.resnet18(num_classes=12)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(20):
        fit_once(model, optimizer, train)
        print(epoch, measure(model, val))


main()
