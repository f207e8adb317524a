"""Which token ids a tensor consists of, and which of them each position of a network's output saw.

Called after every row: what a row does not say about token ids is decided here, by the name of what was called.
Names that are not listed lose them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Const,
    Data,
    Layer,
    Obj,
    Padding,
    Seen,
    Slice,
    Tokens,
    Tuple,
    Value,
    constant,
)

if TYPE_CHECKING:
    from mllint.frameworks.table import Call

CAUSAL = "causal-mask"
"""The mark of a mask, or of masked attention weights, that hides from each position what comes behind it."""
UNTOUCHED = "untouched"
"""The mark of zeros that nothing was written into yet."""
FILL, PADDING = "fill", "padding"
"""Fields of lists: the one constant that ``[0] * n`` repeats, and what was put behind or in front of other items."""
MIXED = "all-positions"
"""The mark of what a network made of all positions together."""
LOADER = "torch.utils.data.DataLoader"
BINARY = "operator.binary"

_SAME_IDS = {
    "copy", "clone", "contiguous", "to", "cuda", "cpu", "long", "int", "detach", "numpy", "tolist", "view", "reshape", "flatten", "ravel",
    "squeeze", "unsqueeze", "transpose", "permute", "t", "type", "astype", "pin_memory", "__iter__", "swapaxes", "squeeze_",
    "type_as", "to_numpy", "deepcopy", "Variable", "as_in_context", "asnumpy", "requires_grad_", "retain_grad",
}  # fmt: skip
_MAKERS = {
    "tensor", "as_tensor", "asarray", "array", "from_numpy", "LongTensor", "IntTensor", "stack", "randint", "Tensor", "constant",
    "convert_to_tensor",
}  # fmt: skip
_SAME_PLACES = {
    "contiguous", "to", "cuda", "cpu", "float", "half", "bfloat16", "double", "clone", "view", "reshape", "transpose", "permute", "swapaxes",
    "relu", "gelu", "tanh", "sigmoid", "silu", "elu", "leaky_relu", "mish", "softplus", "softmax", "log_softmax", "dropout", "dropout_",
    "layer_norm", "rms_norm", "squeeze", "unsqueeze", "type", "flatten", "relu_", "selu", "swish", "log", "exp", "type_as", "div", "mul",
    "add", "normalize", "softmin", "pack_padded_sequence",
}  # fmt: skip
_PLACEWISE = {
    "Linear", "LazyLinear", "LayerNorm", "RMSNorm", "Dropout", "Dropout1d", "AlphaDropout", "Identity", "ReLU", "ReLU6", "GELU", "Tanh", "Sigmoid",
    "SiLU", "Mish", "ELU", "SELU", "CELU", "LeakyReLU", "PReLU", "Softplus", "Softmax", "LogSoftmax", "GLU", "Hardswish",
}  # fmt: skip
_RECURRENT = ("LSTM", "GRU", "RNN")
_PRODUCTS = ("matmul", "bmm", "einsum", "mm")
_JOINING = ("cat", "concat", "concatenate", "hstack")
_CALLING = {"data_parallel", "checkpoint"}
_OWN = {
    "pad_sequence",
    "pad_sequences",
    "pack_padded_sequence",
    "pad_packed_sequence",
    "pad",
    "masked_fill",
    "masked_fill_",
}
"""Rows that say themselves what they do."""


def carried(call: Call, receiver: Value | None, result: Value) -> Value:
    """The result of a row, with what it keeps of the token ids in the call's arguments."""
    if not isinstance(result, (Data, Tuple)):
        return result
    if isinstance(receiver, Obj) and receiver.kind == LOADER and call.path.endswith("__iter__"):
        return _batch(call, result)
    if isinstance(result, Tuple):
        first = result.items[0] if isinstance(receiver, Layer) and result.items else None
        return Tuple((carried(call, receiver, first), *result.items[1:])) if isinstance(first, Data) else result
    if not isinstance(result, Data) or isinstance(receiver, Obj):  # a container calls what it holds
        return result
    name = call.path[call.path.rfind(".") + 1 :]
    if name in ("tril", "triu"):
        return result.with_(tags=result.tags | {CAUSAL})
    if name in _MAKERS or name in _JOINING:
        return _made(call, name, receiver, result)
    if name in ("zeros", "new_zeros"):
        return result.with_(tokens=new(call, Padding(Const(0), call.site)), tags=result.tags | {UNTOUCHED})
    inputs = _inputs(call, receiver)
    marked = [data for data in inputs if _marked(data)]
    if not marked or name in _CALLING or (name in _OWN and result.tokens is not None):
        return result
    tokens, seen = _tokens(call, name, inputs[0], result), _seen(call, name, receiver, inputs)
    tags = result.tags - {CAUSAL, MIXED}
    if tokens is not None and UNTOUCHED in inputs[0].tags:
        tags = tags - {UNTOUCHED} if name == "__setitem__" else tags | {UNTOUCHED}
    saw = [data for data in inputs if data.seen is not None or MIXED in data.tags]
    if any(CAUSAL in data.tags for data in inputs) and not _uses_mask(call, name, receiver):
        tags |= {CAUSAL}
        seen = None
    elif saw and seen is None:
        tags |= {MIXED}
    if tokens == result.tokens and seen == result.seen and tags == result.tags:
        return result if tokens is None else result.with_(tokens=tokens)
    return result.with_(tokens=tokens, seen=seen, tags=tags)


