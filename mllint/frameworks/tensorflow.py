"""TensorFlow outside Keras: tf.data and functions on tensors, which ``keras.ops`` and ``keras.backend`` have too."""

from __future__ import annotations

from mllint.facts import NOTHING, known
from mllint.frameworks import data_methods, keras_layers, lineage
from mllint.frameworks.keras import BATCHES, as_tensors
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import FILLED, change_each, largest, only_data, operate
from mllint.program import Encode
from mllint.values import NONE, UNKNOWN, Const, Data, Encoding, Layer, Loss, Move, Tuple, Value, choice, constant


def everywhere(*names: str) -> tuple[str, ...]:
    """The paths of a function that TensorFlow and Keras both have."""
    roots = ("tensorflow", "tensorflow.math", "keras.ops", "keras.backend")
    return tuple(f"{root}.{name}" for root in roots for name in names)


# -- data sets --------------------------------------------------------------------------------------------------------
@row("tensorflow.data.Dataset.from_tensor_slices", "tensorflow.data.Dataset.from_tensors")
def from_tensor_slices(call: Call, tensors: Value = UNKNOWN, **rest: Value) -> Value:
    if isinstance(tensors, Tuple) and len(tensors.items) == 2:
        lineage.paired(call, "from_tensor_slices", tensors.items[0], tensors.items[1], None)
    return call.new(BATCHES, element=as_tensors(call, tensors))


