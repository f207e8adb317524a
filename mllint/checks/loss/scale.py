"""Scores, probabilities, log-probabilities: what the loss expects and what it gets."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    CLASSES,
    NO_PROBABILITIES,
    PROBABILITIES,
    activation,
    constant_softmax,
    evidence,
    fresh,
    head_site,
    offered,
    one,
    other_activation,
    other_loss,
    uses,
    without_activation,
)
from mllint.diagnostic import Severity
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    INFO,
    WARNING,
    AddArgument,
    Finding,
    Fix,
    Remove,
    Rename,
    Replace,
    hint,
    rule,
    safe,
    unsafe,
)
from mllint.values import Data


# -- scores, probabilities, log-probabilities -------------------------------------------------------------------------
@rule("ML106", ERROR)
def logits_without_from_logits(program: Program) -> Iterator[Finding]:
    """A loss for probabilities gets raw scores."""
    for use, prediction in uses(program, "keras", "tensorflow"):
        if use.loss.family not in (BINARY, *CATEGORICAL) or not use.loss.expects.must_be("probabilities"):
            continue
        if not prediction.scale.must_be("linear") or (use.loss.family in CATEGORICAL and one(prediction)):
            continue
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but the output is raw scores: the last layer has no activation "
            "and `from_logits` is not set",
            because=evidence(use, use.site),
            fix=_from_logits(use, prediction),
        )


def _from_logits(use: LossUse, prediction: Data) -> Fix:
    advice = "say that the outputs are raw scores"
    if use.loss.expects_site is not None:
        return unsafe(advice, Replace(use.loss.expects_site, "True"))
    if use.loss.name[:1].isupper() and use.loss.site is not None:
        return unsafe(advice, AddArgument(use.loss.site, "from_logits=True"))
    wanted = "sigmoid" if use.loss.family == BINARY else "softmax"
    message = f"give the last layer {wanted}, or use `{CLASSES[use.loss.family]}(from_logits=True)`"
    return offered(message, other_activation(prediction, wanted))


@rule("ML107", ERROR)
def from_logits_on_probabilities(program: Program) -> Iterator[Finding]:
    """A loss told to expect raw scores gets probabilities; in gluon, one told to expect log-probabilities does not."""
    for use, prediction in uses(program, "keras", "tensorflow"):
        fitting = ("softmax",) if use.loss.family in CATEGORICAL else ("sigmoid", "hard_sigmoid")
        if use.loss.family not in (BINARY, *CATEGORICAL) or not use.loss.expects.must_be("logits"):
            continue
        if prediction.scale.must_be(*fitting) and not constant_softmax(prediction):
            repaired = use.framework == "keras" and program.versions.keras >= (2, 10)
            by = "TensorFlow undoes that with a warning, the other backends apply it twice"
            yield _flagged(
                use,
                f"`{use.loss.name}` applies {fitting[0]} itself, but its input is already through "
                f"{activation(prediction)}: {by if repaired else 'it is applied twice'}",
                WARNING if repaired else ERROR,
            )
    for use, prediction in uses(program, "gluon"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("log_probabilities"):
            continue
        if prediction.scale.must_be("linear", *PROBABILITIES, *NO_PROBABILITIES) and not constant_softmax(prediction):
            raw = prediction.scale.must_be("linear")
            what = "raw scores" if raw else f"{activation(prediction)} output"
            effect = "minus the score and has no lower bound" if raw else "minus the output, which is no cross-entropy"
            yield _flagged(
                use,
                f"in gluon `from_logits=True` promises log-probabilities, but `{use.loss.name}` gets {what}: "
                f"the loss is {effect}",
                ERROR,
            )


def _flagged(use: LossUse, message: str, severity: Severity) -> Finding:
    flag = use.loss.expects_site
    keeps = use.framework == "keras" or (use.prediction is not None and use.prediction.scale.must_be("linear"))
    advice = "use the raw scores before the activation"
    return Finding(
        use.site,
        message,
        because=evidence(use, use.site),
        fix=safe("leave the flag out", Remove(flag)) if flag is not None and keeps else hint(advice),
        severity=severity,
    )


@rule("ML108", ERROR)
def softmax_before_cross_entropy(program: Program) -> Iterator[Finding]:
    """Softmax twice: in the model and in the loss."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch", "gluon", "jax"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("logits") or constant_softmax(prediction):
            continue
        if not prediction.scale.must_be("softmax", "log_softmax") or not fresh(seen, prediction):
            continue
        harmless = prediction.scale.must_be("log_softmax")
        effect = "the second changes nothing" if harmless else "the loss cannot come near 0 and gradients shrink"
        yield Finding(
            use.site,
            f"`{use.loss.name}` applies log-softmax itself, but its input is already {activation(prediction)}: {effect}",
            because=evidence(use, use.site),
            fix=without_activation(prediction, "give the loss raw scores: leave the activation out"),
            severity=INFO if harmless else ERROR,
        )
    effect = "a loss made of it cannot come near 0, and its gradients shrink"
    yield from _twice_by_hand(program, seen, "softmax", "log_softmax", effect)


