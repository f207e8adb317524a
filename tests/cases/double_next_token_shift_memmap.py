"""Trains on windows of a file of ids; the second array of a batch is one id ahead already."""

import numpy as np
import torch
from transformers import AutoModelForCausalLM

data = np.memmap("train.bin", dtype=np.uint16, mode="r")
block_size, batch_size = 512, 8


def get_batch():
    ix = torch.randint(len(data) - block_size - 1, (batch_size,))
    x = torch.stack([torch.from_numpy(data[i : i + block_size].astype(np.int64)) for i in ix])
    y = torch.stack([torch.from_numpy(data[i + 1 : i + 1 + block_size].astype(np.int64)) for i in ix])
    return x.cuda(), y.cuda()


model = AutoModelForCausalLM.from_pretrained("gpt2").cuda()
opt = torch.optim.AdamW(model.parameters(), lr=3e-5)
for it in range(1000):
    x, y = get_batch()
    loss = model(input_ids=x, labels=y).loss
    opt.zero_grad()
    loss.backward()
    opt.step()
