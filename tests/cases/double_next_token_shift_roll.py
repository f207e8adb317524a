"""Labels that were rolled by one."""

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")
for t in open("x"):
    ids = tok(t, return_tensors="pt")["input_ids"]
    labels = torch.roll(ids, shifts=-1, dims=1)
    labels[:, -1] = -100
    loss = model(input_ids=ids, labels=labels).loss
    loss.backward()
