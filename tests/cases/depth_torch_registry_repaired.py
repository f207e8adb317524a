from dataclasses import dataclass, field
from enum import Enum

import torch
from torch import nn, optim


class LossKind(Enum):
    BINARY = "bce_logits"
    MULTI = "nll"


@dataclass(frozen=True)
class HeadConfig:
    features: int = 128
    outputs: int = 1
    activation: str = "none"


@dataclass
class ExperimentConfig:
    name: str
    loss: LossKind = LossKind.BINARY
    head: HeadConfig = field(default_factory=HeadConfig)
    lr: float = 1e-3

    @classmethod
    def fraud(cls):
        return cls("fraud")

    @classmethod
    def topics(cls):
        return cls("topics", LossKind.MULTI, HeadConfig(outputs=20, activation="log_softmax"))


ACTIVATIONS = {
    "sigmoid": nn.Sigmoid,
    "log_softmax": lambda: nn.LogSoftmax(dim=1),
    "none": nn.Identity,
}

LOSSES = {}


def register_loss(kind):
    def decorator(factory):
        LOSSES[kind] = factory
        return factory

    return decorator


@register_loss(LossKind.BINARY)
def binary_loss():
    return nn.BCEWithLogitsLoss()


@register_loss(LossKind.MULTI)
def multi_loss():
    return nn.NLLLoss()


def build_head(config):
    return nn.Sequential(
        nn.Linear(config.features, config.outputs),
        ACTIVATIONS[config.activation](),
    )


class Network(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, config.features), nn.ReLU())
        self.head = build_head(config)

    def forward(self, x):
        return self.head(self.body(x))


class Experiment:
    def __init__(self, config):
        self.config = config
        self.network = Network(config.head)
        self.criterion = LOSSES[config.loss]()
        self.optimizer = optim.AdamW(self.network.parameters(), lr=config.lr)

    @property
    def loss(self):
        return self.criterion

    def run(self, loader):
        for features, target in loader:
            self.optimizer.zero_grad()
            value = self.loss(self.network(features), target)
            value.backward()
            self.optimizer.step()


def main(fraud_loader, topic_loader):
    for config, loader in ((ExperimentConfig.fraud(), fraud_loader), (ExperimentConfig.topics(), topic_loader)):
        Experiment(config).run(loader)
