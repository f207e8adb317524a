"""Heads and losses over a single unit."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    REGRESSION,
    SPARSE,
    constant_softmax,
    encoding,
    evidence,
    fresh,
    head_site,
    offered,
    one,
    other_activation,
    other_loss,
    units_site,
    uses,
)
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    Finding,
    Fix,
    Rename,
    hint,
    rule,
    unsafe,
)
from mllint.values import Const, Data


# -- one unit ---------------------------------------------------------------------------------------------------------
@rule("ML103", ERROR)
def softmax_over_one_unit(program: Program) -> Iterator[Finding]:
    """A softmax over a single unit is always 1."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        if not constant_softmax(prediction) or not _over_units(prediction) or not fresh(seen, prediction):
            continue
        site = head_site(prediction) or use.site
        name, value = ("softmax", 1) if prediction.scale.must_be("softmax") else ("log-softmax", 0)
        yield Finding(
            site,
            f"the {name} over one unit is always {value}: the model predicts the same for every row",
            because=notes(
                (units_site(prediction), site, "the layer has one unit"),
                (use.site, site, f"it is trained with `{use.loss.name}`"),
            ),
            fix=_one_unit_head(use, prediction),
        )


def _over_units(prediction: Data) -> bool:
    """Whether the softmax runs along the axis that has one unit."""
    axis = Const(1) if prediction.layer is None else prediction.layer.arg("dim")
    elsewhere = isinstance(axis, Const) and axis.value not in (None, 1, -1)
    return not elsewhere and "axis=0" not in prediction.tags


def _one_unit_head(use: LossUse, prediction: Data) -> Fix:
    regression = use.loss.family in REGRESSION and encoding(use) not in ("integer", "one-hot")
    if regression:
        advice = "a regression output has no activation"
        return offered(advice, other_activation(prediction, "linear")) if use.framework == "keras" else hint(advice)
    advice = "one unit for two classes takes a sigmoid"
    if use.framework == "keras":
        loss = [other_loss(use, BINARY)] if use.loss.family in CATEGORICAL else []
        return offered(f"{advice} and `{BINARY}`", other_activation(prediction, "sigmoid"), *loss)
    if use.framework == "torch" and use.loss.family == "bce" and prediction.scale.site is not None:
        inner = prediction.layer is not None and isinstance(prediction.layer.arg("inner"), Const)
        return unsafe(advice, Rename(prediction.scale.site, "sigmoid", "Sigmoid", keep=1 if inner else 0))
    return hint(f"{advice} and binary cross-entropy, or give the head one unit for each class")


@rule("ML112", ERROR)
def one_class_cross_entropy(program: Program) -> Iterator[Finding]:
    """Cross-entropy over one class."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        families = CATEGORICAL if use.framework == "keras" else ("cross_entropy",)
        if use.loss.family not in families or not one(prediction) or prediction.scale.must_be("softmax", "log_softmax"):
            continue
        squeezed = "squeezed" in prediction.tags
        if squeezed and not _one_number_a_row(use):
            continue
        over = "a whole batch of single scores" if squeezed else "one unit"
        yield Finding(
            use.site,
            f"`{use.loss.name}` over {over} has no classes to choose between: {_nothing_to_learn(use, squeezed)}",
            because=[
                *notes((units_site(prediction), use.site, "the head has one unit")),
                *evidence(use, use.site)[-1:],
            ],
            fix=_binary_loss(use, prediction),
        )


def _one_number_a_row(use: LossUse) -> bool:
    """Whether the targets of squeezed scores are proven to be one number a row, so that no axis of classes is left."""
    target = use.target
    if target is None or target.dtype is None or not target.dtype.startswith("float"):
        return False
    return encoding(use) == "integer" or (target.shape is not None and len(target.shape) == 1)


def _nothing_to_learn(use: LossUse, squeezed: bool) -> str:
    if squeezed:
        return "it compares the rows of the batch with each other, and says nothing"
    if use.framework == "keras":
        return (
            "it raises at the first label 1 (on the JAX backend it is always 0)"
            if use.loss.family == SPARSE
            else "it is always 0"
        )
    return "it is always 0" if use.framework == "gluon" else "it is always 0, or raises at the first label 1"


def _binary_loss(use: LossUse, prediction: Data) -> Fix:
    if use.framework == "keras":
        edits = [other_loss(use, BINARY)]
        if prediction.scale.must_be("linear") and use.loss.expects.must_be("probabilities"):
            edits.append(other_activation(prediction, "sigmoid"))
        return offered(f"one unit for two classes takes a sigmoid and `{BINARY}`", *edits)
    name = "BCEWithLogitsLoss" if use.framework == "torch" else "SigmoidBinaryCrossEntropyLoss"
    return hint(f"use `{name}` for one unit, or give the head one unit for each class")
