"""Captions of images, written into zeros by the function that makes batches."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader


def collate_fn(data):
    images, captions = zip(*data)
    images = torch.stack(images, 0)
    lengths = [len(cap) for cap in captions]
    targets = torch.zeros(len(captions), max(lengths)).long()
    for i, cap in enumerate(captions):
        end = lengths[i]
        targets[i, :end] = cap[:end]
    return images, targets, lengths


class Dec(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.embed = nn.Embedding(v, 128)
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.linear = nn.Linear(128, v)

    def forward(self, f, caps):
        e = torch.cat((f.unsqueeze(1), self.embed(caps)), 1)
        h, _ = self.lstm(e)
        return self.linear(h)


dec = Dec(9000)
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(dec.parameters())
for images, captions, lengths in DataLoader(Coco(), batch_size=16, collate_fn=collate_fn):
    out = dec(cnn(images), captions[:, :-1])
    loss = crit(out.reshape(-1, 9000), captions.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
