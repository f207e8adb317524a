"""Scores turned into classes in a way that does not fit the number of columns."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import head_site, several, units_of, units_site
from mllint.facts import Site
from mllint.program import Decision, Program
from mllint.rule import ERROR, Finding, Fix, hint, rule
from mllint.values import NONE, Const, Data

DENSE = ("Dense", "Linear", "LazyLinear", "Softmax", "Activation", "softmax")
"""Layers whose output has the classes last and one row for each example."""


@rule("ML125", ERROR)
def argmax_on_single_column(program: Program) -> Iterator[Finding]:
    """The largest of one score, or each of several classes' scores rounded as if it were the only one."""
    for decision in program.decisions:
        message = _single(decision) if decision.kind == "argmax" else _as_if_binary(program, decision)
        if message is not None:
            scores = decision.data
            yield Finding(
                decision.site,
                message,
                because=notes(
                    (units_site(scores) or head_site(scores), decision.site, _head(scores)),
                    (_predicted(scores), decision.site, "the scores are computed here"),
                ),
                fix=_better(decision),
            )


def _single(decision: Decision) -> str | None:
    """What an ``argmax`` along an axis of size one says."""
    return "`argmax` over one column is always 0: every row gets the first class" if _over_one(decision) else None


def _over_one(decision: Decision) -> bool:
    data, axis = decision.data, decision.axis
    place = axis.value if isinstance(axis, Const) else None
    if axis == NONE:  # over everything: one row that has one column
        return data.shape == (1,) and data.units.must_be(1)
    if not isinstance(place, int) or isinstance(place, bool) or "squeezed" in data.tags:
        return False
    if data.shape is not None and len(data.shape) > 1:
        inside = -len(data.shape) <= place < len(data.shape)
        return inside and place % len(data.shape) != 0 and data.shape[place] == 1
    if not data.units.must_be(1) or "multi-axis" in data.tags or data.shape is not None:
        return False
    return place == 1 or (place == -1 and data.layer is not None and data.layer.type in DENSE)


def _as_if_binary(program: Program, decision: Decision) -> str | None:
    """What rounding says of a distribution over several classes."""
    data = decision.data
    if not data.scale.must_be("softmax") or not data.units.must(lambda units: units > 2):
        return None
    if (data.shape is not None and len(data.shape) != 2) or "multi-axis" in data.tags:
        return None
    if decision.kind == "threshold" and not (isinstance(decision.threshold, Const) and decision.threshold.value == 0.5):
        return None
    if _meets_rows(program, decision.site):
        return None
    does = "rounding" if decision.kind == "round" else "a threshold of 0.5"
    return (
        f"{does} decides for each of {units_of(data)} classes on its own, but the softmax shares 1 out among them: "
        "a row whose largest share is below one half gets no class"
    )


def _meets_rows(program: Program, site: Site) -> bool:
    """Whether the decisions are compared with rows of zeros and ones."""
    for use in program.metrics:
        made, truth = use.second.value, use.first.value
        if isinstance(made, Data) and any(step.site is site for step in made.steps) and isinstance(truth, Data):
            return truth.labels.must(lambda e: e.kind in ("one-hot", "multi-hot"))
    return False


def _predicted(scores: Data) -> Site | None:
    step = scores.last("predicted")
    return None if step is None else step.site


def _head(scores: Data) -> str:
    if several(scores):
        return f"the head has {units_of(scores)} units"
    return "the head has one unit" if scores.units.must_be(1) else "there is one column since here"


def _better(decision: Decision) -> Fix:
    data = decision.data
    if decision.kind != "argmax":
        return hint("take the class of the largest share: `argmax(axis=1)`")
    if data.scale.must_be("linear"):
        return hint("compare the score with a threshold: `> 0` for a logit")
    return hint("compare the score with a threshold: `> 0.5` for a probability")
