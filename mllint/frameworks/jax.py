"""JAX: what transforms functions, jax.nn, jax.random. Arrays are NumPy's to the reader: jax.numpy has numpy's rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import known, nothing
from mllint.frameworks import data_methods, lineage, numpy
from mllint.frameworks.table import Call, alias, bases, decorates, method, row
from mllint.frameworks.tensors import activate, axis_of, blank, function_layer, keep_linear, only_data, signed
from mllint.frameworks.toml import load_toml
from mllint.program import Activation, Encode, KeyUse
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Const,
    Data,
    Encoding,
    Layer,
    Obj,
    Tuple,
    Value,
    choice,
    constant,
    options,
)

ACTIVATIONS: Mapping[str, Mapping[str, Any]] = load_toml("jax.toml")["activations"]
RANGES: Mapping[str, tuple[float, float]] = {
    each["scale"]: (each["range"][0], each["range"][1]) for each in ACTIVATIONS.values() if "range" in each
}
JAX = "jax"
GRADIENT, MAPPED = "jax.gradient", "jax.mapped"
SCALAR = Tuple(())
"""The shape of one number."""


# -- functions of functions -------------------------------------------------------------------------------------------
_SAME_FUNCTION = (
    "jax.jit",
    "jax.pmap",
    "jax.pjit",
    "jax.experimental.pjit.pjit",
    "jax.checkpoint",
    "jax.remat",
    "jax.named_call",
    "jax.experimental.shard_map.shard_map",
    "jax.shard_map",
    "flax.linen.jit",
    "flax.linen.remat",
    "flax.linen.checkpoint",
    "flax.nnx.jit",
    "flax.nnx.pmap",
    "flax.nnx.remat",
    "flax.nnx.cached_partial",
    "equinox.filter_jit",
    "equinox.filter_pmap",
    "haiku.jit",
    "haiku.remat",
    "chex.assert_max_traces",
)
"""What these give is called like the function they are given."""


@row(*_SAME_FUNCTION)
def same_function(call: Call, fun: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    if call.path in TRACERS:
        call.engine.trace(fun, call.path, call.site)
    return fun


TRACERS = ("jax.jit", "jax.pmap", "jax.pjit", "jax.experimental.pjit.pjit", "equinox.filter_jit", "haiku.jit")
"""What runs a function only to find out what it computes."""


_GRADIENTS = ("jax.grad", "flax.nnx.grad", "equinox.filter_grad", "haiku.grad")
_VALUES = ("jax.value_and_grad", "flax.nnx.value_and_grad", "equinox.filter_value_and_grad", "haiku.value_and_grad")


@row(*_GRADIENTS, *_VALUES)
def gradient_of(
    call: Call, fun: Value = UNKNOWN, argnums: Value = NONE, has_aux: Value = FALSE, *more: Value, **rest: Value
) -> Value:
    """The function of the gradients; the function itself is run when that is called."""
    if fun is UNKNOWN:
        return UNKNOWN
    with_value = "value_and_grad" in call.path
    made = call.new(GRADIENT, function=fun, has_aux=has_aux, with_value=TRUE if with_value else FALSE)
    return UNKNOWN if _holds(call, fun, made) else made


def _holds(call: Call, fun: Value, made: Value) -> bool:
    """Whether a function is made of what is being made of it: ``f = jax.vmap(f)`` in a loop."""
    waiting, seen = list(options(fun)), 0
    while waiting and seen < 16:
        seen += 1
        each = waiting.pop()
        if each == made:
            return True
        inner = call.get(each, "function") if isinstance(each, Obj) else getattr(each, "function", None)
        if inner is not None:
            waiting += options(inner)
    return bool(waiting)


@method(GRADIENT, "__call__")
def call_gradient(call: Call, receiver: Value, *arguments: Value, **keywords: Value) -> Value:
    function = call.get(receiver, "function")
    if function is None:
        return UNKNOWN
    with call.engine.within(GRADIENT):
        result = call.call(function, *arguments, **keywords)
    auxiliary = result.items[1] if isinstance(result, Tuple) and len(result.items) == 2 else UNKNOWN
    value = only_data(result.items[0] if isinstance(result, Tuple) and result.items else result)
    loss = value.loss if value is not None and value.loss is not None else UNKNOWN
    call.event("backward", loss, framework=JAX)
    if call.get(receiver, "with_value") == TRUE:
        return Tuple((result, UNKNOWN))
    return UNKNOWN if call.get(receiver, "has_aux") == FALSE else Tuple((UNKNOWN, auxiliary))


@row("jax.vmap", "flax.nnx.vmap", "equinox.filter_vmap", "haiku.vmap")
def mapped(call: Call, fun: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    """A function applied to each row."""
    if fun is UNKNOWN:
        return UNKNOWN
    made = call.new(MAPPED, function=fun)
    return UNKNOWN if _holds(call, fun, made) else made


@method(MAPPED, "__call__")
def call_mapped(call: Call, receiver: Value, *arguments: Value, **keywords: Value) -> Value:
    function = call.get(receiver, "function")
    if function is None:
        return UNKNOWN
    keywords = {name: _any_shape(value) for name, value in keywords.items()}
    return _any_shape(call.call(function, *map(_any_shape, arguments), **keywords))


def _any_shape(value: Value) -> Value:
    """The same without its axes: inside of a mapped function there is one less."""
    if isinstance(value, Data):
        return value.with_(shape=None)
    return Tuple(tuple(map(_any_shape, value.items))) if isinstance(value, Tuple) else value


decorates(*_GRADIENTS, *_VALUES, "jax.vmap", "flax.nnx.vmap", "equinox.filter_vmap")


@row("jax.lax.scan", "flax.nnx.scan")
def scan(call: Call, f: Value = UNKNOWN, init: Value = UNKNOWN, xs: Value = NONE, *more: Value, **rest: Value) -> Value:
    """A loop as a function: read once."""
    if f is UNKNOWN or not call.given("init"):
        return UNKNOWN
    element = xs if isinstance(xs, Tuple) else UNKNOWN if xs == NONE else call.element(xs)
    result = call.call(f, init, element)
    return Tuple((result.items[0], UNKNOWN)) if isinstance(result, Tuple) and len(result.items) == 2 else UNKNOWN


@row("jax.lax.fori_loop")
def fori_loop(call: Call, lower: Value, upper: Value, body_fun: Value, init_val: Value, **rest: Value) -> Value:
    return call.call(body_fun, UNKNOWN, init_val)


@row("jax.lax.while_loop")
def while_loop(call: Call, cond_fun: Value, body_fun: Value, init_val: Value) -> Value:
    return call.call(body_fun, init_val)


@row("jax.lax.cond")
def cond(call: Call, pred: Value, true_fun: Value, false_fun: Value, *operands: Value, **rest: Value) -> Value:
    return choice((call.call(true_fun, *operands), call.call(false_fun, *operands)))


@row("jax.tree_util.tree_map", "jax.tree.map", "jax.tree_map", "jax.tree_multimap")
def tree_map(call: Call, f: Value, tree: Value, *more: Value, **rest: Value) -> Value:
    if isinstance(tree, Obj) and tree.kind == "flax.training.train_state.TrainState":
        return tree  # its parameters change, not what it runs
    if more:
        return UNKNOWN
    if isinstance(tree, Data):
        return call.call(f, tree)
    if isinstance(tree, Tuple):
        return Tuple(tuple(call.call(f, each) for each in tree.items))
    pairs = call.mapping(tree)
    if pairs is None:
        return UNKNOWN
    return call.new("dict", items=Tuple(tuple(Tuple((key, call.call(f, each))) for key, each in pairs)))


@row(
    "jax.device_put", "jax.device_get", "jax.block_until_ready", "jax.lax.pmean", "jax.lax.psum", "jax.lax.pmax",
    "jax.lax.with_sharding_constraint", "jax.lax.convert_element_type", "jax.device_put_replicated", "jax.device_put_sharded",
    "flax.jax_utils.replicate", "flax.jax_utils.unreplicate", "flax.jax_utils.prefetch_to_device",
    "flax.core.freeze", "flax.core.unfreeze", "flax.core.frozen_dict.freeze", "flax.core.frozen_dict.unfreeze",
)  # fmt: skip
def same_values(call: Call, x: Value, *more: Value, **rest: Value) -> Value:
    return x


@row("flax.training.checkpoints.restore_checkpoint")
def restored(call: Call, ckpt_dir: Value, target: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return target


@row("flax.training.common_utils.shard")
def sharded(call: Call, xs: Value) -> Value:
    return _any_shape(xs)


@row("jax.lax.stop_gradient")
def stop_gradient(call: Call, x: Value) -> Value:
    return x.with_(grad=False) if isinstance(x, Data) else x


# -- jax.nn -----------------------------------------------------------------------------------------------------------
def _activate(name: str, call: Call, /, **given: Value) -> Value:
    about = ACTIVATIONS[name]
    args = {"dim": given["axis"]} if call.given("axis") and "axis" in given else {}
    by_name = call.written in (name, "swish", "expit")  # not a variable that stands for several functions
    layer = function_layer(call, JAX, name, about["scale"], "x" if by_name else "", **args)
    data = only_data(given["x"])
    if data is not None:
        call.program.activations.append(Activation(call.site, layer, data))
    return activate(layer, given["x"], JAX, RANGES.get(about["scale"]))


for _name in ACTIVATIONS:
    row(f"jax.nn.{_name}")(
        signed(partial(_activate, _name), "x axis" if _name in ("softmax", "log_softmax") else "x approximate")
    )
    alias(f"jax.nn.{_name}", *(f"{m}.{_name}" for m in ("flax.linen", "flax.linen.activation", "flax.nnx")))
for _old, _new in (("swish", "silu"), ("soft_relu", "softplus")):
    alias(f"jax.nn.{_new}", *(f"{module}.{_old}" for module in ("jax.nn", "flax.linen", "flax.nnx")))
alias("jax.nn.sigmoid", "jax.scipy.special.expit")
alias("jax.nn.softmax", "jax.scipy.special.softmax")
alias("jax.nn.log_softmax", "jax.scipy.special.log_softmax")


@row("jax.nn.glu")
def glu(call: Call, x: Value, axis: Value = Const(-1)) -> Value:
    return blank(JAX)


@row("jax.nn.one_hot")
def one_hot(call: Call, x: Value, num_classes: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, x)
    call.program.encodes.append(
        Encode(call.site, "one_hot", data, call.where("x"), call.argument("num_classes"), "jax")
    )
    if data is None:
        return Data(labels=known(Encoding("one-hot", count=axis_of(num_classes)), call.site), space=UNKNOWN)
    return lineage.one_hot(call, data, count=axis_of(num_classes), name="one_hot", dtype="float32")


alias("jax.nn.one_hot", "flax.linen.one_hot", "flax.nnx.one_hot", "haiku.one_hot", "flax.training.common_utils.onehot")


# -- functions on what a model gives ----------------------------------------------------------------------------------
@row(*(f"{m}.{n}" for m in ("flax.linen", "flax.nnx", "haiku") for n in ("avg_pool", "max_pool", "min_pool", "pool")))
def pooled(call: Call, inputs: Value, *more: Value, **rest: Value) -> Value:
    layer = Layer(JAX, call.path.rpartition(".")[2], call.site)
    return keep_linear(inputs, layer, JAX, "linear", "relu", "sigmoid", "tanh", "relu6")


@row("haiku.dropout")
def dropout(call: Call, rng: Value, rate: Value, x: Value, **rest: Value) -> Value:
    return keep_linear(x, Layer(JAX, "dropout", call.site), JAX, "linear", "relu")


# -- jax.random -------------------------------------------------------------------------------------------------------
KEY = "jax.key"
MAX_KEYS = 16
for _index in range(MAX_KEYS):
    bases(f"{KEY}.{_index}", KEY)


def _key(call: Call, index: int = 0) -> Obj:
    return call.new(f"{KEY}.{index}", sample=FALSE, split=FALSE, rngs=FALSE)


def consume(call: Call, key: Value, how: str, by: str) -> None:
    """Record that a key is used up."""
    if not call.is_instance_of(key, KEY):
        return
    engine = call.engine
    before = call.get(key, how)
    trains = any(context.kind == GRADIENT for context in engine.contexts)
    call.program.key_uses.append(
        KeyUse(
            call.site,
            key,
            how,
            by,
            call.tick(),
            engine.loops,
            engine.path,
            not engine.doubt,
            engine.body(),
            trains,
            engine.calls(),
            before.site if isinstance(before, Obj) else None,
            call.get(before, "run") == Const(engine.activation()) if before is not None else False,
        )
    )
    call.set(key, how, call.new(f"jax.used.{how}", run=Const(engine.activation())))


@row("jax.random.PRNGKey", "jax.random.key", "jax.random.fold_in", "jax.random.clone")
def new_key(call: Call, *given: Value, **rest: Value) -> Value:
    return _key(call)


@row("jax.random.wrap_key_data", "jax.random.key_data")
def same_key(call: Call, key: Value, **rest: Value) -> Value:
    return key


@row("jax.random.split")
def split(call: Call, key: Value, num: Value = Const(2)) -> Value:
    consume(call, key, "split", "split")
    count = constant(num)
    if not isinstance(count, int) or not 0 < count <= MAX_KEYS:
        return UNKNOWN
    return Tuple(tuple(_key(call, index) for index in range(count)))


_SAMPLERS = (
    "ball", "beta", "binomial", "bits", "cauchy", "chisquare", "dirichlet", "double_sided_maxwell", "f", "gamma", "generalized_normal",
    "geometric", "gumbel", "laplace", "loggamma", "logistic", "lognormal", "maxwell", "multivariate_normal", "orthogonal", "pareto",
    "poisson", "rademacher", "rayleigh", "shuffle", "t", "triangular", "wald", "weibull_min",
)  # fmt: skip


@row(*(f"jax.random.{name}" for name in _SAMPLERS))
def sampled(call: Call, key: Value, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    return UNKNOWN


@row("jax.random.randint")
def randint(call: Call, key: Value, shape: Value, minval: Value, maxval: Value, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    return UNKNOWN if shape == SCALAR else numpy.random_integers(call, minval, maxval, shape).with_(dtype="int32")


@row("jax.random.normal", "jax.random.uniform", "jax.random.truncated_normal", "jax.random.exponential")
def floats(call: Call, key: Value, shape: Value = SCALAR, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    unit = call.path.endswith("uniform") and not more and not {"minval", "maxval"} & set(call.keywords)
    if call.path.endswith("truncated_normal"):
        shape = more[1] if len(more) > 1 else rest.get("shape", NONE)
    made = numpy.random_floats(call, data_methods.sizes(call, (shape,)), (0.0, 1.0) if unit else None)
    return made.with_(dtype="float32")


@row("jax.random.bernoulli")
def bernoulli(call: Call, key: Value, p: Value = UNKNOWN, shape: Value = NONE, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    if shape == NONE:
        return blank(JAX)
    made = numpy.random_integers(call, Const(0), Const(2), shape)
    return made.with_(dtype="bool")


@row("jax.random.permutation")
def permutation(call: Call, key: Value, x: Value, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    return numpy.permuted(call, x)


@row("jax.random.choice")
def chosen(call: Call, key: Value, a: Value, shape: Value = NONE, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    return numpy.chosen(call, a, shape)


@row("jax.random.categorical")
def categorical(call: Call, key: Value, logits: Value, *more: Value, **rest: Value) -> Value:
    consume(call, key, "sample", call.path.rpartition(".")[2])
    return blank(JAX, labels=nothing())
