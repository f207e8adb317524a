"""Answers questions about a museum. After an hour of training the model answers with nothing at all."""

import json

import torch
from torch.utils.data import DataLoader
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


class Settings:
    checkpoint = "google/flan-t5-small"
    question_length = 128
    answer_length = 64
    batch_size = 16
    epochs = 4


class Collator:
    def __init__(self, tokenizer, settings):
        self.tokenizer = tokenizer
        self.settings = settings

    def encode(self, texts, length):
        return self.tokenizer(texts, max_length=length, padding="max_length", truncation=True, return_tensors="pt")

    def __call__(self, rows):
        questions = self.encode([row["question"] for row in rows], self.settings.question_length)
        answers = self.encode([row["answer"] for row in rows], self.settings.answer_length)
        return questions["input_ids"], questions["attention_mask"], answers["input_ids"]


class Guide:
    def __init__(self, settings):
        self.settings = settings
        self.tokenizer = AutoTokenizer.from_pretrained(settings.checkpoint)
        self.model = AutoModelForSeq2SeqLM.from_pretrained(settings.checkpoint)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)

    def loader(self, path):
        with open(path, encoding="utf-8") as file:
            rows = json.load(file)
        collate = Collator(self.tokenizer, self.settings)
        return DataLoader(rows, batch_size=self.settings.batch_size, shuffle=True, collate_fn=collate)

    def step(self, ids, mask, labels):
        outputs = self.model(input_ids=ids, attention_mask=mask, labels=labels)
        outputs.loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return outputs.loss.item()

    def train(self, path):
        loader = self.loader(path)
        self.model.train()
        for epoch in range(self.settings.epochs):
            losses = [self.step(*batch) for batch in loader]
            print(epoch, sum(losses) / len(losses))


Guide(Settings()).train("museum.json")