def _twice_by_hand(program: Program, seen: set[Site], first: str, second: str, effect: str) -> Iterator[Finding]:
    """A cross-entropy written by hand begins with the logarithm of what is a probability already."""
    for each in program.activations:
        if each.layer.framework != "jax" or each.layer.type != second or not each.data.scale.must_be(first):
            continue
        if not constant_softmax(each.data) and fresh(seen, each.data):
            yield Finding(
                each.site,
                f"`{second}` applies the {first} itself, but its input is already {first}: {effect}",
                because=notes((head_site(each.data), each.site, f"{first} is applied here")),
                fix=without_activation(each.data, f"give it raw scores: leave the {first} out"),
            )


@rule("ML109", ERROR)
def sigmoid_before_bce_with_logits(program: Program) -> Iterator[Finding]:
    """Sigmoid twice: in the model and in the loss."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch", "gluon", "jax"):
        if use.loss.family != "bce_with_logits" or not use.loss.expects.must_be("logits"):
            continue
        if prediction.scale.must_be("sigmoid") and fresh(seen, prediction):
            yield Finding(
                use.site,
                f"`{use.loss.name}` applies the sigmoid itself, but its input is already sigmoid: "
                "every probability is squeezed into 0.5 to 0.73",
                because=evidence(use, use.site),
                fix=without_activation(prediction, "give the loss raw scores: leave the sigmoid out"),
            )
    effect = "every probability is squeezed into 0.5 to 0.73"
    yield from _twice_by_hand(program, seen, "sigmoid", "log_sigmoid", effect)


@rule("ML110", ERROR)
def bce_on_logits(program: Program) -> Iterator[Finding]:
    """``BCELoss`` on anything but probabilities."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "bce" or not prediction.scale.must_be("linear", "log_softmax", *NO_PROBABILITIES):
            continue
        raw = prediction.scale.must_be("linear")
        advice = "use the loss that applies the sigmoid itself"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but gets {'raw scores' if raw else f'{activation(prediction)} output'}: "
            "it raises at the first value outside 0 to 1",
            because=evidence(use, use.site),
            fix=offered(advice, other_loss(use, "binary_cross_entropy_with_logits"))
            if raw
            else hint(f"{advice}, on raw scores"),
        )


@rule("ML111", ERROR)
def nll_on_wrong_scale(program: Program) -> Iterator[Finding]:
    """``NLLLoss`` on anything but log-probabilities."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "nll" or not prediction.scale.must_be("linear", *PROBABILITIES, *NO_PROBABILITIES):
            continue
        if constant_softmax(prediction):
            continue
        if prediction.scale.must_be("linear"):
            effect = "raw scores: the loss runs to minus infinity"
            fix = offered("use the loss that applies log-softmax itself", other_loss(use, "cross_entropy"))
        else:
            fades = " and its gradients are small" if prediction.scale.must_be(*PROBABILITIES) else ""
            effect = f"{activation(prediction)} output: the loss is no likelihood{fades}"
            site, softmax = prediction.scale.site, prediction.scale.must_be("softmax")
            edit = Rename(site, "log_softmax", "LogSoftmax") if softmax and site is not None else None
            fix = offered("use log-softmax", edit)
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes log-probabilities, but gets {effect}",
            because=evidence(use, use.site),
            fix=fix,
        )
