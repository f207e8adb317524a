"""Three grades of wine: the activation of the blocks is chosen by name."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ACTIVATIONS = {"relu": nn.ReLU, "softmax": lambda: nn.Softmax(dim=1)}
SETTINGS = {"first": "relu", "dropout": 0.2, "epochs": 60}


class Hidden(nn.Module):
    def __init__(self, width_in, width_out, activation):
        super().__init__()
        self.stack = nn.Sequential(nn.Linear(width_in, width_out), ACTIVATIONS[activation]())

    def forward(self, x):
        return self.stack(x)


def make_trunk(width, settings):
    return nn.Sequential(
        nn.Linear(width, 64),
        ACTIVATIONS[settings["first"]](),
        nn.Linear(64, 32),
        nn.ReLU(),
    )


class Grader(nn.Module):
    def __init__(self, width, classes, settings):
        super().__init__()
        self.trunk = make_trunk(width, settings)
        self.hidden = Hidden(32, 16, "relu")
        self.head = nn.Linear(16, classes)
        self.drop = nn.Dropout(settings["dropout"])

    def forward(self, x):
        x = self.trunk(x)
        x = self.drop(self.hidden(x))
        return self.head(x)


class Trainer:
    def __init__(self, model, settings):
        self.model, self.settings = model, settings
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def fit(self, loader):
        self.model.train()
        for _ in range(self.settings["epochs"]):
            for x, y in loader:
                self.optimizer.zero_grad()
                self.criterion(self.model(x), y).backward()
                self.optimizer.step()

    def accuracy(self, x, y):
        self.model.eval()
        with torch.no_grad():
            return (self.model(x).argmax(1) == y).float().mean().item()


def main():
    features, grades = load_wine(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(features, grades, stratify=grades, random_state=1)
    scaler = StandardScaler().fit(x_train)
    train = TensorDataset(torch.tensor(scaler.transform(x_train)).float(), torch.tensor(y_train))
    trainer = Trainer(Grader(13, 3, SETTINGS), SETTINGS)
    trainer.fit(DataLoader(train, batch_size=16, shuffle=True))
    print(trainer.accuracy(torch.tensor(scaler.transform(x_test)).float(), torch.tensor(y_test)))


main()
