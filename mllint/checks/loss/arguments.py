"""Prediction and target in the places of a loss that is called."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import is_prediction, notes
from mllint.checks.loss.uses import head_site
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import ERROR, Finding, Swap, rule, safe
from mllint.values import Data

LOPSIDED = (
    "cross_entropy", "nll", "bce", "bce_with_logits", "poisson_nll", "gaussian_nll", "soft_margin", "multilabel_soft_margin",
    "multi_margin", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mape", "kl_divergence",
    "poisson", "binary_focal_crossentropy", "categorical_focal_crossentropy",
)  # fmt: skip
"""Losses for which it matters which is which; the others (squared and absolute errors) are symmetric."""
FILLED = "filled"
"""The mark of a tensor of ones or zeros: the targets of a discriminator."""


@rule("ML121", ERROR)
def swapped_loss_arguments(program: Program) -> Iterator[Finding]:
    """A loss is called with the target where the prediction belongs, and the other way round."""
    for use in program.losses:
        first, second = use.prediction, use.target
        if use.loss.family not in LOPSIDED or use.fit_site is not None or first is None or second is None:
            continue
        if use.prediction_site is None or use.target_site is None or not _is_output(second) or not _is_truth(first):
            continue
        order = (
            "(prediction, target)" if use.framework == "torch" else _KERAS_ORDER.get(use.framework, "(y_true, y_pred)")
        )
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes {order}, but gets the targets as prediction and the prediction as targets: {_effect(use)}",
            because=notes(
                (head_site(second), use.site, "this makes the prediction"),
                (_origin(first), use.site, "the targets come from here"),
            ),
            fix=safe("swap the arguments", Swap(use.prediction_site, use.target_site)),
        )


_KERAS_ORDER = {"tensorflow": "(labels, logits)", "optax": "(prediction, targets)", "jax": "(prediction, targets)"}


def _effect(use: LossUse) -> str:
    silent = ("bce_with_logits", "binary_crossentropy", "categorical_crossentropy", "poisson_nll", "mape", "poisson")
    return (
        "it computes another number, without an error"
        if use.loss.family in silent
        else "it raises or computes another number"
    )


def _is_output(data: Data) -> bool:
    """Whether a network computed it, with gradients."""
    return is_prediction(data) and data.grad is not False and not data.scale.must_be("hard")


def _is_truth(data: Data) -> bool:
    """Whether it is proven to be labels: not an output, and not the features that an autoencoder is compared with."""
    if is_prediction(data) or data.loss is not None or data.grad:
        return False
    classes = data.labels.must(lambda label: label.kind in ("integer", "one-hot", "multi-hot"))
    whole = data.dtype is not None and data.dtype.startswith(("int", "bool"))
    return classes or data.columns.must_be("target") or "column" in data.tags or FILLED in data.tags or whole


def _origin(data: Data) -> Site | None:
    step = data.last("selected", "encoded", "one-hot", "read")
    return data.labels.site or (None if step is None else step.site)
