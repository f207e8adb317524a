"""Prompts and padding are marked by hand."""

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

tok = AutoTokenizer.from_pretrained("gpt2")
tok.pad_token = tok.eos_token


def pre(ex):
    p = tok(ex["prompt"])["input_ids"]
    a = tok(ex["answer"])["input_ids"]
    ids = p + a
    labels = [-100] * len(p) + a
    n = 256 - len(ids)
    return {
        "input_ids": ids + [tok.pad_token_id] * n,
        "attention_mask": [1] * len(ids) + [0] * n,
        "labels": labels + [-100] * n,
    }


ds = load_dataset("json", data_files="a.json", split="train").map(pre)
Trainer(model=AutoModelForCausalLM.from_pretrained("gpt2"), args=TrainingArguments("o"), train_dataset=ds).train()
