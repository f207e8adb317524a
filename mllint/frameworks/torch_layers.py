"""torch.nn: layers, activations, containers and what every module can do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import Fact, known, nothing
from mllint.frameworks import lineage, seeding, torch_layer_shapes
from mllint.frameworks.configured import OWNER, applied, hidden, stack
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import (
    BATCHED,
    MULTI_AXIS,
    ONE,
    activate,
    apply_linear,
    axis_of,
    blank,
    count_of,
    flag,
    function_layer,
    keep_linear,
    only_data,
    signed,
    tensor,
)  # fmt: skip
from mllint.frameworks.toml import load_toml
from mllint.program import Activation, Unmasked
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Applied,
    Bound,
    Const,
    Data,
    Layer,
    Obj,
    Slice,
    Tuple,
    Value,
    choice,
    constant,
)  # fmt: skip

_TABLE = load_toml("torch_layers.toml")
LAYERS: Mapping[str, Mapping[str, Any]] = _TABLE["layers"]
ACTIVATIONS: Mapping[str, Mapping[str, Any]] = _TABLE["activations"]
RANGES: Mapping[str, tuple[float, float]] = {
    each["scale"]: (each["range"][0], each["range"][1]) for each in ACTIVATIONS.values() if "range" in each
}
_EFFECTS = {name: each["effect"] for name, each in LAYERS.items()}
MODULE = "torch.nn.Module"
LAYER = "Layer:torch"
EMPTY = Tuple(())


# -- making layers ----------------------------------------------------------------------------------------------------
def _make_layer(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    units: Fact[int] = nothing()
    units_name = about.get("units")
    if units_name is not None:
        units = count_of(given[units_name])
        if name in ("LSTM", "GRU", "RNN"):
            twice = given["bidirectional"] if call.given("bidirectional") or not call.complete else FALSE
            units = units if flag(twice) is False else units.map(lambda n: 2 * n) if flag(twice) else nothing()
            if given.get("proj_size", Const(0)) != Const(0):
                units = nothing()
    activation = known("linear", call.site) if about["effect"] == "linear" else nothing()
    kept = tuple((key, value) for key, value in given.items() if call.given(key))
    if "units" in about or name.startswith("Transformer"):
        seeding.decided(call, "torch", "weights", name)
    layer = Layer(
        "torch",
        name,
        call.site,
        activation,
        units=units,
        units_site=None if units_name is None else call.where(units_name),
        args=(*kept, *hidden(call, about["arguments"])),
    )
    call.program.layers.append(layer)
    return layer


def _make_activation(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    args = tuple((key, value) for key, value in given.items() if call.given(key))
    args = (*args, *_place_of_dim(call), *hidden(call, about["arguments"]))
    if about.get("halves"):
        args = (*args, ("halves", TRUE))
    return Layer("torch", name, call.site, known(about["scale"], call.site), call.site, args=args)


def _place_of_dim(call: Call) -> tuple[tuple[str, Value], ...]:
    """Where the axis is written, for edits."""
    place = call.where("dim")
    return () if place is None else (("dim_site", Const(place)),)


def _activate_function(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    args: dict[str, Value] = {"halves": TRUE} if about.get("halves") else {}
    if call.given("dim") and not call.given("input"):
        return blank("torch")
    if call.given("dim") or not call.complete:
        args["dim"] = given.get("dim", UNKNOWN)
    args.update(_place_of_dim(call))
    layer = function_layer(call, "torch", name, about["scale"], "input", **args)
    return _remembered(call, layer, given["input"])


def _activate_method(name: str, about: Mapping[str, Any], call: Call, receiver: Value, **given: Value) -> Value:
    args: dict[str, Value] = {"halves": TRUE} if about.get("halves") else {}
    if call.given("dim") or not call.complete:
        args["dim"] = given.get("dim", UNKNOWN)
    args.update(_place_of_dim(call))
    layer = function_layer(call, "torch", name, about["scale"], "", **args)
    return _remembered(call, layer, receiver)


def _remembered(call: Call, layer: Layer, x: Value) -> Value:
    """The output of an activation that is written as a function."""
    return applied(call, layer, x, _activated(call, layer, x))


def _activated(call: Call, layer: Layer, x: Value) -> Data:
    """The output of an activation, which is recorded."""
    if layer.site is not None and layer.activation.may_be("softmax", "log_softmax", "softmin"):
        call.program.activations.append(Activation(layer.site, layer, tensor("torch", x)))
    return activate(layer, x, "torch", RANGES.get(ACTIVATIONS[layer.type]["scale"]))


def _register() -> None:
    for name, about in LAYERS.items():
        made = signed(partial(_make_layer, name, about), about["arguments"])
        row(f"torch.nn.{name}")(made)
    for name, about in ACTIVATIONS.items():
        row(f"torch.nn.{name}")(signed(partial(_make_activation, name, about), about["arguments"]))
        dim = " dim" if "dim" in about["arguments"] else ""
        function = signed(partial(_activate_function, name, about), f"input{dim}")
        on_tensor = signed(partial(_activate_method, name, about), dim.strip(), receiver=True)
        for each in about["functions"]:
            row(f"torch.nn.functional.{each}", f"torch.{each}", f"torch.special.{each}")(function)
            method(("Data:torch",), each)(on_tensor)


_register()


@row("torch.nn.functional.gumbel_softmax")
def gumbel_softmax(call: Call, logits: Value, tau: Value = ONE, hard: Value = FALSE) -> Value:
    return tensor("torch", logits).with_(scale=nothing(), layer=None, labels=nothing(), bounds=(0.0, 1.0))


# -- applying layers --------------------------------------------------------------------------------------------------
def apply_layer(call: Call, layer: Layer, x: Value) -> Value:
    """What a layer makes of its input, with the way it came."""
    output = _output(call, layer, x)
    shape = torch_layer_shapes.output_shape(call, layer, ACTIVATIONS, x.shape if isinstance(x, Data) else None)
    return applied(call, layer, x, output if shape is None else _shaped(output, shape))


def _shaped(output: Value, shape: tuple[int | None, ...]) -> Value:
    """A layer's output, the first of several, in a shape."""
    if isinstance(output, Tuple):
        return Tuple((_shaped(output.items[0], shape), *output.items[1:]))
    return output.with_(shape=shape) if isinstance(output, Data) else output


