import jax
import optax
from flax.training.train_state import TrainState

from .objective import objective


@jax.jit
def step(state, batch):
    loss, grads = jax.value_and_grad(objective)(state.params, state.apply_fn, batch, 1e-4)
    return state.apply_gradients(grads=grads), loss


def fit(model, batches, rate, seed=0):
    first = next(batches)
    params = model.init(jax.random.key(seed), first["measured"])["params"]
    state = TrainState.create(apply_fn=model.apply, params=params, tx=optax.adamw(rate))
    for batch in batches:
        state, loss = step(state, batch)
    return state
