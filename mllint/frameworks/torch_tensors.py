"""torch's tensors: how they are made, and what functions and methods on them keep of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mllint.facts import known, nothing
from mllint.frameworks import data_methods, graph, lineage, seeding, shapes, torch_layer_shapes, torch_shapes
from mllint.frameworks.configured import applied
from mllint.frameworks.table import Call, attribute, bases, find_method, method, row
from mllint.frameworks.tensors import (
    BATCHED,
    FILLED,
    LAST,
    MULTI_AXIS,
    ONE,
    ZERO,
    axis_of,
    blank,
    cast_to,
    delegate,
    dtype_of,
    flag,
    from_python,
    function_layer,
    indexed,
    largest,
    only_data,
    operate,
    plain,
    reduced,
    retag,
    tensor,
)  # fmt: skip
from mllint.program import Backward, Encode, Sync
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    WHOLE,
    Bound,
    Const,
    Data,
    Encoding,
    Loss,
    Move,
    Name,
    Obj,
    Tuple,
    Value,
    constant,
    join_data,
)  # fmt: skip

TENSOR = "Data:torch"
bases(TENSOR, "Data")


# -- making tensors ---------------------------------------------------------------------------------------------------
@row("torch.tensor", "torch.as_tensor", "torch.asarray")
def make_tensor(
    call: Call, data: Value, dtype: Value = NONE, device: Value = NONE, requires_grad: Value = FALSE
) -> Value:
    made = from_python(call, "torch", data)
    if made.loss is not None:
        made = plain(made)
    return cast_to(call, tensor("torch", made), dtype_of(dtype))


@row("torch.from_numpy", "torch.from_dlpack", "torch.autograd.Variable", "torch.Variable")
def wrap(call: Call, data: Value, requires_grad: Value = FALSE, volatile: Value = FALSE) -> Value:
    return from_python(call, "torch", data)


def _typed(call: Call, data: Value = NONE, *sizes: Value, **rest: Value) -> Value:
    if sizes or data == NONE or isinstance(data, Const):
        return blank("torch")
    return cast_to(call, from_python(call, "torch", data), dtype_of(Name(call.path)))


row(
    "torch.Tensor", "torch.FloatTensor", "torch.LongTensor", "torch.DoubleTensor", "torch.IntTensor", "torch.ByteTensor",
    "torch.BoolTensor", "torch.HalfTensor", "torch.cuda.FloatTensor", "torch.cuda.LongTensor",
)(_typed)  # fmt: skip


@row(
    "torch.zeros", "torch.ones", "torch.rand", "torch.randn", "torch.empty", "torch.arange", "torch.linspace", "torch.full",
    "torch.normal", "torch.randperm", "torch.zeros_like", "torch.ones_like", "torch.rand_like", "torch.randn_like", "torch.full_like",
    "torch.empty_like", "torch.bernoulli", "torch.multinomial", "torch.logspace", "torch.range",
)  # fmt: skip
def new_tensor(call: Call, *args: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    if "generator" in rest:
        seeding.drawn_from(call, rest["generator"])
    dtype = dtype_of(rest.get("dtype", NONE))
    if not call.complete:
        return blank("torch")
    if name.endswith("_like"):
        like = only_data(args[0] if args else UNKNOWN)
        same = None if like is None or "dtype" in rest else like.dtype
        return _filled(name, blank("torch", shape=None if like is None else like.shape, dtype=dtype or same))
    if name in _SIZED:
        sizes = args if name != "full" else args[:1]
        shape = data_methods.sizes(call, (rest["size"],) if "size" in rest else sizes)
        new = dtype or ("float32" if "dtype" not in rest and name != "full" else None)
        bounds = (0.0, 0.0) if name == "zeros" else None
        grad = True if rest.get("requires_grad") == TRUE else None
        return _filled(name, blank("torch", shape=shape, dtype=new, bounds=bounds, grad=grad))
    if name in ("arange", "range", "randperm", "linspace", "logspace"):
        tag = {"arange": "arange", "randperm": "permutation"}.get(name)
        moves = _moves(call, name, args, rest)
        places = blank("torch", shape=(None,), dtype=dtype, order=moves)
        return places.with_(tags=places.tags | {tag}) if tag is not None else places
    return blank("torch", dtype=dtype)


def _moves(call: Call, name: str, args: tuple[Value, ...], rest: Mapping[str, Value]) -> tuple[Move, ...] | None:
    """What choosing rows by these numbers does to their order."""
    if name == "arange":
        return () if len(args) == 1 else None
    if name != "randperm":
        return None
    key = lineage.key_of(call, rest["generator"]) if "generator" in rest else None
    key = lineage.draw(call, lineage.GENERATORS["torch"]) if "generator" not in rest else key
    return None if key is None else (Move("shuffled", key, call.site),)


@row("torch.manual_seed", "torch.random.manual_seed")
def manual_seed(call: Call, seed: Value = NONE) -> Value:
    lineage.reseed(call, lineage.GENERATORS["torch"], seed)
    seeding.seeded(call, ("torch",))
    return call.new("torch.Generator")


GENERATOR = "torch.Generator"


@row(GENERATOR)
def generator(call: Call, device: Value = NONE) -> Value:
    made = call.new(GENERATOR)
    lineage.reseed(call, made, Const("the default"))
    seeding.made_generator(call, made)
    return made


@method(GENERATOR, "manual_seed", "seed")
def seed_generator(call: Call, receiver: Value, seed: Value = NONE) -> Value:
    lineage.reseed(call, receiver, seed)
    return receiver if call.path.endswith("manual_seed") else UNKNOWN


@method(GENERATOR, "*")
def about_generator(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@row("torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "torch.cuda.random.manual_seed",
     "torch.cuda.random.manual_seed_all")  # fmt: skip
def cuda_seed(call: Call, seed: Value = NONE) -> Value:
    seeding.seeded(call, ("torch.cuda",))
    return NONE


def _filled(name: str, made: Data) -> Data:
    """Marks a tensor of one number."""
    return made.with_(tags=made.tags | {FILLED}) if name.startswith(("zeros", "ones", "full")) else made


_SIZED = ("zeros", "ones", "rand", "randn", "empty", "full")


@row("torch.eye")
def identity(call: Call, n: Value, m: Value = NONE, **rest: Value) -> Value:
    size = axis_of(n)
    return lineage.fresh(call, shape=(size, size), dtype="float32", tags=frozenset({"identity", "torch"}))


@method(TENSOR, "scatter", "scatter_")
def scatter(
    call: Call, receiver: Value, dim: Value, index: Value, src: Value = UNKNOWN, value: Value = UNKNOWN
) -> Value:
    """``torch.zeros(n, c).scatter_(1, y, 1)`` is the usual one-hot encoding written by hand."""
    if dim != ONE or not any(constant(each) == 1 for each in (src, value)) or not isinstance(index, Data):
        return blank("torch")
    return tensor("torch", lineage.one_hot(call, index, name="scatter_")).with_(dtype="float32")


@row("torch.randint")
def randint(call: Call, low: Value, high: Value = UNKNOWN, size: Value = UNKNOWN, **rest: Value) -> Value:
    if "generator" in rest:
        seeding.drawn_from(call, rest["generator"])
    first, last = (0, axis_of(low)) if not isinstance(high, Const) else (axis_of(low), axis_of(high))
    if first is None or last is None or last - first < 2:
        return blank("torch")
    labels = known(Encoding("integer", first, last - 1, last - first), call.site)
    dtype = dtype_of(rest["dtype"]) if "dtype" in rest else "int64" if call.complete else None
    shape = data_methods.sizes(call, (size if isinstance(high, Const) else high,))
    if shape is not None and len(shape) == 2 and (shape[1] or 0) > 2 and (first, last) == (0, 2):
        labels = nothing()  # bits
    return lineage.fresh(call, labels=labels, dtype=dtype, shape=shape, tags=frozenset({"torch", "shuffled"}))


# -- functions that say the same as a method --------------------------------------------------------------------------
@row(*(f"torch.{name}" for name in (
    "squeeze", "unsqueeze", "permute", "transpose", "t", "clone", "detach", "flip", "movedim", "swapaxes", "atleast_2d", "nan_to_num",
    "reshape", "flatten", "ravel", "sum", "mean", "std", "var", "median", "prod", "norm", "amax", "amin", "logsumexp", "nanmean",
    "max", "min", "argmax", "topk", "round", "log", "exp", "split", "chunk", "unbind", "tensor_split",
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "eq", "ne", "gt", "lt", "ge", "le", "greater", "less",
    "numel", "matmul", "mm", "mv",
)))  # fmt: skip
def as_method(call: Call, input: Value, *more: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    entry = find_method(TENSOR, name)
    if entry is None:
        return blank("torch")
    keywords = {key: value for key, value in call.keywords.items() if key != "input"}
    inner = call.where("input")
    made = Call(
        call.engine, call.site, f"{TENSOR}.{name}", call.positional[1:], keywords, call.complete, {}, call.name_site
    )
    result = entry.bind(made, tensor("torch", input))
    if isinstance(result, Data) and result.layer is not None and result.layer.site is call.site and inner is not None:
        layer = replace(result.layer, args=(*result.layer.args, ("inner", Const(inner))))
        result = result.with_(layer=layer)
    return retag(result, "torch")


# -- axes -------------------------------------------------------------------------------------------------------------
@method(TENSOR, "squeeze")
def squeeze(call: Call, receiver: Value, dim: Value = NONE, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    if MULTI_AXIS in data.tags and data.units.must_be(1) and dim != ZERO:
        data = data.with_(units=nothing())  # (N, T, 1) became (N, T): one score for each of T things
    axis = rest.get("axis", dim) if call.complete else UNKNOWN
    return data_methods.squeezed(data, axis).with_(shape=torch_shapes.squeezed(data.shape, axis))


@method(TENSOR, "view", "reshape")
def view(call: Call, receiver: Value, *shape: Value, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    sizes = data_methods.sizes(call, shape)
    found = data_methods.reshape(call, data, *shape, **rest)
    if not isinstance(found, Data):
        return UNKNOWN
    if sizes is not None and len(sizes) != 1:
        tags = found.tags | {MULTI_AXIS} if len(sizes) > 2 else found.tags - {MULTI_AXIS}
        found = found.with_(tags=tags)
    given = call.items(shape[0]) if len(shape) == 1 and not isinstance(shape[0], Const) else list(shape)
    if given and len(given) > 1 and given[0] not in (LAST, data_methods.BATCH):
        found = found.with_(tags=found.tags - {BATCHED})  # what the first axis is then is not known
    if not call.complete:
        return found.with_(shape=None)
    if data.shape is not None and given and found.shape is not None and len(given) == len(found.shape):
        target = [-1 if s == LAST else n for s, n in zip(given, found.shape, strict=True)]
        return torch_shapes.reshaped(call, data, target, given[0] == data_methods.BATCH, found)
    return found


@method(TENSOR, "resize_", "squeeze_", "unsqueeze_")
def reshaped_in_place(call: Call, receiver: Value, *given: Value, **rest: Value) -> Value | None:
    """The tensor itself has other axes afterwards."""
    name = call.path.rpartition(".")[2]
    if name == "resize_":
        changed: Value | None = tensor("torch", receiver).with_(shape=data_methods.sizes(call, given), units=nothing())
    else:
        changed = (squeeze if name == "squeeze_" else unsqueeze)(call, receiver, *given, **rest)
    if isinstance(receiver, Data) and isinstance(changed, Data):
        call.rebind(receiver, changed)
    return changed


@method(TENSOR, "flatten", "ravel")
def flatten(call: Call, receiver: Value, start_dim: Value = ZERO, end_dim: Value = LAST) -> Value:
    data = tensor("torch", receiver)
    found = data_methods.flatten(call, data, start_dim, end_dim)
    start, end = axis_of(start_dim), axis_of(end_dim)
    shape = None if start is None or end is None else shapes.flatten(data.shape, start, end)
    if (start, end) == (1, -1) and data.shape is None:
        shape = (None, None)
    elif (start, end) == (0, -1) and data.shape is None:
        shape = (None,)
    if not isinstance(found, Data):
        return UNKNOWN
    if (start, end) == (0, -1) and torch_shapes.is_batch(data.shape):
        return found.did("flattened", call.site, shape=shape)
    return found.with_(shape=shape)


@method(TENSOR, "unsqueeze")
def unsqueeze(call: Call, receiver: Value, dim: Value = UNKNOWN) -> Value:
    return data_methods.unsqueezed(tensor("torch", receiver), dim)


@method(TENSOR, "mean", "sum", "amax", "logsumexp")
def over_axes(call: Call, receiver: Value, dim: Value = NONE, keepdim: Value = FALSE, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    name = call.path.rpartition(".")[2]
    axis = rest.get("axis", dim)
    found = tensor("torch", data_methods.reduced(call, data, name, axis))
    shape = torch_shapes.without_axis(data.shape, axis, flag(rest.get("keepdims", keepdim)))
    return found.with_(tags=found.tags - {MULTI_AXIS}, shape=found.shape if found.loss is not None else shape)


# -- methods that keep what is known ----------------------------------------------------------------------------------
@method(
    TENSOR, "permute", "transpose", "t", "movedim", "swapaxes", "moveaxis", "flip", "expand", "broadcast_to", "roll", "nan_to_num",
    "coalesce", "share_memory_", "as_strided", "narrow", "atleast_2d", "retain_grad",
)  # fmt: skip
def kept(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    shape = None if rest or not call.complete else torch_shapes.permuted(call.path.rpartition(".")[2], data.shape, args)
    return data.with_(shape=shape, tags=data.tags - {BATCHED})


@method(TENSOR, "to", "type")
def to(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    for value in (*args, rest.get("dtype", NONE)):
        dtype = dtype_of(value)
        if dtype is not None:
            return cast_to(call, data, dtype)
    return data


@method(TENSOR, "numpy", "tolist", "item", "__array__")
def leave(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    if isinstance(receiver, Data) and call.engine.loops:
        name = call.path.rpartition(".")[2]
        call.program.syncs.append(Sync(call.site, name, receiver, call.engine.loops, call.engine.path))
    return plain(receiver) if isinstance(receiver, Data) else UNKNOWN


@attribute(TENSOR, "data")
def raw_tensor(call: Call, receiver: Value) -> Value:
    return (
        graph.marked(receiver, graph.CUT, call.site, "`.data`", grad=False) if isinstance(receiver, Data) else UNKNOWN
    )


@attribute(TENSOR, "real")
def same_tensor(call: Call, receiver: Value) -> Value:
    return receiver


@attribute(TENSOR, "T", "mT", "H")
def transposed(call: Call, receiver: Value) -> Value:
    data = tensor("torch", receiver)
    return data.with_(shape=torch_shapes.permuted("t", data.shape, ()), tags=data.tags - {BATCHED}, direct=False)


@attribute(TENSOR, "grad")
def gradient(call: Call, receiver: Value) -> Value:
    return call.new("torch.gradient", model=receiver)


@attribute(TENSOR, "device", "dtype", "is_cuda", "requires_grad", "grad_fn", "is_leaf", "layout")
def about_tensor(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@attribute(TENSOR, "*")
def bound_method(call: Call, receiver: Value) -> Value:
    return Bound(receiver, call.path.rpartition(".")[2])


@method(TENSOR, "__setattr__")
def set_tensor_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    if name == Const("grad"):
        call.event("zero_grad" if value == NONE else "set_grad", receiver, framework="torch")
    if name == Const("requires_grad") and value != FALSE:
        call.event("input_grad", receiver, framework="torch")
    return NONE


@method(TENSOR, "ndimension", "get_device", "stride", "is_contiguous", "register_hook", "is_floating_point")
def about_call(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@method(TENSOR, "__getitem__", "index_select", "masked_select")
def item(call: Call, receiver: Value, index: Value, *more: Value) -> Value:
    data = tensor("torch", receiver)
    if call.path.endswith("select"):
        return data.with_(shape=None, tags=data.tags - {BATCHED})
    found = indexed(call, data, index)
    if found is not None:
        return found
    result = delegate(call, data, "__getitem__", "torch")
    if not isinstance(result, Data) or "identity" in data.tags:
        return result
    return result.with_(shape=torch_shapes.indexed(data.shape, index), tags=result.tags - {BATCHED})


@method(TENSOR, "__iter__")
def row_of(call: Call, receiver: Value) -> Value:
    data = tensor("torch", receiver)
    return data.with_(shape=data.shape[1:] if data.shape else None, tags=data.tags - {BATCHED})


@method(TENSOR, "split", "chunk", "unbind", "tensor_split")
def pieces(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return call.new(
        "torch.pieces",
        element=tensor("torch", receiver).with_(units=nothing(), scale=nothing(), shape=None, direct=False),
    )


@method("torch.pieces", "__iter__")
def piece(call: Call, receiver: Value) -> Value:
    return call.get(receiver, "element") or UNKNOWN


@method("torch.pieces", "__getitem__")
def piece_at(call: Call, receiver: Value, index: Value) -> Value:
    return call.get(receiver, "element") or UNKNOWN


# -- reductions -------------------------------------------------------------------------------------------------------
def _extreme(call: Call, data: Data, dim: Value, name: str, keepdim: bool | None) -> Value:
    if isinstance(dim, Data):
        return blank("torch")
    if dim == NONE:
        return reduced(call, data, name, "torch")
    shape = torch_shapes.without_axis(data.shape, dim, keepdim)
    if name == "max":
        lineage.decide(call, "argmax", data, dim)
    values = reduced(call, data, name, "torch", dim)
    values = values.with_(shape=shape) if isinstance(values, Data) else values
    return call.new("torch.extreme", items=Tuple((values, _index(call, data, name).with_(shape=shape))))


def _index(call: Call, data: Data, name: str) -> Data:
    return largest(call, data) if name == "max" else blank("torch", dtype="int64")


@method(TENSOR, "max", "min")
def extreme(call: Call, receiver: Value, dim: Value = NONE, keepdim: Value = FALSE, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    return _extreme(call, tensor("torch", receiver), rest.get("axis", dim), name, flag(rest.get("keepdims", keepdim)))


@attribute("torch.extreme", "values")
def extreme_values(call: Call, receiver: Value) -> Value:
    return _extreme_item(call, receiver, 0)


@attribute("torch.extreme", "indices")
def extreme_indices(call: Call, receiver: Value) -> Value:
    return _extreme_item(call, receiver, 1)


@method("torch.extreme", "__getitem__")
def extreme_item(call: Call, receiver: Value, index: Value) -> Value:
    at = axis_of(index)
    return _extreme_item(call, receiver, at) if at in (0, 1, -1) and at is not None else UNKNOWN


def _extreme_item(call: Call, receiver: Value, index: int) -> Value:
    items = call.items(receiver)
    return items[index] if items is not None else UNKNOWN


@method(TENSOR, "argmax")
def argmax(call: Call, receiver: Value, dim: Value = NONE, keepdim: Value = FALSE, **rest: Value) -> Value:
    data = tensor("torch", receiver)
    axis = rest.get("axis", dim)
    shape = torch_shapes.without_axis(data.shape, axis, flag(rest.get("keepdims", keepdim)))
    lineage.decide(call, "argmax", data, axis)
    return largest(call, data).with_(shape=shape)


def _top(call: Call, data: Data, k: Value) -> Value:
    index = largest(call, data) if k == Const(1) else blank("torch", dtype="int64")
    index = index.with_(shape=None)
    return call.new("torch.extreme", items=Tuple((blank("torch"), index)))


@method(TENSOR, "topk")
def topk(call: Call, receiver: Value, k: Value, dim: Value = LAST, *args: Value, **rest: Value) -> Value:
    return _top(call, tensor("torch", receiver), k)


def _rounded(call: Call, data: Data) -> Data:
    return data_methods.rounded(call, data)


@method(TENSOR, "round", "round_")
def rounded(call: Call, receiver: Value) -> Value:
    return _rounded(call, tensor("torch", receiver))


# -- arithmetic -------------------------------------------------------------------------------------------------------
_OPERATORS = {
    "add": "+",
    "sub": "-",
    "subtract": "-",
    "mul": "*",
    "multiply": "*",
    "div": "/",
    "divide": "/",
    "true_divide": "/",
    "matmul": "@",
    "mm": "@",
    "mv": "@",
}
_COMPARISONS = {"eq": "==", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "greater": ">", "less": "<"}


@method(TENSOR, *_OPERATORS, *(f"{name}_" for name in _OPERATORS))
def arithmetic(call: Call, receiver: Value, other: Value, *args: Value, **rest: Value) -> Value:
    return operate(call, "binary", receiver, _OPERATORS[call.path.rpartition(".")[2].rstrip("_")], other, "torch")


@method(TENSOR, *_COMPARISONS)
def compare(call: Call, receiver: Value, other: Value) -> Value:
    return operate(call, "compare", receiver, _COMPARISONS[call.path.rpartition(".")[2]], other, "torch")


def _log(call: Call, data: Data) -> Data:
    if data.scale.must_be("softmax"):
        layer = function_layer(call, "torch", "LogSoftmax", "log_softmax", "")
        return data.with_(scale=known("log_softmax", call.site), layer=layer, bounds=(float("-inf"), 0.0))
    return data.with_(scale=nothing(), layer=None, labels=nothing(), bounds=None, loss=data.loss)


@method(TENSOR, "log")
def log(call: Call, receiver: Value) -> Value:
    return _log(call, tensor("torch", receiver))


def _exp(call: Call, data: Data) -> Data:
    scale = known("softmax", call.site) if data.scale.must_be("log_softmax") else nothing()
    return data.with_(scale=scale, labels=nothing(), bounds=None)


@method(TENSOR, "exp")
def exp(call: Call, receiver: Value) -> Value:
    return _exp(call, tensor("torch", receiver))


# -- joining ----------------------------------------------------------------------------------------------------------
def _joined(call: Call, tensors: Value, dim: Value) -> Data:
    items = call.items(tensors)
    if items is not None and UNKNOWN in items and isinstance(tensors, Obj):  # a list that a loop fills
        items = None
    found = [item for item in items if isinstance(item, Data)] if items else [call.element(tensors)]
    datas = [item for item in found if isinstance(item, Data)]
    if not datas or (items is not None and len(datas) != len(items)):
        return blank("torch")
    merged = datas[0]
    for other in datas[1:]:
        merged = join_data(merged, other)
    found_shapes = [data.shape for data in datas] if items is not None else []
    shape = torch_shapes.stacked(found_shapes, dim, new=call.path.endswith(".stack"))
    name = call.path.rpartition(".")[2]
    way = data_methods.met(call, name, tuple(datas), shape)
    merged = tensor("torch", merged).did("concatenated", call.site, shape=shape, applied=way)
    if dim != Const(0):
        merged = merged.with_(scale=nothing(), units=nothing(), layer=None)
    return merged


@row("torch.cat", "torch.concat", "torch.concatenate", "torch.vstack")
def cat(call: Call, tensors: Value, dim: Value = ZERO, **rest: Value) -> Value:
    return _joined(call, tensors, rest.get("axis", dim))


@row("torch.stack")
def stack(call: Call, tensors: Value, dim: Value = ZERO, **rest: Value) -> Value:
    return _joined(call, tensors, dim)


@row("torch.hstack", "torch.dstack")
def hstack(call: Call, tensors: Value) -> Value:
    return _joined(call, tensors, Const(1))


# -- labels -----------------------------------------------------------------------------------------------------------
@row("torch.nn.functional.one_hot")
def one_hot(call: Call, tensor: Value, num_classes: Value = LAST) -> Value:
    data = tensor if isinstance(tensor, Data) else None
    call.program.encodes.append(
        Encode(call.site, "one_hot", data, call.where("tensor"), call.argument("num_classes"), "torch")
    )
    count = axis_of(num_classes)
    if count is None or count < 1:
        highest = data.labels.map(lambda e: e.high if e.kind == "integer" else None).value if data is not None else None
        count = None if highest is None else highest + 1
    made = lineage.one_hot(call, data or Data(space=UNKNOWN), count=count, name="one_hot")
    return made.with_(dtype="int64", tags=made.tags | {"torch"})


# -- gradients --------------------------------------------------------------------------------------------------------
def backward(call: Call, value: Value, retain: Value = FALSE, create: Value = FALSE) -> None:
    """Record that gradients were computed from a value: of which model, and whether the graph is kept for more."""
    loss = value.loss if isinstance(value, Data) and isinstance(value.loss, Loss) else UNKNOWN
    model = value.model if isinstance(value, Data) and value.model is not None else UNKNOWN
    framework = "torch" if isinstance(value, Data) and "gluon" not in value.tags else ""
    if isinstance(value, Data) and framework:
        call.program.backwards.append(Backward(call.site, value, call.engine.loops, call.tick()))
    whole = TRUE if isinstance(value, Data) and WHOLE in value.tags else FALSE
    kept = TRUE if retain == TRUE and create == FALSE else FALSE
    call.event("backward", loss, model, kept, whole, framework=framework)


@method(TENSOR, "requires_grad_")
def wants_gradients(call: Call, receiver: Value, requires_grad: Value = TRUE) -> Value:
    call.event("input_grad", receiver, framework="torch")
    return receiver


@method(TENSOR, "backward")
def tensor_backward(
    call: Call,
    receiver: Value,
    gradient: Value = NONE,
    retain_graph: Value = NONE,
    create_graph: Value = FALSE,
    inputs: Value = NONE,
) -> Value:
    backward(call, receiver, retain_graph, create_graph)
    return NONE


@row("torch.autograd.backward")
def autograd_backward(call: Call, tensors: Value, *args: Value, **rest: Value) -> Value:
    items = call.items(tensors) if not isinstance(tensors, Data) else None
    backward(call, items[0] if items else tensors)
    return NONE


@row("torch.autograd.grad", "torch.autograd.functional.jacobian")
def autograd_grad(call: Call, outputs: Value, *args: Value, **rest: Value) -> Value:
    call.event("gradient", outputs, framework="torch")
    return call.new("torch.pieces", element=blank("torch"))


# -- everything else --------------------------------------------------------------------------------------------------
@method(TENSOR, "*")
def any_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    data = receiver if isinstance(receiver, Data) else None
    if data is not None and data.loss is not None:
        return data
    return blank("torch", grad=data.grad if data is not None else None)


@row(
    "torch.where", "torch.clamp", "torch.clip", "torch.abs", "torch.sqrt", "torch.pow", "torch.square", "torch.bmm",
    "torch.einsum", "torch.gather", "torch.index_select", "torch.masked_select", "torch.sort", "torch.argsort", "torch.cumsum",
    "torch.dot", "torch.outer", "torch.sin", "torch.cos", "torch.sign", "torch.tril", "torch.triu", "torch.maximum", "torch.minimum",
    "torch.floor", "torch.ceil", "torch.erf", "torch.baddbmm", "torch.addmm", "torch.meshgrid", "torch.isnan",
    "torch.nonzero", "torch.unique", "torch.roll", "torch.rsqrt", "torch.log1p", "torch.expm1", "torch.bincount", "torch.repeat_interleave",
    "torch.nn.functional.linear", "torch.nn.functional.conv1d", "torch.nn.functional.conv2d", "torch.nn.functional.normalize",
    "torch.nn.functional.embedding", "torch.nn.functional.pad", "torch.nn.functional.unfold", "torch.nn.functional.fold",
    "torch.nn.functional.cosine_similarity", "torch.nn.functional.pairwise_distance", "torch.nn.functional.grid_sample",
    "torch.nn.functional.scaled_dot_product_attention", "torch.nn.functional.pixel_shuffle", "torch.linalg.norm",
)  # fmt: skip
def other(call: Call, *args: Value, **rest: Value) -> Value:
    losses = [value for value in args if isinstance(value, Data) and value.loss is not None]
    if losses:
        return losses[0] if len(losses) == 1 else losses[0].with_(loss=UNKNOWN)
    if call.path.endswith("linear") or "functional.conv" in call.path:
        return blank("torch", scale=known("linear", call.site), grad=True)
    return blank("torch")


_FUNCTIONAL = {
    "dropout": ("linear", "relu"), "dropout1d": ("linear", "relu"), "dropout2d": ("linear", "relu"), "dropout3d": ("linear", "relu"),
    "alpha_dropout": ("linear",), "feature_alpha_dropout": ("linear",),
    "max_pool1d": ("linear", "relu", "sigmoid", "tanh"), "max_pool2d": ("linear", "relu", "sigmoid", "tanh"),
    "max_pool3d": ("linear", "relu"), "avg_pool1d": ("linear", "relu", "sigmoid", "tanh"),
    "avg_pool2d": ("linear", "relu", "sigmoid", "tanh"), "avg_pool3d": ("linear", "relu"),
    "adaptive_avg_pool1d": ("linear", "relu"), "adaptive_avg_pool2d": ("linear", "relu"), "adaptive_max_pool2d": ("linear", "relu"),
    "interpolate": ("linear", "relu", "sigmoid"), "upsample": ("linear", "relu", "sigmoid"),
}  # fmt: skip
"""Functions that keep some scales and lose the others."""


@row(*(f"torch.nn.functional.{name}" for name in _FUNCTIONAL), "torch.dropout")
def functional(call: Call, input: Value, *args: Value, **rest: Value) -> Value:
    data = tensor("torch", input)
    name = call.path.rpartition(".")[2]
    kept = _FUNCTIONAL[name]
    layer = torch_layer_shapes.function_as_layer(call, name, args, rest)
    shape = torch_layer_shapes.output_shape(call, layer, (), data.shape)
    scale = data.scale if data.scale.must_be(*kept) else nothing()
    return applied(call, layer, data, data.with_(scale=scale, labels=nothing(), bounds=None, shape=shape))


@row(
    "torch.nn.functional.batch_norm",
    "torch.nn.functional.layer_norm",
    "torch.nn.functional.group_norm",
    "torch.nn.functional.instance_norm",
)
def functional_norm(call: Call, input: Value, *args: Value, **rest: Value) -> Value:
    return tensor("torch", input).with_(scale=known("linear", call.site), labels=nothing(), bounds=None)
