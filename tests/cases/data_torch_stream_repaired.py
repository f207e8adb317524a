import torch, itertools, csv
from torch import nn
from torch.utils.data import IterableDataset, DataLoader, get_worker_info


class Csv(IterableDataset):
    codes = dict(zip(["A", "B", "C"], [0, 1, 2]))

    def __init__(self, files):
        self.files = files

    def parse(self, path):
        with open(path) as f:
            for row in csv.reader(f):
                yield self.encode(row)

    def encode(self, row):
        *x, y = row
        return torch.tensor(list(map(float, x))), torch.tensor(self.codes[y])

    def __iter__(self):
        info = get_worker_info()
        files = self.files if info is None else self.files[info.id :: info.num_workers]
        return itertools.chain.from_iterable(map(self.parse, files))


loader = DataLoader(Csv(["a", "b"]), batch_size=16, num_workers=2)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
opt = torch.optim.Adam(model.parameters())
lossf = nn.CrossEntropyLoss()
for xb, yb in itertools.islice(loader, 100):
    opt.zero_grad()
    lossf(model(xb), yb).backward()
    opt.step()