def _batch(call: Call, value: Value) -> Value:
    """What a loader yields: whatever numbers it holds, they are the same wherever the batch goes."""
    items = value.items if isinstance(value, Tuple) else (value,)
    named = tuple(
        item.with_(tokens=Tokens(call.new(f"tokens.{index}").id))
        if isinstance(item, Data) and not _marked(item)
        else item
        for index, item in enumerate(items)
    )
    return Tuple(named) if isinstance(value, Tuple) else named[0]


def _uses_mask(call: Call, name: str, receiver: Value | None) -> bool:
    """Whether a mask goes into it without being part of what comes out."""
    attends = isinstance(receiver, Layer) and receiver.type not in _PLACEWISE
    return attends or _product(call, name) or name == "scaled_dot_product_attention"


def _marked(data: Data) -> bool:
    return data.tokens is not None or data.seen is not None or CAUSAL in data.tags or MIXED in data.tags


def _inputs(call: Call, receiver: Value | None) -> list[Data]:
    found = [receiver] if isinstance(receiver, Data) else []
    found += [value for value, _ in call.positional if isinstance(value, Data)]
    return found + [value for value, _ in call.keywords.values() if isinstance(value, Data)]


def new(call: Call, padding: Padding | None = None) -> Tokens:
    """Token ids that are made here."""
    return Tokens(call.new("tokens").id, padding=padding, site=call.site)


def of(call: Call, value: Value, depth: int = 4) -> Tokens | None:
    """The token ids of a tensor, or of each item of a list, which may hold itself."""
    if isinstance(value, Data):
        return value.tokens
    if not depth:
        return None
    if isinstance(value, (Tuple, Obj)) and (isinstance(value, Tuple) or value.kind in ("list", "generator")):
        padding = call.get(value, PADDING)
        if padding is not None and isinstance(value, Obj):
            return Tokens(value.id, padding=Padding(padding, value.site), site=value.site)
        items = call.items(value)
        if items is None or UNKNOWN in items:
            found = call.element(value)
            return of(call, found, depth - 1)
        every = [of(call, item, depth - 1) for item in items]
        return every[0] if every and all(each == every[0] for each in every) else None
    return None


def _made(call: Call, name: str, receiver: Value | None, result: Data) -> Data:
    """A tensor made of numbers, of arrays or of several tensors."""
    source = receiver if receiver is not None else call.positional[0][0] if call.positional else UNKNOWN
    if isinstance(source, Const):
        return result
    if name in _JOINING:
        return _joined(call, source, result)
    seen = source.seen if isinstance(source, Data) else None
    return result.with_(tokens=of(call, source) or new(call), seen=seen)


def _joined(call: Call, source: Value, result: Data) -> Data:
    items = call.items(source) if isinstance(source, (Tuple, Obj)) else None
    datas = [item for item in items or [call.element(source)] if isinstance(item, Data)]
    if items is not None and len(items) == len(datas) == 2 and _moved_on(*datas):
        return result.with_(tokens=datas[0].tokens)
    seen = datas[0].seen if datas and all(data.seen == datas[0].seen for data in datas) else None
    mixed = seen is None and any(data.seen is not None or MIXED in data.tags for data in datas)
    tags = result.tags | {MIXED} if mixed else result.tags
    return result.with_(tokens=None if seen is not None else new(call), seen=seen, tags=tags)


def _moved_on(first: Data, last: Data) -> bool:
    """``torch.cat([ids[:, 1:], end], 1)``: the ids of the next positions, and something for the last one."""
    ahead = first.tokens is not None and first.tokens.start > 0 and first.tokens.stop == 0
    return ahead and (last.tokens is None or not (last.tokens.start or last.tokens.stop))


