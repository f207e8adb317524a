"""Lists that are filled class by class: a loop over the classes around a loop over the files of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.values import Const, Obj, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


class Runs:
    """In which order labels came into each list, by the list's number. Repetitions of one label are one entry."""

    def __init__(self) -> None:
        self.loops: list[Value] = []
        """What the loops being read run over, the innermost last; loops read round by round are not among them."""
        self._orders: dict[int, tuple[Value | None, ...]] = {}

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

    def appended(self, engine: Interpreter, target: Obj, value: Value) -> None:
        """One item was appended."""
        if not self.loops:
            return
        label = self._label(engine, value)
        if label is not None:
            self._add(target, label)
        elif self.by_class(self.loops[-1]):
            self._orders[target.id] = self.order(self.loops[-1])
        else:
            self._add(target, None)

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


__all__ = ["Runs"]
