"""Language model on logs with mixed precision: scaling and clipping are in different classes."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Lines(nn.Module):
    def __init__(self, vocabulary, width=128):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.rnn = nn.LSTM(width, width, batch_first=True)
        self.head = nn.Linear(width, 2)

    def forward(self, tokens):
        outputs, _ = self.rnn(self.embedding(tokens))
        return self.head(outputs[:, -1])


class Precision:
    def __init__(self):
        self.scaler = torch.amp.GradScaler("cuda")

    def backward(self, loss):
        self.scaler.scale(loss).backward()

    def step(self, optimizer):
        self.scaler.step(optimizer)
        self.scaler.update()


class Clipping:
    def __init__(self, model, largest):
        self.model, self.largest = model, largest

    def __call__(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), self.largest)


def train(model, loader, optimizer, precision, clip):
    model.train()
    for tokens, anomalous in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = nn.functional.cross_entropy(model(tokens), anomalous)
        precision.backward(loss)
        clip()
        precision.step(optimizer)


def main():
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(*torch.load("logs.pt")), batch_size=64, shuffle=True)
    model = Lines(5000).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(5):
        train(model, loader, optimizer, Precision(), Clipping(model, 1.0))


main()
