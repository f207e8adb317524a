"""Functions that are run only to find out what they compute, and what they do besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.reader.local import BoundFunction, LocalFunction
from mllint.values import Const, Data, Name, Obj, Tuple, Unknown, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

TENSORFLOW = "tensorflow.function"
TRACERS = frozenset(
    {TENSORFLOW, "jax.jit", "jax.pmap", "jax.pjit", "jax.experimental.pjit.pjit", "equinox.filter_jit", "haiku.jit"}
)


def decorated(engine: Interpreter, function: LocalFunction, decorator: cst.BaseExpression, value: Value) -> None:
    """Note a function that a decorator has traced: ``@tf.function``, ``@partial(jax.jit, static_argnums=0)``."""
    from mllint.reader.expressions import evaluate

    if isinstance(value, BoundFunction):
        value = value.function
    elif isinstance(decorator, cst.Call) and isinstance(decorator.func, (cst.Name, cst.Attribute)):
        value = evaluate(engine, decorator.func)
    path = table.canonical(value.path) if isinstance(value, Name) else ""
    if path in TRACERS:
        engine.trace(function, path, cast("Site", decorator))


def enter(engine: Interpreter, function: LocalFunction, values: list[Value]) -> int | None:
    """Begin to read a traced function: the conditions around its call; None for a function that is not traced."""
    if function.node not in engine.traced:
        return None
    engine.contexts.append(table.Context("traced", function, None, len(engine.made)))
    engine.given.append([held for value in values for held in _lists(engine, value)])
    guards, engine.guards = engine.guards, 0
    return guards


def leave(engine: Interpreter, guards: int) -> None:
    engine.contexts.pop()
    engine.given.pop()
    engine.guards = guards


def _lists(engine: Interpreter, value: Value, depth: int = 0) -> list[Value]:
    """The lists and dicts among arguments: a trace gets new ones of them."""
    if isinstance(value, Tuple):
        return [held for item in value.items for held in _lists(engine, item, depth + 1)]
    if isinstance(value, Obj) and value.kind in ("list", "dict") and depth < 4:
        inside = engine.items(value) or []
        return [value, *(held for item in inside for held in _lists(engine, item, depth + 1))]
    return []


def appended(engine: Interpreter, target: Obj, value: Value, site: Any) -> None:
    """Something is appended to a list."""
    if engine.given and not isinstance(value, Const):
        owner = site.func.value if isinstance(site, cst.Call) and isinstance(site.func, cst.Attribute) else None
        engine.effect("append", _text(owner), site, target)


def assigned(engine: Interpreter, target: cst.BaseExpression, holder: Value | None, value: Value) -> None:
    """A name or an attribute is assigned."""
    if not engine.given or not _is_traced_body(engine):
        return
    site = cast("Site", target)
    if isinstance(target, cst.Name):
        number = engine.frame.redirected.get(target.value)
        if number == engine.frame.globals and not any(word in target.value.lower() for word in ("trac", "compil")):
            engine.effect("global", target.value, site)
    elif isinstance(holder, Obj) and holder.kind == "instance" and isinstance(value, (Data, Unknown)):
        engine.effect("attribute", _text(target), site, holder)


def printed(engine: Interpreter, site: Any, values: list[Value]) -> None:
    """Something is printed: what a trace shows of a value is not the value."""
    if not engine.given or not isinstance(site, cst.Call) or not _is_traced_body(engine):
        return
    shown = [argument.value for argument in site.args if argument.keyword is None]
    if any(map(_is_value, values)) or any(_shows_value(engine, node) for node in shown):
        engine.effect("print", "print", cast("Site", site))


def _is_value(value: Value) -> bool:
    return isinstance(value, Data)


def _shows_value(engine: Interpreter, node: cst.BaseExpression) -> bool:
    from mllint.reader.expressions import evaluate

    if isinstance(node, cst.FormattedString):
        parts = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        return any(isinstance(part, cst.Name) and _shows_value(engine, part) for part in parts)
    if not isinstance(node, cst.Name):
        return False
    value = evaluate(engine, node)
    if not isinstance(value, Unknown):
        return _is_value(value)
    return node.value in _parameters(engine) or _is_computed(engine, node.value)


_ON_ARRAYS = ("jax.numpy.", "jax.nn.", "jax.lax.", "jax.scipy.")


def _is_computed(engine: Interpreter, name: str) -> bool:
    """Whether a name is given what a function on JAX arrays computes, once and nothing else: all that is traced."""
    from mllint.reader.expressions import evaluate

    node = engine.frame.node
    if not isinstance(node, cst.FunctionDef) or not isinstance(node.body, cst.IndentedBlock):
        return False
    lines = [line for line in node.body.body if isinstance(line, cst.SimpleStatementLine)]
    assigned = [each for line in lines for each in line.body if isinstance(each, cst.Assign) and _targets(each, name)]
    value = assigned[-1].value if len(assigned) == 1 else None
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
        return False
    function = evaluate(engine, value.func)
    return isinstance(function, Name) and function.path.startswith(_ON_ARRAYS)


def _targets(node: cst.Assign, name: str) -> bool:
    return any(isinstance(each.target, cst.Name) and each.target.value == name for each in node.targets)


def _parameters(engine: Interpreter) -> tuple[str, ...]:
    """The parameters of a function traced by JAX that are surely traced: none where some may be static."""
    node = engine.frame.node
    by, site = engine.traced[cast("cst.CSTNode", node)]
    if by == TENSORFLOW or not isinstance(node, cst.FunctionDef) or isinstance(cast("Any", site), cst.Call):
        return ()
    return tuple(each.name.value for each in node.params.params if each.name.value != "self")


def _is_traced_body(engine: Interpreter) -> bool:
    return engine.frame.node in engine.traced


def _text(node: Any) -> str:
    from mllint.reader.statements import dotted

    return dotted(node) or "a list"
