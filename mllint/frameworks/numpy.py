"""NumPy (and the parts of SciPy and mxnet.np that look like it)."""

from __future__ import annotations

from typing import Any

from mllint.facts import known, nothing
from mllint.frameworks import data_methods, lineage, seeding, torch_shapes
from mllint.frameworks.table import Call, alias, method, row
from mllint.program import Argument
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Encoding, Move, Obj, Tuple, Value, constant

FALL = Const(0)


# -- making arrays ----------------------------------------------------------------------------------------------------
@row("numpy.array", "numpy.asarray", "numpy.asanyarray", "numpy.ascontiguousarray", "numpy.fromiter", "numpy.copy")
def array(call: Call, object: Value, dtype: Value = NONE, **rest: Value) -> Value:
    content = lineage.as_data(call, lineage.single(object))
    if content is None:
        return lineage.fresh(call, space=UNKNOWN) if object is UNKNOWN else UNKNOWN
    content = content.with_(tags=content.tags - {"frame", "row"})
    if not isinstance(object, Data):  # Python's numbers
        content = content.with_(dtype={"float": "float64", "int": "int64"}.get(content.dtype or "", content.dtype))
    return content if dtype == NONE else lineage.cast(content, dtype, call.site)


@row("numpy.loadtxt", "numpy.genfromtxt")
def load_text(call: Call, fname: Value, dtype: Value = NONE, unpack: Value = FALSE, **rest: Value) -> Value:
    if unpack != FALSE:
        return UNKNOWN
    usecols = rest.get("usecols")
    whole = usecols is None
    return lineage.read(call, fname, columns=known("both", call.site) if whole else nothing())


@row("numpy.load", "numpy.fromfile", "numpy.memmap", "scipy.io.loadmat", "scipy.sparse.load_npz", "joblib.load")
def load(call: Call, file: Value, **rest: Value) -> Value:
    return lineage.read(call, file, tags=frozenset({"archive"}))


@row("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full")
def filled(call: Call, shape: Value, fill_value: Value = NONE, dtype: Value = NONE, **rest: Value) -> Value:
    size = data_methods.sizes(call, (shape,))
    name = call.path.rpartition(".")[2]
    value: Value = Const({"zeros": 0, "ones": 1}[name]) if name in ("zeros", "ones") else fill_value
    number = constant(value) if name != "empty" else None
    labels = nothing()
    flat = (
        isinstance(shape, Const)
        or (size is not None and len(size) == 1 and not isinstance(shape, Data))
        or shape is UNKNOWN
    )
    if isinstance(number, (int, float)) and float(number).is_integer() and flat and shape is not UNKNOWN:
        labels = known(Encoding("integer", int(number), int(number), 1), call.site)
    bounds = (float(number), float(number)) if isinstance(number, (int, float)) else None
    mark = {"empty": data_methods.EMPTY, "zeros": data_methods.ZEROS}.get(name) if flat else None
    tags = frozenset() if mark is None else frozenset({mark})
    made = lineage.fresh(call, labels=labels, shape=size, dtype="float64", bounds=bounds, tags=tags)
    return made if dtype == NONE else lineage.cast(made, dtype, call.site)


@row("numpy.zeros_like", "numpy.ones_like", "numpy.empty_like", "numpy.full_like")
def filled_like(call: Call, a: Value, *more: Value, **rest: Value) -> Value:
    return data_methods.transformed(a) if isinstance(a, Data) else lineage.fresh(call, space=UNKNOWN)


@row("numpy.eye", "numpy.identity")
def identity(call: Call, N: Value, M: Value = NONE, **rest: Value) -> Value:
    size = constant(N)
    count = size if isinstance(size, int) else None
    return lineage.fresh(call, shape=(count, count), dtype="float64", tags=frozenset({"identity"}))


@row("numpy.arange")
def arange(call: Call, *bounds: Value, **rest: Value) -> Value:
    numbers = [constant(value) for value in bounds]
    count = numbers[0] if len(numbers) == 1 and isinstance(numbers[0], int) else None
    order = () if len(bounds) == 1 and not rest else None
    return lineage.fresh(call, shape=(count,), dtype="int64", space=UNKNOWN, tags=frozenset({"arange"}), order=order)


