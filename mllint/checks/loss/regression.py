"""Losses and metrics of regression."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.loss.binary import reconstructs
from mllint.checks.loss.uses import (
    BINARY,
    ONE_HOT,
    REGRESSION,
    SPARSE,
    accuracy,
    activation,
    classes_for_a_number,
    constant_softmax,
    encoding,
    evidence,
    offered,
    one,
    other_loss,
    uses,
)
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    WARNING,
    Finding,
    Fix,
    Replace,
    hint,
    rule,
    safe,
)
from mllint.values import BY_CLASS, Data, Obj


# -- regression -------------------------------------------------------------------------------------------------------
@rule("ML115", WARNING)
def regression_loss_on_classifier(program: Program) -> Iterator[Finding]:
    """A regression loss trains a classifier."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        if use.loss.family not in REGRESSION or constant_softmax(prediction) or classes_for_a_number(use, prediction):
            continue
        classes = _are_classes(use)
        softmax = prediction.scale.must_be("softmax")
        head_alone = softmax and use.framework == "keras" and encoding(use) is None and not reconstructs(use)
        if not head_alone and not (classes and prediction.scale.must_be("softmax", "sigmoid", "linear")):
            continue
        numbers = softmax and encoding(use) == "integer"
        effect = (
            "class numbers are compared with probabilities"
            if numbers
            else "it measures a distance between classes"
            if prediction.scale.must_be("linear")
            else "it is flat where the model is most wrong, so it learns slower than cross-entropy"
        )
        what = f"the output is {activation(prediction)}" if softmax else "the targets are class labels"
        yield Finding(
            use.site,
            f"`{use.loss.name}` is a loss for regression, but {what}: {effect}",
            because=evidence(use, use.site),
            fix=_cross_entropy(use, prediction),
            severity=ERROR if numbers else WARNING,
        )


def _is_filled(use: LossUse) -> bool:
    """Whether the targets are constants, as those of a discriminator: ``np.ones((batch, 1))``."""
    target = use.target
    if target is None or target.bounds is None:
        return False
    return target.bounds[0] == target.bounds[1] or target.last(BY_CLASS) is not None


def _are_classes(use: LossUse) -> bool:
    """Whether the targets are proven to be classes: encoded, or a known data set's, not just whole numbers."""
    target, kind = use.target, encoding(use)
    if target is None or kind not in ("integer", "one-hot") or target.scale.known or target.last("predicted"):
        return False
    return kind == "one-hot" or isinstance(target.space, Obj) or target.last("encoded", "read") is not None


def _cross_entropy(use: LossUse, prediction: Data) -> Fix:
    if use.framework == "keras" and prediction.scale.must_be("softmax", "sigmoid"):
        kind = encoding(use)
        if prediction.scale.must_be("softmax") and kind is not None:
            wanted = SPARSE if kind == "integer" else ONE_HOT
            return offered(f"use `{wanted}`", other_loss(use, wanted))
        if prediction.scale.must_be("sigmoid") and one(prediction):
            return offered(f"use `{BINARY}`", other_loss(use, BINARY))
    if use.framework == "torch" and prediction.scale.must_be("sigmoid") and one(prediction):
        return offered("use binary cross-entropy", other_loss(use, "binary_cross_entropy"))
    return hint("use the cross-entropy that fits head and labels")


@rule("ML116", WARNING)
def accuracy_on_regression(program: Program) -> Iterator[Finding]:
    """``accuracy`` of real numbers counts how many are exactly equal."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if metric is None or use.loss.family not in REGRESSION or not prediction.scale.must_be("linear"):
            continue
        if _are_classes(use) or encoding(use) == "scaled" or _is_filled(use):
            continue
        site = metric.site or use.site
        message = "measure the error: `mae`"
        yield Finding(
            site,
            f"`{metric.name}` counts exact equality, but `{use.loss.name}` on a linear output is a regression: "
            "it stays near 0 however good the model is",
            because=evidence(use, site),
            fix=safe(message, Replace(site, '["mae"]'))
            if use.metrics_known and len(use.metrics) == 1
            else hint(message),
        )
