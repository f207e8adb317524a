"""Which columns are proven to be among others, and which shuffles are proven to differ."""

from __future__ import annotations

import pytest

from mllint.values import Columns, Move

TABLE = (1,)
WHOLE = Columns(TABLE, without=(), layout=TABLE)


def stretch(start: int, stop: int | None) -> Columns:
    return Columns(TABLE, layout=TABLE, start=start, stop=stop)


def named(*names: str, added: tuple[str, ...] = ()) -> Columns:
    return Columns(TABLE, names=names, added=added)


@pytest.mark.parametrize(
    ("columns", "other"),
    [
        (WHOLE, named("y")),
        (WHOLE, stretch(4, 5)),
        (WHOLE, stretch(-1, None)),
        (Columns(TABLE, without=("id",)), named("y")),
        (Columns(TABLE, without=("id",), added=("y",)), named("y", added=("y",))),
        (named("a", "y"), named("y")),
        (stretch(1, None), stretch(-1, None)),
        (stretch(0, 5), stretch(4, 5)),
        (stretch(-3, None), stretch(-2, -1)),
    ],
)
def test_proven_to_hold(columns: Columns, other: Columns) -> None:
    assert columns.holds(other)


@pytest.mark.parametrize(
    ("columns", "other"),
    [
        (Columns((2,), without=(), layout=(2,)), named("y")),
        (Columns(TABLE, without=("y",)), named("y")),
        (Columns(TABLE, without=("id",)), named("y", added=("y",))),
        (named("a"), named("y")),
        (stretch(0, -1), stretch(-1, None)),
        (stretch(0, 4), stretch(4, 5)),
        (stretch(0, 5), stretch(-1, None)),
        (stretch(0, -1), stretch(4, 5)),
        (stretch(1, None), stretch(0, 1)),
        (stretch(1, None), stretch(-2, -1)),
        (stretch(1, None), named("y")),
        (Columns(TABLE, layout=(1, 2)), stretch(4, 5)),
    ],
)
def test_not_proven_to_hold(columns: Columns, other: Columns) -> None:
    assert not columns.holds(other)


@pytest.mark.parametrize(
    ("columns", "one"),
    [
        (named("y"), True),
        (named("a", "b"), False),
        (stretch(3, 4), True),
        (stretch(-1, None), True),
        (stretch(-2, None), False),
        (WHOLE, False),
    ],
)
def test_one_column(columns: Columns, one: bool) -> None:
    assert columns.column() is one


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        (("seed", 1, 0), ("seed", 1, 0), False),
        (("seed", 1, 0), ("seed", 1, 1), True),
        (("seed", 1, 0), ("seed", 2, 0), True),
        (("free", 1, 0), ("free", 2, 0), True),
        (("free", 1, 0), ("maybe", 2, 0), True),
        (("maybe", 1, 0), ("maybe", 2, 0), False),
        (("maybe", 1, 0), ("seed", 1, 0), False),
        (("maybe", 1, 0), ("maybe", 1, 1), True),
    ],
)
def test_shuffles_apart(first: tuple[object, ...], second: tuple[object, ...], apart: bool) -> None:
    assert Move("shuffled", first).apart(Move("shuffled", second)) is apart
    assert Move("shuffled", second).apart(Move("shuffled", first)) is apart
    assert not Move("picked", first).apart(Move("shuffled", second))
