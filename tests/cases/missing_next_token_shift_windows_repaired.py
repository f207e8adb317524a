"""A small GPT that writes folk songs."""

import argparse
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    vocabulary: int
    window: int = 128
    width: int = 192
    heads: int = 6
    blocks: int = 4
    dropout: float = 0.1
    epochs: int = 10


class Songs(Dataset):
    def __init__(self, text, letters, window):
        self.ids = torch.tensor([letters[each] for each in text])
        self.window = window

    def __len__(self):
        return len(self.ids) - self.window - 1

    def __getitem__(self, start):
        shown = self.ids[start : start + self.window]
        wanted = self.ids[start + 1 : start + 1 + self.window]
        return shown, wanted


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)
        mask = torch.tril(torch.ones(config.window, config.window))
        self.register_buffer("mask", mask.view(1, 1, config.window, config.window))

    def forward(self, x):
        rows, length, width = x.size()
        q, k, v = self.qkv(x).split(width, dim=2)
        q = q.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
        k = k.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
        v = v.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
        weights = (q @ k.transpose(-2, -1)) / (width // self.heads) ** 0.5
        weights = weights.masked_fill(self.mask[:, :, :length, :length] == 0, float("-inf"))
        mixed = F.softmax(weights, dim=-1) @ v
        return self.out(mixed.transpose(1, 2).contiguous().view(rows, length, width))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.first = nn.LayerNorm(config.width)
        self.attention = Attention(config)
        self.second = nn.LayerNorm(config.width)
        self.wide = nn.Sequential(
            nn.Linear(config.width, 4 * config.width),
            nn.GELU(),
            nn.Linear(4 * config.width, config.width),
            nn.Dropout(config.dropout),
        )

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.wide(self.second(x))


class SongWriter(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.letters = nn.Embedding(config.vocabulary, config.width)
        self.places = nn.Embedding(config.window, config.width)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.blocks)])
        self.norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)

    def forward(self, ids, wanted=None):
        x = self.letters(ids) + self.places(torch.arange(ids.size(1), device=ids.device))
        for block in self.blocks:
            x = block(x)
        scores = self.head(self.norm(x))
        if wanted is None:
            return scores, None
        return scores, F.cross_entropy(scores.view(-1, scores.size(-1)), wanted.view(-1))


class Trainer:
    def __init__(self, model, config):
        self.model = model
        self.config = config
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)

    def epoch(self, loader):
        self.model.train()
        for shown, wanted in loader:
            _, loss = self.model(shown.cuda(), wanted.cuda())
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()

    def run(self, loader):
        for _ in range(self.config.epochs):
            self.epoch(loader)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("songs")
    arguments = parser.parse_args()
    text = open(arguments.songs, encoding="utf-8").read()
    letters = {letter: number for number, letter in enumerate(sorted(set(text)))}
    config = Config(vocabulary=len(letters))
    loader = DataLoader(Songs(text, letters, config.window), batch_size=64, shuffle=True)
    Trainer(SongWriter(config).cuda(), config).run(loader)


if __name__ == "__main__":
    main()
