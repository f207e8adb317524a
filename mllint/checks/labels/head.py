"""More classes than the head can tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    notes,
)
from mllint.checks.labels.numbering import _first_label
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    Edit,
    Finding,
    Fix,
    Replace,
    Retext,
    hint,
    rule,
    unsafe,
)


# -- more classes than the head can tell apart ------------------------------------------------------------------------
@rule("ML212", ERROR)
def binary_head_for_many_classes(program: Program) -> Iterator[Finding]:
    """One sigmoid unit cannot tell three classes apart."""
    seen: set[object] = set()
    for use in program.losses:
        classes = _many_classes(use)
        if classes is None or use.target is None or (use.site, classes) in seen:
            continue
        seen.add((use.site, classes))
        yield Finding(
            use.site,
            f"`{use.loss.name}` on one unit tells two classes apart, but the labels have {classes}"
            + (": it raises" if use.loss.family == "bce" else ": the loss falls below zero without end"),
            because=notes(
                (use.target.labels.site, use.site, f"the labels have {classes} classes"),
                (_head(use), use.site, "the head has one unit"),
            ),
            fix=_softmax_head(use, classes),
        )


def _many_classes(use: LossUse) -> int | None:
    """How many classes reach a head of one unit, if more than two."""
    label = None if use.target is None else use.target.labels.value
    single = use.prediction is not None and use.prediction.units.must_be(1)
    if label is None or label.kind != "integer" or not single or not use.loss.targets.must_be("binary"):
        return None
    if _first_label(use) is not None:
        return None
    classes = label.count or (label.high + 1 if label.high is not None else 0)
    return classes if classes > 2 and (label.low or 0) >= 0 else None


def _head(use: LossUse) -> Site | None:
    if use.prediction is None:
        return None
    layer = use.prediction.layer
    return use.prediction.units.site or (layer.site if layer is not None else None)


def _softmax_head(use: LossUse, classes: int) -> Fix:
    advice = f"give the head {classes} units with softmax and train with sparse categorical cross-entropy"
    layer = None if use.prediction is None else use.prediction.layer
    if use.framework != "keras":
        return hint(f"give the head {classes} units and train with cross-entropy on whole-number labels")
    loss_site = use.loss.site
    if (
        layer is None
        or layer.units_site is None
        or layer.activation_site is None
        or loss_site is None
        or use.loss.name != "binary_crossentropy"
    ):
        return hint(advice)
    edits: list[Edit] = [Replace(layer.units_site, str(classes)), Retext(layer.activation_site, "softmax")]
    return unsafe(advice, *edits, Retext(loss_site, "sparse_categorical_crossentropy"))
