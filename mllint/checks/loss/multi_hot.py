"""Several labels that are true at once."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.loss.uses import (
    BINARY,
    ONE_HOT,
    SPARSE,
    encoding,
    evidence,
    offered,
    other_activation,
    other_loss,
    trained_with,
)
from mllint.program import LossUse, Program
from mllint.rule import ERROR, Edit, Finding, Fix, InsertAfter, hint, rule

SINGLE_LABEL = (ONE_HOT, SPARSE, "cross_entropy", "nll")


@rule("ML105", ERROR)
def categorical_crossentropy_on_multi_hot(program: Program) -> Iterator[Finding]:
    """Cross-entropy over one distribution, with targets of which several can be true at once."""
    for use in trained_with(program, "keras", "tensorflow", "torch", "gluon"):
        if use.loss.family not in SINGLE_LABEL or encoding(use) != "multi-hot":
            continue
        if use.framework == "keras" and use.prediction is not None and use.prediction.scale.must_be("sigmoid"):
            continue  # the sigmoids say what was meant: ML104
        effect = "it raises" if _raises(use) else "it learns to share one label out among them"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes one true class for each row, but the targets can have several ones: {effect}",
            because=evidence(use, use.site),
            fix=_one_question_a_label(use),
        )


def _raises(use: LossUse) -> bool:
    """Whether the loss does not take rows at all."""
    if use.framework in ("keras", "tensorflow"):
        return use.loss.family == SPARSE
    if use.framework == "gluon":
        return not use.loss.targets.may_be("one-hot")
    whole = use.target is not None and (use.target.dtype or "").startswith(("int", "uint", "bool"))
    return whole or use.loss.family == "nll"


def _one_question_a_label(use: LossUse) -> Fix:
    prediction = use.prediction
    if use.framework == "keras":
        advice = f"use `{BINARY}` with a sigmoid for each label"
        if prediction is not None and prediction.scale.must_be("softmax"):
            return offered(advice, other_activation(prediction, "sigmoid"), other_loss(use, BINARY))
        raw = prediction is not None and prediction.scale.must_be("linear") and use.loss.expects.must_be("logits")
        return offered(advice, other_loss(use, BINARY)) if raw else hint(advice)
    if use.framework == "torch":
        advice = "use `BCEWithLogitsLoss` on raw scores"
        raw = prediction is not None and prediction.scale.must_be("linear") and use.loss.family == "cross_entropy"
        return (
            offered(advice, other_loss(use, "binary_cross_entropy_with_logits"), *_as_floats(use))
            if raw
            else hint(advice)
        )
    if use.framework == "gluon":
        return hint("use `SigmoidBinaryCrossEntropyLoss` on raw scores")
    return hint("use `tf.nn.sigmoid_cross_entropy_with_logits`")


def _as_floats(use: LossUse) -> list[Edit | None]:
    """Targets of a binary cross-entropy are floats."""
    dtype = None if use.target is None else use.target.dtype
    if dtype is None or dtype.startswith("float"):
        return []
    return [None if use.target_site is None else InsertAfter(use.target_site, ".float()")]
