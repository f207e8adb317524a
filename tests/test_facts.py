"""The laws of ``Fact``, by exhaustion over small sets of values."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from mllint.facts import LIMIT, Fact, Site, known, nothing

VALUES: tuple[Any, ...] = (0, 1, True, "a")
"""``1 == True`` in Python, but they are two possibilities."""


def _subsets(values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [chosen for size in range(1, len(values) + 1) for chosen in combinations(values, size)]


FACTS: list[Fact[Any]] = [nothing(), *(Fact(tuple((value, None) for value in chosen)) for chosen in _subsets(VALUES))]
QUESTIONS = _subsets((0, 1, "a", "b"))


@pytest.mark.parametrize(("a", "b"), list(product(FACTS, FACTS)))
def test_equality_is_that_of_the_possibilities(a: Fact[Any], b: Fact[Any]) -> None:
    same = {(type(v), v) for v in a.values} == {(type(v), v) for v in b.values} and a.known == b.known
    assert (a == b) is same
    assert (b == a) is same
    assert not same or hash(a) == hash(b)


@pytest.mark.parametrize(("a", "b"), list(product(FACTS, FACTS)))
def test_join(a: Fact[Any], b: Fact[Any]) -> None:
    joined = a.join(b)
    assert joined == b.join(a)
    assert joined.join(a) == joined
    assert a.join(a) == a
    assert joined.known is (a.known and b.known)
    for values in QUESTIONS:
        assert joined.must_be(*values) is (a.must_be(*values) and b.must_be(*values))
        assert joined.cannot_be(*values) is (a.cannot_be(*values) and b.cannot_be(*values))
        assert joined.may_be(*values) is (a.may_be(*values) or b.may_be(*values) or not joined.known)


@pytest.mark.parametrize("a", FACTS)
def test_join_is_associative(a: Fact[Any]) -> None:
    for b, c in product(FACTS, FACTS):
        assert a.join(b).join(c) == a.join(b.join(c))


@pytest.mark.parametrize("fact", FACTS)
def test_the_three_verbs(fact: Fact[Any]) -> None:
    for values in QUESTIONS:
        if fact.known:
            assert fact.cannot_be(*values) is not fact.may_be(*values)
            assert not fact.must_be(*values) or fact.may_be(*values)
        else:
            assert (fact.must_be(*values), fact.cannot_be(*values), fact.may_be(*values)) == (False, False, True)
        assert fact.must(values.__contains__) is fact.must_be(*values)


def test_unknown_says_nothing() -> None:
    assert not nothing().known
    assert (nothing().values, nothing().value, nothing().site) == ((), None, None)
    assert not nothing().must(lambda _: True)
    assert repr(nothing()) == "unknown"


def test_one_possibility_has_a_value_and_two_have_none() -> None:
    assert known(3).value == 3
    assert known(3).join(known(4)).value is None
    assert repr(known(3).join(known(5))) == "3 | 5"


def test_the_limit() -> None:
    fact: Fact[int] = known(0)
    for value in range(1, LIMIT):
        fact = fact.join(known(value))
    assert fact.values == tuple(range(LIMIT))
    assert fact.join(known(0)) == fact
    assert not fact.join(known(LIMIT)).known


def test_the_first_site_is_kept() -> None:
    first, second = Site(object()), Site(object())
    assert known(1, first).join(known(1, second)).site is first
    assert known(1).join(known(2, second)).site is second


@pytest.mark.parametrize("fact", FACTS)
def test_map(fact: Fact[Any]) -> None:
    assert fact.map(lambda value: value) == fact
    assert fact.map(str).map(len) == fact.map(lambda value: len(str(value)))
    assert not fact.map(lambda _: None).known


def test_map_is_unknown_as_soon_as_one_result_is() -> None:
    assert not known(1).join(known(2)).map(lambda value: value if value == 1 else None).known
