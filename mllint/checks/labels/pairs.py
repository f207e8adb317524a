"""Features and labels as they are put together row by row."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import is_prediction
from mllint.program import LossUse, Pair, Program
from mllint.values import Data

LEARNERS = ("classifier", "regressor", "network", "unknown")


def pairs(program: Program) -> Iterator[Pair]:
    """Everything that is trained on: the arguments of training calls, data sets of two arrays, losses."""
    for fit in program.fits:
        if any(pair.x is fit.x and pair.y is fit.y for pair in program.pairs):
            continue  # they were put together before: ``DMatrix(x, y)``
        if fit.x is not None and fit.y is not None and fit.kind in LEARNERS and not is_prediction(fit.x):
            yield Pair(
                fit.site, f"`{fit.name}`" if fit.framework == "sklearn" else "the model", fit.x, fit.y, fit.y_site
            )
    for pair in program.pairs:
        if not is_prediction(pair.x) and not is_prediction(pair.y):
            yield Pair(pair.site, f"`{pair.by}`", pair.x, pair.y, pair.y_site)
    for use in program.losses:
        yield from _of_loss(use)


def _of_loss(use: LossUse) -> Iterator[Pair]:
    """The prediction stands for what it was made of."""
    alone = use.fit_site is None and use.training
    if alone and use.prediction is not None and use.target is not None and not is_prediction(use.target):
        yield Pair(use.site, f"`{use.loss.name}`", use.prediction, use.target, use.target_site)


def is_number(program: Program, pair: Pair) -> bool:
    """Whether the labels are proven to be numbers, by their type or by what learns from them."""
    regressions = {fit.site for fit in program.fits if fit.kind == "regressor"}
    dtype = pair.y.dtype or ""
    return pair.site in regressions or dtype.startswith(("int", "float")) or is_continuous(pair.y)


def is_continuous(data: Data) -> bool:
    """Whether these are measurements."""
    return data.labels.must(lambda label: label.kind == "continuous")