@row("numpy.linspace", "numpy.logspace")
def linspace(call: Call, start: Value, stop: Value, num: Value = UNKNOWN, **rest: Value) -> Value:
    return lineage.fresh(call, dtype="float64", space=UNKNOWN, shape=(None,))


# -- random -----------------------------------------------------------------------------------------------------------
def random_integers(call: Call, low: Value, high: Value, size: Value, *, inclusive: bool = False) -> Data:
    """Whole numbers drawn from a range."""
    first, last = constant(low), constant(high)
    if high == NONE:
        first, last = 0, first
    labels = nothing()
    shape = None if size == NONE else data_methods.sizes(call, (size,))
    one_a_row = shape is None or len(shape) == 1 or shape[1:] == (1,)  # several a row are no class numbers
    if isinstance(first, int) and isinstance(last, int) and last > first and one_a_row:
        top = last if inclusive else last - 1
        labels = known(Encoding("integer", first, top, top - first + 1), call.site)
    tags = frozenset({"shuffled"})
    return lineage.fresh(call, labels=labels, shape=shape, dtype="int64", tags=tags)


@row("numpy.random.randint", "numpy.random.random_integers")
def randint(call: Call, low: Value, high: Value = NONE, size: Value = NONE, dtype: Value = NONE) -> Value:
    seeding.drawn_from(call, lineage.GENERATORS["numpy"])
    return random_integers(call, low, high, size, inclusive=call.path.endswith("random_integers"))


@method("numpy.random.Generator", "integers", "randint")
def generator_integers(
    call: Call,
    rng: Value,
    low: Value,
    high: Value = NONE,
    size: Value = NONE,
    dtype: Value = NONE,
    endpoint: Value = FALSE,
) -> Value:
    seeding.drawn_from(call, rng)
    return random_integers(call, low, high, size, inclusive=endpoint != FALSE)


@row("numpy.random.rand", "numpy.random.randn")
def rand(call: Call, *shape: Value) -> Value:
    seeding.drawn_from(call, lineage.GENERATORS["numpy"])
    bounds = (0.0, 1.0) if call.path.endswith(".rand") else None
    return random_floats(call, data_methods.sizes(call, shape), bounds)


def random_floats(call: Call, shape: tuple[int | None, ...] | None, bounds: tuple[float, float] | None) -> Data:
    """Real numbers drawn at random."""
    tags = frozenset({"shuffled"})
    continuous = known(Encoding("continuous"), call.site)
    return lineage.fresh(call, labels=continuous, shape=shape, dtype="float64", bounds=bounds, tags=tags)


_DISTRIBUTIONS = (
    "random",
    "random_sample",
    "ranf",
    "sample",
    "normal",
    "standard_normal",
    "uniform",
    "exponential",
    "beta",
    "gamma",
    "poisson",
    "laplace",
)


@row(*(f"numpy.random.{name}" for name in _DISTRIBUTIONS))
def distribution(call: Call, *parameters: Value, size: Value = NONE, **rest: Value) -> Value:
    seeding.drawn_from(call, lineage.GENERATORS["numpy"])
    return drawn(call, parameters, size)


@method("numpy.random.Generator", *_DISTRIBUTIONS, "rand", "randn")
def generator_distribution(call: Call, rng: Value, *parameters: Value, size: Value = NONE, **rest: Value) -> Value:
    seeding.drawn_from(call, rng)
    if call.path.rpartition(".")[2] in ("rand", "randn"):
        return random_floats(call, data_methods.sizes(call, parameters), None)
    return drawn(call, parameters, size)


def drawn(call: Call, parameters: tuple[Value, ...], size: Value) -> Value:
    """Draws from a distribution; the size is the last argument when it is not named."""
    name = call.path.rpartition(".")[2]
    unit = name in ("random", "random_sample", "ranf", "sample")
    if size == NONE and parameters and (unit or len(parameters) > 2):
        size = parameters[-1]
    if size == NONE and (not parameters or all(isinstance(p, Const) for p in parameters)):
        return UNKNOWN
    shape = None if size == NONE else data_methods.sizes(call, (size,))
    return random_floats(call, shape, (0.0, 1.0) if unit else None)


@row("numpy.random.choice")
def choice(call: Call, a: Value, size: Value = NONE, replace: Value = NONE, p: Value = NONE) -> Value:
    return chosen(call, a, size)