# -- token ids --------------------------------------------------------------------------------------------------------
def _tokens(call: Call, name: str, data: Data, result: Data) -> Tokens | None:
    tokens = data.tokens
    if tokens is None:
        return None
    if name == "__getitem__":
        return cut(call, tokens, call.positional[0][0]) if call.positional else None
    if name == "__setitem__":
        return _written(call, tokens, data)
    if call.path == BINARY:
        return _extended(call, tokens)
    if name == "roll":
        steps = call.positional[-1 if len(call.positional) < 2 else 0][0] if call.positional else UNKNOWN
        steps = call.keywords.get("shifts", (steps, None))[0]
        return replace(tokens, start=tokens.start + 1, site=call.site) if steps == Const(-1) else None
    if name == "pad":
        return _padded(call, tokens)
    if name in ("masked_fill", "masked_fill_"):
        return marked_ignored(tokens, call.positional[-1][0] if call.positional else UNKNOWN, call)
    if name in ("copy", "clone"):
        return replace(tokens, copied=call.site)
    return tokens if name in _SAME_IDS else None


def _written(call: Call, tokens: Tokens, data: Data) -> Tokens | None:
    """After ``ids[index] = value``."""
    index, value = call.positional[0][0], call.positional[-1][0]
    parts = index.items if isinstance(index, Tuple) else (index,)
    last = parts[-1]
    if isinstance(value, Data) and value.tokens is not None and isinstance(last, Slice):
        place = cut(call, tokens, index)
        moved = place is not None and place.origin == tokens.origin == value.tokens.origin
        if moved and place is not None and (place.start, place.stop) == (tokens.start, tokens.stop - 1):
            return replace(value.tokens, stop=tokens.stop) if value.tokens.start == tokens.start + 1 else None
    if UNTOUCHED in data.tags or (tokens.padding is not None and tokens.padding.site is tokens.site):
        front = isinstance(last, Slice) and last.start in (NONE, Const(0)) and not isinstance(last.stop, Const)
        if front and not isinstance(value, Const):  # ``padded[i, :len(ids)] = ids``
            return tokens
    return marked_ignored(tokens, value, call)


def _extended(call: Call, tokens: Tokens) -> Tokens | None:
    """``ids[1:] + [end]``, ``ids + [0] * n``."""
    left, symbol, right = (value for value, _ in call.positional)
    if symbol != Const("+") or not isinstance(left, Data) or not isinstance(right, Obj) or right.kind != "list":
        return None
    fill = call.get(right, FILL)
    if fill is not None:
        return replace(tokens, padding=Padding(fill, call.site))
    items = call.items(right)
    return tokens if items is not None and len(items) == 1 else None


def _padded(call: Call, tokens: Tokens) -> Tokens | None:
    """``F.pad(ids, (0, n), value=0)`` with a number that the length decides."""
    widths = call.keywords.get("pad") or (call.positional[1] if len(call.positional) > 1 else (UNKNOWN, None))
    items = call.items(widths[0]) if isinstance(widths[0], (Tuple, Obj)) else None
    if items is None or len(items) != 2 or all(isinstance(item, Const) for item in items):
        return None
    place = call.positional[3] if len(call.positional) > 3 else (Const(0), None)
    filled = call.keywords.get("value", place)[0]
    return replace(tokens, padding=Padding(filled, call.site))


def marked_ignored(tokens: Tokens, value: Value, call: Call) -> Tokens | None:
    """After some ids were overwritten: the same positions, if only with what the loss leaves out."""
    put = constant(value)
    ignored = isinstance(put, int) and put < 0
    return replace(tokens, padding=None) if ignored else None


def cut(call: Call, tokens: Tokens, index: Value) -> Tokens | None:
    """``ids[:, 1:]``, ``ids[:-1]``: which ids are left."""
    parts = index.items if isinstance(index, Tuple) else (index,)
    for part in parts:
        if part in (NONE, Const(...)):
            continue
        if not isinstance(part, Slice):
            alone = len(parts) == 1 and not _is_mask(part)
            return Tokens(call.new("tokens").id, padding=tokens.padding, site=call.site) if alone else None
        start, stop = part.start, part.stop
        first, last = (0 if start == NONE else constant(start)), (0 if stop == NONE else constant(stop))
        simple = isinstance(first, int) and isinstance(last, int) and first >= 0 and last <= 0
        if not simple or part.step not in (NONE, Const(1)) or (stop != NONE and last == 0):
            return Tokens(call.new("tokens").id, site=call.site)
        if first or last:
            tokens = replace(tokens, start=tokens.start + first, stop=tokens.stop + last, site=call.site)
    return tokens


