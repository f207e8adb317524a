import torch
from torch import nn
from transformers import AutoModel

torch.manual_seed(1)


class Pair(nn.Module):
    """Says whether two questions mean the same."""

    def __init__(self, checkpoint="distilbert-base-uncased"):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(checkpoint)
        self.head = nn.Sequential(nn.Linear(768, 128), nn.ReLU(), nn.Linear(128, 2))

    def forward(self, ids, mask):
        return self.head(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0])


class Config:
    rate = 3e-3
    epochs = 3


def optimizer_for(model, config):
    return torch.optim.AdamW(model.parameters(), lr=config.rate)


def fit(model, loader, config):
    optimizer = optimizer_for(model, config)
    model.train()
    for _ in range(config.epochs):
        for ids, mask, labels in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids, mask), labels).backward()
            optimizer.step()


def main(loader):
    fit(Pair(), loader, Config())
