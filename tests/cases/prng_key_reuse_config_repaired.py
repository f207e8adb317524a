from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import optax


@dataclass
class Keys:
    init: jax.Array
    shuffle: jax.Array


def keys(seed):
    first, second = jax.random.split(jax.random.key(seed))
    return Keys(first, second)


def layer(key, rows, columns):
    return jax.random.normal(key, (rows, columns)) * jnp.sqrt(2.0 / rows), jnp.zeros(columns)


def network(key, sizes=(30, 64, 2)):
    parts = jax.random.split(key, len(sizes) - 1)
    return [layer(k, m, n) for k, m, n in zip(parts, sizes[:-1], sizes[1:])]


def scores(params, x):
    for weights, biases in params[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = params[-1]
    return x @ weights + biases


def loss_fn(params, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(scores(params, x), y).mean()


def epoch_order(key, rows):
    return np.asarray(jax.random.permutation(key, rows))


def train(x, y, held, epochs=30, size=64):
    params = network(held.init)
    optimizer = optax.adam(1e-3)
    state = optimizer.init(params)
    for epoch in range(epochs):
        order = epoch_order(jax.random.fold_in(held.shuffle, epoch), len(x))
        for start in range(0, len(x), size):
            rows = order[start:start + size]
            loss, gradients = jax.value_and_grad(loss_fn)(params, x[rows], y[rows])
            updates, state = optimizer.update(gradients, state)
            params = optax.apply_updates(params, updates)
        print(epoch, float(loss_fn(params, x, y)))
    return params


def main():
    table = np.load("cells.npz")
    train(table["x"], table["y"], keys(0))


main()
