import torch
from torch import nn


class Configured(nn.Module):
    def __init__(self, config):
        self.config = config
        self.build()

    def build(self):
        raise NotImplementedError


class Autoencoder(Configured):
    def build(self):
        width = self.config["width"]
        self.encoder = nn.Sequential(nn.Linear(28 * 28, width), nn.ReLU())
        self.decoder = nn.Linear(width, 28 * 28)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(loader):
    model = Autoencoder({"width": 64})
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for x, _ in loader:
        x = x.flatten(1)
        optimizer.zero_grad()
        criterion(model(x), x).backward()
        optimizer.step()
