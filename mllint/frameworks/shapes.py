"""Shapes of what layers give: pure arithmetic on axis sizes, the same for all frameworks.

A size is None where it is not known, a shape None where not even the rank is. A size that comes out as zero is one
that cannot be: the layer raises there; from zero on nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

Size: TypeAlias = int | None
Shape: TypeAlias = tuple[Size, ...]
Sizes: TypeAlias = Sequence[Size]
Padding: TypeAlias = Sequence[tuple[int, int]]
"""How much is added in front of and behind each spatial axis."""

BATCH: Size = None
"""The batch axis of a symbolic tensor: any size."""


def text(shape: Shape | None) -> str:
    """``(N, 28, 28, 32)``; ``?`` for a size that is not known."""
    if shape is None:
        return "?"
    first = ["N" if size is None else str(size) for size in shape[:1]]
    sizes = [*first, *("?" if size is None else str(size) for size in shape[1:])]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


# -- one axis ---------------------------------------------------------------------------------------------------------
def windows(size: Size, kernel: Size, stride: Size, pad: tuple[int, int] = (0, 0), dilation: Size = 1) -> Size:
    """How many places a sliding window has: convolution and pooling with explicit or no padding."""
    if not size or not kernel or not stride or not dilation:
        return None
    return max(0, (size + sum(pad) - dilation * (kernel - 1) - 1) // stride + 1)


def windows_rounded_up(size: Size, kernel: Size, stride: Size, pad: tuple[int, int], dilation: Size = 1) -> Size:
    """The same where the last window may hang over the end (``ceil_mode``), if it starts inside the input."""
    if not size or not kernel or not stride or not dilation:
        return None
    room = size + sum(pad) - dilation * (kernel - 1) - 1
    places = -(-room // stride) + 1
    if (places - 1) * stride >= size + pad[0]:
        places -= 1
    return max(0, places)


def windows_everywhere(size: Size, stride: Size) -> Size:
    """Places of a window that starts at every step (``padding="same"``)."""
    return -(-size // stride) if size and stride else None


def stretched(size: Size, kernel: Size, stride: Size, pad: Size = 0, dilation: Size = 1, extra: Size = 0) -> Size:
    """What a transposed convolution with explicit padding makes of an axis."""
    if not size or not kernel or not stride or not dilation or pad is None or extra is None:
        return None
    return max(0, (size - 1) * stride - 2 * pad + dilation * (kernel - 1) + extra + 1)


def times(size: Size, factor: float | None) -> Size:
    """An axis made longer by a factor, rounded down."""
    return int(size * factor) if size and factor is not None else None


def plus(size: Size, change: Size) -> Size:
    """An axis made longer or shorter."""
    return max(0, size + change) if size and change is not None else None


def product(sizes: Sizes) -> Size:
    """The size of several axes merged into one."""
    known = [size for size in sizes if size is not None]
    return prod(known) if len(known) == len(sizes) and 0 not in known else None


# -- whole shapes -----------------------------------------------------------------------------------------------------
def dense(shape: Shape | None, units: Size) -> Shape | None:
    """Another size of the last axis."""
    return (*shape[:-1], units) if shape else None


def spatial(shape: Shape | None, rank: int, channels_last: bool) -> Shape | None:
    """The axes between the batch and the channels; None unless there are ``rank`` of them."""
    if shape is None or len(shape) != rank + 2:
        return None
    return shape[1:-1] if channels_last else shape[2:]


def image(batch: Size, sizes: Sizes, channels: Size, channels_last: bool) -> Shape:
    """Batch, spatial axes and channels in the order of the layout."""
    return (batch, *sizes, channels) if channels_last else (batch, channels, *sizes)


def channels_of(shape: Shape | None, channels_last: bool) -> Size:
    """The size of the channel axis."""
    return None if shape is None or len(shape) < 2 else shape[-1 if channels_last else 1]


def flatten(shape: Shape | None, start: int = 1, end: int = -1) -> Shape | None:
    """The axes from ``start`` to ``end`` merged into one."""
    if shape is None or not -len(shape) <= start < len(shape) or not -len(shape) <= end < len(shape):
        return None
    first, last = start % len(shape), end % len(shape)
    return None if first > last else (*shape[:first], product(shape[first : last + 1]), *shape[last + 1 :])


def reshape(sizes: Sizes, target: Sequence[int | None]) -> Shape | None:
    """``sizes`` as ``target``, in which -1 is worked out and None is a size that is not known."""
    if list(target).count(-1) > 1:
        return None
    total, rest = product(sizes), product([size for size in target if size != -1])
    free = total // rest if total is not None and rest and total % rest == 0 else None
    return tuple(free if size == -1 else size for size in target)


def permute(shape: Shape | None, order: Sequence[int]) -> Shape | None:
    """The axes in another order."""
    if shape is None or sorted(axis % len(shape) for axis in order) != list(range(len(shape))):
        return None
    return tuple(shape[axis] for axis in order)


def embedding(shape: Shape | None, size: Size) -> Shape | None:
    """One more axis at the end."""
    return None if shape is None else (*shape, size)


def recurrent(shape: Shape | None, units: Size, sequences: bool | None) -> Shape | None:
    """What a recurrent layer makes of (batch, steps, features): all steps or the last one."""
    if sequences is None or (shape is not None and len(shape) != 3):
        return None
    batch, steps = shape[:2] if shape is not None else (BATCH, None)
    return (batch, steps, units) if sequences else (batch, units)


def concatenate(shapes: Sequence[Shape | None], axis: int) -> Shape | None:
    """Tensors put one behind the other along an axis."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) != len(shapes) or len({len(shape) for shape in known}) != 1:
        return None
    rank = len(known[0])
    if not -rank <= axis < rank:
        return None
    along = axis % rank
    sizes = [shape[along] for shape in known]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return tuple(total if index == along else agreed([s[index] for s in known]) for index in range(rank))


def broadcast(shapes: Sequence[Shape | None]) -> Shape | None:
    """Tensors combined value by value; None where they do not fit."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) != len(shapes):
        return None
    rank = max(map(len, known))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in known), strict=True)
    result: list[Size] = []
    for column in columns:
        sizes = {size for size in column if size != 1}
        if len(sizes - {None}) > 1:
            return None
        result.append(next(iter(sizes - {None}), None if sizes else 1))
    return tuple(result)


def agreed(sizes: Sizes) -> Size:
    """The size that all have which have a known one."""
    found = {size for size in sizes if size is not None}
    return found.pop() if len(found) == 1 else None
