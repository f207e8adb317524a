"""One module put several times into a list or stack: ``[block] * 6``, ``[block for _ in range(6)]``, ``model.add(block)`` in a loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import libcst as cst

from mllint.facts import Site
from mllint.program import Repeated
from mllint.reader.classes import trains
from mllint.reader.walk import children, walk
from mllint.values import Const, Layer, Obj, Value

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

PUTTING = ("add", "append")
_ON_PURPOSE = re.compile(
    r"shar(?:e|es|ed|ing)\b|\btie[ds]?\b|\btying\b|albert|recurr|same (?:layer|block|weight)", re.IGNORECASE
)


def multiplied(engine: Interpreter, node: cst.CSTNode, items: list[Value], count: Value) -> None:
    """``[module] * n``."""
    if isinstance(count, Const) and isinstance(count.value, int) and count.value < 2:
        return
    elements = _elements(node)
    for index, item in enumerate(items):
        _keep(engine, item, node, elements[index] if len(elements) == len(items) else None)


def _elements(node: cst.CSTNode) -> list[cst.BaseExpression]:
    if isinstance(node, cst.BinaryOperation):
        for side in (node.left, node.right):
            if isinstance(side, (cst.List, cst.Tuple)):
                return [element.value for element in side.elements]
    return []


def comprehended(engine: Interpreter, node: cst.ListComp | cst.GeneratorExp, values: list[Value]) -> None:
    """``[module for _ in range(n)]``."""
    bound = {each for clause in _clauses(node.for_in) for each in _names(clause.target)}
    counts = isinstance(node.for_in.iter, cst.Call) and node.for_in.inner_for_in is None
    if isinstance(node.elt, (cst.Name, cst.Attribute)) and counts and values and not bound & _names(node.elt):
        _keep(engine, values[0], node, node.elt)


def put_in_loop(engine: Interpreter, node: cst.Call, arguments: Arguments) -> None:
    """``model.add(module)`` in a loop that does not make the module."""
    loop = engine.loops[-1]
    if len(node.args) != 1 or len(arguments.positional) != 1 or not isinstance(loop, cst.For):
        return
    written, value = node.args[0].value, arguments.positional[0][0]
    if (
        not isinstance(written, (cst.Name, cst.Attribute))
        or not isinstance(value, (Layer, Obj))
        or not trains(engine, value)
    ):
        return
    root = next(iter(_names(written)), "")
    inside = any(each is node for each in walk(loop.body))
    if inside and root not in _names(loop.target) and not any(_binds(each, written) for each in walk(loop.body)):
        _keep(engine, value, node, written)


def _keep(engine: Interpreter, value: Value, node: cst.CSTNode, written: cst.CSTNode | None) -> None:
    if not isinstance(value, (Layer, Obj)) or not trains(engine, value):
        return
    around = engine.frame.node
    text = engine.scope.file.text if around is None else cst.Module([]).code_for_node(around)
    if _ON_PURPOSE.search(text):
        return
    name = engine.text_of(cast("Site", written)) if isinstance(written, (cst.Name, cst.Attribute)) else ""
    engine.program.repeated.append(Repeated(cast("Site", node), value, value.site, name))


def _clauses(clause: cst.CompFor) -> list[cst.CompFor]:
    return [clause, *(_clauses(clause.inner_for_in) if clause.inner_for_in is not None else ())]


def _names(node: cst.CSTNode) -> set[str]:
    """The names in an expression; of an attribute the one in front."""
    if isinstance(node, cst.Attribute):
        return _names(node.value)
    if isinstance(node, cst.Name):
        return {node.value}
    return {name for child in children(node) for name in _names(child)}


def _binds(node: cst.CSTNode, written: cst.BaseExpression) -> bool:
    """Whether a statement gives the name another value."""
    if isinstance(node, cst.Assign):
        targets: list[cst.BaseExpression] = [target.target for target in node.targets]
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr)):
        targets = [node.target]
    else:
        return False
    return any(name in _names(written) for target in targets for name in _names(target))
