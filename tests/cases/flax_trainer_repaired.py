"""Train a small classifier of spectra with flax and optax."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax.training import train_state


@dataclass(frozen=True)
class Config:
    widths: Sequence[int] = (128, 64)
    materials: int = 7
    dropout: float = 0.1
    learning_rate: float = 3e-4
    epochs: int = 20
    batch: int = 64


class Block(nn.Module):
    width: int
    rate: float

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.LayerNorm()(nn.Dense(self.width)(x))
        return nn.Dropout(self.rate, deterministic=not train)(nn.gelu(x))


class SpectrumNet(nn.Module):
    config: Config
    output: Callable[[Any], Any]

    def setup(self):
        self.blocks = [Block(width, self.config.dropout) for width in self.config.widths]
        self.head = nn.Dense(self.config.materials)

    def __call__(self, x, train: bool = False):
        for block in self.blocks:
            x = block(x, train)
        return self.output(self.head(x))


def build(config: Config) -> SpectrumNet:
    return SpectrumNet(config, output=lambda scores: scores)


def objective(apply: Callable[..., Any], variables: Any, x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    scores = apply(variables, x, train=True, rngs={"dropout": key})
    losses = optax.softmax_cross_entropy_with_integer_labels(logits=scores, labels=y)
    return jnp.mean(losses), scores


def batches(x: np.ndarray, y: np.ndarray, size: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


class Trainer:
    def __init__(self, config: Config, example: np.ndarray) -> None:
        self.config = config
        self.model = build(config)
        self.key, start = jax.random.split(jax.random.key(17))
        self.state = train_state.TrainState.create(
            apply_fn=self.model.apply,
            params=self.model.init(start, example),
            tx=optax.chain(optax.clip_by_global_norm(1.0), optax.adam(config.learning_rate)),
        )

    @staticmethod
    @jax.jit
    def step(state, x, y, key):
        gradients_of = jax.value_and_grad(partial(objective, state.apply_fn), has_aux=True)
        (loss, scores), gradients = gradients_of(state.params, x, y, key)
        hits = jnp.mean(jnp.argmax(scores, axis=-1) == y)
        return state.apply_gradients(grads=gradients), loss, hits

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        for epoch in range(self.config.epochs):
            seen = []
            for batch_x, batch_y in batches(x, y, self.config.batch, epoch):
                self.key, dropout = jax.random.split(self.key)
                self.state, loss, hits = self.step(self.state, batch_x, batch_y, dropout)
                seen.append((float(loss), float(hits)))
            loss, hits = np.mean(seen, axis=0)
            print(f"epoch {epoch}: loss {loss:.3f}, accuracy {hits:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("spectra")
    archive = np.load(parser.parse_args().spectra)
    config = Config()
    trainer = Trainer(config, archive["x"][:1])
    trainer.fit(archive["x"], archive["y"])


if __name__ == "__main__":
    main()
