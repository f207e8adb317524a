"""optax: losses and optimisers."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from mllint.facts import known, nothing
from mllint.frameworks.jax import JAX
from mllint.frameworks.settings import settings
from mllint.frameworks.table import Call, alias, method, row
from mllint.frameworks.tensors import signed, use_loss
from mllint.program import Argument, Optimizer
from mllint.values import UNKNOWN, Loss, Tuple, Value


class About(NamedTuple):
    """A loss function: its canonical family, what it wants as prediction and as target, and its arguments."""

    family: str
    expects: str
    targets: str
    arguments: str = "logits labels axis where"


LOSSES = {
    "softmax_cross_entropy": About("cross_entropy", "logits", "one-hot"),
    "safe_softmax_cross_entropy": About("cross_entropy", "logits", "one-hot"),
    "softmax_cross_entropy_with_integer_labels": About("cross_entropy", "logits", "integer"),
    "sigmoid_binary_cross_entropy": About("bce_with_logits", "logits", "binary"),
    "sigmoid_focal_loss": About("focal", "logits", "binary", "logits labels alpha gamma"),
    "poly_loss_cross_entropy": About("poly", "logits", "one-hot", "logits labels epsilon axis where"),
    "squared_error": About("mse", "values", "values", "predictions targets"),
    "l2_loss": About("mse", "values", "values", "predictions targets"),
    "huber_loss": About("huber", "values", "values", "predictions targets delta"),
    "log_cosh": About("log_cosh", "values", "values", "predictions targets"),
    "cosine_distance": About("cosine", "values", "values", "predictions targets epsilon axis where"),
    "kl_divergence": About("kl_div", "log_probabilities", "distribution", "log_predictions targets axis where"),
    "hinge_loss": About("hinge", "values", "signed", "predictor_outputs targets"),
}


def _apply(name: str, call: Call, /, **given: Value) -> Value:
    about = LOSSES[name]
    first, second = about.arguments.split()[:2]
    wants = nothing() if about.targets == "distribution" else known(about.targets)
    loss = Loss(JAX, name, about.family, known(about.expects), wants, call.site)
    return use_loss(call, loss, given[first], given[second], (call.where(first), call.where(second)))


for _name, _about in LOSSES.items():
    row(f"optax.{_name}")(signed(partial(_apply, _name), _about.arguments))
    alias(f"optax.{_name}", f"optax.losses.{_name}", f"optax.loss.{_name}")

OPTIMIZERS = (
    "adabelief", "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamaxw", "adamw", "adan", "amsgrad", "fromage", "lamb", "lars",
    "lion", "nadam", "nadamw", "noisy_sgd", "novograd", "optimistic_gradient_descent", "radam", "rmsprop", "sgd", "sm3", "yogi",
)  # fmt: skip
OPTIMIZER = "optax.GradientTransformation"


@row(*(f"optax.{name}" for name in OPTIMIZERS))
def optimizer(call: Call, learning_rate: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    made = call.new(OPTIMIZER, learning_rate=learning_rate)
    rate = call.argument("learning_rate") if call.given("learning_rate") else Argument()
    name = call.path.rpartition(".")[2]
    call.program.optimizers.append(Optimizer(call.site, JAX, name, rate, made=made, settings=settings(call, JAX)))
    return made


_LIMITS = "optax.limits"
"""What changes the size of steps only where it is extreme."""


@row("optax.clip", "optax.clip_by_global_norm", "optax.adaptive_grad_clip", "optax.add_decayed_weights", "optax.clip_by_block_rms",
     "optax.zero_nans", "optax.apply_if_finite")  # fmt: skip
def limits(call: Call, *given: Value, **rest: Value) -> Value:
    return call.new(_LIMITS)


@row("optax.chain")
def chain(call: Call, *transforms: Value) -> Value:
    """Several transformations; others than limits and optimizers may scale what comes out."""
    made = call.new(OPTIMIZER)
    optimizers = [each for each in transforms if call.is_instance_of(each, OPTIMIZER)]
    if len(optimizers) > 1 or any(
        not call.is_instance_of(e, OPTIMIZER) and not call.is_instance_of(e, _LIMITS) for e in transforms
    ):
        for each in optimizers:
            call.event("rate", each, framework=JAX)
    if len(optimizers) == 1:
        return optimizers[0]
    return made


@method(OPTIMIZER, "init")
def init(call: Call, receiver: Value, params: Value = UNKNOWN) -> Value:
    return UNKNOWN


@method(OPTIMIZER, "update")
def update(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    call.event("step", receiver, framework=JAX)
    return Tuple((UNKNOWN, UNKNOWN))


@row("optax.apply_updates", "equinox.apply_updates")
def apply_updates(call: Call, params: Value, updates: Value) -> Value:
    return params
