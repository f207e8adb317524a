"""Shapes of what methods of tensors give; None is a size, or a shape, that is not known."""

from __future__ import annotations

import pytest

from mllint.frameworks import torch_shapes
from mllint.frameworks.shapes import Shape
from mllint.values import FALSE, NONE, UNKNOWN, Const, Data, Slice, Tuple, Value

ALL = Slice(NONE, NONE, NONE)


def index(*parts: Value) -> Value:
    return parts[0] if len(parts) == 1 else Tuple(parts)


@pytest.mark.parametrize(
    ("shape", "given", "wanted"),
    [
        ((None, 5), index(Const(0)), (5,)),
        ((None, 5), index(ALL, Const(0)), (None,)),
        ((None, 5), index(ALL, Slice(Const(0), Const(1), NONE)), (None, 1)),
        ((None, 5), index(ALL, Slice(Const(2), NONE, NONE)), (None, 3)),
        ((None,), index(ALL, NONE), (None, 1)),
        ((None,), index(NONE, ALL), (1, None)),
        ((8, 3, 5), index(Const(Ellipsis), Const(-1)), (8, 3)),
        ((8, 3, 5), index(ALL, Const(-1), ALL), (8, 5)),
        ((8, 5), index(Data(shape=())), (5,)),
        ((8, 5), index(Data(shape=(None,))), (None, 5)),
        ((8, 5), index(Data()), None),
        ((8, 5), index(UNKNOWN), None),
        ((8,), index(ALL, Const(0)), None),
        (None, index(ALL, NONE), None),
    ],
)
def test_indexed(shape: Shape | None, given: Value, wanted: Shape | None) -> None:
    assert torch_shapes.indexed(shape, given) == wanted


@pytest.mark.parametrize(
    ("shape", "dim", "wanted"),
    [
        ((None, 1), NONE, (None,)),
        ((None, 4), NONE, (None, 4)),
        ((None, None), NONE, None),
        ((None, 1), Const(1), (None,)),
        ((None, 1), Const(-1), (None,)),
        ((None, 4), Const(1), (None, 4)),
        ((None, None), Const(1), None),
        ((None, 1), UNKNOWN, None),
        (None, NONE, None),
    ],
)
def test_squeezed(shape: Shape | None, dim: Value, wanted: Shape | None) -> None:
    assert torch_shapes.squeezed(shape, dim) == wanted


@pytest.mark.parametrize(
    ("shape", "dim", "keepdim", "wanted"),
    [
        ((None, 4), NONE, False, ()),
        ((None, 4), Const(1), False, (None,)),
        ((None, 4), Const(1), True, (None, 1)),
        ((None, 4, 4), Tuple((Const(-1), Const(-2))), False, (None,)),
        ((None, 4), Const(1), None, None),
        ((None, 4), Const(2), False, None),
        ((None, 4), FALSE, False, None),
    ],
)
def test_without_axis(shape: Shape | None, dim: Value, keepdim: bool | None, wanted: Shape | None) -> None:
    assert torch_shapes.without_axis(shape, dim, keepdim) == wanted


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ((None, 4), (4,), (None,)),
        ((None, 4), (4, 1), (None, 1)),
        ((4,), (4, 2), (2,)),
        ((4,), (4,), ()),
        ((7, None, 4), (7, 4, 2), (7, None, 2)),
        ((None, 4), None, None),
    ],
)
def test_product(first: Shape | None, second: Shape | None, wanted: Shape | None) -> None:
    assert torch_shapes.product(first, second) == wanted


@pytest.mark.parametrize(
    ("found", "dim", "new", "wanted"),
    [
        ([(2, 3), (4, 3)], Const(0), False, (6, 3)),
        ([(None, 3), (None, 5)], Const(1), False, (None, 8)),
        ([(3,), (3,)], Const(0), True, (2, 3)),
        ([(3,), (3,)], Const(-1), True, (3, 2)),
        ([(), ()], Const(0), True, (2,)),
        ([(3,), None], Const(0), False, None),
        ([(3,), (3,)], UNKNOWN, True, None),
    ],
)
def test_stacked(found: list[Shape | None], dim: Value, new: bool, wanted: Shape | None) -> None:
    assert torch_shapes.stacked(found, dim, new=new) == wanted
