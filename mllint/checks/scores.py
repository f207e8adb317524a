"""Which rows models learn from, and which rows they are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.checks.data.parameters import unpacked_wrongly
from mllint.checks.evidence import is_prediction
from mllint.facts import Site
from mllint.program import Fit, LossUse, Prediction, Program, Score
from mllint.values import Data, Obj, Rows, Value

PREDICTORS = ("classifier", "regressor", "network")
SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")
CROSS_VALIDATION = "sklearn.model_selection."
"""Where the kinds of objects are from that divide rows into folds."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Features that a model learns from. ``name`` names the model for messages."""

    site: Site
    name: str
    model: Value
    x: Data
    order: int
    loops: tuple[Site, ...]
    framework: str
    fit: Fit | None = None


def learnt(program: Program) -> Iterator[Learnt]:
    """What every model learns from: the arguments of training calls, the batches that a loss is computed on."""
    for fit in program.fits:
        if fit.x is not None and fit.whole and not _misnamed(program, fit):
            name = "the model" if fit.kind == "network" else f"`{fit.name}`"
            yield Learnt(fit.site, name, fit.estimator, fit.x, fit.order, fit.loops, fit.framework, fit)
    for use, prediction in trained_batches(program):
        yield Learnt(use.site, "the model", prediction.model, prediction.x, use.order, use.loops, use.framework)


def _misnamed(program: Program, fit: Fit) -> bool:
    return any(data is not None and unpacked_wrongly(program, data) for data in (fit.x, fit.y))


def trained_batches(program: Program) -> Iterator[tuple[LossUse, Prediction]]:
    """Losses that gradients are computed from, and the call of the model that gave the prediction."""
    for use in program.losses:
        if not use.training or use.fit_site is not None or not isinstance(use.model, Obj):
            continue
        calls = [p for p in program.predictions if p.model == use.model and p.order < use.order]
        if calls and calls[-1].loops == use.loops and not is_prediction(calls[-1].x):
            yield use, calls[-1]


def fits_of(program: Program, model: Value, before: int | None = None) -> list[Learnt]:
    """What a model learns from, up to a moment."""
    if not isinstance(model, Obj):
        return []
    return [each for each in learnt(program) if each.model == model and (before is None or each.order < before)]


def same_rows(first: Data | None, second: Data | None) -> bool:
    """Whether both are proven to be the same rows."""
    return first is not None and second is not None and first.rows.same(second.rows)


def inside(first: Data | None, second: Data | None) -> bool:
    """Whether the first are proven to be some or all of the second."""
    return first is not None and second is not None and first.rows.within(second.rows)


def in_folds(rows: Rows) -> bool:
    """Whether these rows are one fold of several."""
    return isinstance(rows.split, Obj) and rows.split.kind.startswith(CROSS_VALIDATION)


def is_test(rows: Rows) -> bool:
    """Whether these are proven to be the rows kept for the final score."""
    return rows.part == "test" and not in_folds(rows)


def is_search(model: Value) -> bool:
    """Whether this is a search over parameters."""
    return isinstance(model, Obj) and model.kind.rpartition(".")[2] in SEARCHES


def later_scores(program: Program, order: int, loops: tuple[Site, ...]) -> Iterator[Score]:
    """Scores behind a moment, outside the loops that it is in."""
    for score in program.scores:
        if score.order > order and (not loops or loops[-1] not in score.loops):
            yield score
