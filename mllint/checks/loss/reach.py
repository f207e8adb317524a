"""What the head can reach."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import standardises
from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    CUT_OFF,
    NO_PROBABILITIES,
    PROBABILITIES,
    REGRESSION,
    SQUASHED,
    activation,
    constant_softmax,
    evidence,
    fresh,
    offered,
    one,
    other_activation,
    uses,
    without_activation,
)
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import (
    ERROR,
    WARNING,
    Finding,
    rule,
)
from mllint.values import Data


# -- what the head can reach ------------------------------------------------------------------------------------------
@rule("ML118", ERROR)
def output_activation_cannot_reach_targets(program: Program) -> Iterator[Finding]:
    """The head's activation cannot give what the loss or the targets need."""
    yield from _keras_cross_entropy(program)
    yield from _torch_scores(program)
    for use, prediction in uses(program, "keras", "torch"):
        if use.loss.family in REGRESSION and use.target is not None and not constant_softmax(prediction):
            targets = _out_of_reach(use.target, prediction)
            if targets is not None:
                edit = other_activation(prediction, "linear") if use.framework == "keras" else None
                yield Finding(
                    use.site,
                    f"the {activation(prediction)} output cannot reach the targets, which {targets}",
                    because=evidence(use, use.site),
                    fix=offered("a regression output has no activation", edit)
                    if use.framework == "keras"
                    else without_activation(prediction, "a regression output has no activation"),
                )


def _keras_cross_entropy(program: Program) -> Iterator[Finding]:
    """relu, tanh and the like where the loss wants probabilities."""
    for use, prediction in uses(program, "keras"):
        family = use.loss.family
        if family not in (BINARY, *CATEGORICAL) or not prediction.scale.must_be(*NO_PROBABILITIES):
            continue
        if not use.loss.expects.must_be("probabilities") or (family in CATEGORICAL and one(prediction)):
            continue
        wanted = "sigmoid" if family == BINARY else "softmax"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but {activation(prediction)} output is none: "
            "the loss is NaN or clipped, and the model learns badly",
            because=evidence(use, use.site),
            fix=offered(f"use {wanted}", other_activation(prediction, wanted)),
        )


def _torch_scores(program: Program) -> Iterator[Finding]:
    """An activation that keeps raw scores from being what the loss needs."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch"):
        layer, family = prediction.layer, use.loss.family
        last = layer is not None and layer.activation.must_be(*prediction.scale.values)
        wrong = (*CUT_OFF, *SQUASHED, *(("sigmoid",) if family == "cross_entropy" else ()))
        if family not in ("cross_entropy", "bce_with_logits") or not last or not prediction.scale.must_be(*wrong):
            continue
        if (family == "cross_entropy" and one(prediction)) or not fresh(seen, prediction):
            continue
        cut = prediction.scale.must_be(*CUT_OFF)
        certain = prediction.scale.must_be("sigmoid") or (cut and family == "bce_with_logits")
        effect = "takes away all negative ones" if cut else "keeps them small, so that the loss cannot come near 0"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes raw scores, but the {activation(prediction)} before it {effect}",
            because=evidence(use, use.site),
            fix=without_activation(prediction, "give the loss raw scores: leave the activation out"),
            severity=ERROR if certain else WARNING,
        )


def _out_of_reach(target: Data, prediction: Data) -> str | None:
    """What the targets are, if that is outside of what the activation can give."""
    if not prediction.scale.must_be(*PROBABILITIES, *CUT_OFF, "tanh") or prediction.bounds is None:
        return None
    low, high = prediction.bounds
    if target.bounds is not None and (target.bounds[0] < low or target.bounds[1] > high):
        return f"reach from {target.bounds[0]:g} to {target.bounds[1]:g}"
    step = target.last("scaled", "shifted", "divided", "decoded")
    if step is not None and step.kind == "scaled" and standardises(step) and low >= 0:
        return "are standardised: half of them are negative"
    return None
