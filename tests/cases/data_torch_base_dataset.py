import pandas as pd, numpy as np, torch
from torch import nn
from torch.utils.data import Dataset, DataLoader


class Base(Dataset):
    label_map = None

    def __init__(self, path):
        self.data = self.read(path)

    def read(self, path):
        raise NotImplementedError

    def __len__(self):
        return len(self.data)

    def __getitem__(self, idx):
        x, raw = self.data[idx]
        return self.to_x(x), self.label_map[raw]

    def to_x(self, x):
        return torch.as_tensor(x, dtype=torch.float32)


class Gait(Base):
    label_map = {"walk": 1, "run": 2, "jump": 3}

    def read(self, path):
        df = pd.read_csv(path)
        return list(zip(df.iloc[:, :-1].values, df.iloc[:, -1].values))


def make(cls, path, **kw):
    return DataLoader(cls(path), **kw)


registry = {"gait": Gait}
loader = make(registry["gait"], "g.csv", batch_size=8, shuffle=True)
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
loss_func = nn.CrossEntropyLoss()
for epoch in range(3):
    for step, (bx, by) in enumerate(loader):
        out = model(bx)
        loss = loss_func(out, by)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
