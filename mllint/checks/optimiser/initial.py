"""Weights that begin all the same."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import Program
from mllint.rule import ERROR, Finding, Note, hint, rule
from mllint.values import Applied, Const, Layer

_WEIGHTED = ("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D")
_ZERO = ("zeros", "zero")
_SAME = ("ones", "one", "constant")


@rule("ML503", ERROR)
def constant_initialisation(program: Program) -> Iterator[Finding]:
    """The weights of a hidden layer all begin at the same value: its units learn the same, or nothing."""
    for use in program.losses:
        if use.framework != "keras" or use.prediction is None or use.prediction.applied is None:
            continue
        for layer, next_layer, dropped in _hidden(use.prediction.applied):
            start = layer.arg("kernel_initializer")
            name = start.value if isinstance(start, Const) else None
            if layer.site is None or name not in (*_ZERO, *_SAME) or (name in _SAME and dropped):
                continue
            if dict(layer.args).get("bias_initializer", Const("zeros")) != Const("zeros"):  # an identity to begin with
                continue
            what = "at zero" if name in _ZERO else "at the same value"
            yield Finding(
                layer.site,
                f"all weights of this hidden `{layer.type}` begin {what}: its units stay equal to each other",
                because=[] if next_layer.site is None else [Note(next_layer.site, "the layer that gets its outputs")],
                fix=hint(
                    "leave `kernel_initializer` out, or take `glorot_uniform` or `he_normal`; biases may begin at zero"
                ),
            )


def _hidden(output: Applied) -> Iterator[tuple[Layer, Layer, bool]]:
    """The layers with weights that others come behind, the next of them, and whether units are dropped in between."""
    waiting: list[tuple[Applied, Layer | None, bool]] = [(output, None, False)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        each, behind, dropped = waiting.pop()
        if (id(each), id(behind)) in seen:
            continue
        seen.add((id(each), id(behind)))
        layer = each.layer
        if layer is not None and layer.type in _WEIGHTED:
            if behind is not None:
                yield layer, behind, dropped
            behind, dropped = layer, False
        elif layer is not None and "Dropout" in layer.type:
            dropped = True
        if len(each.inputs) > 1:  # behind a sum of several ways, one that begins at zero is there on purpose
            behind = None
        waiting.extend((data.applied, behind, dropped) for data in each.inputs if data.applied is not None)
