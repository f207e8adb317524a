import torch, os
from torch import nn
import lightning.pytorch as pl
from torch.utils.data import DataLoader, Dataset
import torch.nn.functional as F
import torchmetrics


class Letters(Dataset):
    alphabet = "ABCDE"

    def __init__(self, items, transform=None):
        self.items, self.transform = items, transform
        self.lookup = {c: i for i, c in enumerate(self.alphabet)}

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, letter = self.items[i]
        x = torch.load(path)
        return {"pixels": x, "target": torch.tensor(self.lookup[letter])}


class LettersModule(pl.LightningDataModule):
    def __init__(self, train_items, val_items, batch_size: int = 32):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage: str):
        self.train_set = Letters(self.hparams.train_items)
        self.val_set = Letters(self.hparams.val_items)

    def _loader(self, ds, shuffle=False):
        return DataLoader(ds, batch_size=self.hparams.batch_size, shuffle=shuffle, num_workers=4)

    def train_dataloader(self):
        return self._loader(self.train_set, True)

    def val_dataloader(self):
        return self._loader(self.val_set)


class Model(pl.LightningModule):
    def __init__(self, num_classes: int = 5, lr: float = 1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.backbone = nn.Sequential(nn.Flatten(), nn.LazyLinear(64), nn.ReLU())
        self.head = nn.Linear(64, num_classes)
        self.acc = torchmetrics.Accuracy(task="multiclass", num_classes=num_classes)

    def forward(self, x):
        return self.head(self.backbone(x))

    def common_step(self, batch, stage):
        logits = self(batch["pixels"])
        loss = F.cross_entropy(logits, batch["target"])
        self.log(f"{stage}/loss", loss, prog_bar=True)
        return loss

    def training_step(self, batch, batch_idx):
        return self.common_step(batch, "train")

    def validation_step(self, batch, batch_idx):
        return self.common_step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)


def cli():
    dm = LettersModule(torch.load("a"), torch.load("b"))
    trainer = pl.Trainer(max_epochs=1)
    trainer.fit(Model(), datamodule=dm)
    trainer.test(datamodule=dm)


if __name__ == "__main__":
    cli()
