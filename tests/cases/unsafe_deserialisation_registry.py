import pickle

import requests
import torch
import torch.nn as nn


class Registry:
    """Fetches and caches the models that a service offers."""

    def __init__(self, host):
        self.host = host

    def fetch(self, name):
        return requests.get(f"{self.host}/models/{name}")

    def vocabulary(self, name):
        return decode(self.fetch(f"{name}.vocabulary"))

    def weights(self, path):
        return read(path)


def decode(response):
    return pickle.loads(response.content)


def read(path, device="cpu"):
    return torch.load(path, map_location=device, weights_only=False)


class Classifier(nn.Module):
    def __init__(self, registry):
        super().__init__()
        self.words = registry.vocabulary("news")
        self.head = nn.Linear(len(self.words), 4)
        self.head.load_state_dict(registry.weights("news.pt"))

    def forward(self, counts):
        return self.head(counts)


model = Classifier(Registry("https://models.example.org"))
