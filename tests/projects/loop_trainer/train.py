import torch
from torch.utils.data import DataLoader, TensorDataset

from shop.engine import Engine
from shop.networks import build
from shop.settings import Settings


def loader(name, shuffle=False):
    return DataLoader(TensorDataset(*torch.load(f"{name}.pt")), batch_size=32, shuffle=shuffle)


def main():
    torch.manual_seed(0)
    settings = Settings()
    engine = Engine(build(settings), settings.rate)
    train_loader, test_loader = loader("train", True), loader("test")
    for epoch in range(settings.epochs):
        engine.model.train()
        engine.train(train_loader)
        print(epoch, engine.evaluate(test_loader))


if __name__ == "__main__":
    main()
