"""A fact: a small set of possibilities, or unknown. Knows nothing of machine learning.

Three verbs ask about it. ``must_be`` and ``cannot_be`` are proofs and answer False when the fact is unknown, so that
a rule written the short way is silent when unsure; ``may_be`` is the doubt and answers True.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, NewType, TypeVar

T = TypeVar("T")
U = TypeVar("U")

Site = NewType("Site", object)
"""Where in the source something was decided: opaque, resolved to line and column only when it is printed."""

LIMIT = 6
"""A fact or value with more possibilities than this is unknown."""


class Fact(Generic[T]):
    """Possible values, each with the site that decided it (``None`` where a default did).

    ``options`` is ``None`` when nothing is known. Two facts are equal when their possible values are.
    """

    __slots__ = ("options",)

    def __init__(self, options: tuple[tuple[T, Site | None], ...] | None) -> None:
        self.options = options

    @property
    def known(self) -> bool:
        """Whether the possibilities are known."""
        return self.options is not None

    @property
    def values(self) -> tuple[T, ...]:
        """The possible values; empty when unknown."""
        return () if self.options is None else tuple(value for value, _ in self.options)

    @property
    def value(self) -> T | None:
        """The value, if there is exactly one possibility."""
        if self.options is not None and len(self.options) == 1:
            return self.options[0][0]
        return None

    @property
    def site(self) -> Site | None:
        """Where the first possibility that has a site was decided."""
        for _, site in self.options or ():
            if site is not None:
                return site
        return None

    def must_be(self, *values: T) -> bool:
        """Proven: every possibility is one of ``values``."""
        return self.options is not None and all(value in values for value, _ in self.options)

    def cannot_be(self, *values: T) -> bool:
        """Proven: no possibility is one of ``values``."""
        return self.options is not None and not any(value in values for value, _ in self.options)

    def may_be(self, *values: T) -> bool:
        """Not excluded: unknown, or some possibility is one of ``values``."""
        return self.options is None or any(value in values for value, _ in self.options)

    def must(self, predicate: Callable[[T], bool]) -> bool:
        """Proven: the predicate holds for every possibility."""
        return self.options is not None and all(predicate(value) for value, _ in self.options)

    def map(self, function: Callable[[T], U | None]) -> Fact[U]:
        """The fact about ``function`` of the value; unknown as soon as it gives None."""
        if self.options is None:
            return nothing()
        mapped: list[tuple[U, Site | None]] = []
        for value, site in self.options:
            result = function(value)
            if result is None:
                return nothing()
            mapped.append((result, site))
        return Fact(_unique(mapped))

    def join(self, other: Fact[T]) -> Fact[T]:
        """What holds when either fact may be the case: the union, unknown beyond ``LIMIT`` possibilities."""
        if self is other:
            return self
        if self.options is None or other.options is None:
            return nothing()
        options = _unique((*self.options, *other.options))
        return Fact(options) if len(options) <= LIMIT else nothing()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fact):
            return NotImplemented
        if self.options is None or other.options is None:
            return self.options is other.options
        return len(self.options) == len(other.options) and all(_among(value, other.options) for value in self.values)

    def __hash__(self) -> int:
        return hash(None if self.options is None else frozenset(map(repr, self.values)))

    def __repr__(self) -> str:
        return "unknown" if self.options is None else " | ".join(str(value) for value in self.values)


NOTHING: Fact[Any] = Fact(None)


def nothing() -> Fact[Any]:
    """The unknown fact."""
    return NOTHING


def known(value: T, site: Site | None = None) -> Fact[T]:
    """A fact with one possibility."""
    return Fact(((value, site),))


def _unique(options: Iterable[tuple[T, Site | None]]) -> tuple[tuple[T, Site | None], ...]:
    kept: list[tuple[T, Site | None]] = []
    for value, site in options:
        if not _among(value, kept):
            kept.append((value, site))
    return tuple(kept)


def _among(value: Any, options: Iterable[tuple[Any, Site | None]]) -> bool:
    """Whether a value is one of the possibilities; 1 and True are two."""
    return any(value == other and type(value) is type(other) for other, _ in options)
