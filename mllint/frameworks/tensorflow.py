"""TensorFlow outside Keras: tf.data and functions on tensors, which ``keras.ops`` and ``keras.backend`` have too."""

from __future__ import annotations

from mllint.facts import NOTHING, known
from mllint.frameworks import data_methods, keras_layers, lineage, seeding
from mllint.frameworks.keras import BATCHES, as_tensors, chained
from mllint.frameworks.recording import VARIABLE, VARIABLES
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import FILLED, TAPE, augmented, change_each, largest, only_data, operate
from mllint.program import AppliedGradients, Encode, Gradient
from mllint.values import (
    FALSE,
    NONE,
    RESHUFFLED,
    TRUE,
    UNKNOWN,
    Const,
    Data,
    Encoding,
    Layer,
    Loss,
    Move,
    Obj,
    Recorded,
    Tuple,
    Value,
    choice,
    constant,
)  # fmt: skip


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
    elements = tuple(_unfrozen(call, item) for item in items)
    if len(elements) == 2 and not any(isinstance(element, Tuple) for element in elements):
        lineage.paired(call, "zip", elements[0], elements[1], None)
    return call.new(BATCHES, element=Tuple(elements))


def _unfrozen(call: Call, dataset: Value) -> Value:
    """What a data set yields, in whatever order its passes will have."""
    kept = call.get(dataset, "element") if call.is_instance_of(dataset, BATCHES) else None
    return call.element(dataset) if kept is None else kept


@method(BATCHES, "shuffle")
def shuffle(
    call: Call, receiver: Value, buffer_size: Value = UNKNOWN, seed: Value = NONE, *more: Value, **rest: Value
) -> Value:
    if seed == NONE:
        key = lineage.draw(call, lineage.GENERATORS["tensorflow"])
    else:
        key = (*lineage.origin_of(call, seed), 0)
    moves = None if key is None else (Move("shuffled", key, call.site),)
    again = rest.get("reshuffle_each_iteration", more[0] if more else NONE) in (NONE, TRUE)

    def shuffled(data: Data) -> Data:
        marks = {"shuffled", RESHUFFLED} if again else {"shuffled"}
        return lineage.after(data, moves).with_(tags=data.tags | marks)

    return chained(call, receiver, change_each(call.element(receiver), shuffled))


_IMAGE = "tensorflow.image"
_RANDOM_IMAGE = (
    "random_brightness", "random_contrast", "random_crop", "random_flip_left_right", "random_flip_up_down", "random_hue",
    "random_jpeg_quality", "random_saturation", "stateless_random_brightness", "stateless_random_contrast", "stateless_random_crop",
    "stateless_random_flip_left_right", "stateless_random_flip_up_down", "stateless_random_hue", "stateless_random_saturation",
)  # fmt: skip
_SAME_IMAGE = (
    "adjust_brightness", "adjust_contrast", "adjust_hue", "adjust_saturation", "central_crop", "convert_image_dtype", "crop_to_bounding_box",
    "grayscale_to_rgb", "pad_to_bounding_box", "per_image_standardization", "resize", "resize_with_crop_or_pad", "resize_with_pad",
    "rgb_to_grayscale", "rot90",
)  # fmt: skip


