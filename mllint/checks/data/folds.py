"""Cross-validation by hand."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Event, Pass, Program
from mllint.rule import ERROR, Finding, Note, hint, rule
from mllint.values import Choice, Obj, Tuple, Value, options

SPLITTERS = "sklearn.model_selection."
IN_TIME = "TimeSeriesSplit"
"""Walking forward, a model may go on learning on purpose."""
STARTS_ANEW = ("weights", "load_state", "copied")
"""Events after which a model may be as it was before the folds."""


@rule("ML313", ERROR)
def cross_validation_reuses_model(program: Program) -> Iterator[Finding]:
    """One model goes through all folds of a cross-validation and remembers those before."""
    seen: set[Site] = set()
    for folds in program.passes:
        if (
            folds.loop is None
            or folds.site in seen
            or not _is_cross_validation(folds.over)
            or not _measures(program, folds)
        ):
            continue
        events = list(folds.loop.walk())
        found = next(((event, model) for event in events if (model := _model(program, event)) is not None), None)
        if found is None:
            continue
        training, model = found
        if model.id > folds.loop.born or any(_may_start_anew(event, model) for event in events):
            continue
        seen.add(folds.site)
        yield Finding(
            folds.site,
            "all folds train the same model: from the second fold on it has seen the rows that it is measured on",
            because=[
                *notes((model.site, folds.site, "the model is made once, before the loop")),
                Note(training.site, "each fold goes on training it here"),
            ],
            fix=hint("make a new model (and optimizer) in each fold, or set it back to its first weights"),
        )


def _is_cross_validation(over: Value) -> bool:
    return isinstance(over, Obj) and over.kind.startswith(SPLITTERS) and not over.kind.endswith(IN_TIME)


def _measures(program: Program, folds: Pass) -> bool:
    """Whether each fold measures the model on the rows that it leaves out."""
    scores = any(folds.site in score.loops for score in program.scores)
    watched = any(fit.watched and folds.site in fit.loops for fit in program.fits)
    evaluated = any(folds.site in each.loops and each.uses_model and not each.trains for each in program.passes)
    predicted = folds.loop is not None and any(event.kind == "predict" for event in folds.loop.walk())
    return scores or watched or evaluated or predicted


def _model(program: Program, event: Event) -> Obj | None:
    """The network that an event trains."""
    target = event.target
    if event.kind == "fit" and event.framework == "keras":
        return target if isinstance(target, Obj) else None
    models = next((each.models for each in program.optimizers if event.kind == "step" and each.made == target), None)
    return models[0] if models and len(models) == 1 and isinstance(models[0], Obj) else None


def _may_start_anew(event: Event, model: Obj) -> bool:
    if event.kind in STARTS_ANEW:
        return not (isinstance(event.target, Obj) and event.target.kind.startswith("torch.optim."))
    if event.kind != "unknown_call":
        return False
    return any(_holds(value, model) for value in (event.target, *event.arguments))


def _holds(value: Value, model: Obj) -> bool:
    inner = options(value) if isinstance(value, Choice) else value.items if isinstance(value, Tuple) else ()
    return value == model or any(_holds(each, model) for each in inner)
