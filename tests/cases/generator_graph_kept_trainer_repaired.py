import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, z):
        return self.layers(z)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))

    def forward(self, x):
        return self.layers(x)


class Game:
    def __init__(self):
        self.generator, self.critic = Generator(), Critic()
        self.opt_g = torch.optim.RMSprop(self.generator.parameters(), lr=5e-5)
        self.opt_c = torch.optim.RMSprop(self.critic.parameters(), lr=5e-5)

    def sample(self, n):
        return self.generator(torch.randn(n, 16))

    def critic_loss(self, real):
        fake = self.sample(len(real))
        return self.critic(fake.detach()).mean() - self.critic(real).mean()

    def critic_step(self, real):
        self.opt_c.zero_grad()
        loss = self.critic_loss(real)
        loss.backward()
        self.opt_c.step()

    def generator_step(self, n):
        self.opt_g.zero_grad()
        loss = -self.critic(self.sample(n)).mean()
        loss.backward()
        self.opt_g.step()


def train(loader):
    game = Game()
    for epoch in range(100):
        for real in loader:
            game.critic_step(real)
            game.generator_step(len(real))
