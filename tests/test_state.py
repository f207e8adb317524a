"""Forks and joins of the reader's state: what a join looks at, and that size costs no more than it must."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mllint.reader import read
from mllint.reader.state import State, _apart, join_states, widen
from mllint.stack import with_deep_stack
from mllint.values import UNKNOWN, Const, Value, choice, constant, options

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import scale


def _state(**values: int) -> State:
    state = State()
    for number in range(1000):
        state.put(number, {name: Const(value) for name, value in values.items()})
    return state


def _field(state: State | None, number: int) -> Value | None:
    return None if state is None else state.heap[number].get("x")


def _numbers(state: State | None, number: int) -> set[object]:
    value = _field(state, number)
    return set() if value is None else {constant(option) for option in options(value)}


def test_a_join_looks_at_what_was_written_since_the_fork() -> None:
    first = _state(x=1)
    second = first.fork()
    first.write(3, "x", Const(2))
    second.write(4, "x", Const(3))
    assert _apart(first.log, second.log)[1] == {3, 4}
    joined = join_states(first, second)
    assert _numbers(joined, 3) == {1, 2}
    assert _numbers(joined, 4) == {1, 3}
    assert _field(joined, 5) == Const(1)


def test_what_a_branch_wrote_is_known_to_the_branch_around_it() -> None:
    outer = _state(x=1)
    other = outer.fork()
    inner = outer.fork()
    inner.write(3, "x", Const(2))
    middle = join_states(outer, inner)
    assert middle is not None
    middle.write(6, "x", Const(5))
    joined = join_states(other, middle)
    assert _numbers(joined, 3) == {1, 2}
    assert _numbers(joined, 6) == {1, 5}


def test_forks_share_nothing_that_is_written_later() -> None:
    first = _state(x=1)
    second = first.fork()
    third = second.fork()
    for value, state in enumerate((first, second, third)):
        state.write(0, "x", Const(value))
    assert [_field(state, 0) for state in (first, second, third)] == [Const(0), Const(1), Const(2)]


def test_what_is_counted_in_a_branch_is_not_known_behind_the_loop() -> None:
    entry = _state(x=0)
    for _ in range(3):
        end = entry.fork()
        value = _field(end, 0)
        end.write(0, "x", choice((Const(0), Const(1), Const(2))) if value != Const(0) else choice((Const(0), Const(1))))
        widen(entry, end)
    assert _field(entry, 0) is UNKNOWN


def test_trying_out_a_loop_leaves_no_trace() -> None:
    """A loop of counted rounds is looked at once before it is read: that is no reading of what it calls."""
    text = "def f(x):\n    return x\nfor i in range(3):\n    y = f(i)\n"
    many = "".join(f"for i{n} in range(2):\n    y = f(i{n})\n" for n in range(10))
    assert read(text).program.limits == []
    assert read(text + many).program.limits == []


@pytest.mark.parametrize("shape", [name for name in scale.SHAPES if name != "chained"])
def test_large_programs_are_read(shape: str) -> None:
    text = scale.SHAPES[shape](2000)
    limits = with_deep_stack(lambda: read(text).program.limits)
    assert all(limit.startswith("not every call of ") for limit in limits)


def test_chained_calls_are_read() -> None:
    assert with_deep_stack(lambda: read(scale.chained(300)).program.losses) == []
