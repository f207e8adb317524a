"""Windows that are cut out of token ids at places that are not known: ``ids[i : i + n]`` and, one further, ``ids[i + 1 : i + 1 + n]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks.table import Call
from mllint.frameworks.tokens import cut
from mllint.values import TEMPORAL, UNKNOWN, Const, Data, Obj, Slice, Tokens, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

MAX_DIGITS = 100
"""Longer numbers are compared as they are written."""

Terms = tuple[tuple[str, ...], int]
"""A sum: what is added up, as written, and the whole number that is left."""


def another(engine: Interpreter, element: Value, node: Any) -> Value:
    """An element of a list at a place that is not known: other ids than those at other places."""
    if not isinstance(element, Data) or element.tokens is None:
        return element
    number = engine.number(engine.frame.number, id(node), element.tokens.origin, "another")
    return element.with_(tokens=Tokens(number, padding=element.tokens.padding, site=element.tokens.site))


def placed(engine: Interpreter, before: Data, after: Value, index: Value, node: Any) -> Value:
    """What a subscript of token ids gives, with the place where it was cut out."""
    ids = before.tokens
    if not isinstance(after, Data) or before.layer is not None or before.loss is not None:
        return after
    if not isinstance(node, cst.Subscript) or (ids is not None and after.tokens is None):
        return after
    base: tuple[object, ...] = (None, node.value) if ids is None else (ids.origin, ids.start, ids.cut)
    found = _window(engine, base, index, node)
    return after if found is None else after.with_(tokens=found)


def slid(engine: Interpreter, value: Value, cut_out: Value, node: Any) -> Value:
    """What a subscript gives, marked where it is a window that a loop slides over the rows one by one."""
    rows = isinstance(value, Data) or (isinstance(value, Obj) and value.kind in ("pandas.iloc", "pandas.loc"))
    if not rows or not isinstance(cut_out, Data) or not isinstance(node, cst.Subscript):
        return cut_out
    ids = isinstance(value, Data) and value.tokens is not None
    plain = cut_out.source.known and not ids and cut_out.dtype != "str" and cut_out.layer is None
    first = node.slice[0].slice if node.slice else None
    if not plain or not isinstance(first, cst.Slice) or first.lower is None or first.upper is None:
        return cut_out
    for loop in (engine.comprehension, *engine.loops[-1:], engine.frame.node):
        counter = _counter(loop)
        if counter is None:
            continue
        lower, upper = (_sum(end, loop) for end in (first.lower, first.upper))
        moves = lower[0].count(counter) == upper[0].count(counter) == 1
        if moves and (lower[0] != upper[0] or abs(upper[1] - lower[1]) > 1):
            return cut_out.did(TEMPORAL, cast("Site", node), "sliding windows")
    return cut_out


def cuts_to_the_end(node: cst.Subscript) -> bool:
    """Whether the first axis is cut up to its length: ``rows[n : len(rows)]``."""
    first = node.slice[0].slice if node.slice else None
    if not isinstance(first, cst.Slice) or first.upper is None:
        return False
    whole = _text(node.value)
    return _text(first.upper).replace(" ", "") in (f"len({whole})", f"{whole}.shape[0]")


def _counter(loop: Any) -> str | None:
    """The variable of a loop that counts one by one: ``for i in range(n)``; a data set's row number."""
    if isinstance(loop, cst.FunctionDef) and loop.name.value == "__getitem__" and len(loop.params.params) == 2:
        return loop.params.params[1].name.value
    if not isinstance(loop, (cst.For, cst.CompFor)) or not isinstance(loop.target, cst.Name):
        return None
    over = loop.iter
    if not isinstance(over, cst.Call) or not isinstance(over.func, cst.Name) or over.func.value not in _COUNTING:
        return None
    return loop.target.value if 1 <= len(over.args) <= 2 else None


_COUNTING = ("range", "trange", "xrange")


def _sum(node: cst.BaseExpression, loop: Any) -> Terms:
    """The terms of an end; a name that the loop's body assigns once at its top is what it is assigned."""
    if isinstance(node, cst.Name) and isinstance(loop, (cst.For, cst.FunctionDef)):
        for line in loop.body.body:
            for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(statement, cst.Assign) and _assigns(statement, node.value):
                    return _terms(statement.value)
    return _terms(node)


def _assigns(statement: cst.Assign, name: str) -> bool:
    target = statement.targets[0].target
    return isinstance(target, cst.Name) and target.value == name


def of_unknown(engine: Interpreter, index: Value, node: Any) -> Value:
    """``ids[:, 1:]`` of something unknown: what matters where it turns out to be token ids."""
    if isinstance(node, cst.Subscript):
        found = _window(engine, (None, node.value), index, node)
        if found is not None:
            return Data(space=UNKNOWN, tokens=found)
    ids = Tokens(engine.new("tokens.sliced", node, {}).id)
    left = cut(Call(engine, cast("Site", node), "unknown.__getitem__", (), {}, True), ids, index)
    moved = left is not None and left.origin == ids.origin and left != ids
    return Data(space=UNKNOWN, tokens=left) if moved else UNKNOWN


def _window(engine: Interpreter, base: tuple[object, ...], index: Value, node: Any) -> Tokens | None:
    if not isinstance(node, cst.Subscript) or not _somewhere(index):
        return None
    cuts = [
        each.slice
        for each in node.slice
        if isinstance(each.slice, cst.Slice) and (each.slice.lower or each.slice.upper)
    ]
    if len(cuts) != 1 or not all(isinstance(each.slice, cst.Slice) for each in node.slice):
        return None
    (first, start), (last, stop) = _terms(cuts[0].lower), _terms(cuts[0].upper)
    frame = engine.frame.number
    base = tuple(_text(each) if isinstance(each, cst.CSTNode) else each for each in base)
    origin = engine.number(frame, *base, first, last, "window")
    return Tokens(origin, start, stop, cut=engine.number(frame, id(node), "cut"), site=cast("Site", node))


def _somewhere(index: Value) -> bool:
    """Whether it is a slice with an end that is not known."""
    parts = index.items if isinstance(index, Tuple) else (index,)
    slices = [part for part in parts if isinstance(part, Slice)]
    return any(not isinstance(end, Const) for part in slices for end in (part.start, part.stop))


def _terms(node: cst.BaseExpression | None, sign: int = 1) -> Terms:
    """``i + 1 + n`` as ``i``, ``n`` and 1."""
    if node is None:
        return (), 0
    if isinstance(node, cst.Integer) and len(node.value) < MAX_DIGITS:
        return (), sign * int(node.value.replace("_", ""), 0)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Subtract)):
        left, first = _terms(node.left, sign)
        right, second = _terms(node.right, sign if isinstance(node.operator, cst.Add) else -sign)
        return tuple(sorted((*left, *right))), first + second
    return (f"{'-' if sign < 0 else ''}{_text(node)}",), 0


def _text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Name):
        return node.value
    text = cst.Module(body=[]).code_for_node(node)
    wrapped = len(getattr(node, "lpar", ()))  # some, as ``()``, are none without their parentheses: they only go here
    return text[wrapped:-wrapped].strip() if wrapped else text
