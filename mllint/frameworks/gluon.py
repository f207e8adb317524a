"""MXNet gluon: blocks, losses, trainer, data sets and arrays. Nothing here records an event of another framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mllint.facts import Fact, known, nothing
from mllint.frameworks import gluon_shapes, lineage
from mllint.frameworks.configured import OWNER, applied, hidden, stack, whole
from mllint.frameworks.table import Call, alias, attribute, bases, find_method, method, row
from mllint.frameworks.tensors import (
    PAUSE,
    RECORD,
    activate,
    apply_linear,
    blank,
    class_numbers,
    collated,
    count_of,
    flag,
    function_layer,
    keep_linear,
    known_dataset,
    largest,
    of_rows,
    one_row,
    part_argument,
    plain,
    recorders,
    retag,
    sample,
    signed,
    tensor,
    use_loss,
)  # fmt: skip
from mllint.frameworks.toml import load_toml
from mllint.program import Argument, Encode, Gradient, Optimizer
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Bound,
    Const,
    Data,
    Encoding,
    Layer,
    Loss,
    Name,
    Obj,
    Recorded,
    Tuple,
    Value,
    constant,
    constants,
)  # fmt: skip

_TABLE = load_toml("gluon.toml")
BLOCKS: Mapping[str, Mapping[str, Any]] = _TABLE["blocks"]
LOSSES: Mapping[str, Mapping[str, Any]] = _TABLE["losses"]
ACTIVATIONS: Mapping[str, str] = _TABLE["activations"]
NAMES: Mapping[str, str] = _TABLE["names"]
RANGES: Mapping[str, tuple[float, float]] = {
    "softmax": (0.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, float("inf")), "tanh": (-1.0, 1.0), "log_softmax": (float("-inf"), 0.0),
}  # fmt: skip
GLUON = "gluon"
ARRAY = "Data:gluon"
BLOCK = "mxnet.gluon.Block"
LAYER = "Layer:gluon"
bases(ARRAY, "Data")
bases("mxnet.gluon.HybridBlock", BLOCK)
alias(BLOCK, "mxnet.gluon.nn.Block", "mxnet.gluon.block.Block")
alias("mxnet.gluon.HybridBlock", "mxnet.gluon.nn.HybridBlock", "mxnet.gluon.block.HybridBlock")
NN = ("mxnet.gluon.nn", "mxnet.gluon.contrib.nn", "mxnet.gluon.rnn")
ARRAYS = ("mxnet.nd", "mxnet.ndarray", "mxnet.sym", "mxnet.symbol", "mxnet.npx", "mxnet.numpy_extension", "mxnet.nd.op")


# -- blocks -----------------------------------------------------------------------------------------------------------
def _make_block(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    effect = about["effect"]
    units_name = about.get("units")
    units: Fact[int] = nothing() if units_name is None else count_of(given[units_name])
    activation, where = _activation(call, given, effect)
    return Layer(
        GLUON,
        name,
        call.site,
        activation,
        where,
        units,
        None if units_name is None else call.where(units_name),
        (*((key, value) for key, value in given.items() if call.given(key)), *hidden(call, about["arguments"])),
    )


def _activation(call: Call, given: Mapping[str, Value], effect: str) -> tuple[Fact[str], Any]:
    if effect in ("linear", "activation"):
        chosen = given.get("activation", NONE)
        where = call.where("activation")
        if not call.given("activation") or chosen == NONE:
            return (known("linear", call.site) if call.complete else nothing()), None
        names: Fact[str] = constants(chosen, str)
        return Fact(tuple((NAMES.get(n, n), where) for n in names.values)) if names.known else nothing(), where
    if effect in ("normal", "drop", "pool", "flatten", "same", "unknown", "rnn"):
        return nothing(), None
    return known(effect, call.site), call.site


def apply_block(call: Call, layer: Layer, x: Value) -> Value:
    """What a block makes of its input, with the way it came."""
    effect = BLOCKS[layer.type]["effect"] if layer.type in BLOCKS else "unknown"
    output = _output(call, layer, effect, x)
    if isinstance(output, Data):
        shape = x.shape if isinstance(x, Data) else None
        output = output.with_(shape=gluon_shapes.output_shape(call, layer, effect, _ACTIVATING, shape))
    return applied(call, layer, x, output)


_ACTIVATING = {"activation", *(about["effect"] for about in BLOCKS.values())} - {
    "linear", "normal", "drop", "pool", "flatten", "same", "unknown", "rnn",
}  # fmt: skip


def _output(call: Call, layer: Layer, effect: str, x: Value) -> Value:
    if effect == "linear":
        output = apply_linear(call, layer, x, GLUON)
        if layer.activation.must_be("linear"):
            return output
        bounds = RANGES.get(layer.activation.value or "")
        return activate(layer, output, GLUON, bounds).with_(units=layer.units)
    if effect == "same":
        return tensor(GLUON, x)
    if effect == "normal":
        return apply_linear(call, layer, x, GLUON).with_(units=tensor(GLUON, x).units)
    if effect == "drop":
        return keep_linear(x, layer, GLUON, "linear", "relu")
    if effect == "pool":
        return keep_linear(x, layer, GLUON, "linear", "relu", "sigmoid", "tanh")
    if effect == "flatten":
        return tensor(GLUON, x).with_(units=nothing(), shape=None)
    if effect in ("unknown", "rnn"):
        return apply_linear(call, layer, x, GLUON).with_(scale=nothing())
    return activate(layer, x, GLUON, RANGES.get(layer.activation.value or ""))


def _register_blocks() -> None:
    for name, about in BLOCKS.items():
        row(*(f"{module}.{name}" for module in NN))(signed(partial(_make_block, name, about), about["arguments"]))


_register_blocks()


@method(LAYER, "__call__", "forward")
def call_block(call: Call, receiver: Value, x: Value, *more: Value, **rest: Value) -> Value:
    if not isinstance(receiver, Layer):
        return UNKNOWN
    result = apply_block(call, receiver, x)
    if more and BLOCKS.get(receiver.type, {}).get("effect") == "rnn":
        return Tuple((result, UNKNOWN))
    return result


SEQUENTIAL = "mxnet.gluon.nn.HybridSequential"
bases(SEQUENTIAL, "mxnet.gluon.HybridBlock")
alias(SEQUENTIAL, "mxnet.gluon.nn.Sequential", "mxnet.gluon.contrib.nn.HybridConcurrent")


@row(SEQUENTIAL)
def sequential(call: Call, **rest: Value) -> Value:
    return stack(call, SEQUENTIAL, items=Tuple(()))


@method(SEQUENTIAL, "__init__")
def sequential_init(call: Call, receiver: Value, **rest: Value) -> Value:
    call.set(receiver, "items", Tuple(()))
    return NONE


def _items(call: Call, receiver: Value) -> tuple[Value, ...] | None:
    found = call.get(receiver, "items")
    return found.items if isinstance(found, Tuple) else None


@method(SEQUENTIAL, "add")
def add(call: Call, receiver: Value, *blocks: Value) -> Value:
    call.program.stacked.extend(blocks)
    items = _items(call, receiver)
    if items is None and isinstance(receiver, Obj) and receiver.kind == "instance":
        items = ()
    if items is not None:
        call.set(receiver, "items", Tuple((*items, *(blocks if call.complete else (*blocks, UNKNOWN)))))
    return NONE


@method(SEQUENTIAL, "__call__", "forward")
def call_sequential(call: Call, receiver: Value, x: Value, *more: Value, **rest: Value) -> Value:
    if not (isinstance(receiver, Obj) and receiver.kind == "instance"):
        call.event("forward", receiver, framework=GLUON)
    items = _items(call, receiver)
    if items is None:
        return blank(GLUON, model=receiver, recorded=Recorded(call.site, recorders(call, GLUON)))
    value = x
    with call.engine.within(OWNER, receiver):
        for block in items:
            value = blank(GLUON) if block is UNKNOWN or isinstance(block, Bound) else call.call(block, value)
    made = Recorded(call.site, recorders(call, GLUON))
    return value.with_(model=receiver, recorded=made) if isinstance(value, Data) else value


@method(SEQUENTIAL, "__getitem__")
def block_at(call: Call, receiver: Value, index: Value) -> Value:
    items, at = _items(call, receiver), constant(index)
    if items is not None and isinstance(at, int) and -len(items) <= at < len(items) and UNKNOWN not in items:
        return items[at]
    return UNKNOWN


@row(*(f"{module}.{name}" for module in NN for name in ("Lambda", "HybridLambda")))
def lambda_block(call: Call, function: Value, prefix: Value = NONE) -> Value:
    hybrid = Const(call.path.endswith("HybridLambda"))
    return call.new("mxnet.gluon.nn.HybridLambda", function=function, hybrid=hybrid)


bases("mxnet.gluon.nn.HybridLambda", "mxnet.gluon.HybridBlock")


@method("mxnet.gluon.nn.HybridLambda", "__call__")
def call_lambda(call: Call, receiver: Value, x: Value) -> Value:
    function = call.get(receiver, "function") or UNKNOWN
    name = constant(function)
    if isinstance(name, str):
        return _activated(call, ACTIVATIONS[name], name, x) if name in ACTIVATIONS else blank(GLUON)
    head = (Name("mxnet.nd"),) if call.get(receiver, "hybrid") == TRUE else ()
    return tensor(GLUON, call.call(function, *head, x))


@method(
    (BLOCK, LAYER, "Loss:gluon"), "initialize", "hybridize", "save_parameters", "load_parameters", "save_params", "load_params", "export",
    "summary", "register_child", "setattr", "zero_grad_", "register_forward_hook", "reset_ctx", "infer_shape", "infer_type", "__enter__",
)  # fmt: skip
def block_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return NONE


@method((BLOCK, LAYER), "cast", "apply", "reset_device")
def same_block(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver


@method((BLOCK, LAYER, "Loss:gluon"), "name_scope")
def name_scope(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@method((BLOCK, LAYER), "collect_params")
def collect_params(call: Call, receiver: Value, select: Value = NONE) -> Value:
    return call.new("mxnet.gluon.ParameterDict", model=receiver)


@method("mxnet.gluon.ParameterDict", "*")
def parameter_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@attribute((BLOCK, LAYER), "params", "prefix", "name", "weight", "bias")
def block_attribute(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- losses -----------------------------------------------------------------------------------------------------------
def _make_loss(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    expects: Fact[str] = known(about["expects"]) if "expects" in about else nothing()
    targets: Fact[str] = known(about["targets"]) if "targets" in about else nothing()
    where = None
    family = about["family"]
    if "flag" in about:
        chosen = flag(given[about["flag"]])
        if call.given(about["flag"]) or not call.complete:
            where = call.where(about["flag"])
            expects = nothing() if chosen is None else known(about["flagged"] if chosen else about["expects"], where)
            family = "bce" if chosen and family == "bce_with_logits" else family
    if family == "cross_entropy":
        sparse = flag(given["sparse_label"]) if call.given("sparse_label") else True if call.complete else None
        targets = nothing() if sparse is None else known("integer" if sparse else "one-hot", call.where("sparse_label"))
    if family == "kl_div":
        from_logits = flag(given["from_logits"]) if call.given("from_logits") else True if call.complete else None
        expects = nothing() if from_logits is None else known("log_probabilities" if from_logits else "logits")
    return Loss(GLUON, name, family, expects, targets, call.site, where)


def _register_losses() -> None:
    for name, about in LOSSES.items():
        row(f"mxnet.gluon.loss.{name}")(signed(partial(_make_loss, name, about), about["arguments"]))


_register_losses()


@method("Loss:gluon", "__call__", "forward")
def call_loss(call: Call, receiver: Value, pred: Value, label: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    if not isinstance(receiver, Loss):
        return UNKNOWN
    return use_loss(call, receiver, pred, label, (call.where("pred"), call.where("label")))


# -- training ---------------------------------------------------------------------------------------------------------
TRAINER = "mxnet.gluon.Trainer"


@row(TRAINER)
def trainer(
    call: Call, params: Value, optimizer: Value = UNKNOWN, optimizer_params: Value = NONE, **rest: Value
) -> Value:
    model = call.get(params, "model") if isinstance(params, Obj) else None
    settings = dict(call.mapping(optimizer_params) or ())
    rate = settings.get(Const("learning_rate"))
    name = constant(optimizer)
    trainer = call.new(TRAINER, params=params, optimizer=optimizer, model=UNKNOWN if model is None else model)
    call.event("trainer", trainer, framework=GLUON)
    if isinstance(name, str):
        where = call.where("optimizer_params")
        given = Argument() if rate is None else Argument(rate, where, True)
        others = tuple((str(constant(key)), Argument(value, where, True)) for key, value in settings.items())
        trained = None if model is None else (model,)
        model = UNKNOWN if model is None else model
        made = Optimizer(call.site, GLUON, name, given, model, trainer, trained, others, params)
        call.program.optimizers.append(made)
        if Const("lr_scheduler") in settings:
            call.event("rate", trainer, framework=GLUON)
    return trainer


@method(TRAINER, "step", "update")
def trainer_step(call: Call, receiver: Value, batch_size: Value = UNKNOWN, ignore_stale_grad: Value = FALSE) -> Value:
    call.event("step", receiver, batch_size, framework=GLUON)
    return NONE


@method(TRAINER, "allreduce_grads", "set_learning_rate", "save_states", "load_states")
def trainer_other(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return NONE


@attribute(TRAINER, "learning_rate")
def learning_rate(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@method(ARRAY, "backward")
def array_backward(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    loss = receiver.loss if isinstance(receiver, Data) and isinstance(receiver.loss, Loss) else UNKNOWN
    model = receiver.model if isinstance(receiver, Data) and receiver.model is not None else UNKNOWN
    call.event("backward", loss, model, *((receiver,) if isinstance(receiver, Data) else ()), framework=GLUON)
    made = receiver.recorded if isinstance(receiver, Data) else None
    outside = made if made is not None and not made.under else None
    target = Argument(receiver, call.site, True)
    call.program.gradients.append(Gradient(call.site, GLUON, UNKNOWN, target, outside=outside, model=model))
    return NONE


@row("mxnet.autograd.backward")
def autograd_backward(call: Call, heads: Value, *args: Value, **rest: Value) -> Value:
    items = call.items(heads) if not isinstance(heads, Data) else None
    array_backward(call, items[0] if items else heads)
    return NONE


@row(RECORD, PAUSE, "mxnet.autograd.train_mode", "mxnet.autograd.predict_mode")
def recording(call: Call, train_mode: Value = TRUE) -> Value:
    """What is computed in its block is recorded for gradients, or is not."""
    return call.new(call.path, train_mode=train_mode)


@method(ARRAY, "mean")
def mean(call: Call, receiver: Value, axis: Value = NONE, *args: Value, **rest: Value) -> Value:
    """A loss averaged over the batch, or a statistic."""
    if isinstance(receiver, Data) and receiver.loss is not None:
        return receiver.with_(tags=receiver.tags | {MEAN}) if axis == NONE and not args and not rest else receiver
    statistic = find_method("Data", "mean")
    return blank(GLUON) if statistic is None else statistic.bind(replace(call, bound={}), receiver)


MEAN = "mean"
"""Tag of a loss that was averaged over the batch."""


@row(
    "mxnet.cpu", "mxnet.gpu",
    "mxnet.context.num_gpus", "mxnet.random.seed", "mxnet.nd.waitall", "mxnet.context.gpu", "mxnet.context.cpu", "mxnet.init.Xavier",
    "mxnet.init.Normal", "mxnet.init.Uniform", "mxnet.initializer.Xavier", "mxnet.npx.set_np", "mxnet.npx.gpu", "mxnet.npx.cpu",
    "mxnet.nd.save", "mxnet.nd.load", "mxnet.autograd.grad", "mxnet.context.current_context", "mxnet.init.MSRAPrelu", "mxnet.init.Zero",
    "mxnet.gluon.utils.clip_global_norm", "mxnet.viz.plot_network", "mxnet.lr_scheduler.FactorScheduler", "mxnet.initializer.Normal",
)  # fmt: skip
def quiet(call: Call, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- arrays -----------------------------------------------------------------------------------------------------------
def _names(*names: str) -> tuple[str, ...]:
    return tuple(f"{module}.{name}" for module in ARRAYS for name in names)


@row(*_names("array", "from_numpy", "NDArray"), "mxnet.np.array")
def make_array(call: Call, source_array: Value, ctx: Value = NONE, dtype: Value = NONE) -> Value:
    data = lineage.as_data(call, source_array)
    if data is None:
        return blank(GLUON)
    if data.labels.must(lambda e: e.count == 1):
        data = data.with_(labels=nothing())
    return tensor(GLUON, lineage.cast(data, dtype, call.site) if dtype != NONE else data)


def _activated(call: Call, scale: str, name: str, x: Value, argument: str = "") -> Data:
    args = {"dim": call.argument("axis").value} if call.given("axis") else {}
    layer = function_layer(call, GLUON, name, scale, argument, **args)
    return activate(layer, x, GLUON, RANGES.get(scale))


def _activation_function(name: str, scale: str, call: Call, **given: Value) -> Value:
    return _activated(call, scale, name, given["data"], "data")


def _activation_method(name: str, scale: str, call: Call, receiver: Value, **given: Value) -> Value:
    return _activated(call, scale, name, receiver)


def _register_activations() -> None:
    for name, scale in ACTIVATIONS.items():
        row(*_names(name))(signed(partial(_activation_function, name, scale), "data axis"))
        method(ARRAY, name)(signed(partial(_activation_method, name, scale), "axis", receiver=True))


_register_activations()


@row(*_names("Activation"))
def activation_function(call: Call, data: Value, act_type: Value = UNKNOWN) -> Value:
    name = constant(act_type)
    return (
        _activated(call, NAMES[name], name, data, "data") if isinstance(name, str) and name in NAMES else blank(GLUON)
    )


@row(*_names("FullyConnected", "Convolution"))
def linear_function(call: Call, data: Value, *args: Value, num_hidden: Value = UNKNOWN, **rest: Value) -> Value:
    return blank(GLUON, scale=known("linear", call.site), units=count_of(num_hidden), grad=True)


@row(*_names("softmax_cross_entropy", "SoftmaxOutput"))
def symbol_loss(call: Call, data: Value, label: Value = UNKNOWN, **rest: Value) -> Value:
    return blank(GLUON)


@row(*_names("one_hot"))
def one_hot(call: Call, indices: Value, depth: Value = UNKNOWN, *args: Value, **rest: Value) -> Value:
    data = indices if isinstance(indices, Data) else None
    call.program.encodes.append(
        Encode(call.site, "one_hot", data, call.where("indices"), call.argument("depth"), "gluon")
    )
    count = constant(depth)
    made = lineage.one_hot(
        call, data or Data(space=UNKNOWN), count=count if isinstance(count, int) else None, name="one_hot"
    )
    return tensor(GLUON, made)


_AS_METHOD = (
    "argmax", "mean", "sum", "max", "min", "reshape", "flatten", "squeeze", "expand_dims", "transpose", "round", "norm", "log", "cast",
    "Reshape", "Flatten", "Cast", "sum_axis", "softsign_", "stop_gradient", "BlockGrad", "slice_axis", "elemwise_add", "broadcast_add",
)  # fmt: skip


@row(*_names(*_AS_METHOD))
def as_method(call: Call, data: Value, *more: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2].lower()
    entry = find_method(ARRAY, {"cast": "astype", "stop_gradient": "detach", "blockgrad": "detach"}.get(name, name))
    if entry is None:
        return blank(GLUON)
    keywords = {key: value for key, value in call.keywords.items() if key != "data"}
    made = Call(
        call.engine, call.site, f"{ARRAY}.{name}", call.positional[1:], keywords, call.complete, {}, call.name_site
    )
    return retag(entry.bind(made, tensor(GLUON, data)), GLUON)


@row(
    *_names(
        "zeros", "ones", "arange", "zeros_like", "ones_like", "random.normal", "random.uniform", "random_normal", "random_uniform", "concat",
        "Concat", "stack", "dot", "batch_dot", "where", "exp", "sqrt", "square", "abs", "clip", "pick", "split", "slice", "take", "full", "eye",
        "random.randn", "empty", "linspace", "SwapAxis", "swapaxes", "broadcast_mul", "elemwise_mul", "Embedding", "LeakyReLU", "L2Normalization",
    )
)  # fmt: skip
def other(call: Call, *args: Value, **rest: Value) -> Value:
    loss = next((value for value in args if isinstance(value, Data) and value.loss is not None), None)
    if loss is not None:
        return loss
    given = rest.get("shape", args[0] if args and call.path.rpartition(".")[2] in _MADE else UNKNOWN)
    sizes = call.items(given)
    return blank(GLUON, shape=None if sizes is None else tuple(whole(size) for size in sizes))


_MADE = ("zeros", "ones", "empty", "full")


@row(*_names("Dropout", "Pooling"))
def keeping(call: Call, data: Value, *args: Value, **rest: Value) -> Value:
    base = tensor(GLUON, data)
    return base.with_(
        scale=base.scale if base.scale.must_be("linear", "relu") else nothing(), labels=nothing(), shape=None
    )


@method(
    ARRAY, "as_in_context", "as_in_ctx", "copyto", "copy", "as_nd_ndarray", "as_np_ndarray", "attach_grad", "to_device"
)
def same_array(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver if not call.path.endswith("attach_grad") else NONE


@method(ARRAY, "asnumpy", "asscalar", "item", "tolist")
def leave(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return plain(receiver) if isinstance(receiver, Data) else UNKNOWN


@method(ARRAY, "argmax")
def argmax(call: Call, receiver: Value, axis: Value = NONE, *args: Value, **rest: Value) -> Value:
    lineage.decide(call, "argmax", tensor(GLUON, receiver), axis)
    return largest(call, tensor(GLUON, receiver))


@method(ARRAY, "log")
def log(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    data = tensor(GLUON, receiver)
    if data.scale.must_be("softmax"):
        layer = function_layer(call, GLUON, "log_softmax", "log_softmax", "data")
        return data.with_(scale=known("log_softmax", call.site), layer=layer, bounds=RANGES["log_softmax"])
    return data.with_(scale=nothing(), layer=None, labels=nothing(), bounds=None)


@method(ARRAY, "*")
def any_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    if isinstance(receiver, Data) and receiver.loss is not None:
        return receiver
    return blank(GLUON)


@attribute(ARRAY, "*")
def bound_method(call: Call, receiver: Value) -> Value:
    return Bound(receiver, call.path.rpartition(".")[2])


@method(ARRAY, "__setattr__")
def set_array_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    return NONE


@attribute(ARRAY, "grad", "context", "ctx", "dtype", "stype")
def about_array(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- data sets --------------------------------------------------------------------------------------------------------
DATASET = "mxnet.gluon.data.Dataset"
ARRAYS_DATASET = "mxnet.gluon.data.ArrayDataset"
SIMPLE = "mxnet.gluon.data.SimpleDataset"
TRANSFORMED = "mxnet.gluon.data.transformed"
LOADER = "mxnet.gluon.data.DataLoader"
bases(ARRAYS_DATASET, DATASET)
bases(SIMPLE, DATASET)
bases(TRANSFORMED, DATASET)


@row(ARRAYS_DATASET, "mxnet.gluon.data.dataset.ArrayDataset")
def array_dataset(call: Call, *arrays: Value) -> Value:
    return call.new(ARRAYS_DATASET, arrays=Tuple(arrays) if call.complete else UNKNOWN)


@row(SIMPLE, "mxnet.gluon.data.dataset.SimpleDataset")
def simple_dataset(call: Call, data: Value) -> Value:
    return call.new(SIMPLE, rows=data)


@method(SIMPLE, "__iter__", "__getitem__")
def simple_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return sample(call, call.get(receiver, "rows") or UNKNOWN)


@method(ARRAYS_DATASET, "__iter__", "__getitem__")
def array_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    found = call.get(receiver, "arrays")
    if not isinstance(found, Tuple):
        return UNKNOWN
    arrays = tuple(lineage.as_data(call, each) or each for each in found.items)
    items = tuple(one_row(each) if isinstance(each, Data) else each for each in arrays)
    return items[0] if len(items) == 1 else Tuple(items)


@method(DATASET, "transform_first")
def transform_first(call: Call, receiver: Value, fn: Value, lazy: Value = TRUE) -> Value:
    return call.new(TRANSFORMED, dataset=receiver, first=fn)


@method(DATASET, "transform")
def transform(call: Call, receiver: Value, fn: Value, lazy: Value = TRUE) -> Value:
    return call.new(TRANSFORMED, dataset=receiver, both=fn)


@method(DATASET, "take", "shard", "filter", "sample")
def part_of(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver


@method(TRANSFORMED, "__iter__", "__getitem__")
def transformed_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    item = sample(call, call.get(receiver, "dataset") or UNKNOWN)
    both = call.get(receiver, "both")
    if both is not None:
        arguments = item.items if isinstance(item, Tuple) else (item,)
        return call.call(both, *arguments) if both is not UNKNOWN else UNKNOWN
    if isinstance(item, Tuple) and item.items:
        first = item.items[0]
        kept = first.with_(scale=nothing(), layer=None, shape=None) if isinstance(first, Data) else first
        return Tuple((kept, *item.items[1:]))
    return item


@row(LOADER, "mxnet.gluon.data.dataloader.DataLoader")
def data_loader(
    call: Call,
    dataset: Value,
    batch_size: Value = NONE,
    shuffle: Value = FALSE,
    sampler: Value = NONE,
    last_batch: Value = NONE,
    batch_sampler: Value = NONE,
    batchify_fn: Value = NONE,
    **rest: Value,
) -> Value:
    if not call.given("batchify_fn"):
        batchify_fn = NONE
    return call.new(LOADER, dataset=dataset, shuffle=shuffle, batchify_fn=batchify_fn)


@method(LOADER, "__iter__")
def batch(call: Call, receiver: Value) -> Value:
    item = sample(call, call.get(receiver, "dataset") or UNKNOWN)
    function = call.get(receiver, "batchify_fn") or NONE
    if function != NONE:
        return of_rows(call, function, item)
    return collated(GLUON, item, call)


@row("mxnet.io.NDArrayIter")
def array_iterator(call: Call, data: Value, label: Value = NONE, *args: Value, **rest: Value) -> Value:
    return call.new("mxnet.io.NDArrayIter", data=data, label=label)


@method("mxnet.io.NDArrayIter", "__iter__")
def iterator_batch(call: Call, receiver: Value) -> Value:
    return call.new(
        "mxnet.io.DataBatch", data_of=call.get(receiver, "data") or NONE, label_of=call.get(receiver, "label") or NONE
    )


@attribute("mxnet.io.DataBatch", "data", "label")
def batch_part(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, f"{call.path.rpartition('.')[2]}_of")
    return Tuple((collated(GLUON, one_row(found)),)) if isinstance(found, Data) else UNKNOWN


def _vision(name: str, classes: int, call: Call, **given: Value) -> Value:
    labels: Fact[Encoding] = class_numbers(call, 0, classes - 1)
    if not call.complete:
        labels = nothing()
    if name == "CIFAR100" and not (call.given("fine_label") and flag(given["fine_label"]) is True):
        labels = class_numbers(call, 0, 19) if call.complete and not call.given("fine_label") else nothing()
    part = part_argument(call, given["train"] if call.given("train") else TRUE, call.where("train"))
    made = known_dataset(call, f"mxnet.gluon.data.vision.{name}", labels, part)
    if call.given("transform"):
        call.set(made, "transform", given["transform"])
    return made


def _register_datasets() -> None:
    for name, classes in _TABLE["datasets"].items():
        kind = f"mxnet.gluon.data.vision.{name}"
        arguments = "root fine_label train transform" if name == "CIFAR100" else "root train transform"
        row(kind, f"mxnet.gluon.data.vision.datasets.{name}")(signed(partial(_vision, name, classes), arguments))
        bases(kind, "mxnet.gluon.data.vision")


_register_datasets()
bases("mxnet.gluon.data.vision", DATASET)


FOLDER = "mxnet.gluon.data.vision.ImageFolderDataset"
bases(FOLDER, "mxnet.gluon.data.vision")


@row(FOLDER, "mxnet.gluon.data.vision.datasets.ImageFolderDataset")
def image_folder(call: Call, root: Value, flag: Value = NONE, transform: Value = NONE, **rest: Value) -> Value:
    labels = known(Encoding("integer", low=0), call.site) if transform == NONE else nothing()
    return known_dataset(call, FOLDER, labels, nothing())


@row("mxnet.test_utils.get_mnist", "mxnet.test_utils.get_mnist_ubyte")
def get_mnist(call: Call, path: Value = NONE) -> Value:
    """A dict of arrays: pixels from 0 to 1 and digits of both parts."""
    source = lineage.fresh(call, tags=frozenset({"shuffled"})).did("read", call.site)
    pairs: list[Value] = []
    for part, rows in (("train", 60000), ("test", 10000)):
        base = source.with_(part=known(part, call.site))
        x = base.with_(columns=known("features"), bounds=(0.0, 1.0), shape=(rows, 1, 28, 28), dtype="float32")
        y = base.with_(columns=known("target"), labels=class_numbers(call, 0, 9), shape=(rows,))
        pairs += [Tuple((Const(f"{part}_data"), x)), Tuple((Const(f"{part}_label"), y))]
    return call.engine.new("dict", call.site, {"items": Tuple(tuple(pairs))})


@method("mxnet.gluon.data.vision", "__iter__", "__getitem__")
def vision_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    features, labels = call.get(receiver, "features"), call.get(receiver, "labels")
    transform = call.get(receiver, "transform") or NONE
    if features is None or labels is None:
        return UNKNOWN
    return Tuple((features, labels)) if transform == NONE else call.call(transform, features, labels)


@row("mxnet.gluon.utils.split_and_load", "mxnet.gluon.utils.split_data")
def split_and_load(call: Call, data: Value, *args: Value, **rest: Value) -> Value:
    found = lineage.as_data(call, data)
    return call.new("mxnet.pieces", element=UNKNOWN if found is None else tensor(GLUON, found))


@method("mxnet.pieces", "__iter__", "__getitem__")
def piece(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return call.get(receiver, "element") or UNKNOWN
