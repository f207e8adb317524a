import jax.numpy as jnp
import optax


def cross_entropy(scores, species):
    return optax.softmax_cross_entropy_with_integer_labels(scores, species).mean()


def objective(params, apply, batch, decay):
    scores = apply({"params": params}, batch["measured"])
    weights = sum(jnp.sum(leaf**2) for leaf in params)
    return cross_entropy(scores, batch["species"]) + decay * weights
