"""Which shape a layer of ``torch.nn`` or gluon gives, from its configuration and the shape of its input."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from mllint.frameworks import shapes
from mllint.frameworks.configured import hidden, numbers, setting, whole
from mllint.frameworks.shapes import Shape, Size
from mllint.frameworks.table import Call
from mllint.frameworks.tensors import ONE, ZERO, flag
from mllint.values import FALSE, NONE, UNKNOWN, Const, Layer, Value, constant

_RANKS = {"1d": 1, "2d": 2, "3d": 3}
_Parts = list[Size]


def _rank(layer: Layer) -> int:
    """How many spatial axes a layer works on by its name."""
    return _RANKS.get(layer.type[-2:].lower(), 0)


def _setting(call: Call, layer: Layer, name: str, default: Value) -> _Parts:
    """An argument's part for each spatial axis."""
    rank = _rank(layer)
    found = numbers(call, setting(layer, name, default), rank)
    return [None] * rank if found is None else list(found)


def _spatial(shape: Shape | None, rank: int, free: tuple[int, ...] = (2,)) -> tuple[Shape, Shape] | None:
    """A channels-first shape as what stands before the spatial axes, and these."""
    if shape is None or len(shape) - rank not in free:
        return None
    return shape[: len(shape) - rank], shape[len(shape) - rank :]


def _weighted(before: Shape, units: Size) -> Shape:
    """The axes before the spatial ones with another number of channels; the batch may be missing."""
    return (*before[:-1], units)


