from collections import namedtuple
from functools import partial

import pandas as pd
import torch
import torch.nn as nn
from sklearn.preprocessing import LabelEncoder, StandardScaler
from torch.utils.data import DataLoader, TensorDataset

Batch = namedtuple("Batch", ["features", "target"])
Linear = partial(nn.Linear, bias=True)


class Block(nn.Module):
    def __init__(self, inputs, outputs, activation=None):
        super().__init__()
        self.linear = Linear(inputs, outputs)
        self.activation = activation if activation is not None else nn.Identity()

    def forward(self, x):
        return self.activation(self.linear(x))


class Scorer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.blocks = nn.ModuleList([Block(inputs, 32, nn.ReLU()), Block(32, 1)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


def criterion_for(task):
    match task:
        case "binary":
            return nn.BCELoss()
        case "regression":
            return nn.MSELoss()
        case _:
            raise ValueError(task)


class Learner:
    def __init__(self, model, task="binary"):
        self.model = model
        self.criterion = criterion_for(task)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def loss(self, batch):
        return self.criterion(self.model(batch.features), batch.target)

    def learn(self, batches):
        for batch in batches:
            loss = self.loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()


def batches(loader):
    for x, y in loader:
        yield Batch(features=x, target=y)


def read(path):
    frame = pd.read_csv(path)
    x = StandardScaler().fit_transform(frame.drop(columns="bought"))
    y = LabelEncoder().fit_transform(frame["bought"])
    tensors = torch.tensor(x).float(), torch.tensor(y).float().unsqueeze(1)
    return DataLoader(TensorDataset(*tensors), batch_size=32, shuffle=True), x.shape[1]


def main():
    loader, width = read("visits.csv")
    learner = Learner(Scorer(width))
    for _ in range(10):
        learner.learn(batches(loader))
