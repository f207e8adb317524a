"""Sizes, channels and ranks of consecutive layers."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from mllint.checks.evidence import notes, whole_number
from mllint.facts import Site
from mllint.program import LossUse, Program, Reshape
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import Applied, Data

Shape = tuple[int | None, ...]

LAST, CHANNELS = "last", "channels"
_TAKES = {
    "Linear": ("in_features", LAST, 0),
    **{f"Conv{n}d": ("in_channels", CHANNELS, n) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": ("in_channels", CHANNELS, n) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": ("num_features", CHANNELS, n) for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("input_size", LAST, 0)),
    **dict.fromkeys(("LayerNorm", "RMSNorm"), ("normalized_shape", LAST, 0)),
}
"""torch layers: the argument that says how large an axis of the input is, which axis, and the spatial axes of images."""
_MAPS = (
    "Conv",
    "MaxPool",
    "AvgPool",
    "AveragePool",
    "SeparableConv",
    "DepthwiseConv",
    "AdaptiveMaxPool",
    "AdaptiveAvgPool",
)
_GRID_TO_ROW = ("Flatten", "GlobalAveragePooling", "GlobalMaxPooling", "GlobalAvgPool", "GlobalMaxPool", "Reshape")
IMAGE_CHANNELS = (1, 3, 4)


def shown(shape: Shape) -> str:
    """A shape for people; the batch axis is ``N``."""
    sizes = [
        "N" if index == 0 and size is None else "?" if size is None else str(size) for index, size in enumerate(shape)
    ]
    return f"({', '.join(sizes)})"


# -- sizes ------------------------------------------------------------------------------------------------------------
@rule("ML606", ERROR)
def shape_mismatch(program: Program) -> Iterator[Finding]:
    """A torch layer is made for another size than its input has."""
    seen: set[Site] = set()
    for reshape in program.reshapes:
        row, wanted = prod(_sizes(reshape.before)), _product(reshape.after)
        if wanted and row % wanted and (reshape.keeps_batch or wanted % row):
            seen.add(reshape.site)
            yield Finding(
                reshape.site,
                f"each row has {row} numbers {shown(reshape.before)}, which do not fill rows of {wanted}: this raises",
                fix=hint(f"the rows are {row} long: let `flatten(1)` work it out, and make the next layer for {row}"),
            )
    for use in program.applied:
        found = _mismatch(use)
        if found is None or use.layer is None or use.site is None or use.layer.site is None or use.layer.site in seen:
            continue
        argument, wanted, size, before = found
        if _flattened(use.inputs[0], program) or _on_maps(use) or _channels_last(use):
            continue
        seen.add(use.layer.site)
        yield Finding(
            use.layer.site,
            f"`{use.layer.type}` is made for `{argument}={wanted}`, but its input has {size}: this raises",
            because=notes(
                (before, use.layer.site, f"the input comes from here, with {size}"),
                (use.site, use.layer.site, "the layer is applied here"),
            ),
            fix=hint(f"`{argument}={size}`, unless the layer before is the wrong one"),
        )


def _mismatch(use: Applied) -> tuple[str, int, int, Site | None] | None:
    """The argument and what it says, the size that the input has, and where that is decided."""
    layer = use.layer
    if layer is None or layer.framework != "torch" or layer.type not in _TAKES or len(use.inputs) != 1:
        return None
    argument, axis, spatial = _TAKES[layer.type]
    wanted = whole_number(layer.arg(argument))
    found = _size(use.inputs[0], axis, spatial)
    if wanted is None or found is None or found[0] == wanted or found[0] == 0:
        return None
    return argument, wanted, *found


def _size(data: Data, axis: str, spatial: int) -> tuple[int, Site | None] | None:
    """The size of an axis of a tensor: by its shape, else as the layers before leave it."""
    made = data.applied.layer.site if data.applied is not None and data.applied.layer is not None else None
    if data.shape is not None:
        if axis == LAST:
            size = data.shape[-1] if len(data.shape) > 1 else None
        else:
            size = data.shape[1] if len(data.shape) == spatial + 2 else None
        return None if size is None else (size, made)
    before = data.applied
    while before is not None and before.layer is not None and before.layer.framework == "torch":
        kind = before.layer.type
        if kind in _TAKES:
            same = _TAKES[kind][1] == axis and (axis == LAST or _TAKES[kind][2] == spatial)
            makes = kind == "Linear" or kind.startswith("Conv")
            if same and makes and before.layer.units.value is not None:
                return before.layer.units.value, before.layer.site
        if kind not in _KEEPING and not (axis == CHANNELS and "Pool" in kind and kind.endswith(f"{spatial}d")):
            return None
        if len(before.inputs) != 1:
            return None
        before = before.inputs[0].applied
    return None


_KEEPING = (
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "ELU",
    "SELU",
    "GELU",
    "SiLU",
    "Tanh",
    "Sigmoid",
    "Dropout",
    "Identity",
    "BatchNorm2d",
)


def _sizes(shape: Shape) -> list[int]:
    return [size for size in shape[1:] if size is not None]


def _product(shape: Shape) -> int | None:
    """The numbers in a row of a batch."""
    return prod(_sizes(shape)) if None not in shape[1:] else None


# -- feature maps -----------------------------------------------------------------------------------------------------
@rule("ML605", ERROR)
def missing_flatten(program: Program) -> Iterator[Finding]:
    """A dense head stands on feature maps that nobody made rows of."""
    seen: set[Site | None] = set()
    for use in program.applied:
        layer = use.layer
        if layer is None or layer.site is None or layer.site in seen or not _on_maps(use):
            continue
        shape = use.inputs[0].shape
        if shape is not None:
            seen.add(layer.site)
            yield Finding(
                layer.site,
                f"`Linear` is made for rows of {prod(_sizes(shape))} numbers, but gets feature maps {shown(shape)}, "
                "whose last axis alone it would take: this raises",
                because=notes((use.site, layer.site, "it is applied to them here")),
                fix=hint("flatten them first: `x = torch.flatten(x, 1)`"),
            )
    for loss in program.losses:
        head = _head_on_maps(loss)
        if head is not None and head.layer is not None and head.layer.site not in seen and head.layer.site is not None:
            seen.add(head.layer.site)
            yield Finding(
                head.layer.site,
                f"`{head.layer.type}` gets feature maps {shown(head.inputs[0].shape or ())}, so that every place of the image "
                f"has an output of its own, but each image has one target: {_harm(loss)}",
                because=notes(
                    (loss.target_site, head.layer.site, "the targets"), (loss.site, head.layer.site, "the loss")
                ),
                fix=hint("put `Flatten()` or a global pooling layer before it"),
            )


def _on_maps(use: Applied) -> bool:
    """Whether a torch ``Linear`` made for whole images gets feature maps."""
    layer = use.layer
    if layer is None or layer.framework != "torch" or layer.type != "Linear" or len(use.inputs) != 1:
        return False
    shape, wanted = use.inputs[0].shape, whole_number(layer.arg("in_features"))
    if shape is None or len(shape) != 4 or None in shape[1:] or shape[-1] == wanted:
        return False
    return prod(_sizes(shape)) == wanted


def _head_on_maps(use: LossUse) -> Applied | None:
    """The first dense layer on the maps of a Keras classifier whose targets are one a row."""
    target, prediction = use.target, use.prediction
    if use.framework != "keras" or target is None or prediction is None or len(prediction.shape or ()) < 4:
        return None
    one_a_row = target.shape is not None and len(target.shape) <= 2 and target.shape[1:] != (None,)
    if not one_a_row and not target.labels.must(lambda label: label.kind in ("integer", "one-hot")):
        return None
    if target.shape is not None and len(target.shape) > 2:
        return None
    first: Applied | None = None
    before = prediction.applied
    while before is not None and before.layer is not None and len(before.inputs) == 1:
        if before.layer.type == "Dense":
            first = before
        elif before.layer.type.startswith(_GRID_TO_ROW):
            return None
        elif before.layer.type.startswith(_MAPS):
            return first
        before = before.inputs[0].applied
    return None


def _harm(use: LossUse) -> str:
    return "the outputs are compared by broadcasting" if use.loss.family in ("mse", "mae", "huber") else "this raises"


# -- rows of a batch --------------------------------------------------------------------------------------------------
@rule("ML611", ERROR)
def batch_axis_mixed(program: Program) -> Iterator[Finding]:
    """Rows of a batch are merged or divided before a layer that takes rows."""
    seen: set[Site] = set()
    for use in program.applied:
        layer = use.layer
        if layer is None or layer.type != "Linear" or layer.framework != "torch" or len(use.inputs) != 1:
            continue
        found = _flattened(use.inputs[0], program)
        if found is None or found[0] in seen:
            continue
        site, message, advice = found
        seen.add(site)
        yield Finding(
            site, message, because=notes((layer.site, site, "the layer that gets these rows")), fix=hint(advice)
        )


def _flattened(data: Data, program: Program) -> tuple[Site, str, str] | None:
    """Where rows were mixed, what happened to them, and what to write."""
    step = data.last("reshaped", "flattened")
    if step is None or step.site is None:
        return None
    if step.kind == "flattened":
        return (
            step.site,
            "the batch axis is flattened with the others: the whole batch becomes one row",
            "`flatten(1)` keeps the batch axis",
        )
    reshape = next((each for each in program.reshapes if each.site == step.site and _moves_rows(each)), None)
    if reshape is None:
        return None
    row, wanted = prod(_sizes(reshape.before)), _product(reshape.after) or 0
    what = f"{row // wanted} rows of each" if row > wanted else f"one row of {wanted // row}"
    message = (
        f"each image has {row} numbers {shown(reshape.before)}, but the rows are made {wanted} long: "
        f"that makes {what}, and outputs no longer belong to the labels"
    )
    return step.site, message, f"`x.flatten(1)`, and make the next layer for {row}"


def _moves_rows(reshape: Reshape) -> bool:
    row, wanted = prod(_sizes(reshape.before)), _product(reshape.after)
    return bool(
        not reshape.keeps_batch and wanted and row and row != wanted and (row % wanted == 0 or wanted % row == 0)
    )


# -- channels ---------------------------------------------------------------------------------------------------------
@rule("ML612", ERROR)
def wrong_channel_order(program: Program) -> Iterator[Finding]:
    """Images with the channels at one end go into a convolution that looks for them at the other."""
    seen: set[Site] = set()
    for use in program.applied:
        layer = use.layer
        if layer is None or layer.site is None or layer.site in seen or len(use.inputs) != 1:
            continue
        shape = use.inputs[0].shape
        if shape is None or not (_channels_last(use) or _channels_first(use)):
            continue
        seen.add(layer.site)
        keras = layer.framework == "keras"
        yield Finding(
            layer.site,
            f"`{layer.type}` takes the {'last' if keras else 'second'} axis of {shown(shape)} for the channels, "
            f"but the images have theirs at the {'front' if keras else 'end'}" + ("" if keras else ": this raises"),
            because=notes((use.site, layer.site, "it is applied here")),
            fix=hint(
                'put the channels last, as in `input_shape=(height, width, channels)`, or set `data_format="channels_first"`'
                if keras
                else "`x = x.permute(0, 3, 1, 2)` puts the channels behind the batch axis"
            ),
        )


def _channels_last(use: Applied) -> bool:
    """Whether a torch convolution gets images with their channels at the end."""
    layer = use.layer
    if layer is None or layer.framework != "torch" or layer.type != "Conv2d" or not use.inputs:
        return False
    shape, wanted = use.inputs[0].shape, whole_number(layer.arg("in_channels"))
    if shape is None or len(shape) != 4 or wanted not in IMAGE_CHANNELS:
        return False
    return shape[3] == wanted and shape[1] is not None and shape[1] != wanted and shape[1] > 4


def _channels_first(use: Applied) -> bool:
    """Whether a Keras convolution that looks for channels at the end gets images with theirs in front."""
    layer = use.layer
    if layer is None or layer.framework != "keras" or layer.type not in ("Conv2D", "Convolution2D") or not use.inputs:
        return False
    data = use.inputs[0]
    shape = data.shape
    given = any(name in _LAYOUT for name, _ in layer.args)
    if shape is None or len(shape) != 4 or None in shape[1:] or given or _made_by_layer(data):
        return False
    channels, height, width = _sizes(shape)
    return channels in IMAGE_CHANNELS and height == width and width >= 8 and _keeps_channels_last(use, shape)


_LAYOUT = ("data_format", "dim_ordering", "border_mode", "init", "subsample", "**")
"""Arguments that say where the channels are, and those of Keras 1, which was told in a file in the user's home."""


