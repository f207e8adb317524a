"""torch.nn.utils.rnn: sequences of different lengths as one tensor; and masks that hide what comes later."""

from __future__ import annotations

from dataclasses import replace

from mllint.frameworks import tokens
from mllint.frameworks.table import Call, attribute, method, row
from mllint.frameworks.tensors import MULTI_AXIS, blank, tensor
from mllint.values import FALSE, NONE, UNKNOWN, Const, Data, Padding, Tuple, Value


@row("torch.nn.utils.rnn.pad_sequence")
def pad_sequence(
    call: Call,
    sequences: Value,
    batch_first: Value = FALSE,
    padding_value: Value = Const(0),
    padding_side: Value = NONE,
) -> Value:
    element = sequences if isinstance(sequences, Data) else call.element(sequences)
    base = tensor("torch", element).with_(shape=None)
    filled = Padding(padding_value, call.site)
    found = tokens.of(call, sequences) or tokens.new(call)
    return base.with_(tokens=replace(found, padding=filled, site=call.site), tags=(base.tags - {"row"}) | {MULTI_AXIS})


@row("torch.nn.utils.rnn.pack_padded_sequence", "torch.nn.utils.rnn.pack_sequence")
def pack(call: Call, input: Value, *more: Value, **rest: Value) -> Value:
    data = input if isinstance(input, Data) else blank("torch")
    kept = None if data.tokens is None else replace(data.tokens, padding=None)  # it leaves the padding out
    return data.with_(tokens=kept)


@attribute("Data:torch", "batch_sizes", "sorted_indices", "unsorted_indices")
def packed_attribute(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@row("torch.nn.utils.rnn.pad_packed_sequence")
def unpack(call: Call, sequence: Value, *more: Value, **rest: Value) -> Value:
    return Tuple((sequence if isinstance(sequence, Data) else blank("torch"), UNKNOWN))


@row("torch.nn.Transformer.generate_square_subsequent_mask")
def square_mask(call: Call, sz: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return _hides_what_follows()


@method("Layer:torch", "generate_square_subsequent_mask")
def layer_square_mask(call: Call, receiver: Value, sz: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return _hides_what_follows()


def _hides_what_follows() -> Data:
    made = blank("torch")
    return made.with_(tags=made.tags | {tokens.CAUSAL})


@method("unknown", "splitlines", "readlines")
def lines(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    """A list of texts, whatever it is that is read."""
    return call.new("list", items=UNKNOWN, element=UNKNOWN)
