import copy
import time
from functools import wraps

import torch
from torch import nn


def timed(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        print(function.__name__, time.perf_counter() - start)
        return result

    return wrapper


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.body = nn.Sequential(nn.Linear(config["inputs"], config["hidden"]), nn.Tanh())

    @property
    def width(self):
        return self.config["hidden"]

    def forward(self, x):
        return self.body(x)


class Classifier(nn.Module):
    def __init__(self, encoder, classes):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.width, classes)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        scores = self.head(self.encoder(x))
        if self.training:
            return scores
        return self.softmax(scores).argmax(-1)


class Callback:
    def on_batch(self, loss):
        pass


class Printer(Callback):
    def on_batch(self, loss):
        print(loss.item())


class Loop:
    def __init__(self, model, callbacks=()):
        self.model = model
        self.callbacks = [*callbacks]
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.optimizer = torch.optim.AdamW(model.parameters())

    def on(self, callback):
        self.callbacks.append(callback)
        return self

    @timed
    def epoch(self, loader):
        self.model.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            for callback in self.callbacks:
                callback.on_batch(loss)

    @timed
    @torch.inference_mode()
    def accuracy(self, loader):
        self.model.eval()
        return sum((self.model(x) == y).float().mean() for x, y in loader)


DEFAULTS = {"inputs": 30, "hidden": 64}


def make(**changes):
    config = copy.deepcopy(DEFAULTS)
    config.update(changes)
    return Classifier(Encoder(config), classes=5)


def fit(loader, test):
    loop = Loop(make(hidden=128)).on(Printer())
    for _ in range(10):
        loop.epoch(loader)
    return loop.accuracy(test)