@method("numpy.random.Generator", "choice")
def generator_choice(call: Call, rng: Value, a: Value, size: Value = NONE, **rest: Value) -> Value:
    return chosen(call, a, size, rng)


def chosen(call: Call, a: Value, size: Value, generator: Value = lineage.GENERATORS["numpy"]) -> Value:
    """Draws from a list of values."""
    seeding.drawn_from(call, generator)
    if size == NONE:
        return UNKNOWN
    key = lineage.draw(call, generator)
    order = None if key is None else (Move("shuffled", key, call.site),)
    number = constant(a)
    if isinstance(number, int):
        labels = known(Encoding("integer", 0, number - 1, number), call.site)
        shape = data_methods.sizes(call, (size,))
        tags = frozenset({"shuffled", "arange"})
        return lineage.fresh(call, labels=labels, shape=shape, dtype="int64", tags=tags, order=order)
    content = lineage.as_data(call, a)
    if content is None:
        return lineage.fresh(call, space=UNKNOWN, tags=frozenset({"shuffled", "arange"}), order=order)
    drawn_ = lineage.after(content, order)
    return drawn_.with_(shape=data_methods.sizes(call, (size,)), tags=content.tags | {"shuffled"})


@row("numpy.random.permutation")
def permutation(call: Call, x: Value) -> Value:
    return permuted(call, x)


@method("numpy.random.Generator", "permutation")
def generator_permutation(call: Call, rng: Value, x: Value, **rest: Value) -> Value:
    return permuted(call, x, rng)


def permuted(call: Call, x: Value, generator: Value = lineage.GENERATORS["numpy"]) -> Value:
    """A shuffled copy, or shuffled positions."""
    seeding.drawn_from(call, generator)
    key = lineage.draw(call, generator)
    if isinstance(x, Data) and x.source.known and "arange" not in x.tags and "row" not in x.tags:
        return lineage.shuffled(x, call.site, key)
    order: tuple[Move, ...] | None = None if key is None else (Move("shuffled", key, call.site),)
    if isinstance(x, Data) and "arange" in x.tags:
        order = None if order is None or x.order is None else (*x.order, *order)
    return lineage.fresh(call, dtype="int64", space=UNKNOWN, tags=frozenset({"permutation", "shuffled"}), order=order)


@row("numpy.random.shuffle", "random.shuffle")
def shuffle(call: Call, x: Value, random: Value = NONE, **rest: Value) -> Value:
    if random != NONE:  # an own function that says where each goes
        return shuffled_in_place(call, x, None)
    return shuffled_in_place(call, x, lineage.draw(call, lineage.GENERATORS[call.path.partition(".")[0]]))


@method("numpy.random.Generator", "shuffle")
def generator_shuffle(call: Call, rng: Value, x: Value, **rest: Value) -> Value:
    seeding.drawn_from(call, rng)
    return shuffled_in_place(call, x, lineage.draw(call, rng))


def shuffled_in_place(call: Call, x: Value, key: tuple[Any, ...] | None) -> Value:
    """The rows of what is given are in random order from now on; in the same for the same keys."""
    call.event("shuffle", x)
    if isinstance(x, Data):
        tags = {"permutation"} if "arange" in x.tags else set()
        call.rebind(x, lineage.shuffled(x, call.site, key).with_(tags=x.tags | {"shuffled"} | tags))
    elif isinstance(x, Obj) and x.kind == "list":
        element = call.element(x)
        before = lineage.order_of_list(call, x)
        call.set(x, "items", UNKNOWN)
        if isinstance(element, Data):
            element = lineage.shuffled(element, call.site).with_(order=element.order)
        call.set(x, "element", element)
        known_moves = key is not None and before is not None and len(before) < lineage.MANY_MOVES
        moves = (*before, Move("shuffled", key, call.site)) if known_moves and before is not None and key else None
        call.set(x, lineage.ORDER, UNKNOWN if moves is None else Const(moves))
    return NONE


@row("random.sample", "random.choices")
def sampled(call: Call, population: Value, *more: Value, **rest: Value) -> Value:
    """Some of a list's items, or some places of a range."""
    if isinstance(population, Data):
        return population.with_(labels=lineage.some_classes(population.labels), shape=None)
    made = call.new("list", items=UNKNOWN, element=call.element(population))
    if lineage.blind(call, population):
        call.set(made, lineage.PLACES, TRUE)
    return made