def _output(call: Call, layer: Layer, x: Value) -> Value:
    if layer.type in ACTIVATIONS:
        return _activated(call, layer, x)
    effect = _EFFECTS.get(layer.type, "unknown")
    if effect == "same":
        return tensor("torch", x)
    if effect == "linear":
        return apply_linear(call, layer, x, "torch")
    if effect == "normal":
        base = tensor("torch", x)
        return apply_linear(call, layer, x, "torch").with_(units=base.units, shape=base.shape)
    if effect == "drop":
        return keep_linear(x, layer, "torch", "linear", "relu")
    if effect == "pool":
        return keep_linear(x, layer, "torch", "linear", "relu", "sigmoid", "tanh", "relu6")
    if effect == "flatten":
        base = tensor("torch", x)
        units = base.units if base.units.must_be(1) and axis_of(layer.arg("start_dim")) == 0 else nothing()
        whole = layer.type == "Flatten" and base.shape is None and not layer.args
        shape = (None, None) if whole else None
        return base.with_(units=units, shape=shape, tags=base.tags - {MULTI_AXIS})
    output = apply_linear(call, layer, x, "torch").with_(scale=nothing())
    if not layer.type.endswith("Cell") and layer.type != "EmbeddingBag":
        output = output.with_(tags=output.tags | {MULTI_AXIS})
    hidden = output.with_(units=nothing(), shape=None, tags=output.tags - {BATCHED})
    if effect == "rnn" or effect == "attention":
        return Tuple((output, hidden))
    if effect == "lstm":
        return Tuple((output, Tuple((hidden, hidden))))
    return output


@method(LAYER, "__call__", "forward")
def call_layer(call: Call, receiver: Value, input: Value, *more: Value, **rest: Value) -> Value:
    if not isinstance(receiver, Layer):
        return UNKNOWN
    _masked(call, receiver, input, more, rest)
    return apply_layer(call, receiver, input)


_MASKS = {
    "TransformerEncoder": "src_key_padding_mask",
    "TransformerEncoderLayer": "src_key_padding_mask",
    "MultiheadAttention": "key_padding_mask",
}
"""Attention, and the argument that says what is only there to fill up."""


def _masked(call: Call, layer: Layer, x: Value, more: tuple[Value, ...], rest: Mapping[str, Value]) -> None:
    """Record attention over what is filled up, with no mask at all."""
    seen = x.seen if isinstance(x, Data) else None
    name = _MASKS.get(layer.type)
    others = more[2:] if layer.type == "MultiheadAttention" else more
    if name is None or seen is None or seen.tokens.padding is None or seen.causal or not call.complete:
        return
    if not others and not any("mask" in key or key == "is_causal" for key in rest):
        call.program.unmasked.append(Unmasked(call.site, seen.tokens, layer.type, name))