def _made_by_layer(data: Data) -> bool:
    return (
        data.applied is not None
        and data.applied.layer is not None
        and data.applied.layer.type not in ("Input", "InputLayer")
    )


def _keeps_channels_last(use: Applied, before: Shape) -> bool:
    """Whether the output has its filters in the last axis: the layout is the default one."""
    after = use.shape
    return after is not None and use.layer is not None and after[-1] is not None and after[-1] == use.layer.units.value


# -- sizes of images --------------------------------------------------------------------------------------------------
@rule("ML613", ERROR)
def pooling_to_nothing(program: Program) -> Iterator[Finding]:
    """A window is larger than the image that is left."""
    seen: set[Site] = set()
    for use in program.applied:
        layer = use.layer
        if layer is None or layer.site is None or layer.site in seen or use.shape is None or len(use.inputs) != 1:
            continue
        before = use.inputs[0].shape
        if 0 not in use.shape[1:] or before is None or 0 in before or len(use.shape) < 3:
            continue
        seen.add(layer.site)
        yield Finding(
            layer.site,
            f"the image is {shown(before)} when it comes to this `{layer.type}`, whose window does not fit: this raises",
            because=notes((use.site, layer.site, "it is applied here")),
            fix=hint("leave out a pooling layer before it, pad, or start from larger images"),
        )
