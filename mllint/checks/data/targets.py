"""Features that are made of the target."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.data.learning import TARGET_ENCODERS, later_split
from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Program, Split
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import AGGREGATED, Data, Step, Tuple, constant


@rule("ML323", ERROR)
def target_statistics_on_all_rows(program: Program) -> Iterator[Finding]:
    """Averages of the target over all rows are features of rows that are held out later."""
    seen: set[Site] = set()
    for step, column, split in _aggregated_features(program):
        if step.site is None or step.site in seen:
            continue
        seen.add(step.site)
        yield Finding(
            step.site,
            f"a feature is made of the target `{column}` of all rows, and the rows are split afterwards: "
            "the held-out rows tell their own targets",
            because=notes((split, step.site, "the rows are split here")),
            fix=hint(
                "split first, compute it on the training rows (out of fold for themselves) and look it up for the others"
            ),
        )
    for transform in program.transforms:
        split_later = later_split(program, transform) if transform.name in TARGET_ENCODERS else None
        if split_later is not None:
            yield Finding(
                transform.site,
                f"`{transform.name}` replaces categories by what the targets of all rows say, and the rows are split afterwards: "
                "the held-out rows tell their own targets",
                because=notes((split_later.site, transform.site, "the rows are split here")),
                fix=hint(f"split first and fit `{transform.name}` on the training rows, or put it into a `Pipeline`"),
            )


def _aggregated_features(program: Program) -> Iterator[tuple[Step, str, Site]]:
    """What all rows said about the target where it became a feature, and the split that comes later."""
    for split in program.splits:
        for data in split.data:
            for step, column, source in _aggregates(data):
                if _is_target(program, split, column, source):
                    yield step, column, split.site


def _aggregates(data: Data) -> Iterator[tuple[Step, str, int]]:
    """The steps that made data, or columns of it, of what all rows say about a column."""
    for each in (data, *(column for _, column in data.made)):
        for step in each.steps:
            if step.kind == AGGREGATED and isinstance(step.by, Tuple):
                name, source = map(constant, step.by.items)
                yield step, name, source


def _is_target(program: Program, split: Split, column: str, source: int) -> bool:
    """Whether a model is proven to learn to predict this column of these rows."""
    targets = [*split.data, *(fit.y for fit in program.fits), *(use.target for use in program.losses)]
    return any(
        data is not None and data.names == (column,) and data.source.value == source and not _made_feature(data)
        for data in targets
    )


def _made_feature(data: Data) -> bool:
    return any(step.kind == AGGREGATED for step in data.steps)
