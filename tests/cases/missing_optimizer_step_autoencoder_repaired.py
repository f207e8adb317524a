"""Denoising autoencoder on meter readings: encoder and decoder have optimizers of their own."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    width: int = 96
    code: int = 8
    noise: float = 0.1
    encoder_rate: float = 1e-3
    decoder_rate: float = 1e-3
    epochs: int = 30


def block(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs), nn.ReLU())


class Autoencoder:
    def __init__(self, settings):
        self.settings = settings
        self.encoder = nn.Sequential(block(settings.width, 32), nn.Linear(32, settings.code))
        self.decoder = nn.Sequential(block(settings.code, 32), nn.Linear(32, settings.width))

    def reconstruct(self, x):
        return self.decoder(self.encoder(x))


class Learner:
    def __init__(self, model, settings):
        self.model = model
        self.noise = settings.noise
        self.encoding = torch.optim.Adam(model.encoder.parameters(), lr=settings.encoder_rate)
        self.decoding = torch.optim.Adam(model.decoder.parameters(), lr=settings.decoder_rate)
        self.criterion = nn.MSELoss()

    def clear(self):
        self.encoding.zero_grad()
        self.decoding.zero_grad()

    def update(self):
        self.encoding.step()
        self.decoding.step()

    def loss(self, x):
        noisy = x + self.noise * torch.randn_like(x)
        return self.criterion(self.model.reconstruct(noisy), x)

    def learn(self, x):
        self.clear()
        loss = self.loss(x)
        loss.backward()
        self.update()
        return loss.item()


def main():
    torch.manual_seed(0)
    settings = Settings()
    readings = torch.load("readings.pt")
    loader = DataLoader(TensorDataset(readings), batch_size=64, shuffle=True)
    learner = Learner(Autoencoder(settings), settings)
    for epoch in range(settings.epochs):
        total = 0.0
        for (x,) in loader:
            total += learner.learn(x)
        print(epoch, total / len(loader))


if __name__ == "__main__":
    main()