def _is_mask(part: Value) -> bool:
    return isinstance(part, Data) and (part.dtype == "bool" or "mask" in part.tags)


# -- what an output saw -----------------------------------------------------------------------------------------------
def _product(call: Call, name: str) -> bool:
    return name in _PRODUCTS or (call.path == BINARY and call.positional[1][0] == Const("@"))


def _seen(call: Call, name: str, receiver: Value | None, inputs: list[Data]) -> Seen | None:
    if isinstance(receiver, Layer):
        return _through(call, receiver, inputs[0])
    if _product(call, name):
        return _attended(call, inputs)
    if name == "scaled_dot_product_attention":
        causal = _flag(call, "is_causal", 5) or any(CAUSAL in data.tags for data in inputs)
        return _causal(inputs[2], call) if causal and len(inputs) > 2 else None
    if call.path == BINARY:
        return _combined(call)
    if name == "__getitem__":
        return _sliced(call, inputs[0])
    if name in ("view", "reshape"):
        given = call.positional
        merges = len(given) == 2 and given[-1][0] == Const(-1)
        return None if merges else inputs[0].seen
    if name == "flatten":
        start = call.positional[-1][0] if call.positional else Const(0)
        return (
            inputs[0].seen
            if (len(call.positional) >= 2 and call.positional[0][0] == Const(0)) or start == NONE
            else None
        )
    return inputs[0].seen if name in _SAME_PLACES else None


def _flag(call: Call, name: str, place: int) -> bool:
    given = call.keywords[name][0] if name in call.keywords else None
    if given is None and len(call.positional) > place:
        given = call.positional[place][0]
    return given == TRUE


def _causal(data: Data, call: Call) -> Seen | None:
    return None if data.seen is None else Seen(data.seen.tokens, True, call.site)


def _attended(call: Call, inputs: list[Data]) -> Seen | None:
    """Attention weights times values."""
    weights = [data for data in inputs if CAUSAL in data.tags]
    values = [data for data in inputs if CAUSAL not in data.tags]
    if len(weights) != 1 or len(values) != 1 or values[0].seen is None:
        return None
    return Seen(values[0].seen.tokens, True, call.site)


def _combined(call: Call) -> Seen | None:
    """``x + attention(x)``, ``x * scale``."""
    left, symbol, right = (value for value, _ in call.positional)
    datas = [value for value in (left, right) if isinstance(value, Data)]
    if any(MIXED in data.tags for data in datas):
        return None
    if UNKNOWN in (left, right) and symbol not in (Const("*"), Const("/")):
        return None
    found = [data.seen for data in datas if data.seen is not None]
    if not found or any(each.tokens != found[0].tokens for each in found):
        return None
    return next((each for each in found if each.causal), found[0])


def _sliced(call: Call, data: Data) -> Seen | None:
    index = call.positional[0][0] if call.positional else UNKNOWN
    if data.seen is None or index is UNKNOWN:
        return None
    parts = index.items if isinstance(index, Tuple) else (index,)
    if not all(isinstance(part, Slice) or part in (NONE, Const(...)) for part in parts):
        return None
    tokens = cut(call, data.seen.tokens, index)
    return None if tokens is None else replace(data.seen, tokens=tokens)


def _through(call: Call, layer: Layer, x: Data) -> Seen | None:
    """The output of a layer of torch."""
    if layer.type == "Embedding":
        return None if x.tokens is None else Seen(x.tokens)
    seen = x.seen
    if seen is None or layer.type in _PLACEWISE:
        return seen
    if layer.type in _RECURRENT:
        both_ways = [value for key, value in layer.args if key == "bidirectional"]
        first = call.positional[1][0] if len(call.positional) > 1 else call.keywords.get("hx", (NONE, None))[0]
        one_way = all(value == FALSE for value in both_ways) and not _from_network(first)
        return Seen(seen.tokens, True, layer.site) if one_way else None
    if layer.type in ("TransformerEncoder", "TransformerEncoderLayer", "MultiheadAttention"):
        masks = [value for value, _ in (*call.positional[1:], *call.keywords.values()) if isinstance(value, Data)]
        hides = any(CAUSAL in mask.tags for mask in masks) or call.keywords.get("is_causal", (FALSE, None))[0] == TRUE
        return Seen(seen.tokens, True, layer.site) if hides else None
    return None


def _from_network(value: Value) -> bool:
    """Whether a first state was made by a network: of something else that is to be told."""
    if isinstance(value, Tuple):
        return any(map(_from_network, value.items))
    return isinstance(value, Data) and (value.layer is not None or MIXED in value.tags)
