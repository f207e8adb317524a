"""Pieces and rounds: what comes next is never what was shown."""

import torch
import torch.nn as nn


class LM(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.e = nn.Embedding(v, d)
        self.r = nn.LSTM(d, d, batch_first=True)
        self.o = nn.Linear(d, v)

    def forward(self, x):
        return self.o(self.r(self.e(x))[0])


m = LM(10, 4)
ce = nn.CrossEntropyLoss()


def chunks(ids, n):
    return [ids[i : i + n] for i in range(0, len(ids), n)]


pieces = chunks(torch.load("a.pt"), 20)
for i in range(len(pieces) - 1):
    x, y = pieces[i], pieces[i + 1]
    ce(m(x), y).backward()
for a, b in zip(pieces, pieces[1:]):
    ce(m(a), b).backward()
for a, b in zip(pieces[:-1], pieces[1:]):
    ce(m(a), b).backward()
prev = None
for x in torch.utils.data.DataLoader(torch.load("b.pt")):
    if prev is not None:
        ce(m(prev).transpose(1, 2), x).backward()
    prev = x
it = iter(torch.utils.data.DataLoader(torch.load("b.pt")))
first = next(it)
second = next(it)
ce(m(first).transpose(1, 2), second).backward()
tags = torch.randint(0, 10, (4, 5))
ids = torch.randint(0, 10, (4, 5))
ce(m(ids).transpose(1, 2), tags).backward()


def batch(n):
    return torch.randint(0, 10, (n, 5))


ce(m(batch(3)).transpose(1, 2), batch(3)).backward()

earlier = None
for (window,) in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.load("c.pt"))):
    if earlier is not None:
        ce(m(earlier).transpose(1, 2), window).backward()
    earlier = window
