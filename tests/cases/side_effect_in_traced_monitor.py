import jax
import jax.numpy as jnp
import numpy as np
import optax


class Monitor:
    """Keeps what a training shows."""

    def __init__(self):
        self.losses = []

    def add(self, loss):
        self.losses.append(loss)


monitor = Monitor()
optimizer = optax.sgd(1e-2)


def scores(params, x):
    return jnp.tanh(x @ params["w"]) @ params["v"]


def loss_fn(params, x, y):
    return optax.sigmoid_binary_cross_entropy(scores(params, x), y).mean()


@jax.jit
def step(params, state, x, y):
    loss, gradients = jax.value_and_grad(loss_fn)(params, x, y)
    monitor.add(loss)
    updates, state = optimizer.update(gradients, state)
    return optax.apply_updates(params, updates), state, loss


def main():
    table = np.load("spam.npz")
    first, second = jax.random.split(jax.random.key(2))
    params = {"w": 0.1 * jax.random.normal(first, (57, 32)), "v": 0.1 * jax.random.normal(second, (32,))}
    state = optimizer.init(params)
    for round in range(500):
        params, state, loss = step(params, state, table["x"], table["y"])
    print(np.mean([float(each) for each in monitor.losses]))


main()
