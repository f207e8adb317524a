"""Rows that follow each other in time."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import TEMPORAL, Data, Step


@rule("ML314", WARNING)
def time_series_shuffled(program: Program) -> Iterator[Finding]:
    """Rows that are proven to follow each other in time are split at random."""
    seen: set[Site] = set()
    for split in program.splits:
        step = next((found for data in split.data if (found := temporal(data)) is not None), None)
        if step is None or split.shuffles is not True or split.site in seen:
            continue
        seen.add(split.site)
        yield Finding(
            split.site,
            f"{_SPLITS.get(split.kind, 'the split')} draws rows at random, but they are made of their neighbours in time "
            f"({_shown(step)}): the held-out rows lie between training rows that share their values",
            because=notes((step.site, split.site, "values of neighbouring rows are put together here")),
            fix=hint("hold out the last stretch: `shuffle=False`, or `TimeSeriesSplit` for cross-validation"),
        )


_SPLITS = {
    "train_test_split": "`train_test_split`",
    "cv": "cross-validation",
    "random_split": "`random_split`",
    "mask": "the mask",
    "permutation": "the permutation",
    "drop": "`sample`",
}


def temporal(data: Data) -> Step | None:
    """What proves that rows follow each other in time: lags, sliding windows, a sorted time index."""
    columns = [data, *(column for _, column in data.made)]
    return next((step for each in columns for step in each.steps if step.kind == TEMPORAL), None)


def _shown(step: Step) -> str:
    return f"`{step.by}`" if step.by in ("shift", "diff", "pct_change") else str(step.by)
