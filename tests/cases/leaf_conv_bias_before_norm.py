"""Leaf photographs: convolution blocks that are made by a helper."""

import torch
from torch import nn


def conv(width_in, width_out, kernel):
    return nn.Conv2d(width_in, width_out, kernel_size=kernel, padding=kernel // 2)


class Block(nn.Module):
    def __init__(self, width_in, width_out):
        super().__init__()
        self.conv = conv(width_in, width_out, 3)
        self.norm = nn.BatchNorm2d(width_out)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


class LeafNet(nn.Module):
    def __init__(self, classes=7):
        super().__init__()
        self.blocks = nn.Sequential(Block(3, 32), Block(32, 64), Block(64, 128))
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.blocks(x).mean(dim=(2, 3)))


net = LeafNet()
scores = net(torch.rand(2, 3, 64, 64))
