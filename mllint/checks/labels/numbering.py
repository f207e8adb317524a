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
from mllint.program import LossUse, Program
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
    }.get(use.framework, "the last class has no unit, which raises or, on GPU and JAX, silently spoils the training")


def _rebased(program: Program, uses: list[LossUse], first: int) -> Fix:
    """Subtract the offset wherever these labels are used."""
    label_site = uses[0].target.labels.site if uses[0].target else None
    sites = [use.target_site for use in uses]
    for metric in program.metrics:
        for argument in (metric.first, metric.second):
            value = argument.value
            if isinstance(value, Data) and value.labels.site is label_site and not is_prediction(value):
                sites.append(argument.site)
    checked = any(fit.site is use.fit_site and fit.validation_data.given for fit in program.fits for use in uses)
    if first == -1:
        return hint("map the labels onto 0 and 1: `(y + 1) // 2`")
    if None in sites or checked:
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
    """XGBoost's classifiers take 0…C-1 only."""
    for fit in program.fits:
        span = (
            None
            if fit.y is None or fit.name not in ("XGBClassifier", "XGBRFClassifier")
            else integer_range(fit.y.labels)
        )
        if span is not None and span[0] >= 1 and fit.y_site is not None:
            yield Finding(
                fit.y_site,
                f"`{fit.name}` takes the classes 0 to C-1, but the labels start at {span[0]}: it raises",
                because=notes((fit.y.labels.site if fit.y else None, fit.y_site, "the labels are numbered here")),
                fix=unsafe(f"count the classes from 0: subtract {span[0]}", InsertAfter(fit.y_site, f" - {span[0]}")),
            )
