import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Sentences(L.LightningDataModule):
    def __init__(self, path, batch_size=64):
        super().__init__()
        self.path = path
        self.batch_size = batch_size

    def setup(self, stage):
        parts = torch.load(self.path, weights_only=True)
        self.parts = {name: TensorDataset(*parts[name]) for name in ("train", "val")}

    def loader(self, name):
        return DataLoader(self.parts[name], batch_size=self.batch_size, shuffle=name == "train", drop_last=True)

    def train_dataloader(self):
        return self.loader("train")

    def val_dataloader(self):
        return self.loader("val")


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(300, 64), nn.ReLU(), nn.Linear(64, 5))

    def training_step(self, batch, index):
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)

    def validation_step(self, batch, index):
        x, y = batch
        self.log("val_accuracy", (self.net(x).argmax(1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


L.Trainer(max_epochs=10).fit(Tagger(), datamodule=Sentences("sentences.pt"))
