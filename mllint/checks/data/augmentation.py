"""Random changes of the rows that a model is measured on."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import from_file, is_prediction, notes, same_rows
from mllint.facts import Site
from mllint.program import Loader, Loop, Pass, Program
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import AUGMENTED, Data, Obj, Step, Tuple, Value

MEASURED = ("validate", "evaluate")


@rule("ML311", WARNING)
def augmented_evaluation_data(program: Program) -> Iterator[Finding]:
    """Validation or test data goes through random augmentation."""
    seen: set[Site] = set()
    for each in program.passes:
        rows = _features(each.batch)
        step = None if rows is None else rows.last(AUGMENTED)
        if rows is None or step is None or not _measures(program, each) or _trained_on(program, each, rows):
            continue
        loader = next((loader for loader in program.loaders if loader.value == each.over), None)
        site = _place(loader, rows, step)
        if site is None or site in seen:
            continue
        seen.add(site)
        yield Finding(
            site,
            f"the rows that the model is measured on are changed at random (`{step.by}`): "
            "the score is one of distorted rows, and another one each time",
            because=notes(
                (step.site, site, "the random change is set up here"),
                (each.site, site, "the model is measured on them here"),
            ),
            fix=hint(
                "change only the training rows at random: give the others a transform or generator without random steps"
            ),
        )


def _features(batch: Value) -> Data | None:
    """The first array of a batch."""
    first = batch.items[0] if isinstance(batch, Tuple) and batch.items else batch
    return first if isinstance(first, Data) else None


def _measures(program: Program, each: Pass) -> bool:
    """Whether a model is measured on the batches, once: several times is test-time augmentation."""
    if each.loop is not None and (each.trains or not each.uses_model):
        return False
    if each.loop is None and each.kind not in MEASURED and not _predicted_for_metric(program, each):
        return False
    lists = (loop for loop in program.loops() if loop.kind == "comprehension")
    if any(not _trains(loop) and any(event.site is each.site for event in loop.walk()) for loop in lists):
        return False
    around = each.loops if each.loop is None else tuple(site for site in each.loops if site is not each.site)
    return all(
        map(_trains, (loop for loop in program.loops() if loop.site in around and loop.kind in ("for", "while")))
    )


def _predicted_for_metric(program: Program, each: Pass) -> bool:
    """Whether what is predicted for the batches goes into a metric."""
    rows = _features(each.batch)
    if each.kind != "predict" or rows is None:
        return False
    values = (argument.value for use in program.metrics for argument in (use.first, use.second))
    return any(isinstance(value, Data) and is_prediction(value) and same_rows(value, rows) for value in values)


def _trains(loop: Loop) -> bool:
    return any(event.kind in ("backward", "fit", "step") for event in loop.walk())


def _trained_on(program: Program, measured: Pass, rows: Data) -> bool:
    """Whether a model is trained on the same rows too: then they are not held out, or that is another mistake."""
    for each in program.passes:
        if not each.trains:
            continue
        if each.over == measured.over or _data_set(program, each.over) & _data_set(program, measured.over):
            return True
        other = _features(each.batch)
        if other is not None and other.source.value is not None and other.rows.same(rows.rows):
            return True
    return False


def _data_set(program: Program, over: Value) -> set[Value]:
    """The data set that a loader takes its rows from."""
    return {loader.datasets[0] for loader in program.loaders if loader.value == over and loader.datasets}


def _place(loader: Loader | None, rows: Data, step: Step) -> Site | None:
    """Where the rows got their random change: a data set, a generator's flow, a ``map``."""
    if loader is not None and loader.datasets:
        chosen = loader.datasets[0]
        return chosen.site if isinstance(chosen, Obj) else loader.site
    if loader is not None:
        return loader.site
    return from_file(rows) if step.by and str(step.by).endswith("_range") else step.site
