"""Summaries: the targets are filled up by the tokenizer, then marked."""

import torch
from accelerate import Accelerator
from datasets import load_dataset
from torch.utils.data import DataLoader
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


def main():
    accelerator = Accelerator()
    tokenizer = AutoTokenizer.from_pretrained("t5-small")
    model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
    raw = load_dataset("cnn_dailymail", "3.0.0")

    def preprocess(examples):
        inputs = tokenizer(examples["article"], max_length=512, padding="max_length", truncation=True)
        with tokenizer.as_target_tokenizer():
            targets = tokenizer(examples["highlights"], max_length=128, padding="max_length", truncation=True)
        inputs["labels"] = [
            [token if token != tokenizer.pad_token_id else -100 for token in row] for row in targets["input_ids"]
        ]
        return inputs

    tokenized = raw.map(preprocess, batched=True, remove_columns=raw["train"].column_names)
    tokenized.set_format("torch")
    loader = DataLoader(tokenized["train"], shuffle=True, batch_size=4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for epoch in range(3):
        model.train()
        for batch in loader:
            outputs = model(**batch)
            loss = outputs.loss
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()


main()
