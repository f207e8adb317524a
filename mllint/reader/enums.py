"""Enumerations: each member is one object with a name and a value, and nothing else is equal to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mllint.facts import Site
from mllint.reader.local import Builtin, LocalClass
from mllint.values import UNKNOWN, Const, Name, Obj, Tuple, Value, choice, options

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

MEMBERS = "@members"
AUTO = Name("enum.auto()")
_PLAIN = {"IntEnum", "IntFlag", "StrEnum"}


def is_enum(engine: Interpreter, owner: LocalClass) -> bool:
    """Whether a local class is an enumeration, whose call looks a member up."""
    return any(isinstance(b, Name) and b.path.startswith("enum.") for each in engine.mro(owner) for b in each.bases)


def declare(engine: Interpreter, owner: LocalClass) -> None:
    """At the end of the class body: its constants become members."""
    members: list[Obj] = []
    for name, written in _written(owner):
        value = engine.state.heap[owner.number].get(name, UNKNOWN)
        if isinstance(value, Obj) and engine.get(value, "_name_") is not None:
            continue
        if value == AUTO:
            value = _next(engine, owner, name, members)
        same = next((m for m in members if isinstance(value, Const) and engine.get(m, "_value_") == value), None)
        if same is None:
            number = engine.number(owner.number, id(written), "member")
            plain = {"_value_": value, "_name_": Const(name), "value": value, "name": Const(name)}
            engine.state.put(number, {"class": owner, **plain})
            same = Obj(number, "instance", written)
            members.append(same)
            init = engine.class_attribute(same, "__init__")
            if init is not None:
                given = value.items if isinstance(value, Tuple) else (value,)
                engine.call(init, given, {}, written)
        engine.state.write(owner.number, name, same)
    engine.state.write(owner.number, MEMBERS, Tuple(tuple(members)))


def _written(owner: LocalClass) -> list[tuple[str, Site]]:
    body = owner.node.body
    found: list[tuple[str, Site]] = []
    for line in body.body if isinstance(body, cst.IndentedBlock) else ():
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(statement, cst.Assign) and isinstance(statement.targets[0].target, cst.Name):
                name = statement.targets[0].target.value
                if not name.startswith("_"):
                    found.append((name, Site(statement.value)))
    return found


def _next(engine: Interpreter, owner: LocalClass, name: str, members: list[Obj]) -> Value:
    if any(isinstance(base, Name) and base.path == "enum.StrEnum" for base in owner.bases):
        return Const(name.lower())
    before = engine.get(members[-1], "_value_") if members else Const(0)
    return Const(before.value + 1) if isinstance(before, Const) and isinstance(before.value, int) else UNKNOWN


def members(engine: Interpreter, owner: Value) -> list[Value] | None:
    """The members of an enumeration in order; None for other classes."""
    if not isinstance(owner, LocalClass):
        return None
    found = engine.state.heap.get(owner.number, {}).get(MEMBERS)
    return list(found.items) if isinstance(found, Tuple) else None


def look_up(engine: Interpreter, owner: LocalClass, wanted: Value, field: str = "_value_") -> Value:
    """``Kind("value")``, and ``Kind["NAME"]`` by the field ``_name_``."""
    found = members(engine, owner)
    if not found:
        return UNKNOWN
    if wanted is UNKNOWN:
        return choice(found)
    picked: list[Value] = []
    for option in options(wanted):
        if option in found:
            picked.append(option)
        elif isinstance(option, Const):
            picked += [m for m in found if isinstance(m, Obj) and engine.get(m, field) == option]
        else:
            return UNKNOWN
    return choice(picked) if picked else UNKNOWN


def is_member(engine: Interpreter, value: Value) -> bool:
    return isinstance(value, Obj) and value.kind == "instance" and engine.get(value, "_name_") is not None


def plain(engine: Interpreter, value: Value) -> Value:
    """A member that is a number or a text too, as that; any other value as it is."""
    if not isinstance(value, Obj) or not is_member(engine, value):
        return value
    owner = engine.get(value, "class")
    for each in engine.mro(owner) if isinstance(owner, LocalClass) else ():
        for base in each.bases:
            named = isinstance(base, Name) and base.path.rpartition(".")[2] in _PLAIN
            if named or (isinstance(base, Builtin) and base.name in ("int", "str", "float")):
                return engine.get(value, "_value_") or UNKNOWN
    return value
