"""Which team a support ticket belongs to: features of a transformer, a small head on top."""

import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from transformers import AutoModel, AutoTokenizer

NAME = "distilbert-base-uncased"
TEAMS = 6


class Tickets(Dataset):
    def __init__(self, path):
        table = pd.read_csv(path)
        self.texts, self.teams = table["text"].tolist(), table["team"].tolist()

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.texts[index], self.teams[index]


class Collator:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def __call__(self, batch):
        texts, teams = zip(*batch)
        encoded = self.tokenizer(list(texts), padding=True, truncation=True, max_length=128, return_tensors="pt")
        return encoded, torch.tensor(teams)


class TicketRouter(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = AutoModel.from_pretrained(NAME)
        self.head = nn.Linear(768, TEAMS)

    def forward(self, encoded):
        hidden = self.backbone(encoded["input_ids"]).last_hidden_state
        return self.head(hidden[:, 0])


def train(model, loader, epochs=3):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model.train()
    for _ in range(epochs):
        for encoded, teams in loader:
            optimizer.zero_grad()
            criterion(model(encoded), teams).backward()
            optimizer.step()


collate = Collator(AutoTokenizer.from_pretrained(NAME))
train(TicketRouter(), DataLoader(Tickets("tickets.csv"), batch_size=16, shuffle=True, collate_fn=collate))
