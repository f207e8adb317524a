"""Labels that were scaled as if they were features."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    Target,
    class_targets,
    needs_class_numbers,
    notes,
    scaled_together,
    scaling,
    shared_site,
)
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import (
    ERROR,
    Finding,
    Fix,
    Undo,
    hint,
    rule,
    unsafe,
)
from mllint.values import Obj, Step


# -- scaled labels ----------------------------------------------------------------------------------------------------
@rule("ML201", ERROR)
def scaled_class_labels(program: Program) -> Iterator[Finding]:
    """Class labels went through a scaler or a division."""
    for target, step, site in _scaled(program, together=False):
        yield Finding(
            site,
            f"{target.by} takes class numbers, but the labels are {_how(step)} here: {_harm(target)}",
            because=notes(
                (target.data.labels.site, site, "the labels are scaled from here on"),
                (target.site, None, f"{target.by} takes them here"),
                (target.fit_site, target.site, "the labels are trained on here"),
            ),
            fix=_unscaled(program, target, step),
        )


@rule("ML213", ERROR)
def labels_normalised_with_features(program: Program) -> Iterator[Finding]:
    """One scaler covers the features and the class column."""
    for target, step, site in _scaled(program, together=True):
        column = target.data.last("selected")
        yield Finding(
            site,
            f"the class column is {_how(step)} here together with the features, and {target.by} takes class numbers: "
            + _harm(target),
            because=notes(
                (None if column is None else column.site, site, "the labels are taken from the scaled columns"),
                (target.site, None, f"{target.by} takes them here"),
                (target.fit_site, target.site, "the labels are trained on here"),
            ),
            fix=hint("take the class column out before scaling: scale the features alone"),
        )


def _scaled(program: Program, *, together: bool) -> Iterator[tuple[Target, Step, Site]]:
    """The places where labels are scaled, alone or together with the features, with one target of each."""
    seen: set[Site] = set()
    for target in class_targets(program):
        step = scaling(target.data)
        if step is None or step.site is None or step.site in seen or not needs_class_numbers(target, step):
            continue
        seen.add(step.site)
        if scaled_together(program, target.data, step) is together:
            yield target, step, step.site


def _harm(target: Target) -> str:
    """What comes of scaled labels where they are learnt from."""
    name = {"keras": "Keras", "gluon": "gluon"}.get(target.framework)
    if target.framework == "xgboost" or target.by.startswith("`XGB"):
        return "it raises, for the numbers are not those of classes"
    if target.framework == "lightgbm":
        return "LightGBM cuts the fractions down to whole numbers, or counts every label above 0 as 1"
    if target.framework == "sklearn":
        return "it raises ValueError (unknown label type: continuous), or learns classes that are none"
    if name is not None and target.classes:
        return f"{name} cuts the fractions down to whole numbers, so classes silently become one"
    return "as whole numbers most classes become 0, as fractions they are no classes"


def _how(step: Step) -> str:
    if isinstance(step.by, Obj):
        return f"scaled by `{step.by.kind.rpartition('.')[2]}`"
    return "divided" if step.kind == "divided" else "scaled"


def _unscaled(program: Program, target: Target, step: Step) -> Fix:
    """Put what goes into the scaling in its place, everywhere this scaler meets labels."""
    advice = "leave class labels as they are: scale the features only"
    sites = [step.site] if step.site is not None else []
    if isinstance(step.by, Obj):
        uses = [t for t in program.transforms if t.transformer == step.by]
        sites += [t.site for t in uses if t.action in ("transform", "fit_transform") and t.site not in sites]
    moved = target.data.last("shifted")
    centred = moved is not None and moved.by in ("mean", "median", "statistic")
    if centred or any(shared_site(program, site) for site in sites):
        return hint(advice)
    return unsafe(advice, *(Undo(site) for site in sites))
