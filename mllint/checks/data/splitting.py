"""How rows are split."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    from_file,
    loss_of,
    notes,
)
from mllint.program import Fit, LossUse, Program
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import BY_CLASS, Data, Step, constant


# -- how rows are split -----------------------------------------------------------------------------------------------
@rule("ML305", WARNING)
def ordered_validation_split(program: Program) -> Iterator[Finding]:
    """Keras takes the last rows of data in file order for validation."""
    for fit in program.fits:
        use = loss_of(program, fit)
        share = constant(fit.validation_split.value)
        if fit.framework != "keras" or use is None or not isinstance(share, float) or not 0 < share < 1:
            continue
        by_class = None if fit.y is None else class_by_class(fit.y)
        if fit.y is not None and (by_class is not None or _in_file_order(fit.y)) and _classifies(use, fit):
            order = (
                "come class by class: validation sees the last classes only"
                if by_class is not None
                else "are in the order of the file: sorted by class, validation would see the last classes only"
            )
            yield Finding(
                fit.validation_split.site or fit.site,
                f"`validation_split` takes the last {share:.0%} of the rows before any shuffling, and the rows {order}",
                because=notes(
                    (by_class.site, None, "the rows are in the order of their classes since here")
                    if by_class is not None
                    else (from_file(fit.y), None, "the rows are read here and not shuffled since")
                ),
                fix=hint(
                    "shuffle the rows once before, or split with `train_test_split(..., stratify=y)` and pass `validation_data`"
                ),
            )


def class_by_class(data: Data) -> Step | None:
    """The step since which the rows are proven to be sorted by class."""
    step = data.last(BY_CLASS, "shuffled")
    return step if step is not None and step.kind == BY_CLASS and "shuffled" not in data.tags else None


def _in_file_order(data: Data) -> bool:
    moved = data.last("shuffled") is not None or "shuffled" in data.tags
    return not moved and from_file(data) is not None


def _classifies(use: LossUse, fit: Fit) -> bool:
    """Whether the fit is proven to train a classifier of one label a row."""
    if fit.y is None or fit.y.labels.must(lambda label: label.kind in ("multi-hot", "continuous", "scaled")):
        return False
    if use.loss.targets.must_be("integer"):
        return True
    single = use.prediction is not None and use.prediction.units.must_be(1)
    labelled = (
        fit.y.labels.must(lambda label: label.kind in ("integer", "one-hot")) or class_by_class(fit.y) is not None
    )
    return use.loss.targets.must_be("one-hot", "binary") and (
        labelled or (single and use.loss.targets.must_be("binary"))
    )
