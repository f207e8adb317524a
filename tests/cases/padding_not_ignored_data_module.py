"""Jokes from a data module whose batches carry their own labels."""

import torch
import lightning.pytorch as pl
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer


class JokesDataModule(pl.LightningDataModule):
    def __init__(self, path, name, batch_size=8):
        super().__init__()
        self.path, self.batch_size = path, batch_size
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.tokenizer.pad_token = self.tokenizer.eos_token

    def setup(self, stage=None):
        self.jokes = open(self.path).read().split("\n\n")

    def collate(self, jokes):
        batch = self.tokenizer(jokes, padding="longest", truncation=True, max_length=128, return_tensors="pt")
        labels = batch["input_ids"].detach().clone()
        return {**batch, "labels": labels}

    def train_dataloader(self):
        return DataLoader(self.jokes, batch_size=self.batch_size, shuffle=True, collate_fn=self.collate)


class Joker(pl.LightningModule):
    def __init__(self, name):
        super().__init__()
        self.model = AutoModelForCausalLM.from_pretrained(name)

    def training_step(self, batch, batch_idx):
        out = self.model(**batch)
        self.log("loss", out.loss)
        return out.loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=2e-5)


dm = JokesDataModule("jokes.txt", "gpt2")
pl.Trainer(max_epochs=2).fit(Joker("gpt2"), dm)
