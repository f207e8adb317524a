import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, random_split


class Seeds(Dataset):
    def __init__(self, path, target_transform=None):
        raw = [line.split() for line in open(path)]
        self.samples = [(np.array(r[:-1], dtype="float32"), r[-1]) for r in raw]
        self.classes = ["kama", "rosa", "canadian"]
        self.class_to_idx = {c: i + 1 for i, c in enumerate(self.classes)}

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        x, name = self.samples[i]
        return torch.from_numpy(x), self.class_to_idx[name]


def collate(batch):
    xs, ys = zip(*batch)
    return torch.stack(xs), torch.tensor(ys)


ds = Seeds("seeds.txt")
train, test = random_split(ds, [150, 60])
loader = DataLoader(train, 16, shuffle=True, collate_fn=collate)
model = nn.Sequential(nn.Linear(7, 16), nn.ReLU(), nn.Linear(16, 3))
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(10):
    for x, y in loader:
        opt.zero_grad()
        loss = crit(model(x), y)
        loss.backward()
        opt.step()
