"""What a test says: whether it is known to be true, and what a branch may assume."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.reader.local import LocalClass, LocalFunction
from mllint.values import NONE, UNKNOWN, Choice, Const, Layer, Loss, Obj, Tuple, Value, choice

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


_TRUE = ("sklearn.", "torch.optim.", "torch.amp.")
"""Kinds without a length, which always count as true."""


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
    elif isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator, right = test.comparisons[0].operator, test.comparisons[0].comparator
        if isinstance(operator, (cst.Is, cst.IsNot)) and isinstance(right, cst.Name) and right.value == "None":
            wanted = isinstance(operator, cst.Is) is outcome
            _keep(engine, test.left, lambda value: (value == NONE) is wanted)
        elif isinstance(operator, (cst.Equal, cst.NotEqual)) and isinstance(right, (cst.SimpleString, cst.Integer)):
            from mllint.reader.expressions import evaluate

            other = evaluate(engine, right)
            wanted = isinstance(operator, cst.Equal) is outcome
            _keep(
                engine,
                test.left,
                lambda value: not isinstance(value, Const) or (value == other) is wanted,
                other if wanted else None,
            )


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
        if isinstance(holder, Obj) and holder.kind == "instance":
            narrowed = _narrowed(engine.get(holder, node.attr.value), keep)
            if narrowed is not None:
                engine.set(holder, node.attr.value, narrowed)


def _narrowed(value: Value | None, keep: Callable[[Value], bool]) -> Value | None:
    if not isinstance(value, Choice):
        return None
    kept = [option for option in value.options if keep(option)]
    return choice(kept) if kept and len(kept) < len(value.options) else None