@row("numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator")
def generator(call: Call, seed: Value = NONE, **rest: Value) -> Value:
    made = call.new("numpy.random.Generator")
    lineage.reseed(call, made, seed)
    seeding.made_generator(call, made)
    return made


@method("numpy.random.Generator", "*")
def other_draw(call: Call, rng: Value, *more: Value, **rest: Value) -> Value:
    if not call.path.endswith(("__getstate__", "__setstate__", "spawn")):
        seeding.drawn_from(call, rng)
    return UNKNOWN


@row("random.Random")
def python_generator(call: Call, x: Value = NONE) -> Value:
    return generator(call, x) or UNKNOWN


@row("numpy.random.seed", "random.seed")
def seed(call: Call, seed: Value = NONE, a: Value = NONE, **rest: Value) -> Value:
    lineage.reseed(call, lineage.GENERATORS[call.path.partition(".")[0]], a if seed == NONE else seed)
    seeding.seeded(call, (call.path.partition(".")[0],))
    return NONE


@method("numpy.random.Generator", "seed")
def generator_seed(call: Call, rng: Value, seed: Value = NONE, **rest: Value) -> Value:
    lineage.reseed(call, rng, seed)
    return NONE


@row("numpy.random.get_state", "random.getstate")
def random_state(call: Call, *more: Value, **rest: Value) -> Value:
    return _state(call, lineage.GENERATORS[call.path.partition(".")[0]])


@method("numpy.random.Generator", "get_state", "getstate")
def generator_state(call: Call, rng: Value, *more: Value, **rest: Value) -> Value:
    return _state(call, rng)


def _state(call: Call, generator: Value) -> Value:
    """Where a generator is now; from here on it counts from a known place."""
    lineage.caught_up(call, generator)
    if call.get(generator, "origin") is None:
        lineage.reseed(call, generator, NONE)
    origin, count = (call.get(generator, name) or UNKNOWN for name in ("origin", "count"))
    return call.new("numpy.random.state", origin=origin, count=count)


@row("numpy.random.set_state", "random.setstate")
def set_random_state(call: Call, state: Value, *more: Value, **rest: Value) -> Value:
    return _set_state(call, lineage.GENERATORS[call.path.partition(".")[0]], state)


@method("numpy.random.Generator", "set_state", "setstate")
def set_generator_state(call: Call, rng: Value, state: Value, *more: Value, **rest: Value) -> Value:
    return _set_state(call, rng, state)


def _set_state(call: Call, generator: Value, state: Value) -> Value:
    lineage.settle(call, generator, *(call.get(state, name) or UNKNOWN for name in ("origin", "count")))
    return NONE


# -- same data --------------------------------------------------------------------------------------------------------
@row("numpy.squeeze")
def squeeze(call: Call, a: Value, axis: Value = NONE) -> Value:
    return data_methods.squeezed(a, axis) if isinstance(a, Data) else UNKNOWN


@row("numpy.expand_dims")
def expand_dims(call: Call, a: Value, axis: Value = FALL) -> Value:
    content = lineage.as_data(call, a)
    return UNKNOWN if content is None else data_methods.unsqueezed(content, axis)


@row("numpy.reshape", "numpy.resize")
def reshape(call: Call, a: Value, newshape: Value = UNKNOWN, shape: Value = UNKNOWN, **rest: Value) -> Value:
    content = lineage.as_data(call, a)
    given = shape if newshape is UNKNOWN else newshape
    return UNKNOWN if content is None else data_methods.reshaped(content, data_methods.sizes(call, (given,)), (given,))


@row("numpy.ravel", "numpy.atleast_1d")
def ravel(call: Call, a: Value, **rest: Value) -> Value:
    content = lineage.as_data(call, a)
    return UNKNOWN if content is None else data_methods.reshaped(content, (None,))


@row(
    "numpy.transpose",
    "numpy.swapaxes",
    "numpy.moveaxis",
    "numpy.rollaxis",
    "numpy.flip",
    "numpy.fliplr",
    "numpy.rot90",
    "numpy.pad",
)
def rearranged(call: Call, a: Value, *more: Value, **rest: Value) -> Value:
    return a.with_(shape=None, names=None, made=(), chosen=None, order=None) if isinstance(a, Data) else UNKNOWN


