"""How a loader of folders or frames writes the labels down, and the head and loss that get them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    ONE_HOT,
    REGRESSION,
    class_mode,
    classes_for_a_number,
    constant_softmax,
    head_site,
    one,
    several,
    units_of,
    units_site,
)
from mllint.program import LossUse, Program
from mllint.rule import ERROR, AddArgument, Finding, Fix, Note, Retext, hint, rule, safe
from mllint.values import Data, Step

GIVES = {
    "categorical": "one-hot rows",
    "int": "class numbers",
    "sparse": "class numbers",
    "binary": "a 0 or 1 for each row",
}
"""What the modes make of a class."""
NUMBERS = ("int", "sparse", "binary")


@dataclass(frozen=True, slots=True)
class Clash:
    """What the loss and the head take instead of what the mode gives."""

    takes: str
    effect: str
    mode: str
    """The mode that fits, as ``class_mode`` names it."""


@rule("ML126", ERROR)
def class_mode_vs_head(program: Program) -> Iterator[Finding]:
    """The loader writes the labels in a way that the loss or the head does not take."""
    validated = {fit.site: fit.validation_y for fit in program.fits}
    for use in program.losses:
        if use.framework not in ("keras", "tensorflow"):
            continue
        for target in (use.target, validated.get(use.fit_site) if use.fit_site is not None else None):
            step = class_mode(target)
            clash = None if step is None else _clash(use, _mode(step))
            if target is not None and step is not None and step.site is not None and clash is not None:
                yield Finding(
                    step.site,
                    f"`{_written(step)}`{_by_default(step, target)} gives {GIVES[_mode(step)]}, "
                    f"but {clash.takes}: {clash.effect}",
                    because=_evidence(use, step),
                    fix=_matching(step, target, clash.mode),
                )


def _mode(step: Step) -> str:
    return str(step.by).partition("=")[2]


def _written(step: Step) -> str:
    return '{}="{}"'.format(*str(step.by).split("="))


def _left_out(step: Step, target: Data) -> bool:
    """Whether the mode is the loader's default."""
    read = target.last("read")
    return read is not None and read.site is step.site


def _by_default(step: Step, target: Data) -> str:
    return ", the default," if _left_out(step, target) else ""


def _clash(use: LossUse, mode: str) -> Clash | None:
    """What is wrong about a mode, where nothing else is."""
    prediction, family, loss = use.prediction, use.loss.family, f"`{use.loss.name}`"
    if mode not in GIVES or (prediction is not None and constant_softmax(prediction)):
        return None
    if family in CATEGORICAL:
        wants_numbers = family != ONE_HOT
        if wants_numbers == (mode in NUMBERS) or (prediction is not None and one(prediction)):
            return None  # a single unit under this loss is the mistake
        takes = "class numbers" if wants_numbers else "one-hot rows"
        return Clash(f"{loss} takes {takes}", "it raises", "sparse" if wants_numbers else "categorical")
    if prediction is None or not prediction.scale.must_be("sigmoid", "linear"):
        return None
    if family == BINARY and one(prediction) and mode == "categorical":
        return Clash(f"the head under {loss} has one unit", "it raises", "binary")
    if family == BINARY and several(prediction) and mode in NUMBERS:
        return Clash(f"the head under {loss} has {units_of(prediction)} units", "it raises", "categorical")
    if family in REGRESSION and mode == "categorical" and classes_for_a_number(use, prediction):
        effect = "the number is compared with the 0 or 1 of every class"
        return Clash(f"{loss} on one linear unit takes a number for each row", effect, "raw")
    return None


def _evidence(use: LossUse, step: Step) -> list[Note]:
    prediction = use.prediction
    head = (
        () if prediction is None else ((units_site(prediction) or head_site(prediction), step.site, _head(prediction)),)
    )
    return notes(
        *head,
        (use.loss.expects_site or use.loss.site, step.site, f"the loss is `{use.loss.name}`"),
        (use.fit_site, step.site, "they meet here"),
    )


def _head(prediction: Data) -> str:
    return (
        "the head is made here"
        if prediction.units.value is None
        else f"the head has {units_of(prediction)} unit{'' if one(prediction) else 's'}"
    )


def _matching(step: Step, target: Data, mode: str) -> Fix:
    argument = str(step.by).partition("=")[0]
    if argument == "label_mode":
        mode = {"sparse": "int"}.get(mode, mode)
    message = f'use `{argument}="{mode}"`'
    if step.site is None:
        return hint(message)
    left_out = _left_out(step, target)
    edit = AddArgument(step.site, f'{argument}="{mode}"') if left_out else Retext(step.site, mode)
    return safe(message, edit)
