import torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, Dataset
from pathlib import Path
from PIL import Image
import torchvision.transforms as T


class PlantDataset(Dataset):
    classes = ("healthy", "rust", "scab", "rot", "blight")

    def __init__(self, root, split="train", transform=None):
        self.root = Path(root) / split
        self.transform = transform or T.ToTensor()
        self.samples = self._make()

    @property
    def class_to_idx(self):
        return {name: i for i, name in enumerate(self.classes)}

    def _make(self):
        out = []
        for name in self.classes:
            for p in sorted((self.root / name).glob("*.jpg")):
                out.append((p, self.class_to_idx[name]))
        return out

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        p, label = self.samples[i]
        return self.transform(Image.open(p).convert("RGB")), label


def build_model(n_out=len(PlantDataset.classes)):
    return nn.Sequential(
        nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, n_out)
    )


def evaluate(model, loader, crit):
    model.eval()
    with torch.no_grad():
        return sum(crit(model(x), y).item() for x, y in loader)


def train(cfg):
    ds = {s: PlantDataset(cfg["root"], s) for s in ("train", "val")}
    dl = {s: DataLoader(ds[s], batch_size=cfg["bs"], shuffle=(s == "train")) for s in ds}
    model, crit = build_model(), nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=cfg["lr"])
    for epoch in range(cfg["epochs"]):
        model.train()
        for step, (x, y) in enumerate(dl["train"], 1):
            opt.zero_grad(set_to_none=True)
            loss = crit(model(x), y)
            loss.backward()
            opt.step()
        print(evaluate(model, dl["val"], crit))


if __name__ == "__main__":
    train({"root": "d", "bs": 16, "lr": 1e-3, "epochs": 4})