@attribute(LAYER, "weight", "bias", "in_proj_weight", "running_mean", "running_var")
def layer_parameter(call: Call, receiver: Value) -> Value:
    return call.new("torch.nn.Parameter", model=receiver)


@attribute(LAYER, "out_features", "out_channels", "embedding_dim", "hidden_size")
def layer_units(call: Call, receiver: Value) -> Value:
    if isinstance(receiver, Layer) and receiver.units.known and receiver.type not in ("LSTM", "GRU", "RNN"):
        return choice(Const(value) for value in receiver.units.values)
    return UNKNOWN


@attribute(LAYER, "in_features", "in_channels", "num_features", "num_embeddings", "kernel_size", "p", "dim")
def layer_argument(call: Call, receiver: Value) -> Value:
    return receiver.arg(call.path.rpartition(".")[2]) if isinstance(receiver, Layer) else UNKNOWN


# -- containers -------------------------------------------------------------------------------------------------------
SEQUENTIAL, LIST, DICT = "torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"
for _kind in (SEQUENTIAL, LIST, DICT):
    bases(_kind, MODULE)


def _children(call: Call, modules: tuple[Value, ...]) -> Tuple:
    """The modules and names that ``nn.Sequential`` was given: positional, or one ordered dict."""
    call.program.stacked.extend(modules)
    if len(modules) == 1:
        pairs = call.mapping(modules[0])
        if pairs is not None:
            return Tuple(tuple(module for _, module in pairs))
        if isinstance(modules[0], Obj) and modules[0].kind == "dict":
            return Tuple((UNKNOWN,))
    return Tuple(modules)


def _names(call: Call, modules: tuple[Value, ...]) -> Tuple:
    pairs = call.mapping(modules[0]) if len(modules) == 1 else None
    if pairs is not None:
        return Tuple(tuple(name for name, _ in pairs))
    return Tuple(tuple(Const(str(index)) for index in range(len(modules))))


@row(SEQUENTIAL)
def sequential(call: Call, *modules: Value) -> Value:
    children = _children(call, modules) if call.complete else Tuple((*modules, UNKNOWN))
    return stack(call, SEQUENTIAL, items=children, names=_names(call, modules))


@method(SEQUENTIAL, "__init__")
def sequential_init(call: Call, receiver: Value, *modules: Value) -> Value:
    children = _children(call, modules) if call.complete else Tuple((*modules, UNKNOWN))
    call.set(receiver, "items", children)
    call.set(receiver, "names", _names(call, modules))
    return NONE


@method(SEQUENTIAL, "__call__", "forward")
def call_sequential(call: Call, receiver: Value, input: Value, **rest: Value) -> Value:
    if not (isinstance(receiver, Obj) and receiver.kind == "instance"):
        call.event("forward", receiver, framework="torch")
        lineage.predicts(call, "torch", receiver, only_data(input), call.where("input"))
    items = call.get(receiver, "items")
    x: Value = tensor("torch", input) if isinstance(input, Data) else input
    if items == EMPTY and isinstance(receiver, Obj) and receiver.kind == "instance":
        items = _attributes(call, receiver)
    if not isinstance(items, Tuple):
        return blank("torch", model=receiver)
    with call.engine.within(OWNER, receiver):
        for module in items.items:
            if module is UNKNOWN or isinstance(module, Bound):
                x = blank("torch", applied=Applied(None, None, (x,) if isinstance(x, Data) else ()))
            else:
                x = call.call(module, x)
    return x.with_(model=receiver) if isinstance(x, Data) else x


def _attributes(call: Call, receiver: Obj) -> Tuple | None:
    """What a Sequential of the program's own applies that only sets attributes, in their order."""
    found = [value for name, value in call.fields(receiver).items() if name not in ("class", "items", "names")]
    modules = [value for value in found if isinstance(value, Layer) or call.is_instance_of(value, MODULE)]
    return Tuple(tuple(modules)) if modules else None


def _items(call: Call, receiver: Value) -> tuple[Value, ...] | None:
    found = call.get(receiver, "items")
    return found.items if isinstance(found, Tuple) else None


