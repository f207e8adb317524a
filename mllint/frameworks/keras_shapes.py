"""Which shape a Keras layer gives, from its configuration and the shape of its input."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mllint.frameworks import shapes
from mllint.frameworks.configured import numbers, setting, whole
from mllint.frameworks.shapes import Shape, Size
from mllint.frameworks.table import Call, row
from mllint.frameworks.tensors import ONE, flag
from mllint.values import FALSE, NONE, UNKNOWN, Const, Layer, Obj, Value, constant

_LEGACY = {"border_mode", "subsample", "nb_row", "nb_col", "nb_filter", "filter_length", "subsample_length", "dim_ordering", "pool_length"}  # fmt: skip
"""Arguments of Keras 1, whose layers had other signatures."""
_CONFIGURATION = Obj(-1, "keras.config")
_FORMATS = {"th": "channels_first", "tf": "channels_last"}


# -- the layout of images ---------------------------------------------------------------------------------------------
@row(
    "keras.backend.set_image_data_format", "keras.config.set_image_data_format", "keras.backend.set_image_dim_ordering"
)
def set_image_data_format(call: Call, data_format: Value, **rest: Value) -> Value:
    found = constant(data_format)
    call.set(_CONFIGURATION, "image_data_format", Const(_FORMATS.get(found, found)) if found else UNKNOWN)
    return NONE


@row("keras.backend.image_data_format", "keras.config.image_data_format")
def image_data_format(call: Call) -> Value:
    return _layout(call)


def _layout(call: Call) -> Value:
    found = call.get(_CONFIGURATION, "image_data_format")
    return Const("channels_last") if found is None else found


@row("keras.backend.image_dim_ordering")
def image_dim_ordering(call: Call) -> Value:
    found = constant(_layout(call))
    return next((Const(old) for old, new in _FORMATS.items() if new == found), UNKNOWN)


def _channels_last(call: Call, layer: Layer) -> bool | None:
    """The layout a layer works on; None when that is not known."""
    own = setting(layer, "data_format", NONE)
    chosen = constant(_layout(call) if own == NONE else own)
    return {"channels_last": True, "channels_first": False}.get(chosen)


# -- windows ----------------------------------------------------------------------------------------------------------
def _rank(layer: Layer) -> int:
    """How many spatial axes a layer has by its name."""
    found = re.search(r"(\d)D", layer.type)
    return int(found[1]) if found else 0


def _images(call: Call, layer: Layer, shape: Shape | None, channels: Callable[[Size], Size], change: Callable[..., Size],
            *settings: tuple[str, Value]) -> Shape | None:  # fmt: skip
    """A shape with every spatial axis changed; ``change`` gets its size and its part of each setting."""
    rank, last = _rank(layer), _channels_last(call, layer)
    if shape is None:
        shape = (None,) * (rank + 2)
    if last is None or len(shape) != rank + 2:
        return None if len(shape) != rank + 2 else (shape[0],) + (None,) * (rank + 1)
    found = [numbers(call, setting(layer, name, default), rank) for name, default in settings]
    parts = [list(each) if each is not None else [None] * rank for each in found]
    spatial = shapes.spatial(shape, rank, last) or ()
    sizes = [change(size, *part) for size, *part in zip(spatial, *parts, strict=True)]
    return shapes.image(shape[0], sizes, channels(shapes.channels_of(shape, last)), last)


def _same(size: Size) -> Size:
    return size


def _window(padding: object) -> Callable[[Size, Size, Size, Size], Size]:
    def places(size: Size, kernel: Size, stride: Size, dilation: Size = 1) -> Size:
        if padding == "valid":
            return shapes.windows(size, kernel, stride, dilation=dilation)
        return shapes.windows_everywhere(size, stride) if padding in ("same", "causal") else None

    return places


def _padding(layer: Layer) -> object:
    found = constant(setting(layer, "padding", Const("valid")))
    return found.lower() if isinstance(found, str) else None


def _is_legacy(layer: Layer) -> bool:
    """Whether a layer is written as in Keras 1."""
    return any(name in _LEGACY for name, _ in layer.args)


def _convolution(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    change = _window(_padding(layer) if not _is_legacy(layer) else None)
    settings = (("kernel_size", UNKNOWN), ("strides", ONE), ("dilation_rate", ONE))
    return _images(call, layer, shape, lambda _: layer.units.value, change, *settings)


def _depthwise(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    multiplier = constant(setting(layer, "depth_multiplier", ONE))
    settings = (("kernel_size", UNKNOWN), ("strides", ONE), ("dilation_rate", ONE))
    return _images(
        call, layer, shape, lambda n: shapes.product([n, multiplier]), _window(_padding(layer)), *settings
    )  # fmt: skip


def _transposed(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    padding = _padding(layer) if setting(layer, "output_padding", NONE) == NONE and not _is_legacy(layer) else None

    def change(size: Size, kernel: Size, stride: Size, dilation: Size) -> Size:
        if not size or not kernel or not stride or not dilation or padding not in ("valid", "same"):
            return None
        return size * stride + (max(dilation * (kernel - 1) + 1 - stride, 0) if padding == "valid" else 0)

    settings = (("kernel_size", UNKNOWN), ("strides", ONE), ("dilation_rate", ONE))
    return _images(call, layer, shape, lambda _: layer.units.value, change, *settings)


def _pool(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    size = ("pool_size", Const(2))
    stride = setting(layer, "strides", NONE)
    strides = ("strides", NONE) if stride != NONE else size
    change = _window(_padding(layer) if not _is_legacy(layer) else None)
    return _images(call, layer, shape, _same, change, size, strides)


def _global_pool(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    keep = flag(setting(layer, "keepdims", FALSE))
    pooled = _images(call, layer, shape, _same, lambda size: 1)
    last = _channels_last(call, layer)
    if pooled is None or keep is None:
        return None
    return pooled if keep else (pooled[0], None if last is None else shapes.channels_of(pooled, last))


def _upsample(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return _images(call, layer, shape, _same, shapes.times, ("size", Const(2)))


def _margins(call: Call, layer: Layer, name: str) -> list[int] | None:
    """How much is added to or cut off each spatial axis: ``1``, ``(1, 2)``, ``((1, 1), (2, 2))``."""
    rank = _rank(layer)
    value = setting(layer, name, Const(0) if layer.type == "Cropping2D" else ONE)
    if isinstance(value, Const):
        alike = whole(value)
        return None if alike is None else [2 * alike] * rank
    if rank == 1:
        both = numbers(call, value, 2)
        return None if both is None else [sum(both)]
    found = []
    for item in call.items(value) or ():
        one, two = whole(item), numbers(call, item, 2)
        if two is None:
            return None
        found.append(2 * one if one is not None else sum(two))
    return found if len(found) == rank else None


def _padded(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    name, sign = ("cropping", -1) if layer.type.startswith("Cropping") else ("padding", 1)
    known = _margins(call, layer, name)
    margins = iter(known or ())

    def change(size: Size) -> Size:
        return shapes.plus(size, sign * next(margins)) if known is not None else None

    return _images(call, layer, shape, _same, change)


def _resized(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    last = _channels_last(call, layer)
    if shape is None or len(shape) != 4 or last is None:
        return None
    sizes = [
        size[0] if (size := numbers(call, setting(layer, name, UNKNOWN), 1)) else None for name in ("height", "width")
    ]
    return shapes.image(shape[0], sizes, shapes.channels_of(shape, last), last)


# -- sequences and axes -----------------------------------------------------------------------------------------------
def returns_sequences(layer: Layer) -> bool | None:
    """Whether a recurrent layer gives all steps."""
    return flag(setting(layer, "return_sequences", FALSE))


def _recurrent(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shapes.recurrent(shape, layer.units.value, returns_sequences(layer))


def _convolutional_recurrent(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    sequences, rank = returns_sequences(layer), _rank(layer)
    if shape is None or len(shape) != rank + 3 or sequences is None:
        return None
    filters = numbers(call, setting(layer, "filters", UNKNOWN), 1)
    settings = (("kernel_size", UNKNOWN), ("strides", ONE), ("dilation_rate", ONE))
    step = _images(
        call,
        layer,
        (shape[0], *shape[2:]),
        lambda _: filters[0] if filters else None,
        _window(_padding(layer)),
        *settings,
    )
    return step if step is None or not sequences else (step[0], shape[1], *step[1:])


def _flatten(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    if shape is None:
        return (None, None)
    return (*shape, 1) if len(shape) == 1 else shapes.flatten(shape)


def _reshape(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    items = call.items(setting(layer, "target_shape", UNKNOWN))
    if items is None:
        return None
    target = [item.value if isinstance(item, Const) and isinstance(item.value, int) else None for item in items]
    made = shapes.reshape(shape[1:] if shape is not None else (None,), target)
    return None if made is None else (shape[0] if shape is not None else None, *made)


def _permute(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    items = call.items(setting(layer, "dims", UNKNOWN))
    order = numbers(call, setting(layer, "dims", UNKNOWN), len(items)) if items is not None else None
    return None if order is None else shapes.permute(shape, (0, *order))


def _repeat(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    times = numbers(call, setting(layer, "n", UNKNOWN), 1)
    if shape is not None and len(shape) != 2:
        return None
    batch, units = shape if shape is not None else (None, None)
    return (batch, times[0] if times else None, units)


def _dense(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return None if _is_legacy(layer) else shapes.dense(shape, layer.units.value)


def _embedding(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shapes.embedding(shape, layer.units.value)


def _kept(call: Call, layer: Layer, shape: Shape | None) -> Shape | None:
    return shape


_BY_EFFECT: Mapping[str, Callable[[Call, Layer, Shape | None], Shape | None]] = {
    "dense": _dense, "conv": _convolution, "rnn": _recurrent, "embedding": _embedding, "activation": _kept, "keep": _kept,
    "normal": _kept, "flatten": _flatten, "reshape": _reshape, "global-pool": _global_pool, "pool": _pool,
}  # fmt: skip
_BY_TYPE: Mapping[str, Callable[[Call, Layer, Shape | None], Shape | None]] = {
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _convolutional_recurrent),
    **dict.fromkeys(("UpSampling1D", "UpSampling2D", "UpSampling3D"), _upsample),
    **dict.fromkeys(("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Cropping1D", "Cropping2D", "Cropping3D"), _padded),
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), _resized),
    **dict.fromkeys(("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
                     "Rescaling", "UnitNormalization"), _kept),
    "Permute": _permute, "RepeatVector": _repeat,
}  # fmt: skip


def output_shape(call: Call, layer: Layer, effect: str, shape: Shape | None) -> Shape | None:
    """The shape of a layer's output; None when that is not known."""
    if shape is not None and 0 in shape:
        shape = tuple(None if size == 0 else size for size in shape)
    found = _BY_TYPE.get(layer.type) or _BY_EFFECT.get(effect)
    return None if found is None else found(call, layer, shape)