@row("tensorflow.data.Dataset.zip")
def zip_datasets(call: Call, datasets: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    items = call.items(datasets) or [datasets, *more]
    elements = tuple(call.element(item) for item in items)
    if len(elements) == 2 and not any(isinstance(element, Tuple) for element in elements):
        lineage.paired(call, "zip", elements[0], elements[1], None)
    return call.new(BATCHES, element=Tuple(elements))


@method(BATCHES, "shuffle")
def shuffle(
    call: Call, receiver: Value, buffer_size: Value = UNKNOWN, seed: Value = NONE, *more: Value, **rest: Value
) -> Value:
    if seed == NONE:
        key = lineage.draw(call, lineage.GENERATORS["tensorflow"])
    else:
        key = (*lineage.origin_of(call, seed), 0)
    moves = None if key is None else (Move("shuffled", key, call.site),)

    def shuffled(data: Data) -> Data:
        return lineage.after(data, moves).with_(tags=data.tags | {"shuffled"})

    return call.new(BATCHES, element=change_each(call.element(receiver), shuffled))


@row("tensorflow.random.set_seed", "tensorflow.set_random_seed")
def set_seed(call: Call, seed: Value = NONE) -> Value:
    lineage.reseed(call, lineage.GENERATORS["tensorflow"], seed)
    return NONE


@row("keras.utils.set_random_seed")
def set_every_seed(call: Call, seed: Value = NONE) -> Value:
    for generator in lineage.GENERATORS.values():
        lineage.reseed(call, generator, seed)
    return NONE


@row("tensorflow.data.Dataset.from_generator")
def from_generator(call: Call, generator: Value = UNKNOWN, *more: Value, args: Value = NONE, **rest: Value) -> Value:
    given = call.items(args) if args != NONE else []
    made = call.call(generator, *given) if given is not None and generator is not UNKNOWN else UNKNOWN
    return call.new(BATCHES, element=UNKNOWN if made is UNKNOWN else as_tensors(call, call.element(made)))


@row("tensorflow.data.Dataset.sample_from_datasets", "tensorflow.data.Dataset.choose_from_datasets",
     "tensorflow.data.experimental.sample_from_datasets")  # fmt: skip
def one_of_datasets(call: Call, datasets: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return call.new(BATCHES, element=call.element(call.element(datasets)))


@method(BATCHES, "concatenate")
def concatenated(call: Call, receiver: Value, dataset: Value = UNKNOWN, **rest: Value) -> Value:
    return call.new(BATCHES, element=choice((call.element(receiver), call.element(dataset))))


@method(BATCHES, "enumerate")
def enumerated(call: Call, receiver: Value, start: Value = UNKNOWN, **rest: Value) -> Value:
    return call.new(BATCHES, element=Tuple((UNKNOWN, call.element(receiver))))


@method(BATCHES, "flat_map", "interleave")
def flattened(call: Call, receiver: Value, map_func: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    element = call.element(receiver)
    arguments = element.items if isinstance(element, Tuple) else (element,)
    return call.new(BATCHES, element=call.element(call.call(map_func, *arguments)))


@method(BATCHES, "get_next", "get_single_element")
def next_batch(call: Call, receiver: Value) -> Value:
    return call.element(receiver)


STRATEGY = "tensorflow.distribute.Strategy"


@row(*(f"tensorflow.distribute.{name}" for name in (
    "Strategy", "MirroredStrategy", "MultiWorkerMirroredStrategy", "TPUStrategy", "OneDeviceStrategy", "get_strategy",
    "experimental.TPUStrategy", "experimental.MultiWorkerMirroredStrategy", "experimental.CentralStorageStrategy")))  # fmt: skip
def strategy(call: Call, *args: Value, **rest: Value) -> Value:
    return call.new(STRATEGY)


@method(STRATEGY, "experimental_distribute_dataset")
def distributed(call: Call, receiver: Value, dataset: Value = UNKNOWN, *more: Value) -> Value:
    return dataset


@method(STRATEGY, "run", "experimental_run_v2")
def run(
    call: Call, receiver: Value, fn: Value = UNKNOWN, args: Value = NONE, kwargs: Value = NONE, **rest: Value
) -> Value:
    given = call.items(args) if args != NONE else []
    return call.call(fn, *given) if given is not None and kwargs == NONE and fn is not UNKNOWN else UNKNOWN


@method(STRATEGY, "scope", "reduce", "gather", "experimental_local_results")
def in_strategy(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@row("tensorflow.compat.v1.data.make_one_shot_iterator", "tensorflow.data.experimental.get_single_element")
def iterator(call: Call, dataset: Value = UNKNOWN) -> Value:
    return dataset if call.path.endswith("iterator") else call.element(dataset)


@row(
    "tensorflow.data.Dataset.list_files",
    "tensorflow.data.Dataset.range",
    "tensorflow.data.TFRecordDataset",
    "tensorflow.data.TextLineDataset",
)
def unseen_dataset(call: Call, *arguments: Value, **rest: Value) -> Value:
    return call.new(BATCHES, element=UNKNOWN)


# -- tensors that stay what they are ----------------------------------------------------------------------------------
@row(*everywhere("cast"))
def cast(call: Call, x: Value = UNKNOWN, dtype: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(x)
    return UNKNOWN if data is None else lineage.cast(data, dtype, call.site)


@row(*everywhere("constant", "convert_to_tensor", "identity", "stop_gradient", "ensure_shape", "convert_to_numpy"))
def same(call: Call, value: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, rest.get("input", rest.get("x", value)))
    return UNKNOWN if data is None else data


@row(*everywhere("squeeze", "expand_dims"))
def axes_changed(call: Call, x: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, rest.get("input", x))
    return UNKNOWN if data is None else data.with_(shape=None)


@row(*everywhere("reshape", "transpose", "flatten"))
def reshape(call: Call, tensor: Value = UNKNOWN, shape: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(rest.get("x", tensor))
    return UNKNOWN if data is None else data.with_(shape=None, units=NOTHING)


@row(*everywhere("reduce_mean", "reduce_sum", "mean", "sum"), "tensorflow.nn.compute_average_loss")
def reduce(call: Call, input_tensor: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    data = only_data(rest.get("x", input_tensor))
    return data if data is not None and data.loss is not None else UNKNOWN


@row(*everywhere("concat", "concatenate"))
def concat(call: Call, values: Value = UNKNOWN, axis: Value = UNKNOWN, **rest: Value) -> Value:
    items = call.items(rest.get("xs", rest.get("tensors", values)))
    if items is None or not all(isinstance(item, Data) for item in items):
        return UNKNOWN
    layer = Layer("keras", "Concatenate", call.site, args=(("axis", axis),))
    return keras_layers.merged(call, layer, Tuple(tuple(items)))


@row(*everywhere("ones", "zeros", "ones_like", "zeros_like", "fill"))
def filled(call: Call, *arguments: Value, **rest: Value) -> Value:
    """Ones or zeros: the targets of a discriminator."""
    return Data(space=UNKNOWN, tags=frozenset({FILLED}))


# -- gradients --------------------------------------------------------------------------------------------------------
TAPE = "tensorflow.GradientTape"


@row(TAPE)
def gradient_tape(call: Call, **rest: Value) -> Value:
    return call.new(TAPE)


@method(TAPE, "gradient", "jacobian")
def gradient(call: Call, receiver: Value, target: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    loss = target.loss if isinstance(target, Data) and isinstance(target.loss, Loss) else UNKNOWN
    call.event("backward", loss, framework="tensorflow")
    return UNKNOWN


@method(TAPE, "watch", "reset", "stop_recording", "watched_variables")
def tape_other(call: Call, receiver: Value, *arguments: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- classes ----------------------------------------------------------------------------------------------------------
@row(*everywhere("one_hot"))
def one_hot(call: Call, indices: Value = UNKNOWN, depth: Value = UNKNOWN, **rest: Value) -> Value:
    indices = rest.get("x", indices)
    depth = rest.get("num_classes", depth)
    data = only_data(indices)
    call.program.encodes.append(
        Encode(call.site, "one_hot", data, call.where("indices"), call.argument("depth"), "tensorflow")
    )
    count = constant(depth)
    count = count if isinstance(count, int) else None
    if data is None:
        return Data(labels=known(Encoding("one-hot", count=count), call.site), space=UNKNOWN)
    return lineage.one_hot(call, data, count=count, name="one_hot")


@row(*everywhere("argmax"))
def argmax(call: Call, input: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    data = only_data(rest.get("x", input))
    if data is None:
        return UNKNOWN
    lineage.decide(call, "argmax", data, axis if axis != NONE else Const(0))
    return largest(call, data)


@row(*everywhere("round"))
def round_(call: Call, x: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(x)
    return UNKNOWN if data is None else data_methods.rounded(call, data)


_COMPARED = {"equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}


@row(*everywhere(*_COMPARED))
def compare(call: Call, x: Value = UNKNOWN, y: Value = UNKNOWN, **rest: Value) -> Value:
    if only_data(x) is None and only_data(y) is None:
        return UNKNOWN
    return operate(call, "compare", x, _COMPARED[call.path.rpartition(".")[2]], y, "keras")
