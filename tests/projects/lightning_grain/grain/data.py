from pathlib import Path

import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, random_split

from grain.kinds import number_of


class Kernels(Dataset):
    def __init__(self, root):
        self.files = sorted(Path(root).glob("*/*.npy"))

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path = self.files[index]
        image = torch.from_numpy(np.load(path)).float()
        return {"image": image, "kind": number_of(path.parent.name)}


class KernelData(L.LightningDataModule):
    def __init__(self, root, batch_size=32):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage):
        self.train, self.val = random_split(Kernels(self.hparams.root), [0.9, 0.1])

    def _loader(self, rows, shuffle):
        return DataLoader(rows, batch_size=self.hparams.batch_size, shuffle=shuffle, num_workers=2)

    def train_dataloader(self):
        return self._loader(self.train, True)

    def val_dataloader(self):
        return self._loader(self.val, False)
