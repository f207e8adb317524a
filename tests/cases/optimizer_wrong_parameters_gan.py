import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, z):
        return self.layers(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))

    def forward(self, x):
        return self.layers(x)


class Gan:
    def __init__(self):
        self.G, self.D = Generator(), Discriminator()
        self.opt_g = self.optimizer(self.G)
        self.opt_d = self.optimizer(self.G)
        self.bce = nn.BCEWithLogitsLoss()

    @staticmethod
    def optimizer(net):
        return torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def step(self, real):
        n = len(real)
        ones, zeros = torch.ones(n, 1), torch.zeros(n, 1)
        fake = self.G(torch.randn(n, 16))
        self.opt_d.zero_grad()
        loss_d = self.bce(self.D(real), ones) + self.bce(self.D(fake.detach()), zeros)
        loss_d.backward()
        self.opt_d.step()
        self.opt_g.zero_grad()
        loss_g = self.bce(self.D(fake), ones)
        loss_g.backward()
        self.opt_g.step()


def train(loader):
    gan = Gan()
    for epoch in range(50):
        for real in loader:
            gan.step(real)
