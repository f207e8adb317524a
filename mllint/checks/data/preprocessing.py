"""Features that are prepared one way for training and another way later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.checks.evidence import is_prediction, notes, same_rows
from mllint.checks.scores import Learnt, learnt
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import PERHAPS, Data, Obj, Step, Value

CHANGES = ("scaled", "fitted-transform", "divided")
"""Steps that change what a number means."""
CHOOSERS = ("Select", "RFE", "VarianceThreshold", "Boruta")
"""Transformers that only choose columns: that can be done by hand too."""
UNTOLD = ("transformed", "shifted", "encoded", "decoded", "predicted", "one-hot", "binned", PERHAPS)
"""Steps behind which it is not known what a number means."""


@dataclass(frozen=True, slots=True)
class Use:
    """Features that a model that was trained gets."""

    site: Site
    x: Data
    model: Value
    order: int
    how: str


@rule("ML312", ERROR)
def inconsistent_preprocessing(program: Program) -> Iterator[Finding]:
    """A model gets features that were not prepared as those it was trained on."""
    seen: set[Site] = set()
    fits = list(learnt(program))
    for use in _uses(program, fits):
        before = [fit for fit in fits if fit.model == use.model and fit.order < use.order]
        if not before or use.site in seen:
            continue
        fit = before[-1]
        gap = _missing(program, fit.x, use.x)
        other = None if gap is not None else _missing(program, use.x, fit.x)
        step = gap or other
        if step is None or not (same_rows(use.x, fit.x) or use.x.last("read") is not None):
            continue
        seen.add(use.site)
        yield Finding(
            use.site,
            f"the model is trained on features that went through {_shown(program, step)}; these did not"
            if gap is not None
            else f"these features went through {_shown(program, step)}; those that the model is trained on did not",
            because=notes(
                (step.site, use.site, "it is applied here"), (fit.site, use.site, "the model is trained here")
            ),
            fix=hint("prepare all features alike, or put the steps and the model into one `Pipeline`"),
        )


def _uses(program: Program, fits: list[Learnt]) -> Iterator[Use]:
    for fit in program.fits:
        for x in fit.watched:
            yield Use(fit.validation_data.site or fit.site, x, fit.estimator, fit.order + 1, "validation")
    for call in program.predictions:
        if not is_prediction(call.x):
            yield Use(call.x_site or call.site, call.x, call.model, call.order, "predict")


def _missing(program: Program, first: Data, second: Data) -> Step | None:
    """A change of the first features that the second are proven not to have."""
    if _untold(program, second):
        return None
    changes = [step for step in first.steps if _change(program, step) is not None]
    others = [change for step in second.steps if (change := _change(program, step)) is not None]
    sites = {step.site for step in second.steps}
    for step in changes:
        change = _change(program, step)
        alike = [other for other in others if _kind(other) == _kind(change)]
        if step.site not in sites and not alike and (change not in others):
            return step
    return None


def _untold(program: Program, data: Data) -> bool:
    """Whether something else was done to the features; a transformer that is known says what it does itself."""
    following = (*data.steps[1:], None)
    return any(step.kind == "assigned" and _change(program, step) is None for step in data.steps) or any(
        step.kind in UNTOLD and not (after is not None and after.kind in CHANGES)
        for step, after in zip(data.steps, following, strict=False)
    )


def _change(program: Program, step: Step) -> Value | str | None:
    """What changed the numbers in a step; None where it is no such step, or unknown."""
    if step.kind == "assigned":
        made = next((t for t in program.transforms if t.site is step.site), None)
        return None if made is None else _named(made.transformer, step)
    return _named(step.by, step) if step.kind in CHANGES else None


def _named(by: Value | str | None, step: Step) -> Value | str | None:
    if isinstance(by, Obj):
        return None if by.kind.rpartition(".")[2].startswith(CHOOSERS) else by
    return by if isinstance(by, str) and step.kind in ("scaled", "divided") else None


def _kind(change: Value | str | None) -> str:
    """Transformers of one class, and scaling by hand, count as attempts at the same; so do divisions by one number."""
    if isinstance(change, Obj):
        return change.kind
    return str(change) if isinstance(change, str) and _is_number(change) else "by hand"


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("e+", "", 1).isdigit()


def _shown(program: Program, step: Step) -> str:
    change = _change(program, step)
    if isinstance(change, Obj):
        return f"`{change.kind.rpartition('.')[2]}`"
    return f"a division by {change}" if step.kind == "divided" else f"`{change}`"
