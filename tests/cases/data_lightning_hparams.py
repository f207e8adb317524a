import torch
from torch import nn
from torch.nn import functional as F
import lightning as L
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR100
from torchvision import transforms


class Data(L.LightningDataModule):
    def setup(self, stage):
        full = CIFAR100(".", train=True, download=True, transform=transforms.ToTensor())
        self.tr, self.va = torch.utils.data.random_split(full, [45000, 5000])

    def train_dataloader(self):
        return DataLoader(self.tr, batch_size=32, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.va, batch_size=32)


class Lit(L.LightningModule):
    def __init__(self, num_classes=10, lr=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(3072, 32), nn.ReLU(), nn.Linear(32, self.hparams.num_classes)
        )

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val", F.cross_entropy(self(x), y))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)


def main():
    L.Trainer(max_epochs=3).fit(Lit(), Data())


if __name__ == "__main__":
    main()
