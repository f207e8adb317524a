"""Walking, running, climbing: accelerometer windows through a small encoder."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

WINDOW, CHANNELS, CLASSES = 64, 6, 5


class Windows(Dataset):
    def __init__(self, path):
        content = np.load(path)
        self.x = torch.tensor(content["x"]).float().reshape(-1, WINDOW, CHANNELS)
        self.y = torch.tensor(content["y"]).long()

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


class Mixer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))


def repeat(block, times):
    return nn.ModuleList([block for _ in range(times)])


class Encoder(nn.Module):
    def __init__(self, width=48, depth=4):
        super().__init__()
        self.blocks = repeat(Mixer(width), depth)
        self.recurrent = nn.GRU(CHANNELS, width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        steps, _ = self.recurrent(x)
        for block in self.blocks:
            steps = block(steps)
        return self.head(steps[:, -1])


def train(model, loader, epochs=20):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()


train(Encoder(), DataLoader(Windows("gait_train.npz"), batch_size=64, shuffle=True))