@row(*(f"{_IMAGE}.{name}" for name in _RANDOM_IMAGE), "tensorflow.random_crop", "tensorflow.image.random_crop")
def random_image(call: Call, image: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    seeding.decided(call, "tensorflow", "augmentation", call.written)
    changed = same_image(call, rest.get("value", image))
    return augmented(changed or UNKNOWN, call.site, call.path.rpartition(".")[2])


@row(*(f"{_IMAGE}.{name}" for name in _SAME_IMAGE))
def same_image(call: Call, image: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    """The same rows with other values."""
    data = only_data(rest.get("images", image))
    if data is None:
        return UNKNOWN
    return data.with_(labels=NOTHING, bounds=None, shape=None, dtype=None, space=UNKNOWN)


@row(*(f"tensorflow.{name}" for name in (
    "random.uniform", "random.normal", "random.truncated_normal", "random.shuffle", "random_uniform", "random_normal",
    "random.stateless_uniform", "random.stateless_normal", "image.sample_distorted_bounding_box")))  # fmt: skip
def drawn(call: Call, *args: Value, **rest: Value) -> Value:
    seeding.decided(call, "tensorflow", "augmentation", call.written)
    return UNKNOWN


@row("tensorflow.random.set_seed", "tensorflow.set_random_seed", "tensorflow.random.set_random_seed",
     "tensorflow.compat.v1.set_random_seed", "tensorflow.compat.v1.random.set_random_seed")  # fmt: skip
def set_seed(call: Call, seed: Value = NONE) -> Value:
    lineage.reseed(call, lineage.GENERATORS["tensorflow"], seed)
    seeding.seeded(call, ("tensorflow",))
    return NONE


@row("keras.utils.set_random_seed")
def set_every_seed(call: Call, seed: Value = NONE) -> Value:
    for generator in lineage.GENERATORS.values():
        lineage.reseed(call, generator, seed)
    seeding.seeded(call, ("keras", *lineage.GENERATORS))
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
    return chained(call, receiver, choice((call.element(receiver), call.element(dataset))))


@method(BATCHES, "enumerate")
def enumerated(call: Call, receiver: Value, start: Value = UNKNOWN, **rest: Value) -> Value:
    return chained(call, receiver, Tuple((UNKNOWN, call.element(receiver))))


@method(BATCHES, "flat_map", "interleave")
def flattened(call: Call, receiver: Value, map_func: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    element = call.element(receiver)
    arguments = element.items if isinstance(element, Tuple) else (element,)
    return chained(call, receiver, call.element(call.call(map_func, *arguments)))


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


# -- traced functions -------------------------------------------------------------------------------------------------
@row("tensorflow.function")
def traced_function(call: Call, func: Value = NONE, *more: Value, **rest: Value) -> Value:
    if func == NONE:
        return UNKNOWN
    call.engine.trace(func, "tensorflow.function", call.site)
    return func


@row("tensorflow.Variable")
def variable_made(call: Call, *given: Value, **rest: Value) -> Value:
    call.engine.effect("variable", "tf.Variable", call.site)
    return UNKNOWN


# -- gradients --------------------------------------------------------------------------------------------------------
@row(TAPE)
def gradient_tape(
    call: Call, persistent: Value = FALSE, watch_accessed_variables: Value = TRUE, **rest: Value
) -> Value:
    return call.new(TAPE, persistent=persistent, used=FALSE, watching=FALSE)


@method(TAPE, "__with__", "reset")
def tape_entered(call: Call, receiver: Value) -> Value:
    call.set(receiver, "used", FALSE)
    return NONE


GRADIENTS, GRADIENT = "tensorflow.gradients", "tensorflow.gradient"


@method(TAPE, "gradient", "jacobian")
def gradient(
    call: Call, receiver: Value, target: Value = UNKNOWN, sources: Value = UNKNOWN, *more: Value, **rest: Value
) -> Value:
    loss = target.loss if isinstance(target, Data) and isinstance(target.loss, Loss) else UNKNOWN
    call.event("backward", loss, framework="tensorflow")
    used, persistent = call.get(receiver, "used"), call.get(receiver, "persistent")
    model = call.get(sources, "model") if call.is_instance_of(sources, VARIABLES) else None
    watching = call.get(receiver, "watching") != FALSE
    call.program.gradients.append(
        Gradient(
            call.site,
            "tensorflow",
            receiver,
            call.argument("target"),
            call.argument("sources"),
            _outside(target, receiver) if not watching else None,
            not watching and _plain(call, sources),
            used.site if isinstance(used, Obj) and persistent == FALSE and not call.engine.trying else None,
            model or UNKNOWN,
        )
    )
    call.set(receiver, "used", call.new("tensorflow.used"))
    listed = call.items(sources) is not None or call.is_instance_of(sources, VARIABLES)
    return call.new(GRADIENTS if listed or not isinstance(sources, Data) else GRADIENT, sources=sources)


def _outside(target: Value, tape: Value) -> Recorded | None:
    """The call that a target comes from, where that is proven not to be recorded by the tape."""
    data = only_data(target)
    if data is None or data.recorded is None or data.loss is None or tape in data.recorded.under:
        return None
    return data.recorded


_AS_READ = ("read", "split", "shuffled", "cast", "selected")


def _plain(call: Call, sources: Value) -> bool:
    """Whether these are rows as they were read, or constants: nothing that a tape watches by itself."""
    items = None if isinstance(sources, Data) else call.items(sources)
    values = [sources] if items is None else items
    return bool(values) and all(isinstance(each, Data) and _is_plain(each) for each in values)


def _is_plain(data: Data) -> bool:
    made = data.layer, data.model, data.applied, data.loss, data.recorded
    read = data.source.known or bool(data.steps) or data.bounds is not None
    return read and all(each is None for each in made) and all(step.kind in _AS_READ for step in data.steps)


@method(GRADIENTS, "__iter__", "__getitem__")
def one_gradient(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return call.new(GRADIENT, sources=call.get(receiver, "sources") or UNKNOWN)


@method(TAPE, "watch")
def watch(call: Call, receiver: Value, tensor: Value = UNKNOWN) -> Value:
    call.set(receiver, "watching", TRUE)
    return NONE


@method(TAPE, "stop_recording", "watched_variables", "batch_jacobian")
def tape_other(call: Call, receiver: Value, *arguments: Value, **rest: Value) -> Value:
    return UNKNOWN


@method("unknown", "apply_gradients")
@method("keras.optimizers.Optimizer", "apply_gradients", "apply")
def apply_gradients(call: Call, receiver: Value, grads_and_vars: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    call.event("step", receiver, framework="tensorflow")
    pair = call.element(grads_and_vars) if isinstance(grads_and_vars, Obj) else UNKNOWN
    first, second = pair.items if isinstance(pair, Tuple) and len(pair.items) == 2 else (UNKNOWN, UNKNOWN)
    variables = first if _is_gradient(call, second) else second
    site = grads_and_vars.site if isinstance(grads_and_vars, Obj) else None
    call.program.gradients_applied.append(
        AppliedGradients(
            call.site,
            receiver,
            _of_model(call, first) or _of_model(call, variables),
            _is_gradient(call, second) and not _is_gradient(call, first),
            None if site is None else call.program.zips.get(site),
            site,
        )
    )
    return UNKNOWN


def _is_gradient(call: Call, value: Value) -> bool:
    return call.is_instance_of(value, GRADIENT)


def _of_model(call: Call, value: Value) -> bool:
    """Whether this is a variable of a model, or a gradient of one."""
    sources = call.get(value, "sources")
    return call.is_instance_of(value, VARIABLE) or (sources is not None and call.is_instance_of(sources, VARIABLES))


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
