"""Lists that are filled class by class: a loop over the classes around a loop over the files of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import libcst as cst

from mllint.reader.walk import children
from mllint.values import Const, Obj, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


def _names(node: cst.CSTNode) -> set[str]:
    """The names in an expression."""
    found = {node.value} if isinstance(node, cst.Name) else set()
    return found.union(*map(_names, children(node)))


def _holds(node: cst.CSTNode, wanted: cst.CSTNode) -> bool:
    """Whether a node is inside of another, and under no condition but that something is known: ``if tag in index``."""
    if isinstance(node, cst.If) and not _asks_for_member(node.test):
        return False
    return node is wanted or any(_holds(each, wanted) for each in children(node))


def _asks_for_member(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Comparison) and all(isinstance(each.operator, cst.In) for each in test.comparisons)


def _bound(node: cst.CSTNode) -> set[str]:
    """The names that statements bind."""
    found: set[str] = set()
    if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For)) and isinstance(
        node.target, (cst.Name, cst.Tuple)
    ):
        found = _names(node.target)
    return found.union(*map(_bound, children(node)))


class Runs:
    """In which order labels came into each list, by the list's number. Repetitions of one label are one entry."""

    def __init__(self) -> None:
        self._loops: list[tuple[Value, cst.For | None]] = []
        """The loops being read and what they run over, the innermost last; loops read round by round are not among them."""
        self._innermost: list[cst.For | None] = []
        """All loops being read."""
        self._orders: dict[int, tuple[Value | None, ...]] = {}

    @contextmanager
    def inside(self, source: Value, node: cst.For | None = None) -> Iterator[None]:
        """While a loop over this is read."""
        self._loops.append((source, node))
        try:
            with self.turning(node):
                yield
        finally:
            self._loops.pop()

    @contextmanager
    def turning(self, node: cst.For | None) -> Iterator[None]:
        """While a loop is read, be it round by round."""
        self._innermost.append(node)
        try:
            yield
        finally:
            self._innermost.pop()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """While something is read on trial."""
        before = self._orders.copy()
        try:
            yield
        finally:
            self._orders = before

    def forget(self, number: int) -> None:
        """A list is new, or its order was changed."""
        self._orders.pop(number, None)

    def order(self, value: Value) -> tuple[Value | None, ...]:
        return self._orders.get(value.id, ()) if isinstance(value, Obj) else ()

    def set(self, target: Obj, order: tuple[Value | None, ...]) -> None:
        if order:
            self._orders[target.id] = order

    def by_class(self, value: Value) -> bool:
        """Whether labels of one class are proven to stand together, all of them, and there are several classes."""
        order = self.order(value)
        return len(order) > 1 and None not in order and len(set(order)) == len(order)

    def appended(self, engine: Interpreter, target: Obj, value: Value, written: cst.BaseExpression | None) -> None:
        """One item was appended."""
        if not self._loops:
            return
        label = self._label(engine, value)
        if label is not None:
            self._add(target, label)
        elif self._counts_classes(written):
            ends = (Const(("first", engine.rounds)), Const("others"))
            self._orders[target.id] = ends if self.order(target) in ((), ends) else (None,)
        elif self.by_class(self._loops[-1][0]):
            self._orders[target.id] = self.order(self._loops[-1][0])
        else:
            self._add(target, None)

    def fills_rows(self, target: cst.Subscript) -> bool:
        """``y[row, index[tag]] = 1`` in a loop over the tags of a row, which is chosen outside of the loop."""
        node = self._innermost[-1] if self._innermost else None
        places = [each.slice.value for each in target.slice if isinstance(each.slice, cst.Index)]
        if node is None or len(places) != len(target.slice) or len(places) not in (1, 2):
            return False
        if not _holds(node.body, target):  # a function that is called in the loop sets items of its own
            return False
        *rows, place = places
        turning = _names(node.target) | _bound(node.body)
        base: cst.CSTNode = target.value
        return not any(_names(each) & turning for each in (base, *rows)) and bool(_names(place) & turning)

    def _counts_classes(self, written: cst.BaseExpression | None) -> bool:
        """Whether an item as written holds the round of the outermost loop and is appended in a loop inside of that."""
        node = self._loops[0][1] if len(self._loops) > 1 else None
        called = node.iter.func if node is not None and isinstance(node.iter, cst.Call) else None
        if node is None or not isinstance(called, cst.Name):
            return False
        target: cst.BaseExpression = node.target
        if called.value == "enumerate" and isinstance(target, cst.Tuple) and target.elements:
            target = target.elements[0].value
        elif called.value != "range":
            return False
        parts = [e.value for e in written.elements] if isinstance(written, (cst.Tuple, cst.List)) else [written]
        return isinstance(target, cst.Name) and any(isinstance(p, cst.Name) and p.value == target.value for p in parts)

    def extended(self, target: Obj, source: Value) -> None:
        """All items of another list were appended."""
        for each in self.order(source):
            self._add(target, each)

    def _add(self, target: Obj, label: Value | None) -> None:
        order = self._orders.get(target.id, ())
        if (not order or order[-1] != label) and len(order) < 512:
            self._orders[target.id] = (*order, label)

    def _label(self, engine: Interpreter, value: Value) -> Value | None:
        """The label in an item: a constant, or the only one beside the features."""
        if isinstance(value, Const):
            return value
        items = engine.items(value) if isinstance(value, (Tuple, Obj)) else None
        found = [item for item in items or () if isinstance(item, Const)]
        return found[0] if len(found) == 1 else None
