import random
from pathlib import Path

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, random_split


class Jitter:
    """Moves and mirrors spectrograms; has a generator of its own, so that runs can be repeated."""

    def __init__(self, seed):
        self.generator = random.Random(seed)

    def __call__(self, clip):
        shift = self.generator.randint(0, 20)
        return torch.roll(clip, shift, dims=-1)


class Clips(Dataset):
    def __init__(self, folder, jitter):
        self.paths = sorted(Path(folder).glob("*.pt"))
        self.jitter = jitter

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        clip, label = torch.load(self.paths[index], weights_only=True)
        return self.augmented(clip), label

    def augmented(self, clip):
        return self.jitter(clip)


def reseed(worker):
    info = torch.utils.data.get_worker_info()
    info.dataset.dataset.jitter = Jitter(info.seed)


class Loaders:
    def __init__(self, folder, workers=4):
        clips = Clips(folder, Jitter(seed=1))
        train, val = random_split(clips, [0.9, 0.1])
        self.train = DataLoader(train, batch_size=32, shuffle=True, num_workers=workers, worker_init_fn=reseed)
        self.val = DataLoader(val, batch_size=64)


def train(folder, epochs=20):
    loaders = Loaders(folder)
    model = nn.Sequential(nn.Flatten(), nn.Linear(128 * 64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        for clip, label in loaders.train:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(clip), label).backward()
            optimizer.step()


train("clips")
