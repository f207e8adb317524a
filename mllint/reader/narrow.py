"""What a test says: whether it is known to be true, and what a branch may assume."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.reader import enums
from mllint.reader.local import LocalClass, LocalFunction
from mllint.values import NONE, UNKNOWN, Choice, Const, Layer, Loss, Name, Obj, Tuple, Value, choice, options

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


_TRUE = ("sklearn.", "torch.optim.", "torch.amp.", "torchvision.transforms")
"""Kinds without a length, which always count as true."""


MAX_INSIDE = 3
"""How deep lists inside of lists are compared."""


def truth(engine: Interpreter, value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Choice):
        known = {truth(engine, option) for option in value.options}
        return known.pop() if len(known) == 1 else None
    if isinstance(value, (Layer, Loss, LocalFunction, LocalClass)):
        return True
    if isinstance(value, Tuple):
        return len(value.items) > 0
    if isinstance(value, Obj):
        if value.kind in ("list", "dict", "set"):
            items = engine.items(value)
            return None if items is None else len(items) > 0
        return True if value.kind == "instance" or value.kind.startswith(_TRUE) else None
    return None


def assume(engine: Interpreter, test: cst.BaseExpression, outcome: bool) -> None:
    """Narrow the variables of a test in the current state to what agrees with its outcome."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        assume(engine, test.expression, not outcome)
    elif isinstance(test, cst.BooleanOperation):
        if isinstance(test.operator, cst.And) is outcome:
            assume(engine, test.left, outcome)
            assume(engine, test.right, outcome)
    elif isinstance(test, (cst.Name, cst.Attribute)):
        _keep(engine, test, lambda value: truth(engine, value) is not (not outcome))
    elif isinstance(test, cst.Call):
        _assume_instance(engine, test, outcome)
    elif isinstance(test, cst.NamedExpr):
        assume(engine, test.target, outcome)
    elif isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        _assume_comparison(engine, test.left, test.comparisons[0], outcome)


def _assume_comparison(
    engine: Interpreter, left: cst.BaseExpression, part: cst.ComparisonTarget, outcome: bool
) -> None:
    from mllint.reader.expressions import evaluate

    operator, right = part.operator, part.comparator
    if not isinstance(right, (cst.Name, cst.Attribute, cst.SimpleString, cst.Integer, cst.Tuple, cst.List, cst.Set)):
        return
    if isinstance(left, cst.NamedExpr):
        left = left.target
    if not isinstance(left, (cst.Name, cst.Attribute)):
        return
    if isinstance(operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)):
        other = evaluate(engine, right)
        wanted = isinstance(operator, (cst.Is, cst.Equal)) is outcome
        exact = other if wanted and isinstance(other, Const) else None
        if not isinstance(other, Choice):
            _keep(engine, left, lambda value: same(engine, value, other) is not (not wanted), exact)
    elif isinstance(operator, (cst.In, cst.NotIn)):
        items = engine.items(evaluate(engine, right))
        wanted = isinstance(operator, cst.In) is outcome
        if items is not None:
            _keep(engine, left, lambda value: _is_among(engine, value, items) is not (not wanted))


def _is_among(engine: Interpreter, value: Value, items: list[Value]) -> bool | None:
    known = [same(engine, value, item) for item in items]
    return True if True in known else None if None in known else False


def _assume_instance(engine: Interpreter, test: cst.Call, outcome: bool) -> None:
    """``isinstance(x, kinds)``."""
    from mllint.reader.builtins import is_instance
    from mllint.reader.expressions import evaluate

    if isinstance(test.func, cst.Name) and test.func.value == "isinstance" and len(test.args) == 2:
        wanted = evaluate(engine, test.args[1].value)
        _keep(engine, test.args[0].value, lambda value: is_instance(engine, value, wanted) is not (not outcome))


def same(engine: Interpreter, a: Value, b: Value, depth: int = 0) -> bool | None:
    """Whether two values are equal; None when that is not known."""
    if isinstance(a, Const) and isinstance(b, Const):
        try:
            return bool(a.value == b.value)
        except Exception:  # whatever odd constants do
            return None
    if isinstance(a, Choice) or isinstance(b, Choice):
        known = {same(engine, x, y) for x in options(a) for y in options(b)}
        return known.pop() if len(known) == 1 else None
    first, second = enums.is_member(engine, a), enums.is_member(engine, b)
    if first or second:
        return _same_member(engine, a, b, first and second)
    if isinstance(a, Tuple) and isinstance(b, Tuple):
        return _same_items(engine, list(a.items), list(b.items), depth)
    if isinstance(a, Obj) and isinstance(b, Obj) and a.kind == b.kind == "list":
        x, y = engine.items(a), engine.items(b)
        return None if x is None or y is None else _same_items(engine, x, y, depth)
    if isinstance(a, (LocalFunction, LocalClass)) and isinstance(b, (LocalFunction, LocalClass, Const)):
        return a == b
    if NONE in (a, b) and isinstance(a if b == NONE else b, (Layer, Loss, Tuple, Obj, LocalFunction, LocalClass)):
        return False
    return True if isinstance(a, Name) and a == b else None


def _same_member(engine: Interpreter, a: Value, b: Value, both: bool) -> bool | None:
    if both and a == b:
        return True
    x, y = enums.plain(engine, a), enums.plain(engine, b)
    if isinstance(x, Const) and isinstance(y, Const):
        return bool(x.value == y.value)
    return False if both or isinstance(x, Const) or isinstance(y, Const) else None


def _same_items(engine: Interpreter, a: list[Value], b: list[Value], depth: int) -> bool | None:
    if depth > MAX_INSIDE:
        return None
    if len(a) != len(b):
        return None if UNKNOWN in a or UNKNOWN in b else False
    known = [same(engine, x, y, depth + 1) for x, y in zip(a, b, strict=True)]
    return False if False in known else None if None in known else True


def _keep(
    engine: Interpreter, node: cst.BaseExpression, keep: Callable[[Value], bool], exact: Value | None = None
) -> None:
    """Drop the possibilities of a variable or attribute that a test excludes."""
    if isinstance(node, cst.Name):
        value = engine.lookup(node.value)
        if value is UNKNOWN and exact is not None:
            engine.assign(node.value, exact)
            return
        narrowed = _narrowed(value, keep)
        if narrowed is not None:
            engine.assign(node.value, narrowed)
    elif isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
        holder: Any = engine.lookup(node.value.value)
        if isinstance(holder, Obj) and holder.kind == "namespace":
            value = engine.item(holder, node.attr.value)
            narrowed = exact if value is UNKNOWN and exact is not None else _narrowed(value, keep)
            if narrowed is not None:
                engine.set_item(holder, Const(node.attr.value), narrowed)
        if isinstance(holder, Obj) and holder.kind == "instance":
            narrowed = _narrowed(engine.get(holder, node.attr.value), keep)
            if narrowed is not None:
                engine.set(holder, node.attr.value, narrowed)


def _narrowed(value: Value | None, keep: Callable[[Value], bool]) -> Value | None:
    if not isinstance(value, Choice):
        return None
    kept = [option for option in value.options if keep(option)]
    return choice(kept) if kept and len(kept) < len(value.options) else None
