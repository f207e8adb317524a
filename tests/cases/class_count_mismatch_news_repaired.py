"""Four kinds of news."""

from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

ds = load_dataset("ag_news")
tok = AutoTokenizer.from_pretrained("bert-base-uncased")


def f(b):
    return tok(b["text"], truncation=True, padding="max_length")


ds = ds.map(f, batched=True)
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=4)
trainer = Trainer(model=model, args=TrainingArguments("o"), train_dataset=ds["train"], eval_dataset=ds["test"])
trainer.train()
