"""Shapes of what methods of tensors and functions on them give."""

from __future__ import annotations

from collections.abc import Sequence

from mllint.frameworks import shapes
from mllint.frameworks.configured import whole
from mllint.frameworks.shapes import Shape, Size
from mllint.frameworks.table import Call
from mllint.program import Reshape
from mllint.values import NONE, Data, Slice, Tuple, Value, constant

OUTER = "outer"
"""The mark of ``a[:, None]``: what it meets is meant to be compared with every value."""


# -- tensors ----------------------------------------------------------------------------------------------------------
def squeezed(shape: Shape | None, dim: Value) -> Shape | None:
    """Without axes of size one; an axis in front is taken for a batch of more than one."""
    if shape is None:
        return None
    if dim == NONE:
        if None in shape[1:]:
            return None
        return tuple(size for size in shape if size != 1)
    which = [whole(each) for each in dim.items] if isinstance(dim, Tuple) else [whole(dim)]
    axes = [axis % len(shape) for axis in which if axis is not None and -len(shape) <= axis < len(shape)]
    if len(axes) != len(which) or any(shape[axis] is None for axis in axes):
        return None
    return tuple(size for index, size in enumerate(shape) if index not in axes or size != 1)


def permuted(name: str, shape: Shape | None, dims: tuple[Value, ...]) -> Shape | None:
    """``permute``, ``transpose``, ``t`` …: the axes in another order."""
    if shape is None:
        return None
    rank = len(shape)
    if name in ("flip", "roll", "nan_to_num", "coalesce", "share_memory_", "retain_grad"):
        return shape
    if name in ("t", "T", "mT", "H"):
        return (*shape[:-2], shape[-1], shape[-2]) if rank >= 2 else shape
    given = dims[0].items if len(dims) == 1 and isinstance(dims[0], Tuple) else dims
    order = [whole(each) for each in given]
    axes = [axis for axis in order if axis is not None and -rank <= axis < rank]
    if len(axes) != len(order):
        return None
    if name == "permute":
        return shapes.permute(shape, axes)
    if name in ("transpose", "swapaxes") and len(axes) == 2:
        swapped = list(shape)
        swapped[axes[0]], swapped[axes[1]] = swapped[axes[1]], swapped[axes[0]]
        return tuple(swapped)
    return None


def without_axis(shape: Shape | None, dim: Value, keepdim: bool | None) -> Shape | None:
    """What is left of a shape when an axis is summed up."""
    if dim == NONE:
        return ()
    if shape is None or keepdim is None:
        return None
    which = [whole(each) for each in dim.items] if isinstance(dim, Tuple) else [whole(dim)]
    axes = [axis % len(shape) for axis in which if axis is not None and -len(shape) <= axis < len(shape)]
    if len(axes) != len(which):
        return None
    if keepdim:
        return tuple(1 if index in axes else size for index, size in enumerate(shape))
    return tuple(size for index, size in enumerate(shape) if index not in axes)


def indexed(shape: Shape | None, index: Value) -> Shape | None:
    """The shape of ``x[index]``, as far as the index is written out."""
    if shape is None:
        return None
    parts = list(index.items if isinstance(index, Tuple) else (index,))
    dots = [at for at, part in enumerate(parts) if constant(part) is Ellipsis]
    if len(dots) > 1:
        return None
    taken = sum(part != NONE and constant(part) is not Ellipsis for part in parts)
    if taken > len(shape):
        return None
    if dots:
        parts[dots[0] : dots[0] + 1] = [_ALL] * (len(shape) - taken)
    else:
        parts += [_ALL] * (len(shape) - taken)
    found: list[Size] = []
    left = list(shape)
    arrays = 0
    for part in parts:
        if part == NONE:
            found.append(1)
            continue
        size = left.pop(0)
        if isinstance(part, Slice):
            found.append(_cut(size, part))
        elif isinstance(part, Data) and part.shape is not None and len(part.shape) < 2:
            arrays += len(part.shape)
            found += [None] * len(part.shape)
        elif whole(part) is None:
            return None
    return tuple(found) if arrays <= 1 else None


_ALL = Slice(NONE, NONE, NONE)


def _cut(size: Size, part: Slice) -> Size:
    if part == _ALL:
        return size
    start, stop = whole(part.start), whole(part.stop)
    if part.step != NONE or (start is None and part.start != NONE) or (stop is None and part.stop != NONE):
        return None
    if size is None:
        return 1 if (start, stop) in ((-1, None), (None, 1), (0, 1)) else None
    return len(range(size)[start:stop])


def product(first: Shape | None, second: Shape | None) -> Shape | None:
    """The matrix product of two tensors."""
    if first is None or second is None or not first or not second:
        return None
    if len(second) == 1:
        return first[:-1]
    if len(first) == 1:
        return (*second[:-2], second[-1])
    batch = shapes.broadcast((first[:-2], second[:-2])) if len(first) + len(second) > 4 else ()
    return None if batch is None else (*batch, first[-2], second[-1])


def stacked(found: list[Shape | None], dim: Value, *, new: bool) -> Shape | None:
    """``torch.cat`` and ``torch.stack`` of tensors whose shapes are known."""
    axis = whole(dim)
    if axis is None or not found:
        return None
    if new:
        agreed = shapes.concatenate(found, 0)
        if agreed is None and any(each != () for each in found):
            return None
        rest = () if agreed is None else (shapes.agreed([each[0] for each in found if each]), *agreed[1:])
        at = axis if axis >= 0 else axis + len(rest) + 1
        return (*rest[:at], len(found), *rest[at:]) if 0 <= at <= len(rest) else None
    return shapes.concatenate(found, axis)


REGROUPED = "regrouped"
"""The mark of a tensor whose first axis may no more be the batch's: its rows were put together or apart."""


def reshaped(call: Call, data: Data, target: Sequence[int | None], keeps_batch: bool, result: Data) -> Data:
    """A batch in another shape. Where all axes but the batch's are known, so is whether its rows stay apart."""
    before = data.shape or ()
    row = shapes.product(before[1:])
    is_batch = len(before) > 1 and before[0] is None and REGROUPED not in data.tags
    if not is_batch or row is None or not (keeps_batch or target[0] == -1):
        kept = keeps_batch and is_batch
        tags = result.tags if kept else result.tags | {REGROUPED}
        return result.with_(shape=shapes.reshape(before, target), tags=tags)
    rest = shapes.reshape(before[1:], target[1:]) if keeps_batch else tuple(target[1:])
    after = (None, *(rest or (None,) * len(target[1:])))
    call.program.reshapes.append(Reshape(call.site, tuple(before), after, keeps_batch))
    tags = result.tags if keeps_batch or shapes.product(after[1:]) == row else result.tags | {REGROUPED}
    return result.did("reshaped", call.site, shape=after, tags=tags)


def is_batch(shape: Shape | None) -> bool:
    """Whether a tensor is a batch of rows with more than one number each."""
    return (
        shape is not None
        and len(shape) > 1
        and shape[0] is None
        and any(size is not None and size > 1 for size in shape[1:])
    )