def _add(call: Call, receiver: Value, module: Value, name: Value | None = None, at: int | None = None) -> Value:
    items = _items(call, receiver)
    if items is None:
        return receiver
    names = call.get(receiver, "names")
    if isinstance(names, Tuple):
        call.set(receiver, "names", Tuple((*names.items, name or Const(str(len(items))))))
    where = len(items) if at is None else at
    call.set(receiver, "items", Tuple((*items[:where], module, *items[where:])))
    call.program.stacked.append(module)
    return receiver


@method((SEQUENTIAL, LIST), "append")
def append_module(call: Call, receiver: Value, module: Value) -> Value:
    return _add(call, receiver, module)


@method((SEQUENTIAL, LIST), "extend", "__iadd__")
def extend_modules(call: Call, receiver: Value, modules: Value) -> Value:
    more, items = call.items(modules), _items(call, receiver)
    call.program.stacked.extend(more if more is not None else [call.element(modules)])
    if items is not None:
        call.set(receiver, "items", Tuple((*items, *(more if more is not None else [UNKNOWN]))))
    return receiver


@method((SEQUENTIAL, LIST), "insert")
def insert_module(call: Call, receiver: Value, index: Value, module: Value) -> Value:
    at = axis_of(index)
    if at is None:
        call.set(receiver, "items", Tuple((UNKNOWN,)))
        return receiver
    return _add(call, receiver, module, at=at)


@method((SEQUENTIAL, LIST, MODULE), "add_module", "register_module")
def add_module(call: Call, receiver: Value, name: Value, module: Value) -> Value:
    if _items(call, receiver) is not None:
        return _add(call, receiver, module, name)
    text = constant(name)
    if isinstance(text, str):
        call.set(receiver, text, module)
    return NONE


@method((SEQUENTIAL, LIST), "__getitem__")
def module_at(call: Call, receiver: Value, index: Value) -> Value:
    items = _items(call, receiver)
    if items is None:
        return UNKNOWN
    at = axis_of(index)
    if at is not None:
        return items[at] if -len(items) <= at < len(items) and UNKNOWN not in items else UNKNOWN
    if isinstance(index, Slice):
        start, stop = constant(index.start), constant(index.stop)
        simple = index.start == NONE or isinstance(start, int), index.stop == NONE or isinstance(stop, int)
        kept = items[start:stop] if all(simple) and UNKNOWN not in items else (UNKNOWN,)
        return call.new(SEQUENTIAL if isinstance(receiver, Obj) and receiver.kind != LIST else LIST, items=Tuple(kept))
    return choice(items) if items else UNKNOWN


@method((SEQUENTIAL, LIST), "__setitem__")
def set_module_at(call: Call, receiver: Value, index: Value, value: Value) -> Value:
    items, at = _items(call, receiver), axis_of(index)
    if items is not None:
        known_place = at is not None and -len(items) <= at < len(items)
        changed = list(items)
        if known_place and at is not None:
            changed[at] = value
        call.set(receiver, "items", Tuple(tuple(changed)) if known_place else Tuple((UNKNOWN,)))
    return NONE


@attribute((SEQUENTIAL,), "*")
def named_module(call: Call, receiver: Value) -> Value:
    """``model.fc1`` of a Sequential made from an ordered dict."""
    wanted = call.path.rpartition(".")[2]
    names, items = call.get(receiver, "names"), _items(call, receiver)
    if isinstance(names, Tuple) and items is not None and len(names.items) == len(items):
        for name, module in zip(names.items, items, strict=True):
            if name == Const(wanted):
                return module
    found = call.get(receiver, wanted)
    return UNKNOWN if found is None else found


@row(LIST)
def module_list(call: Call, modules: Value = EMPTY) -> Value:
    items = call.items(modules)
    call.program.stacked.extend(items if items is not None else [call.element(modules)])
    if items is None:
        return call.new(LIST, items=UNKNOWN, element=call.element(modules))
    return call.new(LIST, items=Tuple(tuple(items)))


@method(LIST, "__iter__")
def list_element(call: Call, receiver: Value) -> Value:
    return call.get(receiver, "element") or UNKNOWN


@row(DICT)
def module_dict(call: Call, modules: Value = NONE) -> Value:
    pairs = [] if modules == NONE else call.mapping(modules)
    if pairs is None:
        return call.new(DICT)
    return call.new(DICT, pairs=Tuple(tuple(Tuple(pair) for pair in pairs)))


