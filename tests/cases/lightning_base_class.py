import pytorch_lightning as pl
import torch
import torch.nn as nn
from torch.nn import functional as F
from pytorch_lightning.callbacks import EarlyStopping


class Base(pl.LightningModule):
    def __init__(self, hparams):
        super().__init__()
        self.save_hyperparameters(hparams)
        self.loss_func = nn.NLLLoss()

    def step(self, batch, name):
        data, target = batch["audio"], batch["label"]
        logits = self.forward(data)
        loss = self.loss_func(logits, target)
        acc = (logits.argmax(dim=-1) == target).float().mean()
        self.log_dict({f"{name}/loss": loss, f"{name}/acc": acc})
        return loss

    def training_step(self, batch, batch_idx):
        return self.step(batch, "train")

    def validation_step(self, batch, batch_idx):
        return self.step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams["lr"])


class M5(Base):
    def __init__(self, hparams, n_input=1, n_output=35, n_channel=32):
        super().__init__(hparams)
        self.conv1 = nn.Conv1d(n_input, n_channel, kernel_size=80, stride=16)
        self.bn1 = nn.BatchNorm1d(n_channel)
        self.pool1 = nn.MaxPool1d(4)
        self.fc1 = nn.Linear(n_channel, n_output)

    def forward(self, x):
        x = self.pool1(F.relu(self.bn1(self.conv1(x))))
        x = F.avg_pool1d(x, x.shape[-1])
        x = x.squeeze(-1)
        x = self.fc1(x)
        return x


if __name__ == "__main__":
    trainer = pl.Trainer(max_epochs=20, callbacks=[EarlyStopping("val/loss")])
    trainer.fit(M5({"lr": 1e-3}), torch.load("tr.pt"), torch.load("va.pt"))
