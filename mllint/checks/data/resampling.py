"""Rows that are copied before they are split."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Program, Split
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import COPIED, Data, Obj, Step


@rule("ML303", ERROR)
def resample_before_split(program: Program) -> Iterator[Finding]:
    """Rows are over-sampled or copied, then split."""
    seen: set[Site] = set()
    for split in program.splits:
        step = next((found for data in split.data if (found := _copied(split, data)) is not None), None)
        if step is None or step.site is None or step.site in seen:
            continue
        seen.add(step.site)
        yield Finding(
            step.site,
            f"{_what(step)} before {_SPLITS.get(split.kind, 'the rows are split')}: "
            "copies of the rows that are held out end up among the training rows",
            because=notes((split.site, step.site, "the rows are split here")),
            fix=hint(
                "split first and over-sample the training rows only; in cross-validation put the sampler into an `imblearn` pipeline"
            ),
        )


_SPLITS = {
    "train_test_split": "`train_test_split`",
    "validation_split": "`validation_split` takes the validation rows",
    "cv": "cross-validation",
    "random_split": "`random_split`",
    "Subset": "the rows are divided with `Subset`",
    "slice": "the rows are split by slicing",
}
_ON_TRAINING_ROWS = ("cv", "validation_split")
"""Splits that only choose parameters or an epoch when other rows are held out."""


def _copied(split: Split, data: Data) -> Step | None:
    """The step since which some rows are there more than once, unless others were held out before."""
    step = data.last(COPIED)
    apart = data.part.may_be("train") if data.part.known else isinstance(data.split, Obj)
    return None if apart and split.kind in _ON_TRAINING_ROWS else step


def _what(step: Step) -> str:
    if isinstance(step.by, Obj):
        return f"`{step.by.kind.rpartition('.')[2]}` over-samples all rows"
    if step.by == "concat":
        return "rows are put in once more"
    return f"`{step.by}` draws rows several times" if step.by in ("resample", "sample") else "rows are copied"
