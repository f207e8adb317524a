"""Features of one part that meet the labels of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.checks.data.parameters import unpacked_wrongly
from mllint.checks.evidence import is_prediction, notes
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import Data, Obj

NAMES = {"train": "training", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class Meeting:
    """Features, or what was predicted for them, and labels that are used together."""

    site: Site
    by: str
    x: Data
    y: Data


@rule("ML324", ERROR)
def mispaired_split_parts(program: Program) -> Iterator[Finding]:
    """Features of one part of a split are used with the labels of another."""
    seen: set[Site] = set()
    for each in _meetings(program):
        first, second = each.x.part.value, each.y.part.value
        if each.site in seen or not _mispaired(each.x, each.y) or unpacked_wrongly(program, each.y):
            continue
        seen.add(each.site)
        yield Finding(
            each.site,
            f"{each.by} gets the features of the {NAMES.get(first or '')} rows and the labels of the "
            f"{NAMES.get(second or '')} rows: they do not belong together",
            because=notes((each.x.part.site, each.site, "the rows are split here")),
            fix=hint(f"use the labels of the {NAMES.get(first or '')} rows"),
        )


def _mispaired(x: Data, y: Data) -> bool:
    """Whether both are parts of one split, not the same ones, and of two arrays that were split together."""
    parts = x.part.value, y.part.value
    if None in parts or parts[0] == parts[1] or not set(parts) <= NAMES.keys() or is_prediction(y):
        return False
    split_together = isinstance(x.split, Obj) and x.split == y.split
    loaded_together = x.split is y.split and x.part.site is not None and x.part.site is y.part.site
    return (split_together or (loaded_together and not isinstance(x.split, Obj))) and not _same_array(x, y)


def _same_array(x: Data, y: Data) -> bool:
    """Whether these may be parts of one array: results of a split that were unpacked in the wrong order."""
    return (x.source, x.chosen, x.names, x.columns) == (y.source, y.chosen, y.names, y.columns)


def _meetings(program: Program) -> Iterator[Meeting]:
    for fit in program.fits:
        if fit.x is not None and fit.y is not None:
            yield Meeting(fit.site, f"`{fit.method}`", fit.x, fit.y)
        if fit.watched and fit.validation_y is not None:
            site = fit.validation_data.site or fit.site
            yield Meeting(site, "`validation_data`", fit.watched[0], fit.validation_y)
    for use in program.metrics:
        if isinstance(use.first.value, Data) and isinstance(use.second.value, Data):
            first, second = use.first.value, use.second.value
            x, y = (second, first) if is_prediction(second) else (first, second)
            if is_prediction(x):
                yield Meeting(use.site, "the comparison" if use.framework == "numpy" else f"`{use.name}`", x, y)
    for pair in program.pairs:
        yield Meeting(pair.site, f"`{pair.by}`", pair.x, pair.y)
    for loss in program.losses:
        if loss.prediction is not None and loss.target is not None and loss.fit_site is None:
            yield Meeting(loss.site, f"`{loss.loss.name}`", loss.prediction, loss.target)
