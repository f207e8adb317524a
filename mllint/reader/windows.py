"""Windows that are cut out of token ids at places that are not known: ``ids[i : i + n]`` and, one further, ``ids[i + 1 : i + 1 + n]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks.table import Call
from mllint.frameworks.tokens import cut
from mllint.values import UNKNOWN, Const, Data, Slice, Tokens, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

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
    if isinstance(node, cst.Integer):
        return (), sign * int(node.value.replace("_", ""), 0)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Subtract)):
        left, first = _terms(node.left, sign)
        right, second = _terms(node.right, sign if isinstance(node.operator, cst.Add) else -sign)
        return tuple(sorted((*left, *right))), first + second
    return (f"{'-' if sign < 0 else ''}{_text(node)}",), 0


def _text(node: cst.CSTNode) -> str:
    bare = node.with_changes(lpar=(), rpar=()) if hasattr(node, "lpar") else node
    return cst.Module(body=[]).code_for_node(bare)
