"""Learning from rows that are kept for the end."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    PARTS,
    is_for_labels,
    learnt_elsewhere,
    notes,
    on_held_out_rows,
    scaled_label_sites,
    serves_other_rows,
    shared_site,
    splits_what_learnt,
    targets_made_by,
    to_transform,
)
from mllint.program import Program, Split, Transform
from mllint.rule import ERROR, WARNING, Finding, hint, rule
from mllint.values import Obj


# -- learning from rows that are kept for the end ---------------------------------------------------------------------
@rule("ML301", WARNING)
def fit_before_split(program: Program) -> Iterator[Finding]:
    """A transformer sees all rows before they are split."""
    elsewhere = scaled_label_sites(program)
    for transform in program.transforms:
        split = later_split(program, transform)
        if split is None or transform.site in elsewhere or transform.name in (*_NUMBER_CATEGORIES, *TARGET_ENCODERS):
            continue
        if _sets_the_unit(program, transform):
            continue
        uses = " and their targets" if transform.supervised else ""
        yield Finding(
            transform.site,
            f"{_shown(transform)} learns from all rows{uses} before {_SPLITS.get(split.kind, 'they are split')}: "
            "what is held out has been seen",
            because=notes((split.site, transform.site, "the rows are split here")),
            fix=hint(f"split first and fit `{transform.name}` on the training rows, or put it into a `Pipeline`")
            if isinstance(transform.transformer, Obj) and transform.framework == "sklearn"
            else hint("split first and learn from the training rows alone"),
            severity=ERROR if transform.supervised else WARNING,
        )


def _shown(transform: Transform) -> str:
    return "scaling by hand" if _by_hand(transform) else f"`{transform.name}`"


TARGET_ENCODERS = (
    "TargetEncoder", "LeaveOneOutEncoder", "CatBoostEncoder", "JamesSteinEncoder", "MEstimateEncoder", "WOEEncoder", "GLMMEncoder",
)  # fmt: skip
"""Encoders that put a statistic of the target in the place of each category: a rule of their own speaks of them."""
_NUMBER_CATEGORIES = ("OneHotEncoder", "OrdinalEncoder")
"""They give each category its column or number, as ``get_dummies`` and label encoders do, and measure nothing."""


def _by_hand(transform: Transform) -> bool:
    return transform.name in ("standardise", "min-max") or transform.name.startswith("divide by")


def _sets_the_unit(program: Program, transform: Transform) -> bool:
    """Whether it only chooses the unit of the target, in which errors are reported too: ``y / y.max()``."""
    return _by_hand(transform) and targets_made_by(program, transform) and not shared_site(program, transform.site)


_SPLITS = {
    "train_test_split": "`train_test_split`",
    "validation_split": "`validation_split` takes the validation rows",
    "cv": "cross-validation",
    "random_split": "`random_split`",
    "Subset": "`Subset`",
    "slice": "the rows are split by slicing",
    "mask": "the rows are split by a mask",
    "permutation": "the rows are split by a permutation",
    "drop": "the rows that were drawn are taken out of the others",
}


def later_split(program: Program, transform: Transform) -> Split | None:
    """The first split, after the transform, of the rows it learnt from."""
    seen = transform.data
    learns = transform.learns and not transform.encodes_labels and transform.action in ("fit", "fit_transform")
    if not learns or seen is None or not seen.part.must_be("all"):
        return None
    later = (split for split in program.splits if split.order > transform.order)
    if not transform.supervised and serves_other_rows(program, transform):
        later = (split for split in later if split.kind not in ("validation_split", "cv"))
    return next((split for split in later if splits_what_learnt(program, split, transform)), None)


@rule("ML302", ERROR)
def fit_on_test(program: Program) -> Iterator[Finding]:
    """A transformer learns from validation or test features."""
    for transform in program.transforms:
        if not transform.learns or not on_held_out_rows(transform) or is_for_labels(program, transform):
            continue
        twin = learnt_elsewhere(program, transform)
        if twin is not None and transform.name not in _FOR_LOOKING and transform.data is not None:
            part = PARTS.get(transform.data.part.value or "test", "held-out")
            yield Finding(
                transform.site,
                f"`{transform.name}` is fitted on the {part} rows: they are then measured by another rule than the training rows",
                because=notes(
                    (twin.site, transform.site, "it is fitted on the training rows here"),
                    (transform.data.part.site, transform.site, f"these are {part} rows since here"),
                ),
                fix=to_transform(program, transform, twin),
            )


_FOR_LOOKING = ("TSNE", "MDS", "Isomap", "SpectralEmbedding", "LocallyLinearEmbedding", "UMAP")
"""Embeddings for pictures: they have no ``transform`` that could be used instead."""
