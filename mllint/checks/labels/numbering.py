"""Where the class numbers start."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    encoded_target_units,
    integer_range,
    is_prediction,
    notes,
    whole_number,
)
from mllint.facts import Site
from mllint.program import Fit, LossUse, Program
from mllint.rule import (
    ERROR,
    Finding,
    Fix,
    InsertAfter,
    hint,
    rule,
    unsafe,
)
from mllint.values import Data


# -- where the numbers start ------------------------------------------------------------------------------------------
@rule("ML202", ERROR)
def labels_not_zero_based(program: Program) -> Iterator[Finding]:
    """Class numbers that do not start at 0 reach a loss that counts from 0."""
    groups: dict[object, list[LossUse]] = {}
    for use in program.losses:
        if _first_label(use) is not None and use.target is not None:
            groups.setdefault(use.target.labels.site or use.target_site or use.site, []).append(use)
    for uses in groups.values():
        use, first, labels = uses[0], _first_label(uses[0]), uses[0].target.labels if uses[0].target else None
        if first is not None and labels is not None:
            yield Finding(
                use.target_site or use.fit_site or use.site,
                f"{_wants(use)}, but the labels {_run(use)}: {_off(use)}",
                because=notes(
                    (labels.site, use.target_site, "the labels are numbered here"), (use.site, None, "the loss is here")
                ),
                fix=_rebased(program, uses, first),
            )
    yield from _one_hot_of_one_based(program)
    yield from _boosters(program)


def _first_label(use: LossUse) -> int | None:
    """The number the labels start at, if the loss takes others."""
    span = None if use.target is None else integer_range(use.target.labels)
    if span is None or span[0] == 0 or span[0] == span[1]:
        return None
    low, high = span
    if use.loss.targets.must_be("binary"):
        return low if low in (1, -1) or high is not None else None
    if not use.loss.targets.must_be("integer", "integer-or-distribution") or use.prediction is None:
        return None
    if low == -1:
        return low if high == 1 and use.target is not None and use.target.labels.must(lambda e: e.count == 2) else None
    short = high is not None and use.prediction.units.must(lambda units: units <= high)
    return low if low > 0 and short else None


def _wants(use: LossUse) -> str:
    if use.loss.targets.must_be("binary"):
        return f"`{use.loss.name}` takes the labels 0 and 1"
    units = None if use.prediction is None else use.prediction.units.value
    return (
        f"`{use.loss.name}` over {units} units takes the classes 0 to {units - 1}"
        if units
        else f"`{use.loss.name}` counts classes from 0"
    )


def _run(use: LossUse) -> str:
    low, high = (use.target and integer_range(use.target.labels)) or (0, None)
    if low == -1 and high == 1:
        return "are -1 and 1"
    return f"start at {low}" if high is None else f"run from {low} to {high}"


def _off(use: LossUse) -> str:
    if use.loss.targets.must_be("binary"):
        raises = use.loss.family == "bce"
        return "it raises" if raises else "the loss falls below zero without end and the predictions mean nothing"
    return {
        "torch": "the last class is out of bounds and raises",
        "gluon": "the last class is silently counted as the one before it",
        "jax": "the last class has no unit, and its loss is NaN",
    }.get(use.framework, "the last class has no unit, which raises or, on GPU and JAX, silently spoils the training")


def _rebased(program: Program, uses: list[LossUse], first: int) -> Fix:
    """Subtract the offset wherever these labels are used."""
    checked = any(fit.site is use.fit_site and fit.validation_data.given for fit in program.fits for use in uses)
    labels = uses[0].target.labels.site if uses[0].target else None
    return _subtracted(program, labels, [None] if checked else [use.target_site for use in uses], first)


def _subtracted(program: Program, labels: Site | None, sites: list[Site | None], first: int) -> Fix:
    """Subtract the offset at these places and where the labels are compared with predictions."""
    for metric in program.metrics:
        for argument in (metric.first, metric.second):
            value = argument.value
            if isinstance(value, Data) and value.labels.site is labels and not is_prediction(value):
                sites.append(argument.site)
    if first == -1:
        return hint("map the labels onto 0 and 1: `(y + 1) // 2`")
    if None in sites:
        return hint(f"subtract {first} from the labels where they are made, or encode them with `LabelEncoder`")
    edits = [InsertAfter(site, f" - {first}") for site in dict.fromkeys(sites) if site is not None]
    return unsafe(f"count the classes from 0: subtract {first}", *edits)


def _one_hot_of_one_based(program: Program) -> Iterator[Finding]:
    """``to_categorical`` of classes 1…C makes C + 1 columns."""
    for encode in program.encodes:
        span = None if encode.data is None else integer_range(encode.data.labels)
        low, high = span or (0, None)
        if encode.name not in ("to_categorical", "one_hot") or low < 1 or high is None:
            continue
        given = whole_number(encode.classes.value) if encode.classes.given else None
        units = given or encoded_target_units(program, encode)
        if units is not None and units <= high:
            columns = (
                f"{given} columns end at class {given - 1}"
                if given
                else f"it makes {high + 1} columns for {units} units"
            )
            yield Finding(
                encode.data_site or encode.site,
                f"`{encode.name}` counts classes from 0, but the labels run from {low} to {high}: {columns}",
                because=notes(
                    (encode.data.labels.site if encode.data else None, encode.data_site, "the labels are numbered here")
                ),
                fix=unsafe(f"count the classes from 0: subtract {low}", InsertAfter(encode.data_site, f" - {low}"))
                if encode.data_site is not None
                else hint(f"subtract {low} from the labels"),
            )


def _boosters(program: Program) -> Iterator[Finding]:
    """XGBoost and LightGBM's training functions take 0…C-1 only; CatBoost and ``LGBMClassifier`` take any classes."""
    groups: dict[object, list[tuple[Fit, int, str]]] = {}
    for fit in program.fits:
        span = None if fit.y is None else integer_range(fit.y.labels)
        wrong = None if span is None else _booster_refuses(fit, *span)
        if wrong is not None and span is not None and fit.y is not None:
            groups.setdefault(fit.y.labels.site or fit.site, []).append((fit, span[0], wrong))
    for group in groups.values():
        fit, low, wrong = group[0]
        labels, site = fit.y.labels.site if fit.y else None, fit.y_site or fit.site
        yield Finding(
            site,
            wrong,
            because=notes(
                (labels, site, "the labels are numbered here"),
                *((each.site, site, "they are trained on here") for each, _, _ in group),
            ),
            fix=_subtracted(program, labels, [each.y_site for each, _, _ in group], low),
        )


def _booster_refuses(fit: Fit, low: int, high: int | None) -> str | None:
    """What is wrong with labels in this range for what is trained; None when nothing is proven to be."""
    if fit.name in ("XGBClassifier", "XGBRFClassifier"):
        return f"`{fit.name}` takes the classes 0 to C-1, but the labels start at {low}: it raises" if low > 0 else None
    two = "takes the labels 0 and 1, but they are"
    if fit.framework == "xgboost" and fit.objective in ("binary:logistic", "binary:logitraw"):
        outside = low < 0 or (high is not None and high > 1)
        return f"`{fit.objective}` {two} {low} to {high}: it raises" if outside and high is not None else None
    if fit.framework == "lightgbm" and fit.objective == "binary" and low > 0 and high is not None and high > low:
        return f"`binary` {two} {low} to {high}: every label above 0 counts as 1, so there is one class"
    told = whole_number(fit.classes.value)
    if fit.framework in ("xgboost", "lightgbm") and told is not None and low > 0 and high is not None and high >= told:
        return f"`{fit.name}` with {told} classes takes 0 to {told - 1}, but the labels run from {low} to {high}: it raises"
    return None
