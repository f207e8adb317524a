"""The targets' encoding and the number of classes."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import encoded_from_one, integer_range, notes, whole_number
from mllint.checks.loss.uses import (
    ONE_HOT,
    SPARSE,
    WRITTEN,
    class_mode,
    constant_softmax,
    encoding,
    evidence,
    one,
    other_loss,
    units_site,
    uses,
)
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    AddArgument,
    Finding,
    Fix,
    InsertAfter,
    Remove,
    Rename,
    hint,
    rule,
    safe,
)
from mllint.values import Encoding


# -- the targets ------------------------------------------------------------------------------------------------------
@rule("ML113", ERROR)
def label_encoding_vs_loss(program: Program) -> Iterator[Finding]:
    """The loss takes one label encoding, the targets are in another."""
    for use in program.losses:
        kind, wants = encoding(use), _wanted_encoding(use)
        if wants is None or kind is None or kind == wants or kind not in ("integer", "one-hot"):
            continue
        if use.prediction is not None and one(use.prediction):
            continue  # the head decides: ML112
        if class_mode(use.target) is not None:
            continue  # the loader's mode is the mistake: ML126
        if _may_be_one_row(use):
            continue
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes {WRITTEN[wants]}, but the targets are {WRITTEN[kind]}: {_clash(use, wants)}",
            because=[*notes((use.fit_site, use.site, "they meet here")), *evidence(use, use.site)[-1:]],
            fix=_matching(use, wants),
        )


def _clash(use: LossUse, wants: str) -> str:
    """What happens then."""
    if use.framework == "jax" and wants == "one-hot":
        return "it raises, or means nothing where a batch has as many rows as there are classes"
    return "it raises"


def _may_be_one_row(use: LossUse) -> bool:
    """Whether zeros and ones written out for a loss that is called may be the one-hot row of a single example."""
    target = use.target
    if target is None or use.fit_site is not None or target.shape is None or len(target.shape) != 1:
        return False
    return target.labels.must(lambda label: label.kind == "integer" and label.low == 0 and label.high == 1)


def _wanted_encoding(use: LossUse) -> str | None:
    """The encoding that a loss takes, where it takes no other."""
    if use.framework in ("keras", "tensorflow"):
        return {ONE_HOT: "one-hot", SPARSE: "integer"}.get(use.loss.family)
    if use.framework in ("gluon", "jax"):
        return use.loss.targets.value if use.loss.family == "cross_entropy" else None
    if use.framework == "torch" and use.loss.family in ("cross_entropy", "nll"):
        whole = use.target is not None and (use.target.dtype or "").startswith(("int", "long"))
        return "integer" if whole or use.loss.family == "nll" else None  # one-hot rows of floats are distributions
    return None


def _matching(use: LossUse, wants: str) -> Fix:
    if use.framework == "keras":
        name = SPARSE if wants == "one-hot" else ONE_HOT
        edit = other_loss(use, name)
        return safe(f"use `{name}`", edit) if edit is not None else hint(f"use `{name}`")
    if use.framework == "gluon" and use.loss.site is not None:
        given = use.loss.targets.site
        if wants == "integer":
            return safe("say that the labels are one-hot", AddArgument(use.loss.site, "sparse_label=False"))
        return safe("leave `sparse_label=False` out", Remove(given)) if given else hint("use `sparse_label=True`")
    if use.framework == "jax":
        return _matching_function(use, wants)
    if use.framework == "torch" and use.target_site is not None:
        text = ".float()" if use.loss.family == "cross_entropy" else ".argmax(dim=1)"
        return safe("give the loss targets it takes", InsertAfter(use.target_site, text))
    return hint("use the loss that takes these targets")


def _matching_function(use: LossUse, wants: str) -> Fix:
    """The optax function for the targets there are."""
    name = OPTAX[0] if wants == "integer" else OPTAX[1]
    by_axis = use.loss.name in OPTAX and use.loss.site is not None
    edit = Rename(use.loss.site, name) if by_axis and use.loss.site is not None else None
    return safe(f"use `{name}`", edit) if edit is not None else hint(f"use `{name}`")


OPTAX = ("softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels")
"""For one-hot rows and for class numbers."""


@rule("ML114", ERROR)
def class_count_mismatch(program: Program) -> Iterator[Finding]:
    """The head has fewer units than there are classes."""
    yield from _boosters(program)
    narrow = dict(_narrow(program))
    yield from narrow.values()
    heads: set[Site] = set()
    for use, prediction in uses(program, "keras", "torch", "gluon", "jax"):
        count, units = _classes(use), prediction.units.value
        encoded = None if use.target is None else use.target.last("one-hot")
        if encoded is not None and encoded.site in narrow:
            continue
        if count is None or units is None or units < 2 or units == count or constant_softmax(prediction):
            continue
        one_hot = encoding(use) == "one-hot"
        if (units > count and not one_hot) or (one_hot and encoded_from_one(program, use)):
            continue
        head = units_site(prediction) or use.site
        if head in heads:  # one mistake, in training and in validation
            continue
        heads.add(head)
        effect = {
            "gluon": "the classes beyond are silently counted as another",
            "torch": "it raises at the first label beyond",
            "jax": "the loss is NaN at the first label beyond",
        }.get(use.framework, "TensorFlow raises, or gives NaN under XLA; JAX silently never learns the classes beyond")
        yield Finding(
            use.site,
            f"the head has {units} units, but the labels have {count} classes: {'it raises' if one_hot else effect}",
            because=[
                *notes((units_site(prediction), use.site, f"the head has {units} units")),
                *evidence(use, use.site)[-1:],
            ],
            fix=hint(f"give the head {count} units"),
        )


def _narrow(program: Program) -> Iterator[tuple[Site, Finding]]:
    """One-hot encodings with fewer columns than there are classes."""
    for encode in program.encodes:
        told = whole_number(encode.classes.value)
        span = None if encode.data is None else integer_range(encode.data.labels)
        if span is None or told is None or span[0] != 0 or span[1] is None or span[1] < told or span[1] == 255:
            continue
        effect = _NARROW.get(encode.framework)
        if effect is not None and told > 1:
            yield (
                encode.site,
                Finding(
                    encode.site,
                    f"`{encode.name}` is told {told} classes, but the labels have {span[1] + 1}: {effect}",
                    because=notes(
                        (encode.data.labels.site if encode.data else None, encode.site, "the labels are numbered here")
                    ),
                    fix=hint(f"say {span[1] + 1} classes"),
                ),
            )


_NARROW = {
    "keras": "it raises",
    "torch": "it raises",
    "tensorflow": "the classes beyond become rows of zeros, and are silently not learnt",
    "jax": "the classes beyond become rows of zeros, and are silently not learnt",
}
"""What one-hot encoding makes of a class that has no column."""


def _boosters(program: Program) -> Iterator[Finding]:
    """The number of classes that a booster's training function is told."""
    for fit in program.fits:
        told, span = whole_number(fit.classes.value), None if fit.y is None else integer_range(fit.y.labels)
        if span is not None and told is not None and span[0] == 0 and span[1] is not None and span[1] >= told:
            yield Finding(
                fit.site,
                f"`{fit.name}` is told {told} classes, but the labels have {span[1] + 1}: it raises",
                because=notes(
                    (fit.classes.site, fit.site, f"{told} classes are given here"),
                    (fit.y.labels.site if fit.y else None, fit.site, "the labels are numbered here"),
                ),
                fix=hint(f"say {span[1] + 1} classes"),
            )


def _classes(use: LossUse) -> int | None:
    """The proven number of classes, where the loss takes the encoding that the targets have."""
    label: Encoding | None = None if use.target is None else use.target.labels.value
    if label is None:
        return None
    takes_one_hot = use.loss.family == ONE_HOT or use.loss.family == "cross_entropy"
    if label.kind == "one-hot" and takes_one_hot and _wanted_encoding(use) != "integer":
        return label.count
    span = integer_range(use.target.labels) if use.target is not None else None
    if span is None or span[0] != 0 or span[1] is None or span[1] == 255:  # 255 marks pixels to be ignored
        return None
    return span[1] + 1 if use.loss.family in (SPARSE, "cross_entropy", "nll") and takes_integers(use) else None


def takes_integers(use: LossUse) -> bool:
    """Whether the loss takes class numbers."""
    return use.loss.targets.must_be("integer", "integer-or-distribution")
