"""One to five stars."""

import torch
import pandas as pd
from torch.utils.data import Dataset, DataLoader
from transformers import BertForSequenceClassification, BertTokenizerFast

df = pd.read_csv("reviews.csv")
df["label"] = df["stars"].map({"one": 0, "two": 1, "three": 2, "four": 3, "five": 4})
tok = BertTokenizerFast.from_pretrained("bert-base-uncased")


class Reviews(Dataset):
    def __init__(self, texts, labels):
        self.enc = tok(list(texts), truncation=True, padding=True)
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        item = {k: torch.tensor(v[i]) for k, v in self.enc.items()}
        item["labels"] = torch.tensor(self.labels[i])
        return item


model = BertForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=5)
opt = torch.optim.AdamW(model.parameters(), lr=2e-5)
for batch in DataLoader(Reviews(df["text"].tolist(), df["label"].tolist()), batch_size=16, shuffle=True):
    out = model(**batch)
    out.loss.backward()
    opt.step()
    opt.zero_grad()