_TYPES = (
    "float32", "float64", "float16", "float_", "int8", "int16", "int32", "int64", "int_", "uint8", "uint16", "uint32", "bool_", "double", "single",
)  # fmt: skip


@row(*(f"numpy.{name}" for name in _TYPES))
def typed(call: Call, x: Value = FALL) -> Value:
    if isinstance(x, Const):
        return x
    content = lineage.as_data(call, x)
    name = call.path.rpartition(".")[2].rstrip("_")
    return UNKNOWN if content is None else lineage.cast(content, Const(name), call.site)


@row("numpy.nan_to_num", "numpy.delete", "numpy.insert", "numpy.sort")
def near(call: Call, a: Value, *more: Value, **rest: Value) -> Value:
    return (
        a
        if isinstance(a, Data) and call.path.endswith("nan_to_num")
        else data_methods.transformed(a)
        if isinstance(a, Data)
        else UNKNOWN
    )


_ELEMENTWISE = (
    "log", "log1p", "log2", "log10", "exp", "expm1", "sqrt", "square", "abs", "absolute", "power", "sign", "sin", "cos", "tanh", "clip",
    "cbrt", "reciprocal", "negative", "maximum", "minimum", "mod", "floor", "ceil", "diff", "gradient", "cumsum", "cumprod", "logaddexp",
)  # fmt: skip


@row(*(f"numpy.{name}" for name in _ELEMENTWISE))
def elementwise(call: Call, x: Value, *more: Value, **rest: Value) -> Value:
    content = x if isinstance(x, Data) else next((each for each in more if isinstance(each, Data)), None)
    return UNKNOWN if content is None else data_methods.transformed(content)


@row(
    "numpy.add",
    "numpy.subtract",
    "numpy.multiply",
    "numpy.divide",
    "numpy.true_divide",
    "numpy.floor_divide",
    "numpy.remainder",
)
def arithmetic(call: Call, x1: Value, x2: Value, **rest: Value) -> Value:
    symbols = {
        "add": "+",
        "subtract": "-",
        "multiply": "*",
        "divide": "/",
        "true_divide": "/",
        "floor_divide": "//",
        "remainder": "%",
    }
    return data_methods.binary(call, x1, Const(symbols[call.path.rpartition(".")[2]]), x2) or UNKNOWN


@row("numpy.equal", "numpy.not_equal", "numpy.greater", "numpy.less", "numpy.greater_equal", "numpy.less_equal")
def comparison(call: Call, x1: Value, x2: Value, **rest: Value) -> Value:
    symbols = {"equal": "==", "not_equal": "!=", "greater": ">", "less": "<", "greater_equal": ">=", "less_equal": "<="}
    first, second = Argument(x1, call.where("x1"), True), Argument(x2, call.where("x2"), True)
    return data_methods.compared(call, first, symbols[call.path.rpartition(".")[2]], second)


@row("numpy.round", "numpy.rint", "numpy.around", "numpy.round_")
def rounded(call: Call, a: Value, decimals: Value = FALL, **rest: Value) -> Value:
    if not isinstance(a, Data):
        return UNKNOWN
    return data_methods.rounded(call, a) if decimals == FALL else a


# -- choosing ---------------------------------------------------------------------------------------------------------
@row("numpy.where")
def where(call: Call, condition: Value, x: Value = NONE, y: Value = NONE) -> Value:
    if not (call.given("x") and call.given("y")):
        return Tuple((lineage.fresh(call, space=UNKNOWN, dtype="int64"),))
    return selected(call, condition, [x, y])


@row("numpy.select")
def select(call: Call, condlist: Value, choicelist: Value, default: Value = FALL) -> Value:
    conditions = call.items(condlist)
    results = call.items(choicelist)
    if not conditions or results is None:
        return UNKNOWN
    return selected(call, conditions[0], [*results, default])


