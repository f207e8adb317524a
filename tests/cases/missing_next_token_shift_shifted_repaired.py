"""Ids and targets that are moved in several ways."""

import torch, torch.nn as nn


class LM(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.e = nn.Embedding(v, d)
        self.r = nn.LSTM(d, d, batch_first=True)
        self.o = nn.Linear(d, v)

    def forward(self, x):
        return self.o(self.r(self.e(x))[0])


def shift(ids):
    return ids[:, :-1], ids[:, 1:]


def add_bos(ids):
    bos = torch.full((ids.size(0), 1), 1)
    return torch.cat([bos, ids[:, :-1]], dim=1)


m = LM(100, 8)
ce = nn.CrossEntropyLoss()
for (ids,) in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.load("x.pt"))):
    x, y = shift(ids)
    l1 = ce(m(x).flatten(0, 1), y.flatten())
    l2 = ce(m(add_bos(ids)).flatten(0, 1), ids.flatten())
    l3 = ce(m(nn.functional.pad(ids, (1, 0))[:, :-1]).flatten(0, 1), ids.flatten())
    l4 = ce(m(torch.roll(ids, 1, 1)).flatten(0, 1), ids.flatten())
    out = m(ids)
    l5 = ce(out[:, :-1].permute(0, 2, 1), ids[:, 1:])
    l6 = ce(out.narrow(1, 0, 10).flatten(0, 1), ids.narrow(1, 1, 10).flatten())
    (l1 + l2 + l3 + l4 + l5 + l6).backward()
