"""Lists of a table's column names, made by leaving some out: ``[c for c in frame.columns if c != "price"]``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import lineage
from mllint.values import Const, Data, Name, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


def names_in(value: Value) -> Data | None:
    """The column names that iterating over a frame or over names of its columns yields."""
    if not isinstance(value, Data) or value.chosen is None:
        return None
    if "names" in value.tags:
        return value
    return lineage.names_of(value) if "frame" in value.tags and "column" not in value.tags else None


def filtered(engine: Interpreter, names: Data, variable: str, tests: Sequence[cst.BaseExpression], site: Any) -> Data:
    """The names for which all tests hold, as far as these only leave out names that are known."""
    chosen = names.chosen
    for test in tests:
        if chosen is not None and _only_numbers(engine, test, variable):
            chosen = lineage.anew(chosen, cast("Site", site), numeric=True)
            continue
        left_out = _left_out(engine, test, variable)
        chosen = None if left_out is None else lineage.fewer(chosen, left_out, cast("Site", site))
    if chosen is not None and chosen.site is None and tests == ():
        chosen = replace(chosen, site=cast("Site", site))
    return names.with_(chosen=chosen)


def _left_out(engine: Interpreter, test: cst.BaseExpression, variable: str) -> tuple[str, ...] | None:
    """The names for which a test fails, if it holds for all others."""
    if isinstance(test, cst.BooleanOperation):
        left, right = (_left_out(engine, each, variable) for each in (test.left, test.right))
        if left is None or right is None:
            return None
        if isinstance(test.operator, cst.And):
            return (*left, *right)
        return tuple(name for name in left if name in right)
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _compared(engine, test.expression, variable, (cst.Equal, cst.In))
    return _compared(engine, test, variable, (cst.NotEqual, cst.NotIn))


def _compared(
    engine: Interpreter, test: cst.BaseExpression, variable: str, operators: tuple[type, type]
) -> tuple[str, ...] | None:
    from mllint.reader.expressions import evaluate

    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    operator, other = test.comparisons[0].operator, test.comparisons[0].comparator
    if not isinstance(operator, operators):
        return None
    one = isinstance(operator, operators[0])
    left = test.left
    if one and isinstance(other, cst.Name) and other.value == variable:
        left, other = other, left
    if not isinstance(left, cst.Name) or left.value != variable:
        return None
    value = evaluate(engine, other)
    if one:
        return (str(value.value),) if isinstance(value, Const) else None
    items = engine.items(value)
    if isinstance(value, Const) or items is None or not all(isinstance(item, Const) for item in items):
        return None
    return tuple(str(item.value) for item in items if isinstance(item, Const))


def _only_numbers(engine: Interpreter, test: cst.BaseExpression, variable: str) -> bool:
    """``frame[c].dtype != "object"``: all columns of numbers pass."""
    from mllint.reader.expressions import evaluate

    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    left, part = test.left, test.comparisons[0]
    of_column = (
        isinstance(left, cst.Attribute)
        and left.attr.value in ("dtype", "dtypes")
        and isinstance(left.value, cst.Subscript)
        and isinstance(left.value.slice[0].slice, cst.Index)
        and isinstance(left.value.slice[0].slice.value, cst.Name)
        and left.value.slice[0].slice.value.value == variable
    )
    if not of_column or not isinstance(part.operator, cst.NotEqual):
        return False
    value = evaluate(engine, part.comparator)
    text = value.value if isinstance(value, Const) else value.path if isinstance(value, Name) else repr(value)
    return str(text).rpartition(" ")[2].rpartition(".")[2] in ("object", "object_", "O", "str", "category")
