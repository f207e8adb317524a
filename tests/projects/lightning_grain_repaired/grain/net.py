import lightning as L
import torch
import torch.nn.functional as F
from torch import nn


class KernelNet(L.LightningModule):
    def __init__(self, classes, width=16, rate=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.body = nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(width, self.hparams.classes)

    def forward(self, image):
        return self.head(self.body(image))

    def training_step(self, batch, index):
        loss = F.cross_entropy(self(batch["image"]), batch["kind"])
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.rate)
