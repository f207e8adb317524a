"""Fine-tunes a small language model on recipes."""

import torch
from torch.utils.data import DataLoader, Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

NAME = "facebook/opt-125m"


class Recipes(Dataset):
    """Pieces of equal length."""

    def __init__(self, path, tokenizer, length):
        with open(path, encoding="utf-8") as file:
            self.ids = tokenizer(file.read())["input_ids"]
        self.length = length

    def __len__(self):
        return (len(self.ids) - 1) // self.length

    def __getitem__(self, number):
        start = number * self.length
        piece = self.ids[start : start + self.length]
        return {
            "input_ids": torch.tensor(piece, dtype=torch.long),
            "labels": torch.tensor(piece, dtype=torch.long),
        }


class FineTuner:
    def __init__(self, name, rate, steps):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = AutoModelForCausalLM.from_pretrained(name).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=rate)
        self.schedule = get_linear_schedule_with_warmup(self.optimizer, 50, steps)

    def loss_of(self, batch):
        batch = {key: value.to(self.device) for key, value in batch.items()}
        outputs = self.model(**batch)
        return outputs.loss

    def fit(self, loader, epochs):
        self.model.train()
        for _ in range(epochs):
            for batch in loader:
                loss = self.loss_of(batch)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                self.schedule.step()


def main():
    tokenizer = AutoTokenizer.from_pretrained(NAME)
    loader = DataLoader(Recipes("recipes.txt", tokenizer, 256), batch_size=8, shuffle=True)
    FineTuner(NAME, 5e-5, 3 * len(loader)).fit(loader, epochs=3)


main()
