"""Digits with flax.nnx: one model, a loss that is chosen by name, labels prepared by the data class."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from sklearn.datasets import load_digits

LOSSES = {
    "rows": optax.softmax_cross_entropy,
    "numbers": optax.softmax_cross_entropy_with_integer_labels,
}


class Digits:
    def __init__(self, one_hot: bool) -> None:
        images, labels = load_digits(return_X_y=True)
        self.images = jnp.asarray(images) / 16.0
        self.labels = self.encode(labels) if one_hot else jnp.asarray(labels)

    @staticmethod
    def encode(labels):
        return jax.nn.one_hot(labels, num_classes=10)

    def __len__(self) -> int:
        return len(self.images)

    def batches(self, size: int, key):
        order = jax.random.permutation(key, len(self))
        for start in range(0, len(self), size):
            rows = order[start : start + size]
            yield self.images[rows], self.labels[rows]


class Reader(nnx.Module):
    def __init__(self, widths: tuple[int, ...], rngs: nnx.Rngs) -> None:
        sizes = zip(widths[:-1], widths[1:])
        self.layers = [nnx.Linear(before, after, rngs=rngs) for before, after in sizes]
        self.head = nnx.Linear(widths[-1], 10, rngs=rngs)

    def __call__(self, x):
        for layer in self.layers:
            x = nnx.relu(layer(x))
        return self.head(x)


def mean_loss(reader: Reader, images, labels, *, loss):
    return loss(reader(images), labels).mean()


@partial(nnx.jit, static_argnames="loss")
def update(reader: Reader, optimizer: nnx.Optimizer, images, labels, *, loss):
    value, gradients = nnx.value_and_grad(partial(mean_loss, loss=loss))(reader, images, labels)
    optimizer.update(reader, gradients)
    return value


def train(loss: str = "rows", epochs: int = 10, seed: int = 0) -> Reader:
    digits = Digits(one_hot=True)
    reader = Reader((64, 128, 64), rngs=nnx.Rngs(seed))
    optimizer = nnx.Optimizer(reader, optax.adam(1e-3), wrt=nnx.Param)
    key = jax.random.key(seed)
    for epoch in range(epochs):
        key, shuffling = jax.random.split(key)
        for images, labels in digits.batches(64, shuffling):
            value = update(reader, optimizer, images, labels, loss=LOSSES[loss])
        print(epoch, float(value))
    return reader


if __name__ == "__main__":
    train()
