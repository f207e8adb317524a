"""Sleep stages from EEG epochs: the network is built from a config, trained and validated by one class."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CONFIG = {"channels": [1, 16, 32], "classes": 5, "dropout": 0.4, "rate": 1e-3, "epochs": 15, "batch": 64}


def stage(inputs, outputs, dropout):
    return nn.Sequential(nn.Conv1d(inputs, outputs, 7, stride=3), nn.ReLU(), nn.Dropout(dropout))


class SleepNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        pairs = zip(config["channels"], config["channels"][1:])
        self.stages = nn.Sequential(*(stage(a, b, config["dropout"]) for a, b in pairs))
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(config["channels"][-1], config["classes"])

    def forward(self, x):
        return self.head(self.pool(self.stages(x)).flatten(1))


class Experiment:
    def __init__(self, config, train_rows, held_out):
        self.model = SleepNet(config)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config["rate"])
        self.criterion = nn.CrossEntropyLoss()
        self.train_loader = DataLoader(train_rows, batch_size=config["batch"], shuffle=True)
        self.held_out = DataLoader(held_out, batch_size=config["batch"])

    def scores(self, x):
        return self.model(x)

    def train(self):
        self.model.train()
        for x, stages in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.scores(x), stages)
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def validate(self):
        hits = 0
        self.model.eval()
        for x, stages in self.held_out:
            hits += (self.scores(x).argmax(dim=1) == stages).sum().item()
        return hits / len(self.held_out.dataset)

    def run(self, epochs):
        for epoch in range(epochs):
            self.train()
            print(epoch, self.validate())


def rows(path):
    recording = torch.load(path)
    return TensorDataset(recording["epochs"], recording["stages"])


if __name__ == "__main__":
    torch.manual_seed(0)
    Experiment(CONFIG, rows("night_1.pt"), rows("night_2.pt")).run(CONFIG["epochs"])
