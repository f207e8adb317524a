"""Scores that say nothing about rows the model has not seen."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.data.thresholds import tunes_a_threshold
from mllint.checks.evidence import notes
from mllint.checks.scores import (
    PREDICTORS,
    SEARCHES,
    Learnt,
    fits_of,
    in_folds,
    inside,
    is_search,
    is_test,
    later_scores,
    learnt,
    same_rows,
)
from mllint.facts import Site
from mllint.program import Event, Fit, Program, Score, Selection
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import Data, Obj, Value


# -- nothing held out -------------------------------------------------------------------------------------------------
@rule("ML304", WARNING)
def evaluate_on_train(program: Program) -> Iterator[Finding]:
    """The only scores are computed on the rows that the model was fitted on."""
    seen: set[Site] = set()
    found = [(score, fit) for score in program.scores if (fit := _fit_on_the_same(program, score)) is not None]
    if not found or len(found) < len(program.scores) or _held_out(program):
        return
    for score, fit in found:
        if fit.site not in seen:
            seen.add(fit.site)
            yield Finding(
                score.site,
                f"`{score.by}` is computed on the rows that {fit.name} was fitted on, and no score in this file is "
                "computed on others: it does not show whether the model has learnt more than these rows",
                because=notes(
                    (fit.site, score.site, "it is fitted here"), (_read(fit.x), None, "the rows come from here")
                ),
                fix=hint("keep some rows for the score: `train_test_split`, or `cross_val_score`"),
            )


def _fit_on_the_same(program: Program, score: Score) -> Learnt | None:
    """The fit before a score, when the score is proven to be computed on what was fitted."""
    fits = fits_of(program, score.model, score.order)
    if score.kind != "rows" or not fits or score.rows is None or is_search(score.model):
        return None
    if in_folds(score.rows.rows) or (score.rows.part.must_be("test", "val") and not same_rows(score.rows, fits[-1].x)):
        return None
    last = fits[-1]
    kind = "network" if last.fit is None else last.fit.kind
    trained = last.loops and last.loops[-1] in score.loops and last.fit is None
    if kind not in PREDICTORS or trained or _read(last.x) is None:
        return None
    return last if all(inside(score.rows, each.x) for each in fits[-1:]) else None


def _read(data: Data) -> Site | None:
    step = data.last("read")
    return None if step is None else step.site


def _held_out(program: Program) -> bool:
    """Whether something in the file may show how a model does on rows it has not seen."""
    fits = list(learnt(program))
    if any(not fit.whole or fit.watched or fit.validation_split.given or fit.x is None for fit in program.fits):
        return True
    if any(fit.name in SEARCHES or is_search(fit.estimator) for fit in program.fits):
        return True
    own = {each.x.rows.source for each in fits}
    for prediction in program.predictions:
        mine = [each for each in fits if each.model == prediction.model]
        if prediction.x.source.value is None or not mine:
            return True
        if prediction.x.rows.source in own and not any(inside(prediction.x, each.x) for each in mine):
            return True
    models = [each.model for each in fits]
    return any(event.kind == "unknown_call" and _measures(event.arguments, models) for event in _events(program))


def _events(program: Program) -> Iterator[Event]:
    for body in program.bodies:
        yield from body.walk()


def _measures(arguments: tuple[Value, ...], models: list[Value]) -> bool:
    """Whether code that cannot be seen gets a model together with something it can be measured on."""
    given = any(each in models for each in arguments if isinstance(each, Obj))
    return given and any(isinstance(each, Data) for each in arguments)


# -- the test set decides ---------------------------------------------------------------------------------------------
@rule("ML306", WARNING)
def test_set_as_validation(program: Program) -> Iterator[Finding]:
    """The test set decides when to stop or what to keep, and gives the final score as well."""
    seen: set[Site] = set()
    for fit in program.fits:
        final = _final_of_fit(program, fit)
        if final is not None and fit.selects is not None:
            seen.add(fit.selects)
            yield _decided(
                fit.selects, f"`{fit.selector}`" if fit.framework == "keras" else fit.selector, final, fit.site
            )
    for selection in program.selections:
        end = None if tunes_a_threshold(program, selection.measure) else _final(program, selection)
        if end is not None and selection.site not in seen:
            seen.add(selection.site)
            yield _decided(selection.site, selection.how, end, selection.measure.site)


def _decided(site: Site, how: str, final: Site, measured: Site | None) -> Finding:
    return Finding(
        site,
        f"the test rows decide here ({how}), and the final score is computed on the same rows: it is too good",
        because=notes((measured, site, "they are measured here"), (final, site, "the final score comes from here")),
        fix=hint("decide by a validation part of the training rows, and keep the test rows for one score at the end"),
    )


def _final_of_fit(program: Program, fit: Fit) -> Site | None:
    """A score behind a fit on the test rows that decided something in it."""
    rows = next((each for each in fit.watched if is_test(each.rows)), None)
    if fit.selects is None or rows is None:
        return None
    fitted = [each.estimator for each in program.fits]
    for score in program.scores:
        mine = score.model == fit.estimator or score.model not in fitted
        if score.order > fit.order and mine and same_rows(score.rows, rows):
            return score.site
    return None


def _final(program: Program, selection: Selection) -> Site | None:
    """A score, or the best one shown, behind a choice by the same test rows."""
    if not is_test(selection.measure.rows):
        return None
    for score in later_scores(program, selection.order, selection.loops):
        if score.rows is not None and score.rows.rows.same(selection.measure.rows):
            return score.site
    for report in program.reports:
        inner = selection.loops and selection.loops[-1] in report.loops
        if report.order > selection.order and not inner and report.measure.rows.same(selection.measure.rows):
            return report.site
    return None


# -- searches ---------------------------------------------------------------------------------------------------------
@rule("ML319", WARNING)
def search_without_held_out(program: Program) -> Iterator[Finding]:
    """A search over parameters is fitted on all rows, and its winner is scored on the same rows."""
    for fit in program.fits:
        if not is_search(fit.estimator) or fit.x is None or not fit.whole or not fit.x.part.must_be("all"):
            continue
        own = [score for score in program.scores if _of_search(score, fit)]
        if not own or len(own) < len(program.scores) or _elsewhere(program, fit):
            continue
        yield Finding(
            own[0].site,
            f"`{own[0].by}` comes from the rows that chose the parameters, and nothing is scored on others: it is too good",
            because=notes((fit.site, own[0].site, "the search is fitted on all rows here")),
            fix=hint(
                "keep test rows apart before the search and score its winner on them once, or nest the search in `cross_val_score`"
            ),
        )


def _of_search(score: Score, fit: Fit) -> bool:
    """Whether a score comes from the rows that a search was fitted on."""
    if score.kind == "search":
        return score.model == fit.estimator
    return score.kind == "rows" and score.order > fit.order and inside(score.rows, fit.x)


def _elsewhere(program: Program, fit: Fit) -> bool:
    """Whether other rows are predicted, or the search is handed to code that cannot be seen."""
    if any(not inside(prediction.x, fit.x) for prediction in program.predictions):
        return True
    models = [fit.estimator]
    return any(event.kind == "unknown_call" and _measures(event.arguments, models) for event in _events(program))
