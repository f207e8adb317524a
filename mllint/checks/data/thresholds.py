"""Thresholds that turn scores into classes, and the rows they are chosen on."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Decision, Program
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import THRESHOLDS, Const, Data, Measure


@rule("ML316", WARNING, default=False)
def threshold_tuned_on_test(program: Program) -> Iterator[Finding]:
    """The threshold is chosen by the test labels and scored on the same rows."""
    seen: set[Site] = set()
    for decision, measure in _tuned(program):
        final = _final(program, decision, measure)
        if final is None or decision.site in seen:
            continue
        seen.add(decision.site)
        yield Finding(
            decision.site,
            "the threshold is the best one for the test rows, and what it gives is scored on the same rows: the score is too good",
            because=notes(
                (measure.site, decision.site, "the thresholds are compared on the test rows here"),
                (final, decision.site, "the score on the same rows comes from here"),
            ),
            fix=hint(
                "choose the threshold on a validation part of the training rows, or with `TunedThresholdClassifierCV`"
            ),
        )


def _tuned(program: Program) -> Iterator[tuple[Decision, Measure]]:
    """Decisions by a threshold that was chosen by a score on the test rows."""
    for decision in program.decisions:
        cut = decision.threshold
        if isinstance(cut, Data) and THRESHOLDS in cut.tags and cut.measure is not None and _is_test(cut.measure):
            yield decision, cut.measure
    for selection in program.selections:
        swept = _sweep(program, selection.measure) if _is_test(selection.measure) else None
        if swept is not None:
            yield swept, selection.measure


def _is_test(measure: Measure) -> bool:
    return measure.rows.part == "test"


def tunes_a_threshold(program: Program, measure: Measure) -> bool:
    """Whether a score is one of a threshold among others."""
    return _sweep(program, measure) is not None


def _sweep(program: Program, measure: Measure) -> Decision | None:
    """The decision, by a threshold that changes from round to round, of which a score is the best one's."""
    for use in program.metrics:
        decided = use.second.value.last("decoded") if isinstance(use.second.value, Data) else None
        if use.site is measure.site and decided is not None:
            for decision in program.decisions:
                if (
                    decision.site is decided.site
                    and decision.kind == "threshold"
                    and not isinstance(decision.threshold, Const)
                ):
                    return decision
    return None


def _final(program: Program, decision: Decision, measure: Measure) -> Site | None:
    """A score, other than the one that chose it, of the classes on the rows the threshold was chosen on."""
    for use in program.metrics:
        classes = use.second.value
        decided = classes.last("decoded") if isinstance(classes, Data) else None
        if decided is None or not isinstance(classes, Data) or use.site is measure.site:
            continue
        by_threshold = decided.site is decision.site or any(
            d.site is decided.site and d.kind == "threshold" for d in program.decisions
        )
        if by_threshold and classes.rows.same(measure.rows):
            return use.site
    return None
