"""Keras models with several outputs: which loss, which metrics and which target belong to each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.frameworks.table import Call
from mllint.values import NONE, Const, Data, Obj, Value


@dataclass(frozen=True, slots=True)
class Head:
    """One output of a model."""

    index: int
    name: Value | None
    """Its key in a dict of outputs, or the name of the layer that makes it."""
    output: Data


def heads(call: Call, outputs: Value | None) -> list[Head]:
    """The outputs of a model that has several."""
    if outputs is None or isinstance(outputs, Data):
        return []
    pairs = call.mapping(outputs)
    values = [value for _, value in pairs] if pairs is not None else call.items(outputs) or []
    if len(values) < 2:
        return []
    return list(_heads(values, None if pairs is None else [key for key, _ in pairs]))


def _heads(values: list[Value], keys: list[Value] | None) -> Iterator[Head]:
    for index, value in enumerate(values):
        if isinstance(value, Data):
            named = value.layer.arg("name") if value.layer is not None else None
            name = keys[index] if keys is not None else named if isinstance(named, Const) else None
            yield Head(index, name, value)


def belonging(call: Call, value: Value, head: Head, *, shared: bool = False) -> Value | None:
    """What a list or dict with one entry an output holds for this one; a ``shared`` single value is every output's."""
    if value == NONE:
        return None
    pairs = call.mapping(value) if isinstance(value, Obj) and value.kind == "dict" else None
    if pairs is not None:
        return next((found for key, found in pairs if key == head.name), None)
    items = call.items(value) if not isinstance(value, (Const, Data)) else None
    if items is not None:
        return items[head.index] if head.index < len(items) else None
    return value if shared else None
