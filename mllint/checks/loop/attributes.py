"""Attributes that are assigned and that nothing ever reads."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import AttributeSet, Program
from mllint.rule import ERROR, Finding, Rename, hint, rule, safe

_TENSOR = ("requires_grad",)
_KNOWN = {
    "torch.nn.Parameter": _TENSOR,
    "Data:torch": _TENSOR,
    "Layer:torch": ("training", "weight", "bias"),
    "torch.nn.Module": ("training",),
    "torch.optim.Optimizer": ("param_groups",),
    "Layer:keras": ("trainable",),
    "keras.layers.Layer": ("trainable",),
    "keras.Model": ("trainable", "stop_training", "optimizer"),
    "keras.optimizers.Optimizer": ("learning_rate",),
}
"""Attributes that programs assign, by what has them."""
_ANYWHERE = {"requires_grad": {"torch"}, "trainable": {"keras", "tensorflow", "tf_keras"}}
"""Attributes that only what the framework makes has, so that the name alone tells."""


@rule("ML431", ERROR)
def misspelt_training_attribute(program: Program) -> Iterator[Finding]:
    """An attribute that does not exist is assigned, one letter away from one that does: nothing happens."""
    for change in program.attributes:
        if program.said.get(change.name):
            continue
        meant = _meant(program, change)
        if meant is not None:
            yield Finding(
                change.site,
                f"there is no attribute `{change.name}`: assigning it does nothing, `{meant}` stays what it is",
                fix=safe(f"`{meant}` is meant", Rename(change.site, meant)),
            )
        elif change.name == "requires_grad" and _is_module(change):
            yield Finding(
                change.site,
                "modules have no attribute `requires_grad`: assigning it does nothing, their parameters stay as they are",
                fix=hint("call the method: `requires_grad_(False)`"),
            )


def _is_module(change: AttributeSet) -> bool:
    return change.owner is None and ("Layer:torch" in change.kinds or "torch.nn.Module" in change.kinds)


def _meant(program: Program, change: AttributeSet) -> str | None:
    """The attribute that is one slip of the keyboard away."""
    names = [name for kind in change.kinds for name in _KNOWN.get(kind, ())]
    if change.owner is None and not any(kind in _KNOWN for kind in change.kinds):
        names = [name for name, roots in _ANYWHERE.items() if roots & program.roots]
    if change.name in names:
        return None
    return next((name for name in names if _is_typo(change.name, name)), None)


def _is_typo(written: str, meant: str) -> bool:
    """One letter left out, doubled, wrong, or two exchanged; the same letters in other case or without underscores."""
    if written == meant or len(meant) < 6:
        return False
    if written.lower().replace("_", "") == meant.replace("_", ""):
        return True
    if len(written) == len(meant):
        wrong = [index for index, (a, b) in enumerate(zip(written, meant, strict=True)) if a != b]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return len(wrong) == 1 or (
            swapped and written[wrong[0]] == meant[wrong[1]] and written[wrong[1]] == meant[wrong[0]]
        )
    longer, shorter = (written, meant) if len(written) > len(meant) else (meant, written)
    return len(longer) == len(shorter) + 1 and any(
        longer[:index] + longer[index + 1 :] == shorter for index in range(len(longer))
    )
