"""Sequences of different lengths for Keras: ``pad_sequences`` and ``padded_batch``."""

from __future__ import annotations

from dataclasses import replace

from mllint.frameworks import keras_text as keras_text  # its rows
from mllint.frameworks import tokens
from mllint.frameworks.keras import BATCHES, chained
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import only_data
from mllint.values import NONE, UNKNOWN, Const, Data, Padding, Tokens, Tuple, Value


@row("keras.preprocessing.sequence.pad_sequences", "keras.utils.pad_sequences")
def pad_sequences(
    call: Call,
    sequences: Value,
    maxlen: Value = NONE,
    dtype: Value = Const("int32"),
    padding: Value = Const("pre"),
    truncating: Value = Const("pre"),
    value: Value = Const(0.0),
) -> Value:
    data = only_data(sequences) or Data(space=UNKNOWN)
    found = tokens.of(call, sequences) or tokens.new(call)
    filled = replace(found, padding=Padding(_whole(value), call.site), site=call.site)
    return data.with_(shape=None, bounds=None, tokens=filled)


def _whole(value: Value) -> Value:
    """The number as an id."""
    number = value.value if isinstance(value, Const) else None
    return Const(int(number)) if isinstance(number, (int, float)) and number == int(number) else value


@method(BATCHES, "padded_batch")
def padded_batch(
    call: Call,
    receiver: Value,
    batch_size: Value = UNKNOWN,
    padded_shapes: Value = NONE,
    padding_values: Value = NONE,
    **rest: Value,
) -> Value:
    element = call.get(receiver, "element") or UNKNOWN
    shapes = call.items(padded_shapes) or []
    pair = element if isinstance(element, Tuple) else Tuple((UNKNOWN,) * len(shapes))
    if len(shapes) != 2 or len(pair.items) != 2:
        return chained(call, receiver, element)
    fills = [Const(0), Const(0)] if padding_values == NONE else call.items(padding_values) or [UNKNOWN, UNKNOWN]
    filled = [_filled(call, *each) for each in zip(pair.items, shapes, fills, (0, 1), strict=False)]
    return chained(call, receiver, Tuple(tuple(filled)))


def _filled(call: Call, item: Value, shape: Value, fill: Value, place: int) -> Value:
    """One part of the batches, where an axis of its shape is as long as the longest row."""
    data = item if isinstance(item, Data) else Data(space=UNKNOWN)
    if NONE not in (call.items(shape) or []):
        return item
    found = data.tokens or Tokens(call.new(f"tokens.{place}").id)
    return data.with_(shape=None, tokens=replace(found, padding=Padding(_whole(fill), call.site), site=call.site))
