"""flax (linen and nnx), haiku and equinox: layers, modules and training states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import Fact, known, nothing
from mllint.frameworks import jax as _jax  # noqa: F401  (the activations these modules are made of)
from mllint.frameworks.jax import JAX, consume
from mllint.frameworks.table import Call, attribute, bases, decorates, method, row
from mllint.frameworks.tensors import MULTI_AXIS, apply_linear, blank, count_of, keep_linear, signed, tensor
from mllint.frameworks.toml import load_toml
from mllint.values import NONE, UNKNOWN, Bound, Callable_, Const, Data, Layer, Tuple, Value, constant

LAYERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = load_toml("flax.toml")
EFFECTS = {(module, name): about["effect"] for module, layers in LAYERS.items() for name, about in layers.items()}
LAYER = "Layer:jax"
LINEN, NNX, HAIKU, EQUINOX = "flax.linen.Module", "flax.nnx.Module", "haiku.Module", "equinox.Module"
MODULES = (LINEN, NNX, HAIKU, EQUINOX)
SEQUENTIALS = ("flax.linen.Sequential", "flax.nnx.Sequential", "haiku.Sequential", "equinox.nn.Sequential")
for _sequential, _module in zip(SEQUENTIALS, MODULES, strict=True):
    bases(_sequential, _module)


# -- layers -----------------------------------------------------------------------------------------------------------
def _make(module: str, name: str, call: Call, /, **given: Value) -> Value:
    about = LAYERS[module][name]
    units_name = about.get("units")
    linear = about["effect"] in ("linear", "embedding")
    return Layer(
        JAX,
        name,
        call.site,
        known("linear", call.site) if linear else nothing(),
        units=nothing() if units_name is None else _size(call, given[units_name]),
        units_site=None if units_name is None else call.where(units_name),
        args=(("module", Const(module)),),
    )


def _size(call: Call, value: Value) -> Fact[int]:
    """The size of the last axis that ``features=10`` or ``features=(8, 10)`` asks for."""
    items = call.items(value) if not isinstance(value, Const) else None
    return count_of(items[-1] if items else value)


for _module_name, _layers in LAYERS.items():
    for _name, _about in _layers.items():
        row(f"{_module_name}.{_name}")(signed(partial(_make, _module_name, _name), _about["arguments"]))


@method(LAYER, "__call__")
def call_layer(call: Call, receiver: Value, inputs: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return apply_layer(call, receiver, inputs) if isinstance(receiver, Layer) else UNKNOWN


def apply_layer(call: Call, layer: Layer, x: Value) -> Value:
    """What a layer makes of its input."""
    effect = EFFECTS.get((constant(layer.arg("module")), layer.type), "unknown")
    base = tensor(JAX, x)
    if effect == "same":
        return base
    if effect == "linear":
        return _with_last_axis(apply_linear(call, layer, x, JAX), base)
    if effect == "normal":
        return apply_linear(call, layer, x, JAX).with_(units=base.units, shape=base.shape)
    if effect == "drop":
        return keep_linear(x, layer, JAX, "linear", "relu").with_(shape=base.shape)
    if effect == "flatten":
        return base.with_(units=nothing(), shape=None)
    output = apply_linear(call, layer, x, JAX).with_(scale=nothing())
    return output.with_(tags=output.tags | {MULTI_AXIS})


def _with_last_axis(output: Data, base: Data) -> Data:
    """A dense layer changes the last axis only."""
    dense = output.layer is not None and output.layer.type in ("Dense", "Linear")
    return output.with_(shape=(*base.shape[:-1], output.units.value) if dense and base.shape else None)


@method(LAYER, "apply")
def apply_bare_layer(call: Call, receiver: Value, variables: Value, *inputs: Value, **rest: Value) -> Value:
    return call.call(receiver, *inputs)


# -- modules ----------------------------------------------------------------------------------------------------------
_OF_APPLY = ("rngs", "mutable", "method", "capture_intermediates")


@method(LINEN, "apply")
def apply(call: Call, receiver: Value, variables: Value = UNKNOWN, *inputs: Value, **keywords: Value) -> Value:
    """Run the module with these parameters; with ``mutable``, what it changed comes along."""
    given = {name: value for name, value in keywords.items() if name not in _OF_APPLY}
    for name, key in call.mapping(keywords.get("rngs", NONE)) or ():
        if name != Const("params"):
            consume(call, key, "rngs", str(constant(name)))
    result = _of_model(receiver, _run(call, receiver, keywords.get("method", NONE), inputs, given))
    return result if keywords.get("mutable", Const(False)) == Const(False) else Tuple((result, UNKNOWN))


def _run(call: Call, model: Value, method_: Value, inputs: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    if method_ == NONE:
        return call.call(model, *inputs, **keywords)
    name = constant(method_)
    if isinstance(name, str):
        return call.call(call.attribute(model, name), *inputs, **keywords)
    bound = getattr(method_, "receiver", None) is not None
    if isinstance(method_, (Callable_, Bound)):
        return call.call(method_, *(() if bound else (model,)), *inputs, **keywords)
    return UNKNOWN


def _of_model(model: Value, value: Value) -> Value:
    """What a model gives is marked as its output."""
    if isinstance(value, Data) and value.loss is None:
        return value.with_(model=model)
    return Tuple(tuple(_of_model(model, each) for each in value.items)) if isinstance(value, Tuple) else value


@method(LINEN, "init", "lazy_init", "tabulate", "init_with_output")
def initialised(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@method(LAYER, "init")
def initialised_layer(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@method(LINEN, "bind", "clone", "copy")
def same_module(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return receiver


@method(NNX, "train", "eval", "set_attributes")
def mode_set(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return NONE


@method(MODULES, "param", "variable", "sow", "make_rng", "is_initializing", "has_variable", "get_variable", "perturb")
def module_state(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return blank(JAX)


@row(*SEQUENTIALS)
def sequential(call: Call, *layers: Value, **rest: Value) -> Value:
    listed = rest.get("layers", layers[0] if layers else UNKNOWN)
    items = list(layers) if call.path == "flax.nnx.Sequential" else call.items(listed)
    if items is None or not call.complete:
        return call.new(call.path, items=UNKNOWN)
    return call.new(call.path, items=Tuple(tuple(items)))


@method(SEQUENTIALS, "__call__")
def call_sequential(call: Call, receiver: Value, *inputs: Value, **rest: Value) -> Value:
    items = call.get(receiver, "items")
    x: Value = inputs[0] if len(inputs) == 1 else UNKNOWN
    if not isinstance(items, Tuple):
        return blank(JAX, model=receiver)
    for layer in items.items:
        x = blank(JAX) if layer is UNKNOWN else call.call(layer, x)
    return _of_model(receiver, x)


@row("haiku.nets.MLP")
def haiku_mlp(
    call: Call, output_sizes: Value, *more: Value, activate_final: Value = Const(False), **rest: Value
) -> Value:
    linear = known("linear", call.site) if activate_final == Const(False) else nothing()
    sizes = call.where("output_sizes")
    units = _size(call, output_sizes)
    return Layer(JAX, "Linear", call.site, linear, units=units, units_site=sizes, args=(("module", Const("haiku")),))


@row("equinox.nn.Lambda")
def equinox_lambda(call: Call, fn: Value, **rest: Value) -> Value:
    return fn


# -- haiku's functions with parameters --------------------------------------------------------------------------------
TRANSFORMED = "haiku.Transformed"


@row("haiku.transform", "haiku.transform_with_state")
def transform(call: Call, f: Value = UNKNOWN, **rest: Value) -> Value:
    state = Const("with_state" in call.path)
    return call.new(TRANSFORMED, function=f, state=state, rng=Const(True))


decorates("haiku.transform", "haiku.transform_with_state", "haiku.without_apply_rng")


@row("haiku.without_apply_rng")
def without_rng(call: Call, f: Value = UNKNOWN) -> Value:
    function, state = call.get(f, "function"), call.get(f, "state")
    if function is None or state is None:
        return UNKNOWN
    return call.new(TRANSFORMED, function=function, state=state, rng=Const(False))


@method(TRANSFORMED, "init")
def haiku_init(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    return UNKNOWN if call.get(receiver, "state") == Const(False) else Tuple((UNKNOWN, UNKNOWN))


@method(TRANSFORMED, "apply")
def haiku_apply(call: Call, receiver: Value, *arguments: Value, **keywords: Value) -> Value:
    function = call.get(receiver, "function")
    state = call.get(receiver, "state") == Const(True)
    skipped = 1 + state + (call.get(receiver, "rng") == Const(True) and "rng" not in keywords)
    given = {name: value for name, value in keywords.items() if name not in ("params", "rng", "state")}
    if function is None or len(arguments) < skipped:
        return UNKNOWN
    result = _of_model(receiver, call.call(function, *arguments[skipped:], **given))
    return Tuple((result, UNKNOWN)) if state else result


# -- training states --------------------------------------------------------------------------------------------------
STATE = "flax.training.train_state.TrainState"


@row(f"{STATE}.create", STATE)
def create_state(call: Call, apply_fn: Value = UNKNOWN, *more: Value, **fields: Value) -> Value:
    call.event("trains", UNKNOWN, fields.get("tx", UNKNOWN), framework=JAX)
    return call.new(STATE, **fields, apply_fn=apply_fn)


@method(STATE, "apply_gradients")
def apply_gradients(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    call.event("step", receiver, framework=JAX)
    return receiver


@method(STATE, "replace")
def replaced(call: Call, receiver: Value, **fields: Value) -> Value:
    """The state with other fields: nobody goes on with what it was before."""
    for name, value in fields.items():
        if name not in ("apply_fn", "tx"):
            call.set(receiver, name, value)
    return receiver


@attribute(STATE, "params", "batch_stats", "opt_state", "step", "key", "dropout_rng", "metrics")
def state_field(call: Call, receiver: Value) -> Value:
    name = call.path.rpartition(".")[2]
    return call.get(receiver, name) or UNKNOWN


# -- nnx --------------------------------------------------------------------------------------------------------------
OPTIMIZER, GRAPH = "flax.nnx.Optimizer", "flax.nnx.GraphDef"


@row("flax.nnx.Optimizer", "flax.nnx.ModelAndOptimizer")
def nnx_optimizer(call: Call, model: Value = UNKNOWN, tx: Value = UNKNOWN, **rest: Value) -> Value:
    call.event("trains", model, tx, framework=JAX)
    return call.new(OPTIMIZER, model=model, tx=tx)


@method(OPTIMIZER, "update")
def nnx_update(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    call.event("step", receiver, framework=JAX)
    return NONE


@row("flax.nnx.split")
def split(call: Call, node: Value, *filters: Value) -> Value:
    graph = call.new(GRAPH, model=node)
    return Tuple((graph, *(UNKNOWN for _ in filters or (NONE,))))


@row("flax.nnx.merge")
def merge(call: Call, graphdef: Value, *states: Value) -> Value:
    return call.get(graphdef, "model") or UNKNOWN


@row("flax.nnx.Param", "flax.nnx.Variable")
def parameter(call: Call, value: Value = UNKNOWN, **rest: Value) -> Value:
    return blank(JAX)


@row("flax.nnx.update", "flax.nnx.display", "flax.nnx.state", "flax.nnx.Rngs")
def about_modules(call: Call, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@row("flax.nnx.List", "flax.nnx.data", "flax.nnx.clone")
def same_nodes(call: Call, value: Value = UNKNOWN, **rest: Value) -> Value:
    return value