# -- convolution ------------------------------------------------------------------------------------------------------
def _convolution(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    rank = _rank(layer)
    found = _spatial(shape, rank, (1, 2))
    if found is None:
        return None
    before, sizes = found
    kernel, stride, dilation = (
        _setting(call, layer, name, default)
        for name, default in (("kernel_size", UNKNOWN), ("stride", ONE), ("dilation", ONE))
    )
    padding = constant(setting(layer, "padding", ZERO))
    if padding == "same":
        return (*_weighted(before, layer.units.value), *sizes)
    pads = [0] * rank if padding == "valid" else _setting(call, layer, "padding", ZERO)
    made = [
        None if p is None else shapes.windows(n, k, s, (p, p), d)
        for n, k, s, p, d in zip(sizes, kernel, stride, pads, dilation, strict=True)
    ]
    return (*_weighted(before, layer.units.value), *made)


def _transposed(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    found = _spatial(shape, _rank(layer), (1, 2))
    if found is None:
        return None
    before, sizes = found
    settings = (
        ("kernel_size", UNKNOWN),
        ("stride", ONE),
        ("padding", ZERO),
        ("dilation", ONE),
        ("output_padding", ZERO),
    )
    parts = [_setting(call, layer, name, default) for name, default in settings]
    made = [shapes.stretched(*each) for each in zip(sizes, *parts, strict=True)]
    return (*_weighted(before, layer.units.value), *made)


# -- pooling and resizing ---------------------------------------------------------------------------------------------
def _pool(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    found = _spatial(shape, _rank(layer), (1, 2))
    if found is None or setting(layer, "return_indices", FALSE) != FALSE:
        return None
    before, sizes = found
    kernel = _setting(call, layer, "kernel_size", UNKNOWN)
    stride = kernel if setting(layer, "stride", NONE) == NONE else _setting(call, layer, "stride", NONE)
    pads, dilation = _setting(call, layer, "padding", ZERO), _setting(call, layer, "dilation", ONE)
    up = flag(setting(layer, "ceil_mode", FALSE))
    count = shapes.windows_rounded_up if up else shapes.windows
    made = [
        None if p is None or up is None else count(n, k, s, (p, p), d)
        for n, k, s, p, d in zip(sizes, kernel, stride, pads, dilation, strict=True)
    ]
    return (*before, *made)


def _adaptive(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    rank = _rank(layer)
    found = _spatial(shape, rank, (1, 2))
    if found is None or setting(layer, "return_indices", FALSE) != FALSE:
        return None
    before, sizes = found
    wanted = setting(layer, "output_size", UNKNOWN)
    if isinstance(wanted, Const):
        return (*before, *([whole(wanted)] * rank if wanted != NONE else sizes))
    items = call.items(wanted)
    if items is None or len(items) != rank:
        return (*before, *(None,) * rank)
    return (*before, *(size if item == NONE else whole(item) for size, item in zip(sizes, items, strict=True)))


def _upsample(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    if shape is None or len(shape) < 3:
        return None
    before, sizes, rank = shape[:2], shape[2:], len(shape) - 2
    size, factor = setting(layer, "size", NONE), setting(layer, "scale_factor", NONE)
    if size != NONE:
        found = numbers(call, size, rank)
        return (*before, *(found or (None,) * rank))
    factors: list[float | None] = [None] * rank
    items = call.items(factor) if not isinstance(factor, Const) else [factor] * rank
    if items is not None and len(items) == rank:
        factors = [
            n if isinstance(n := constant(item), (int, float)) and not isinstance(n, bool) else None for item in items
        ]
    return (*before, *(shapes.times(n, f) for n, f in zip(sizes, factors, strict=True)))


def _padded(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    """``ZeroPad2d((left, right, top, bottom))``: the last axis comes first."""
    rank = _rank(layer)
    found = _spatial(shape, rank, (1, 2))
    if found is None:
        return None
    before, sizes = found
    margins = numbers(call, setting(layer, "padding", UNKNOWN), 2 * rank)
    if margins is None:
        return (*before, *(None,) * rank)
    sums = [sum(margins[2 * axis : 2 * axis + 2]) for axis in range(rank)][::-1]
    return (*before, *map(shapes.plus, sizes, sums))


def _pixel_shuffle(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    factor = whole(setting(layer, "upscale_factor", UNKNOWN))
    if shape is None or len(shape) < 3 or not factor:
        return None
    *before, channels, height, width = shape
    return (
        *before,
        channels // factor**2 if channels else None,
        shapes.times(height, factor),
        shapes.times(width, factor),
    )


# -- axes -------------------------------------------------------------------------------------------------------------
def _flatten(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    start, end = whole(setting(layer, "start_dim", ONE)), whole(setting(layer, "end_dim", Const(-1)))
    return None if start is None or end is None else shapes.flatten(shape, start, end)


def _unflatten(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    axis, items = whole(setting(layer, "dim", UNKNOWN)), call.items(setting(layer, "unflattened_size", UNKNOWN))
    if shape is None or axis is None or items is None or not -len(shape) <= axis < len(shape):
        return None
    at = axis % len(shape)
    made = shapes.reshape(shape[at : at + 1], [whole(item) for item in items])
    return None if made is None else (*shape[:at], *made, *shape[at + 1 :])


def _glu(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    axis = whole(setting(layer, "dim", Const(-1)))
    if shape is None or axis is None or not -len(shape) <= axis < len(shape):
        return None
    at = axis % len(shape)
    size = shape[at]
    return (*shape[:at], None if size is None else size // 2, *shape[at + 1 :])


def _kept(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shape


# -- features and sequences -------------------------------------------------------------------------------------------
def _linear(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shapes.dense(shape, layer.units.value)


def _embedding(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shapes.embedding(shape, layer.units.value)


def _bag(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return (shape[0], layer.units.value) if shape is not None and len(shape) == 2 else None


def _recurrent(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    """All steps, whichever axis they are on."""
    return (*shape[:-1], layer.units.value) if shape is not None and len(shape) in (2, 3) else None


_Rule = Callable[[Call, Layer, Shape | None], Shape | None]
_D = ("1d", "2d", "3d")
_TORCH: Mapping[str, _Rule] = {
    **{f"{lazy}Conv{d}": _convolution for d in _D for lazy in ("", "Lazy")},
    **{f"ConvTranspose{d}": _transposed for d in _D},
    **{f"{kind}Pool{d}": _pool for kind in ("Max", "Avg") for d in _D},
    **{f"Adaptive{kind}Pool{d}": _adaptive for kind in ("Max", "Avg") for d in _D},
    **dict.fromkeys(("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"), _upsample),
    **{f"{kind}Pad{d}": _padded for kind in ("Zero", "Reflection", "Replication", "Constant", "Circular") for d in _D},
    **dict.fromkeys(("Linear", "LazyLinear", "Bilinear", "RNNCell", "GRUCell", "LSTMCell"), _linear),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    **{f"{lazy}{kind}Norm{d}": _kept for kind in ("Batch", "Instance") for d in _D for lazy in ("", "Lazy")},
    **{f"{alpha}Dropout{d}": _kept for alpha in ("", "Alpha", "FeatureAlpha") for d in ("", *_D)},
    **dict.fromkeys(("LayerNorm", "RMSNorm", "GroupNorm", "SyncBatchNorm", "LocalResponseNorm", "Identity", "ChannelShuffle",
                     "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder", "TransformerDecoderLayer",
                     "MultiheadAttention"), _kept),
    "PixelShuffle": _pixel_shuffle, "Flatten": _flatten, "Unflatten": _unflatten, "GLU": _glu, "Embedding": _embedding,
    "EmbeddingBag": _bag,
}  # fmt: skip


def output_shape(call: Call, layer: Layer, activations: Container[str], shape: Shape | None) -> Shape | None:
    """The shape of a torch layer's output; None when that is not known. An activation keeps the shape."""
    if shape is not None and 0 in shape:
        shape = tuple(None if size == 0 else size for size in shape)
    rule = _TORCH.get(layer.type) or (_kept if layer.type in activations else None)
    return None if rule is None else rule(call, layer, shape)


_ARGUMENTS = {
    "Max": "kernel_size stride padding dilation ceil_mode return_indices",
    "Avg": "kernel_size stride padding ceil_mode",
    "Adaptive": "output_size return_indices",
    "Upsample": "size scale_factor mode",
}
_CLASSES = {"interpolate": "Upsample", "upsample": "Upsample"}


def function_as_layer(call: Call, name: str, given: Sequence[Value], rest: Mapping[str, Value]) -> Layer:
    """The layer that a function of ``torch.nn.functional`` is: ``max_pool2d(x, 2)``."""
    type_ = _CLASSES.get(name) or "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    names = next((order for start, order in _ARGUMENTS.items() if type_.startswith(start)), "p").split()
    args = (*zip(names, given, strict=False), *rest.items())
    return Layer("torch", type_, call.site, args=(*args, *hidden(call)))
