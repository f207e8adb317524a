import json

import pytorch_lightning as pl
import torch
import torch.nn as nn
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

HPARAMS = json.loads('{"model": {"hidden": [256, 64], "outputs": 10}, "optim": {"lr": 0.001}}')


class Base(pl.LightningModule):
    def __init__(self, hparams):
        super().__init__()
        self.settings = hparams
        self.net = self.build(**hparams["model"])
        self.criterion = self.make_criterion()

    def build(self, hidden, outputs, last=None):
        raise NotImplementedError

    def make_criterion(self):
        raise NotImplementedError

    def forward(self, x):
        return self.net(x.flatten(1))

    def shared_step(self, batch, stage):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log(f"{stage}_loss", loss)
        return loss

    def training_step(self, batch, batch_idx):
        return self.shared_step(batch, "train")

    def validation_step(self, batch, batch_idx):
        return self.shared_step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.settings["optim"]["lr"])


class Digits(Base):
    def build(self, hidden, outputs, last=None):
        sizes = [28 * 28, *hidden]
        stack = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            stack += [nn.Linear(a, b), nn.ReLU()]
        stack.append(nn.Linear(sizes[-1], outputs))
        if last == "relu":
            stack.append(nn.ReLU())
        return nn.Sequential(*stack)

    def make_criterion(self):
        return nn.CrossEntropyLoss()


class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return torch.utils.data.DataLoader(MNIST(".", transform=ToTensor()), batch_size=64, shuffle=True)


def main():
    trainer = pl.Trainer(max_epochs=3)
    trainer.fit(Digits(HPARAMS), datamodule=Data())
