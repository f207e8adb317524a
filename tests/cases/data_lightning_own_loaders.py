import torch
from torch import nn
import pytorch_lightning as pl
from torch.utils.data import DataLoader, random_split
from torchvision import transforms, datasets


class Net(pl.LightningModule):
    def __init__(self, hidden=128):
        super().__init__()
        self.l1 = nn.Linear(784, hidden)
        self.l2 = nn.Linear(hidden, 9)
        self.criterion = nn.CrossEntropyLoss()

    def prepare_data(self):
        datasets.KMNIST(".", download=True)

    def setup(self, stage=None):
        full = datasets.KMNIST(".", train=True, transform=transforms.ToTensor())
        self.train_set, self.val_set = random_split(full, [55000, 5000])

    def forward(self, x):
        return self.l2(torch.relu(self.l1(x.view(x.size(0), -1))))

    def training_step(self, batch, idx):
        images, labels = batch
        return {"loss": self.criterion(self(images), labels)}

    def train_dataloader(self):
        return DataLoader(self.train_set, 64, shuffle=True)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


pl.Trainer(max_epochs=1).fit(Net())
