import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Plants(Dataset):
    """Rows of a table; the output of the plant is what is to be predicted."""

    def __init__(self, frame, target):
        values = frame.to_numpy(dtype=np.float32)
        self.inputs = torch.from_numpy(values)
        self.outputs = torch.tensor(frame[target].to_numpy(dtype=np.float32))

    def __len__(self):
        return len(self.outputs)

    def __getitem__(self, index):
        return self.inputs[index], self.outputs[index]


class Regressor(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, x):
        return self.body(x).squeeze(1)


class Trainer:
    def __init__(self, model, loader, rate=1e-3):
        self.model = model
        self.loader = loader
        self.criterion = nn.MSELoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate)

    def step(self, inputs, outputs):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(inputs), outputs)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self, epochs):
        for epoch in range(epochs):
            total = sum(self.step(inputs, outputs) for inputs, outputs in self.loader)
            print(epoch, total / len(self.loader))


def main():
    frame = pd.read_csv("power_plant.csv")
    train, test = train_test_split(frame, test_size=0.2, random_state=0)
    loader = DataLoader(Plants(train, "output"), batch_size=64, shuffle=True)
    Trainer(Regressor(5), loader).fit(20)


if __name__ == "__main__":
    main()