def _pairs(call: Call, receiver: Value) -> list[Tuple]:
    found = call.get(receiver, "pairs")
    return [pair for pair in found.items if isinstance(pair, Tuple)] if isinstance(found, Tuple) else []


@method(DICT, "__getitem__")
def module_named(call: Call, receiver: Value, index: Value) -> Value:
    pairs = _pairs(call, receiver)
    found = [module for name, module in (pair.items for pair in pairs) if name == index]
    return found[-1] if found else choice(pair.items[1] for pair in pairs) if pairs else UNKNOWN


@method(DICT, "__setitem__")
def set_module_named(call: Call, receiver: Value, index: Value, value: Value) -> Value:
    call.set(receiver, "pairs", Tuple((*_pairs(call, receiver), Tuple((index, value)))))
    return NONE


@method(DICT, "values")
def module_values(call: Call, receiver: Value) -> Value:
    return Tuple(tuple(pair.items[1] for pair in _pairs(call, receiver)))


@method(DICT, "keys", "__items__")
def module_keys(call: Call, receiver: Value) -> Value:
    return Tuple(tuple(pair.items[0] for pair in _pairs(call, receiver)))


@method(DICT, "items")
def module_pairs(call: Call, receiver: Value) -> Value:
    return Tuple(tuple(_pairs(call, receiver)))


@row("torch.nn.ParameterList", "torch.nn.ParameterDict")
def parameter_list(call: Call, values: Value = NONE) -> Value:
    return UNKNOWN


# -- what every module can do -----------------------------------------------------------------------------------------
ANY_MODULE = (MODULE, LAYER)


