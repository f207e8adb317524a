"""Reading a layer's configuration, and keeping what it was applied to."""

from __future__ import annotations

from typing import Any

from mllint.frameworks.table import Call
from mllint.values import TRUE, UNKNOWN, Applied, Const, Data, Layer, Obj, Tuple, Value

OWNER = "owner"
"""Kind of what is open while a model or container applies its layers."""
HIDDEN = "**"
"""Kept among a layer's arguments where ``*`` or ``**`` hides some."""


def hidden(call: Call, arguments: str = "") -> tuple[tuple[str, Value], ...]:
    """The mark of a layer whose call hides some of its arguments, or has more than the table names."""
    more = bool(arguments) and len(call.positional) > len(arguments.split())
    return () if call.complete and not more else ((HIDDEN, TRUE),)


def stack(call: Call, kind: str, **fields: Value) -> Obj:
    """A new stack of layers."""
    made = call.new(kind, **fields)
    call.program.stacks.append(made)
    return made


def setting(layer: Layer, name: str, default: Value) -> Value:
    """An argument of a layer: as given, or its default where it was seen to be left out."""
    concealed = False
    for key, value in layer.args:
        if key == name:
            return value
        concealed = concealed or key == HIDDEN
    return UNKNOWN if concealed else default


def whole(value: Value) -> int | None:
    """A constant whole number."""
    found = value.value if isinstance(value, Const) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def numbers(call: Call, value: Value, count: int) -> tuple[int, ...] | None:
    """``count`` constant numbers: one for all, or one each."""
    if isinstance(value, Const):
        one = whole(value)
        return None if one is None else (one,) * count
    items = call.items(value)
    if items is None or len(items) != count:
        return None
    found = tuple(number for item in items if (number := whole(item)) is not None)
    return found if len(found) == count else None


def inputs_of(call: Call, value: Value) -> tuple[Data, ...]:
    """The tensors that a layer is applied to."""
    if isinstance(value, Data):
        return (value,)
    items = call.items(value) if not isinstance(value, Const) else None
    return tuple(item for item in items or () if isinstance(item, Data))


def _owner(call: Call) -> tuple[Value, Any]:
    """The model or container that is run, or else whose method is; and its class, or where it was made."""
    methods = (of for _, of in reversed(call.engine.readers) if isinstance(of, Obj) and of.kind == "instance")
    owner = next(reversed(call.open(OWNER)), None) or next(methods, UNKNOWN)
    return owner, call.get(owner, "class") or getattr(owner, "site", None)


def applied(call: Call, layer: Layer, inputs: Value, output: Value) -> Value:
    """The output of a layer, which remembers what made it."""
    if isinstance(output, Tuple):  # a recurrent layer's steps and its state
        head = output.items[0] if output.items else UNKNOWN
        return Tuple((applied(call, layer, inputs, head), *output.items[1:])) if isinstance(head, Data) else output
    if not isinstance(output, Data):
        return output
    made = Applied(layer, call.site, inputs_of(call, inputs), output.shape, *_owner(call))
    call.program.applied.append(made)
    return output.with_(applied=made, direct=True)
