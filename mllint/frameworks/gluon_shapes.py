"""Which shape a gluon block gives. Convolution and pooling count as in torch, under other names."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from mllint.frameworks import shapes, torch_layer_shapes
from mllint.frameworks.configured import setting, whole
from mllint.frameworks.shapes import Shape
from mllint.frameworks.table import Call
from mllint.frameworks.tensors import flag
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Layer, constant

_D = ("1D", "2D", "3D")
_TYPES = {
    **{f"Conv{d}": f"Conv{d.lower()}" for d in _D},
    **{f"Conv{d}Transpose": f"ConvTranspose{d.lower()}" for d in _D},
    **{f"{kind}Pool{d}": f"{kind}Pool{d.lower()}" for kind in ("Max", "Avg") for d in _D},
}
_NAMES = {"strides": "stride", "pool_size": "kernel_size"}
_KEPT = ("BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm", "Dropout", "Identity")


def output_shape(
    call: Call, layer: Layer, effect: str, activations: Container[str], shape: Shape | None
) -> Shape | None:
    """The shape of a block's output; None when that is not known."""
    if shape is not None and 0 in shape:
        shape = tuple(None if size == 0 else size for size in shape)
    if layer.type in _TYPES:
        return _images(call, layer, shape)
    if layer.type == "Dense":
        flat = flag(setting(layer, "flatten", TRUE))
        if flat:
            return (shape[0] if shape else None, layer.units.value)
        return None if flat is None else shapes.dense(shape, layer.units.value)
    if layer.type.startswith("Global"):
        return (
            None
            if shape is None or len(shape) < 3 or not _channels_first(layer)
            else (*shape[:2], *(1,) * (len(shape) - 2))
        )
    if layer.type == "Flatten":
        return shapes.flatten(shape)
    if layer.type == "Embedding":
        return shapes.embedding(shape, layer.units.value)
    if effect == "rnn":
        return _recurrent(layer, shape)
    return shape if layer.type in _KEPT or effect in activations else None


def _channels_first(layer: Layer) -> bool:
    layout = setting(layer, "layout", Const("NC"))
    return str(constant(layout)).startswith("NC")


def _images(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    known_ceil = not layer.type.endswith(_D) or "Pool" not in layer.type or setting(layer, "ceil_mode", FALSE) == FALSE
    if not _channels_first(layer) or not known_ceil:
        return None
    given = {_NAMES.get(name, name): value for name, value in layer.args}
    if "Pool" in layer.type and setting(layer, "pool_size", NONE) == NONE:
        given["kernel_size"] = Const(2)
    as_torch = replace(layer, type=_TYPES[layer.type], args=tuple(given.items()))
    return torch_layer_shapes.output_shape(call, as_torch, (), shape)


def _recurrent(layer: Layer, shape: Shape | None) -> Shape | None:
    """All steps, whichever axis they are on."""
    units, both = whole(setting(layer, "hidden_size", UNKNOWN)), flag(setting(layer, "bidirectional", FALSE))
    if shape is None or len(shape) != 3:
        return None
    return (*shape[:2], None if units is None or both is None else units * (1 + both))
