"""Shapes of images on their way through torchvision's transforms: channels, height, width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mllint.frameworks.configured import numbers, whole
from mllint.frameworks.shapes import Shape, plus
from mllint.frameworks.table import Call
from mllint.values import NONE, UNKNOWN, Const, Obj, Tuple, Value, constant

POSITIONAL, KEYWORDS = "@positional", "@keywords"
"""Fields of a transform: what its class was called with."""
NAME = "@name"

_KEEPING = frozenset(
    {
        "ToTensor", "PILToTensor", "ToPILImage", "Normalize", "ConvertImageDtype", "ToImage", "ToDtype", "RandomHorizontalFlip",
        "RandomVerticalFlip", "RandomAffine", "RandomPerspective", "RandomGrayscale", "RandomErasing", "RandomInvert",
        "RandomPosterize", "RandomSolarize", "RandomAdjustSharpness", "RandomAutocontrast", "RandomEqualize", "ColorJitter",
        "GaussianBlur", "ElasticTransform", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix",
    }
)  # fmt: skip
_CROPPING = ("CenterCrop", "RandomCrop", "RandomResizedCrop")


def remembered(call: Call) -> Mapping[str, Value]:
    """A transform's arguments, to be kept in its fields."""
    keywords = tuple(Tuple((Const(name), value)) for name, (value, _) in call.keywords.items())
    given = {POSITIONAL: Tuple(tuple(value for value, _ in call.positional)), KEYWORDS: Tuple(keywords)}
    return given if call.complete else {}


def transformed(call: Call, transform: Value, shape: Shape | None) -> Shape | None:
    """The shape behind a transform or a list of them; None where one of them is not known."""
    if transform == NONE or shape is None:
        return shape
    if not isinstance(transform, Obj):
        return None
    if transform.kind.endswith(".Compose"):
        steps = call.items(call.get(transform, "transforms") or UNKNOWN)
        for step in steps or (UNKNOWN,):
            shape = transformed(call, step, shape)
        return shape
    name = constant(call.get(transform, NAME) or UNKNOWN)
    if name in _KEEPING:
        return shape
    positional, keywords = call.get(transform, POSITIONAL), call.get(transform, KEYWORDS)
    if not isinstance(positional, Tuple) or not isinstance(keywords, Tuple):
        return None
    given = {str(constant(pair.items[0])): pair.items[1] for pair in keywords.items if isinstance(pair, Tuple)}

    def argument(place: int, name: str, default: Value) -> Value:
        return positional.items[place] if place < len(positional.items) else given.get(name, default)

    if name in _CROPPING:
        return _sized(call, argument(0, "size", UNKNOWN), shape)
    if name == "Resize":
        return _resized(call, argument(0, "size", UNKNOWN), shape) if "max_size" not in given else None
    if name == "Pad":
        return _padded(call, argument(0, "padding", UNKNOWN), shape)
    if name == "Grayscale":
        channels = whole(argument(0, "num_output_channels", Const(1)))
        return None if channels is None else (channels, *shape[1:])
    if name == "RandomRotation":
        return shape if argument(2, "expand", Const(False)) == Const(False) else None
    return None


def _sized(call: Call, size: Value, shape: Shape) -> Shape | None:
    sides = numbers(call, size, 2)
    return None if sides is None else (shape[0], *sides)


def _resized(call: Call, size: Value, shape: Shape) -> Shape | None:
    """One number is the shorter side, which is both sides of a square."""
    shorter = whole(size)
    if shorter is None:
        return _sized(call, size, shape)
    return (shape[0], shorter, shorter) if shape[1] is not None and shape[1] == shape[2] else None


def _padded(call: Call, padding: Value, shape: Shape) -> Shape | None:
    """One number for all sides, two for left/right and top/bottom, four from the left clockwise."""
    margins: Sequence[int] | None = numbers(call, padding, 4)
    pair = numbers(call, padding, 2)
    if margins is None and pair is not None:
        margins = (*pair, *pair)
    if margins is None:
        return None
    left, top, right, bottom = margins
    return (shape[0], plus(shape[1], top + bottom), plus(shape[2], left + right))
