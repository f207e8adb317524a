"""Layers that are frozen, or set free, when it is too late."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import AttributeSet, Compile, Fit, Program
from mllint.rule import ERROR, Finding, Note, hint, rule
from mllint.values import FALSE, Value

NEVER_SEEN = ((2, 4), (3,))
"""The Keras versions, those of TensorFlow 2.2 to 2.15, in which a change after ``compile`` has no effect before a ``fit`` either."""


@rule("ML507", ERROR)
def frozen_then_trained(program: Program) -> Iterator[Finding]:
    """`trainable` is changed after `compile`, and the model goes on training as it was compiled."""
    seen: set[Site] = set()
    for fit in program.fits:
        if fit.framework != "keras":
            continue
        change = _too_late(program, fit)
        if change is not None and change[0].site not in seen:
            seen.add(change[0].site)
            yield _without_effect(fit, *change)
        frozen = _all_frozen(program, fit)
        if frozen is not None and frozen.site not in seen:
            seen.add(frozen.site)
            yield Finding(
                frozen.site,
                "the whole model is frozen, so `fit` trains nothing",
                because=[Note(fit.site, "it is trained here")],
                fix=hint("freeze only the pretrained part: `base.trainable = False`"),
            )


def _changes(program: Program, fit: Fit) -> Iterator[AttributeSet]:
    """Where `trainable` is set for the model of a fit or something in it."""
    for change in program.attributes:
        if change.name == "trainable":
            target: Value = program.parts.get(change.target, change.target)
            if any(target == part for part in fit.parts):
                yield change


def _too_late(program: Program, fit: Fit) -> tuple[AttributeSet, Compile, Fit | None] | None:
    """The change that the last `compile` did not see, that `compile`, and the `fit` that made it final."""
    last = _last_compile(program, fit)
    if last is None:
        return None
    late = [change for change in _changes(program, fit) if last.order <= change.order < fit.order]
    others = (each for each in program.compiles if each.model != fit.estimator)
    if not late or any(each.order > late[0].order for each in others):  # frozen for another model: an adversary
        return None
    earlier = [each for each in program.fits if each.estimator == fit.estimator and each.order > last.order]
    between = next((each for each in earlier if each.order <= late[0].order), None)
    start, end = NEVER_SEEN
    never = start <= program.versions.keras < end
    return (late[0], last, between) if between is not None or never else None


def _without_effect(fit: Fit, change: AttributeSet, compiled: Compile, between: Fit | None) -> Finding:
    what = "frozen" if change.value == FALSE else "set free"
    return Finding(
        change.site,
        f"the layers are {what} after `compile`: this `fit` goes on training what was trainable then",
        because=notes(
            (compiled.site, change.site, "the model is compiled here, for the last time before"),
            (
                None if between is None else between.site,
                change.site,
                "it is trained here for the first time, and its step is fixed",
            ),
            (fit.site, change.site, "it is trained here, and the change has no effect"),
        ),
        fix=hint("compile the model again after changing `trainable`"),
    )


def _all_frozen(program: Program, fit: Fit) -> AttributeSet | None:
    """The last change of `trainable` that a `fit` goes by, if it froze the whole model."""
    compiled = _last_compile(program, fit)
    before = [] if compiled is None else [each for each in _changes(program, fit) if each.order < compiled.order]
    if not before:
        return None
    last = before[-1]
    return last if last.target == fit.estimator and last.value == FALSE and last.certain else None


def _last_compile(program: Program, fit: Fit) -> Compile | None:
    """The `compile` that a `fit` goes by."""
    before = (each for each in program.compiles if each.model == fit.estimator and each.order < fit.order)
    return max(before, key=lambda each: each.order, default=None)