def selected(call: Call, condition: Value, results: list[Value]) -> Value:
    """One of several values for every row of the condition."""
    data = condition if isinstance(condition, Data) else next((r for r in results if isinstance(r, Data)), None)
    if data is None:
        return lineage.fresh(call, space=UNKNOWN) if condition is UNKNOWN else UNKNOWN
    base = data_methods.transformed(data).did("encoded", call.site, "where")
    if all(isinstance(result, Const) for result in results):
        values = [constant(result) for result in results]
        encoding = lineage.encoding_of(values)
        scale = known("hard", call.site) if data.scale.must_be("hard") else nothing()
        if encoding is not None and len(set(values)) > 1:
            tags = base.tags | (data.tags & {"prediction"})
            dtype = lineage.dtype_of(values)
            return base.with_(labels=known(encoding, call.site), dtype=dtype, scale=scale, tags=tags, model=data.model)
    return base


@row("numpy.unique")
def unique(
    call: Call,
    ar: Value,
    return_index: Value = FALSE,
    return_inverse: Value = FALSE,
    return_counts: Value = FALSE,
    **rest: Value,
) -> Value:
    content = lineage.as_data(call, ar)
    if content is None:
        return UNKNOWN
    found: list[Value] = [data_methods.distinct(content)]
    if return_index != FALSE:
        found.append(UNKNOWN)
    if return_inverse != FALSE:
        found.append(data_methods.coded(call, content, call.new("numpy.unique")))
    if return_counts != FALSE:
        found.append(UNKNOWN)
    return found[0] if len(found) == 1 else Tuple(tuple(found))


def _picks(call: Call, values: Value) -> None:
    """Record that the best of a list of scores is picked."""
    if isinstance(values, Obj) and values.kind in ("list", "generator"):
        lineage.decides(call, call.element(values), "the best one is picked")


@row("numpy.argmax")
def argmax(call: Call, a: Value, axis: Value = NONE, **rest: Value) -> Value:
    _picks(call, a)
    content = lineage.as_data(call, a)
    if content is None:
        return UNKNOWN
    if axis == FALL and not (content.shape is not None and len(content.shape) < 2):
        return data_methods.transformed(content).with_(shape=None)
    lineage.decide(call, "argmax", content, axis)
    shape = torch_shapes.without_axis(content.shape, axis, constant(rest.get("keepdims", FALSE)))
    return data_methods.largest(call, content).with_(shape=shape)


_REDUCTIONS = (
    "mean", "std", "var", "median", "sum", "max", "min", "amax", "amin", "nanmean", "nanstd", "nanmedian", "nanmax", "nanmin", "average",
    "percentile", "quantile", "prod", "any", "all", "ptp",
)  # fmt: skip


@row(*(f"numpy.{name}" for name in _REDUCTIONS))
def reduce(call: Call, a: Value, axis: Value = NONE, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2].removeprefix("nan").removeprefix("a")
    if name in ("verage",):
        name = "mean"
    if name in ("ll", "ny"):
        name = "all"
    if name in ("percentile", "quantile"):
        axis = call.argument("axis").value if "axis" in call.keywords else NONE
    content = a if isinstance(a, Data) else None
    if content is None:
        if name in ("max", "min"):
            _picks(call, a)
        each = call.element(a) if isinstance(a, Obj) and a.kind == "list" else UNKNOWN
        return each if lineage.measures_of(each) else UNKNOWN
    return data_methods.reduced(call, content, name, axis)