@method(
    (*ANY_MODULE, "Loss:torch"),
    "to", "cuda", "cpu", "float", "double", "half", "bfloat16", "type", "share_memory", "xpu", "compile",
)  # fmt: skip
def same_module(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver


@method((*ANY_MODULE, "Loss:torch"), "requires_grad_")
def set_requires_grad(call: Call, receiver: Value, requires_grad: Value = TRUE) -> Value:
    call.engine.freeze(receiver, requires_grad)
    return receiver


@method((*ANY_MODULE, "Loss:torch"), "apply")
def apply_to_modules(call: Call, receiver: Value, fn: Value) -> Value:
    call.event("weights", receiver, framework="torch")
    return receiver


@method((*ANY_MODULE, "Loss:torch"), "reset_parameters", "init_weights", "_init_weights", "reset_weights")
def reset_parameters(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("weights", receiver, framework="torch")
    return NONE


@method((*ANY_MODULE, "Loss:torch"), "train")
def train_mode(call: Call, receiver: Value, mode: Value = TRUE) -> Value:
    for kind, value in (("train_mode", True), ("eval_mode", False)):
        if flag(mode) in (value, None):
            call.event(kind, receiver, framework="torch")
    return receiver


@method((*ANY_MODULE, "Loss:torch"), "eval")
def eval_mode(call: Call, receiver: Value) -> Value:
    call.event("eval_mode", receiver, framework="torch")
    return receiver


@method(ANY_MODULE, "zero_grad")
def module_zero_grad(call: Call, receiver: Value, set_to_none: Value = TRUE) -> Value:
    call.event("zero_grad", receiver, framework="torch")
    return NONE


@method(ANY_MODULE, "parameters")
def parameters(call: Call, receiver: Value, recurse: Value = TRUE) -> Value:
    return call.new("torch.parameters", model=receiver)


@method(ANY_MODULE, "named_parameters")
def named_parameters(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return call.new("torch.named_parameters", model=receiver)


@method("torch.parameters", "__iter__")
def each_parameter(call: Call, receiver: Value) -> Value:
    call.set(receiver, "used", Const(call.site))
    return call.new("torch.nn.Parameter", model=call.get(receiver, "model") or UNKNOWN)


@method("torch.named_parameters", "__iter__")
def each_named_parameter(call: Call, receiver: Value) -> Value:
    call.set(receiver, "used", Const(call.site))
    return Tuple((UNKNOWN, call.new("torch.nn.Parameter", model=call.get(receiver, "model") or UNKNOWN)))


@method(ANY_MODULE, "children", "modules", "named_children", "named_modules")
def children(call: Call, receiver: Value) -> Value:
    items = _items(call, receiver)
    if call.path.endswith(".children") and items is not None:
        return Tuple(items)
    return UNKNOWN


@method(
    (*ANY_MODULE, "Loss:torch"),
    "state_dict",
    "get_parameter",
    "get_submodule",
    "buffers",
    "extra_repr",
)
def module_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    if call.path.endswith("load_state_dict"):
        seeding.decided(call, "torch", "restored")
    return UNKNOWN


@method((*ANY_MODULE, "Loss:torch"), "load_state_dict")
def load_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("load_state", receiver, framework="torch")
    return UNKNOWN


@method(ANY_MODULE, "register_buffer", "register_parameter")
def register_buffer(call: Call, receiver: Value, name: Value, tensor: Value, persistent: Value = TRUE) -> Value:
    text = constant(name)
    if isinstance(text, str):
        call.set(receiver, text, tensor)
    return NONE


@method(ANY_MODULE, "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook")
def register_hook(call: Call, receiver: Value, hook: Value) -> Value:
    return UNKNOWN


@attribute((MODULE, LAYER), "training", "device", "dtype")
def module_training(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@attribute((MODULE, LAYER), "module")
def wrapped_module(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, "module")
    return receiver if found is None else found


@method("Data:torch", "apply")
def tensor_apply(call: Call, receiver: Value, fn: Value) -> Value:
    return blank("torch")


@row(
    "torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.nn.parallel.DistributedDataParallel",
    "torch.nn.DistributedDataParallel", "torch.compile", "torch.jit.script", "torch.jit.trace",
    "torch.nn.utils.weight_norm", "torch.nn.utils.parametrizations.spectral_norm", "torch.nn.utils.spectral_norm",
    "torch.nn.utils.parametrizations.weight_norm", "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
    "torch.distributed.fsdp.FullyShardedDataParallel",
)  # fmt: skip
def wrapped(call: Call, module: Value, *args: Value, **rest: Value) -> Value:
    return module


@row("torch.nn.parallel.data_parallel")
def data_parallel(call: Call, module: Value, inputs: Value, *args: Value, **rest: Value) -> Value:
    return call.call(module, inputs)


# -- parameters and gradients -----------------------------------------------------------------------------------------
@row("torch.nn.Parameter", "torch.nn.parameter.Parameter")
def parameter(call: Call, data: Value = NONE, requires_grad: Value = TRUE) -> Value:
    made = blank("torch", grad=True, shape=data.shape if isinstance(data, Data) else None)
    return made.with_(tags=made.tags | {"parameter"})


@attribute("torch.nn.Parameter", "grad")
def parameter_gradient(call: Call, receiver: Value) -> Value:
    call.event("grad_read", call.get(receiver, "model") or UNKNOWN, framework="torch")
    return call.new("torch.gradient", model=call.get(receiver, "model") or UNKNOWN)


@attribute("torch.nn.Parameter", "data")
def parameter_data(call: Call, receiver: Value) -> Value:
    return blank("torch")


@attribute("torch.nn.Parameter", "requires_grad", "shape")
def parameter_attribute(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@method("torch.nn.Parameter", "requires_grad_")
def set_parameter_requires_grad(call: Call, receiver: Value, requires_grad: Value = TRUE) -> Value:
    call.engine.freeze(call.get(receiver, "model") or UNKNOWN, requires_grad)
    return receiver


@method("torch.nn.Parameter", "*")
def parameter_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return blank("torch")


@method("torch.nn.Parameter", "__setattr__")
def set_parameter(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    if name == Const("grad"):
        kind = "zero_grad" if value == NONE else "set_grad"
        call.event(kind, call.get(receiver, "model") or UNKNOWN, framework="torch")
    if name == Const("requires_grad"):
        call.engine.freeze(call.get(receiver, "model") or UNKNOWN, value)
    return NONE


@attribute("torch.gradient", "data")
def gradient_data(call: Call, receiver: Value) -> Value:
    return receiver


@method("torch.gradient", "detach", "detach_")
def gradient_detached(call: Call, receiver: Value) -> Value:
    return receiver


@method("torch.gradient", "zero_", "fill_")
def zero_gradient(call: Call, receiver: Value, value: Value = NONE) -> Value:
    call.event("zero_grad", call.get(receiver, "model") or UNKNOWN, framework="torch")
    return receiver


@method("torch.gradient", "copy_", "mul_", "div_", "add_", "sub_", "clamp_", "normal_", "__setitem__")
def changed_gradient(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("set_grad", call.get(receiver, "model") or UNKNOWN, framework="torch")
    return receiver


@method("torch.gradient", "*")
def gradient_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return blank("torch")
