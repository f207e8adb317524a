"""Types of targets that torch's losses do not take."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes, scaling
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import ERROR, Finding, InsertAfter, hint, rule, safe
from mllint.values import Data

FLOATS = ("float", "float16", "float32", "float64", "bfloat16")
WHOLE = ("int8", "int16", "int32", "int64", "int", "bool")


@rule("ML123", ERROR)
def wrong_target_dtype(program: Program) -> Iterator[Finding]:
    """A torch loss gets targets of a type for which it raises."""
    for use in program.losses:
        target = use.target
        if use.framework != "torch" or target is None or "torch" not in target.tags or target.dtype is None:
            continue
        cast = _needed(use, target)
        if cast is None:
            continue
        wanted = "int64 class numbers" if cast == ".long()" else "floats"
        if use.loss.family == "bce" and target.dtype == "float64":
            wanted = "float32 like its input"
        advice = f"give the loss {wanted}"
        edit = use.target_site
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes {wanted}, but the targets are {target.dtype}: it raises",
            because=notes((_decided(target), use.site, f"they become {target.dtype} here")),
            fix=hint(advice) if edit is None else safe(advice, InsertAfter(edit, cast)),
        )


def _needed(use: LossUse, target: Data) -> str | None:
    """The cast without which the loss raises; None where it takes what it gets, as far as known."""
    family, dtype = use.loss.family, target.dtype
    rows = target.labels.must(lambda label: label.kind in ("one-hot", "multi-hot"))
    if family in ("nll", "cross_entropy") and (rows or scaling(target) is not None):
        return None  # these are no class numbers, whatever their type
    if family == "nll":
        return ".long()" if dtype in (*FLOATS, *WHOLE) and dtype not in ("int64", "int") else None
    if family == "cross_entropy":
        if dtype in ("int8", "int16", "int32", "bool"):
            return ".long()"
        return ".long()" if dtype in FLOATS and _class_numbers(use, target) else None
    if family in ("bce", "bce_with_logits", "huber") and dtype in WHOLE:
        return None if family == "huber" and dtype == "bool" else ".float()"
    same = use.prediction is not None and use.prediction.dtype == "float32"
    return ".float()" if family == "bce" and dtype == "float64" and same else None


def _class_numbers(use: LossUse, target: Data) -> bool:
    """Whether float targets are proven to be one class number a row, not a distribution over the classes."""
    prediction = use.prediction
    several = prediction is not None and (
        prediction.units.must(lambda units: units > 1)
        or (prediction.shape is not None and len(prediction.shape) > 1 and prediction.shape[-1] not in (1, None))
    )
    if not several:
        return False
    numbers = target.labels.must(lambda label: label.kind == "integer")
    flat = target.shape is not None and len(target.shape) == 1
    return flat or (numbers and (target.shape is None or len(target.shape) < 2))


def _decided(target: Data) -> Site | None:
    step = target.last("cast")
    return None if step is None or step.by != target.dtype else step.site