@row(
    "numpy.argsort",
    "numpy.argmin",
    "numpy.nonzero",
    "numpy.flatnonzero",
    "numpy.argwhere",
    "numpy.bincount",
    "numpy.histogram",
    "numpy.corrcoef",
    "numpy.cov",
)
def positions(call: Call, a: Value, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@row(
    "numpy.isnan",
    "numpy.isin",
    "numpy.in1d",
    "numpy.logical_and",
    "numpy.logical_or",
    "numpy.logical_not",
    "numpy.isfinite",
)
def masked(call: Call, a: Value, *more: Value, **rest: Value) -> Value:
    return data_methods.boolean(call, a) if isinstance(a, Data) else UNKNOWN


@row("numpy.vectorize")
def vectorize(call: Call, pyfunc: Value, **rest: Value) -> Value:
    return call.new("numpy.vectorize", function=pyfunc)


@method("numpy.vectorize", "__call__")
def vectorized(call: Call, obj: Value, *values: Value) -> Value:
    function = call.get(obj, "function")
    if function is not None and len(values) == 1 and isinstance(values[0], Data):
        return data_methods.mapped(call, values[0], function)
    return UNKNOWN


# -- putting together and taking apart --------------------------------------------------------------------------------
@row(
    "numpy.concatenate",
    "numpy.vstack",
    "numpy.row_stack",
    "numpy.hstack",
    "numpy.column_stack",
    "numpy.dstack",
    "numpy.stack",
)
def concatenate(call: Call, tup: Value = UNKNOWN, axis: Value = FALL, arrays: Value = UNKNOWN, **rest: Value) -> Value:
    given = arrays if tup is UNKNOWN else tup
    name = call.path.rpartition(".")[2]
    items = call.items(given)
    if items is None or (UNKNOWN in items and isinstance(given, Obj)):
        content = lineage.as_data(call, given)
        below = name == "concatenate" and axis == FALL
        shape = content.shape if below and content is not None else None
        shape = (None, *shape[2:]) if shape is not None and len(shape) > 1 else None
        return UNKNOWN if content is None else content.with_(shape=shape, names=None)
    flat = all(
        isinstance(i, Data) and ((i.shape is not None and len(i.shape) == 1) or lineage.is_column(i)) for i in items
    )
    by_columns = name == "column_stack" or (name == "hstack" and not flat)
    by_columns = by_columns or (name == "concatenate" and axis in (Const(1), Const(-1)))
    if name in ("dstack", "stack"):
        first = lineage.as_data(call, items[0]) if items else None
        return UNKNOWN if first is None else data_methods.transformed(first).with_(shape=None)
    return lineage.concatenated(call, items, by_columns=by_columns)


@row("numpy.c_.__getitem__", "numpy.r_.__getitem__")
def stacked(call: Call, index: Value) -> Value:
    items = call.items(index)
    if items is None:
        return UNKNOWN
    return lineage.concatenated(call, items, by_columns=call.path.startswith("numpy.c_"))


@row("numpy.append")
def append(call: Call, arr: Value, values: Value, axis: Value = NONE) -> Value:
    return lineage.concatenated(call, [arr, values], by_columns=axis == Const(1))


@row("scipy.sparse.hstack", "scipy.sparse.vstack")
def sparse_stack(call: Call, blocks: Value, **rest: Value) -> Value:
    items = call.items(blocks)
    return UNKNOWN if items is None else lineage.concatenated(call, items, by_columns=call.path.endswith("hstack"))


@row("numpy.repeat", "numpy.tile")
def repeat(call: Call, a: Value, repeats: Value = UNKNOWN, axis: Value = NONE, reps: Value = UNKNOWN) -> Value:
    content = lineage.as_data(call, a)
    if content is None:
        return UNKNOWN
    again = content.with_(shape=None, names=None, made=(), chosen=None, order=None)
    name = call.path.rpartition(".")[2]
    counts = call.items(repeats if reps is UNKNOWN else reps)
    if name == "repeat":
        rows = axis == Const(0) or (axis == NONE and content.shape is not None and len(content.shape) == 1)
    else:
        first = counts[0] if counts else repeats
        table = content.shape is not None and len(content.shape) == (len(counts) if counts else 1)
        rows = table and constant(first) not in (None, 1)
    return lineage.copied(again, call.site, name) if rows and constant(repeats) != 1 else again


@row("numpy.array_split", "numpy.split", "numpy.hsplit", "numpy.vsplit")
def split(call: Call, ary: Value, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@row("scipy.stats.zscore")
def zscore(call: Call, a: Value, axis: Value = FALL, **rest: Value) -> Value:
    if not isinstance(a, Data):
        return UNKNOWN
    lineage.learnt(call, "zscore", a, a)
    return lineage.scaled(a, call.site, "zscore", onto_unit=False)


@row("scipy.special.softmax", "scipy.special.expit")
def scores(call: Call, x: Value, axis: Value = NONE) -> Value:
    if not isinstance(x, Data):
        return UNKNOWN
    name = "softmax" if call.path.endswith("softmax") else "sigmoid"
    return data_methods.transformed(x).with_(
        scale=known(name, call.site), labels=x.labels, space=x.space, units=x.units
    )


alias("numpy.concatenate", "numpy.concat")
alias("numpy.random.default_rng", "numpy.random.mtrand.RandomState")
