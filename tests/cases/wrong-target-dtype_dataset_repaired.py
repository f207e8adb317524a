"""Grades of wood from colour histograms."""

import numpy as np
import torch
from sklearn.preprocessing import LabelEncoder
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Boards(Dataset):
    def __init__(self, histograms, grades):
        self.histograms = self.as_tensor(histograms)
        self.grades = self.as_tensor(grades).long()

    @staticmethod
    def as_tensor(values):
        return torch.from_numpy(values).float()

    def __len__(self):
        return len(self.grades)

    def __getitem__(self, index):
        return self.histograms[index], self.grades[index]


def load(folder):
    names = np.load(f"{folder}/grades.npy")
    return np.load(f"{folder}/histograms.npy"), LabelEncoder().fit_transform(names)


class Grader(nn.Module):
    def __init__(self, bins=96, grades=5):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(bins, 64), nn.ReLU(), nn.Linear(64, grades))

    def forward(self, x):
        return self.net(x)


def fit(model, loader, epochs=10):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(epochs):
        for histograms, grades in loader:
            optimizer.zero_grad()
            loss = criterion(model(histograms), grades)
            loss.backward()
            optimizer.step()


fit(Grader(), DataLoader(Boards(*load("boards")), batch_size=32, shuffle=True))
