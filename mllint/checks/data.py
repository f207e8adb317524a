"""Rules about data: what is learnt from which rows, how rows are split, what is compared and read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    PARTS,
    from_file,
    is_for_labels,
    is_prediction,
    learnt_elsewhere,
    loss_of,
    made_by_model,
    notes,
    on_held_out_rows,
    scaled_label_sites,
    serves_other_rows,
    shared_site,
    splits_what_learnt,
    targets_made_by,
    to_transform,
)
from mllint.checks.history import logged, may_be_logged, nearest
from mllint.facts import Site
from mllint.program import Fit, HistoryRead, LossUse, MetricUse, Program, Split, Transform
from mllint.rule import ERROR, INFO, WARNING, Finding, Retext, Swap, hint, rule, safe
from mllint.values import BY_CLASS, Data, Obj, Step, constant


# -- learning from rows that are kept for the end ---------------------------------------------------------------------
@rule("ML301", WARNING)
def fit_before_split(program: Program) -> Iterator[Finding]:
    """A transformer sees all rows before they are split."""
    elsewhere = scaled_label_sites(program)
    for transform in program.transforms:
        split = _later_split(program, transform)
        if split is None or transform.site in elsewhere or transform.name in _NUMBER_CATEGORIES:
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
}


def _later_split(program: Program, transform: Transform) -> Split | None:
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


# -- how rows are split -----------------------------------------------------------------------------------------------
@rule("ML305", WARNING)
def ordered_validation_split(program: Program) -> Iterator[Finding]:
    """Keras takes the last rows of data in file order for validation."""
    for fit in program.fits:
        use = loss_of(program, fit)
        share = constant(fit.validation_split.value)
        if fit.framework != "keras" or use is None or not isinstance(share, float) or not 0 < share < 1:
            continue
        by_class = None if fit.y is None else _class_by_class(fit.y)
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


def _class_by_class(data: Data) -> Step | None:
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
        fit.y.labels.must(lambda label: label.kind in ("integer", "one-hot")) or _class_by_class(fit.y) is not None
    )
    return use.loss.targets.must_be("one-hot", "binary") and (
        labelled or (single and use.loss.targets.must_be("binary"))
    )


# -- what is compared and read ----------------------------------------------------------------------------------------
@rule("ML307", ERROR)
def swapped_metric_arguments(program: Program) -> Iterator[Finding]:
    """The prediction stands where the truth belongs."""
    for use in program.metrics:
        if use.framework != "sklearn" or not _swapped(use):
            continue
        yield Finding(
            use.site,
            f"`{use.name}` takes the truth first and the prediction second; here they are exchanged"
            + (", which this metric does not mind" if use.symmetric else ""),
            because=notes((made_by_model(use.first.value), None, "the first argument is predicted here")),
            fix=safe("exchange the arguments", Swap(use.first.site, use.second.site))
            if use.first.site is not None and use.second.site is not None
            else hint("give the truth first"),
            severity=INFO if use.symmetric else ERROR,
        )


def _swapped(use: MetricUse) -> bool:
    first, second = use.first.value, use.second.value
    if not isinstance(first, Data) or not isinstance(second, Data) or is_prediction(second):
        return False
    truth = second.source.known or second.labels.known or second.part.known
    return is_prediction(first) and truth


@rule("ML321", ERROR)
def history_key_mismatch(program: Program) -> Iterator[Finding]:
    """A history is asked for a key that training does not log."""
    by_reading: dict[tuple[Site, int], list[HistoryRead]] = {}
    for read in program.histories:
        by_reading.setdefault((read.site, read.order), []).append(read)
    for reads in by_reading.values():
        problems = [_missing_key(program, read) for read in reads]
        read, problem = reads[0], problems[0]
        if problem is None or None in problems:  # one of several keys that may be meant is right
            continue
        message, key = problem
        yield Finding(
            read.site,
            message,
            because=notes(
                (None if key is None else read.compile_site, None, "the metrics are given here"),
                (read.fit_site, None, "the history comes from here"),
            ),
            fix=hint("give `fit` what is to be logged, or read another key")
            if key is None
            else safe(f"read `{key}`", Retext(read.site, key)),
        )


def _missing_key(program: Program, read: HistoryRead) -> tuple[str, str | None] | None:
    """What is wrong with the key, and the key to read instead."""
    plain = read.key.removeprefix("val_")
    if plain != read.key and read.has_validation is False:
        return (
            f"the history has no `{read.key}`: this `fit` has no validation data, so reading it raises KeyError",
            None,
        )
    keys = logged(program.versions, read)
    if keys is None or plain in keys or read.key in read.extra or may_be_logged(plain, keys):
        return None
    right = nearest(plain, keys)
    if right is None:
        listed = ", ".join(f"`{key}`" for key in sorted(keys))
        return f"the history has no `{read.key}`: this model logs {listed}, so reading it raises KeyError", None
    right = read.key[: len(read.key) - len(plain)] + right
    version = program.versions.given.get("keras") or program.versions.given.get("tensorflow")
    which = f"this version ({version})" if version else "Keras today"
    return f"the history has no `{read.key}`: {which} logs it as `{right}`, so reading it raises KeyError", right
