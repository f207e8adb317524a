"""Keras: one question or one a class?"""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    ONE_HOT,
    SPARSE,
    accuracy,
    accuracy_goes_by_loss,
    encoding,
    evidence,
    offered,
    one,
    other_activation,
    other_loss,
    several,
    units_of,
    uses,
)
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    WARNING,
    Finding,
    Fix,
    hint,
    rule,
)
from mllint.values import Data


# -- Keras: binary or categorical -------------------------------------------------------------------------------------
@rule("ML101", ERROR)
def ambiguous_accuracy_multilabel(program: Program) -> Iterator[Finding]:
    """``accuracy`` over several sigmoid units."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if use.loss.family != BINARY or metric is None or not several(prediction) or reconstructs(use):
            continue
        if not prediction.scale.must_be("sigmoid") or (prediction.shape is not None and len(prediction.shape) > 2):
            continue
        one_hot, old = encoding(use) == "one-hot", accuracy_goes_by_loss(program)
        if one_hot and not old:
            continue
        says = (
            "is per-label accuracy in this version: the labels that are rightly absent make it high from the start"
            if old
            else "is argmax accuracy since TensorFlow 2.2: it looks at one label of each row and at no other"
        )
        better = "`categorical_accuracy`" if one_hot else "`BinaryAccuracy()`, `AUC(multi_label=True)` or `F1Score()`"
        site = metric.site or use.site
        yield Finding(
            site,
            f"`{metric.name}` over {units_of(prediction)} sigmoid units with `{use.loss.name}` {says}",
            because=evidence(use, site),
            fix=hint(f"say what is to be measured: {better}"),
        )


def reconstructs(use: LossUse) -> bool:
    """Whether the targets are no labels: an autoencoder's are its inputs."""
    target = use.target
    return target is not None and (target.columns.must_be("features") or encoding(use) == "continuous")


@rule("ML102", ERROR)
def softmax_with_binary_crossentropy(program: Program) -> Iterator[Finding]:
    """Binary cross-entropy on a softmax over several classes."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family != BINARY or not prediction.scale.must_be("softmax") or one(prediction):
            continue
        metric, kind = accuracy(use), encoding(use)
        wrong_number = metric is not None and accuracy_goes_by_loss(program)
        explicit = use.metrics_known and bool(use.metrics) and metric is None
        mild = (kind == "one-hot" and not wrong_number) or (explicit and kind != "multi-hot")
        says = "takes each class for a question of its own, but the softmax lets one class win at the others' cost"
        if wrong_number:
            says += "; `accuracy` is per-class accuracy then, high from the start"
        yield Finding(
            use.site,
            f"`{use.loss.name}` on a softmax over {units_of(prediction)} units {says}",
            because=evidence(use, use.site),
            fix=_one_question(use, prediction, kind),
            severity=WARNING if mild else ERROR,
        )


def _one_question(use: LossUse, prediction: Data, kind: str | None) -> Fix:
    if kind == "multi-hot":
        return offered("several labels can be true at once: use sigmoid", other_activation(prediction, "sigmoid"))
    if kind in ("one-hot", "integer"):
        wanted = ONE_HOT if kind == "one-hot" else SPARSE
        return offered(f"one class is true at a time: use `{wanted}`", other_loss(use, wanted))
    return hint(f"use `{ONE_HOT}` if one class is true at a time, sigmoid if several can be")


@rule("ML104", ERROR)
def sigmoid_with_categorical_crossentropy(program: Program) -> Iterator[Finding]:
    """Categorical cross-entropy on independent sigmoids."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family not in CATEGORICAL or not prediction.scale.must_be("sigmoid") or one(prediction):
            continue
        kind = encoding(use)
        several_true = kind == "multi-hot"
        effect = "with several labels in a row it learns the wrong thing" if several_true else "they do not sum to 1"
        if several_true:
            fix = offered(f"several labels can be true at once: use `{BINARY}`", other_loss(use, BINARY))
        elif use.loss.expects.must_be("logits"):
            fix = offered("this loss takes raw scores: use no activation", other_activation(prediction, "linear"))
        elif kind is None and use.loss.family == ONE_HOT:
            fix = hint(f"use softmax if one class is true at a time, `{BINARY}` if several can be")
        else:
            fix = offered("one class is true at a time: use softmax", other_activation(prediction, "softmax"))
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes one distribution over the classes, but the output is {units_of(prediction)} "
            f"separate sigmoids: {effect}",
            because=evidence(use, use.site),
            fix=fix,
            severity=ERROR if several_true else WARNING,
        )
