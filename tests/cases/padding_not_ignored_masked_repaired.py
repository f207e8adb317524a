"""Padding left out in several ways."""

import torch, torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("gpt2")
tok.pad_token = tok.eos_token
m = AutoModelForCausalLM.from_pretrained("gpt2")


def logprobs(texts):
    b = tok(["a", "bb"], padding=True, return_tensors="pt")
    logits = m(**b).logits[:, :-1]
    labels = b["input_ids"][:, 1:]
    mask = b["attention_mask"][:, 1:]
    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    loss = (nll * mask).sum() / mask.sum()
    loss.backward()
    l2 = F.cross_entropy(logits[mask.bool()], labels[mask.bool()])
    l2.backward()
    l3 = F.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.reshape(-1), ignore_index=tok.pad_token_id)
    l3.backward()
    lab = labels.masked_fill(mask == 0, -100)
    F.cross_entropy(logits.transpose(1, 2), lab).backward()
    lab2 = torch.where(mask == 1, labels, -100)
    F.cross_entropy(logits.transpose(1, 2), lab2).backward()
    lab3 = labels.clone()
    lab3[~mask.bool()] = -100
    F.cross_entropy(logits.transpose(1, 2), lab3).backward()
    lab4 = labels * mask + (1 - mask) * -100
    F.cross_entropy(logits.transpose(1, 2), lab4).backward()


logprobs(1)
