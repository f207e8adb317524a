"""Keras: models, layers, losses, data sets and helpers. The other ``keras_*`` modules hold its parts."""

from __future__ import annotations

from mllint.facts import NOTHING, Fact, Site, known
from mllint.frameworks import keras_layers, keras_model, keras_pretrained, lineage
from mllint.frameworks.settings import scheduled, settings
from mllint.frameworks.table import Call, alias, attribute, bases, method, row
from mllint.frameworks.tensors import augmented, change_each, only_data
from mllint.program import Argument, Encode, Loader, Operation, Optimizer, Pipeline
from mllint.values import (
    AUGMENTED,
    CLASS_MODE,
    FALSE,
    NONE,
    RESHUFFLED,
    TRUE,
    UNKNOWN,
    Choice,
    Const,
    Data,
    Encoding,
    Move,
    Obj,
    Slice,
    Tuple,
    Value,
    choice,
    constant,
    constants,
)

# -- optimizers -------------------------------------------------------------------------------------------------------
OPTIMIZERS = [
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "SGD",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Ftrl",
    "Adafactor",
    "Lion",
    "Lamb",
]
for _name in OPTIMIZERS:
    bases(f"keras.optimizers.{_name}", "keras.optimizers.Optimizer")


@row(*(f"keras.optimizers.{name}" for name in OPTIMIZERS), *(f"keras.optimizers.legacy.{name}" for name in OPTIMIZERS))
def optimizer(call: Call, learning_rate: Value = UNKNOWN, **rest: Value) -> Value:
    made = call.new(call.path)
    rate = Argument()
    for name in ("learning_rate", "lr"):
        if call.given(name):
            rate = call.argument(name)
            call.set(made, "rate", rate.value)
    name = call.path.rpartition(".")[2]
    call.program.optimizers.append(
        Optimizer(call.site, "keras", name, rate, UNKNOWN, made, settings=settings(call, "keras"))
    )
    return made


_CONSTANTS = {
    "Zeros": "zeros",
    "zeros": "zeros",
    "Ones": "ones",
    "ones": "ones",
    "Constant": "constant",
    "constant": "constant",
}


@row(
    *(f"keras.initializers.{name}" for name in _CONSTANTS),
    *(f"tensorflow.{name}_initializer" for name in ("zeros", "ones")),
)
def constant_initializer(call: Call, value: Value = NONE, **rest: Value) -> Value:
    """The same as its name as a string."""
    name = call.path.rpartition(".")[2].removesuffix("_initializer")
    return Const("zeros" if constant(value) == 0 and name in ("Constant", "constant") else _CONSTANTS[name])


SCHEDULE = "keras.optimizers.schedules.LearningRateSchedule"
_SCHEDULES = (
    "ExponentialDecay", "PiecewiseConstantDecay", "PolynomialDecay", "InverseTimeDecay", "CosineDecay", "CosineDecayRestarts",
)  # fmt: skip
for _name in _SCHEDULES:
    bases(f"keras.optimizers.schedules.{_name}", SCHEDULE)
    alias(f"keras.optimizers.schedules.{_name}", f"keras.experimental.{_name}")


@row(*(f"keras.optimizers.schedules.{name}" for name in _SCHEDULES))
def schedule(call: Call, initial_learning_rate: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    """A rate that changes from step to step."""
    made = call.new(call.path)
    scheduled(call, "keras", made)
    return made


# -- data sets --------------------------------------------------------------------------------------------------------
_DATASETS: dict[str, tuple[int | None, tuple[int, ...] | None, tuple[int, ...]]] = {
    "mnist": (10, (28, 28), ()),
    "fashion_mnist": (10, (28, 28), ()),
    "cifar10": (10, (32, 32, 3), (1,)),
    "cifar100": (100, (32, 32, 3), (1,)),
    "imdb": (2, None, ()),
    "reuters": (46, None, ()),
    "boston_housing": (None, (13,), ()),
    "california_housing": (None, (8,), ()),
}
"""Classes (None: a regression), shape of a row, shape of its label. Their rows come shuffled."""
_PRICES = {"boston_housing": (5.0, 50.0), "california_housing": (14999.0, 500001.0)}
"""The smallest and largest target of the regressions."""


@row(*(f"keras.datasets.{name}.load_data" for name in _DATASETS))
def load_data(call: Call, label_mode: Value = Const("fine"), **rest: Value) -> Value:
    name = call.path.split(".")[2]
    classes, shape, label_shape = _DATASETS[name]
    if name == "cifar100" and label_mode != Const("fine"):
        classes = 20 if label_mode == Const("coarse") else None
    if classes is None:
        labels = known(Encoding("continuous"), call.site) if "housing" in name else NOTHING
    else:
        labels = known(Encoding("integer", 0, classes - 1, classes), call.site)
    source = known(call.new("rows").id, call.site)
    split = call.new("split")
    parts = []
    for part in ("train", "test"):
        base = Data(
            source=source, part=known(part, call.site), split=split, order=(), tags=frozenset({"shuffled"})
        ).did("read", call.site)
        x = base.with_(
            columns=known("features", call.site),
            shape=(None, *shape) if shape else None,
            bounds=(0.0, 255.0) if shape and len(shape) > 1 else None,
            dtype="uint8" if shape and len(shape) > 1 else None,
        )
        y = base.with_(columns=known("target", call.site), labels=labels, shape=(None, *label_shape), dtype="int")
        if name in _PRICES:
            y = y.with_(bounds=_PRICES[name], dtype="float")
        parts.append(Tuple((x, y)))
    return Tuple(tuple(parts))


# -- helpers ----------------------------------------------------------------------------------------------------------
@row("keras.utils.to_categorical", "keras.utils.np_utils.to_categorical")
def to_categorical(call: Call, x: Value = UNKNOWN, num_classes: Value = NONE, **rest: Value) -> Value:
    x = rest.get("y", x)
    site = call.where("x") or call.where("y")
    data = lineage.as_data(call, x)
    call.program.encodes.append(Encode(call.site, "to_categorical", data, site, call.argument("num_classes"), "keras"))
    if data is None:
        return Data(
            labels=known(Encoding("one-hot", count=constant(num_classes)), call.site), space=UNKNOWN, dtype="float"
        ).did("one-hot", call.site, "to_categorical")
    count = constant(num_classes)
    if count is None and num_classes == NONE:
        highest = [e.high for e in data.labels.values if e.kind == "integer"]
        count = highest[0] + 1 if len(highest) == 1 and highest[0] is not None else None
    return lineage.one_hot(call, data, count=count if isinstance(count, int) else None, name="to_categorical").with_(
        dtype="float"
    )


alias("keras.utils.to_categorical", "keras.utils.np_utils.to_categorical")


@row("keras.utils.normalize")
def rows_kept(call: Call, x: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(rest.get("sequences", x))
    return UNKNOWN if data is None else data.with_(shape=None, bounds=None)


# -- pretrained models ------------------------------------------------------------------------------------------------
APPLICATIONS = [
    "VGG16",
    "VGG19",
    "ResNet50",
    "ResNet101",
    "ResNet152",
    "ResNet50V2",
    "ResNet101V2",
    "ResNet152V2",
    "InceptionV3",
    "InceptionResNetV2",
    "Xception",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Small",
    "MobileNetV3Large",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "NASNetMobile",
    "NASNetLarge",
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2S",
    "EfficientNetV2M",
    "EfficientNetV2L",
    "ConvNeXtTiny",
    "ConvNeXtSmall",
    "ConvNeXtBase",
]


@row(*(f"keras.applications.{name}" for name in APPLICATIONS))
def application(
    call: Call, include_top: Value = TRUE, weights: Value = Const("imagenet"), input_tensor: Value = NONE, classes: Value = Const(1000),
    classifier_activation: Value = Const("softmax"), pooling: Value = NONE, **rest: Value,
) -> Value:  # fmt: skip
    keras_pretrained.backbone(call, weights, rest.get("include_preprocessing", NONE))
    body = Data(space=UNKNOWN, grad=True, tags=frozenset({"keras"}))
    if include_top == TRUE:
        site = call.where("classifier_activation") or call.site
        units = constants(classes, int)
        body = body.with_(
            scale=keras_layers.activation_fact(classifier_activation, site, call.complete),
            units=units,
            shape=(None, units.value),
        )
    elif include_top == FALSE and pooling == NONE:
        body = body.with_(shape=(None, None, None, None))
    return call.new(keras_model.MODEL, **{keras_model.OUTPUTS: body})


# -- generators and data sets of batches ------------------------------------------------------------------------------
BATCHES = "keras.batches"
bases(f"{BATCHES}.train", BATCHES)
bases(f"{BATCHES}.val", BATCHES)
_MODES = {
    "int": "integer",
    "sparse": "integer",
    "categorical": "one-hot",
    "binary": "integer",
    "raw": None,
    "multi_output": None,
    "input": None,
}


def batches(
    call: Call,
    mode: Value,
    part: str,
    shuffle: Value,
    source: Fact[int] | None = None,
    names: Value = NONE,
    generator: Value = NONE,
) -> Value:
    """An object that yields (features, labels) with labels as the mode says; ``names`` are the classes, if listed."""
    text = constant(mode) if mode is not UNKNOWN else None
    kind = _MODES.get(text) if isinstance(text, str) else None
    argument = "class_mode" if "class_mode" in call.values else "label_mode"
    where = call.where(argument) or call.site
    base = lineage.fresh(call, part=known(part, call.site)).did("read", call.site)
    if source is not None:
        base = base.with_(source=source)
    if shuffle == TRUE:
        base = base.with_(tags=base.tags | {"shuffled"})
    x = base.with_(columns=known("features"))
    y = base.with_(columns=known("target"))
    if isinstance(text, str):
        y = y.did(CLASS_MODE, where, f"{argument}={text}")
    if kind is not None and isinstance(text, str):
        y = y.with_(labels=known(_in_mode(text, kind, call.items(names)), where))
    made = call.new(BATCHES if source is None else f"{BATCHES}.{part}", element=x if mode == NONE else Tuple((x, y)))
    call.set(made, "class_names", names if names != NONE else UNKNOWN)
    if isinstance(generator, Obj):
        in_order = known(_in_mode("sparse", "integer", call.items(names)), call.site)
        call.set(made, "classes", y.with_(labels=in_order, tags=y.tags - {RESHUFFLED, "shuffled"}, shape=(None,)))
    return _loader(call, made, generator, shuffle)


def _loader(call: Call, made: Obj, generator: Value, shuffle: Value) -> Obj:
    """What yields batches as shuffled, and as changed at random, as it was asked for."""
    element = call.get(made, "element") or UNKNOWN
    random = call.get(generator, "random")
    name = constant(random) if random is not None else None
    if isinstance(name, str) and isinstance(generator, Obj):
        x, *others = element.items if isinstance(element, Tuple) else (element,)
        x = augmented(x, generator.site, name)
        element = Tuple((x, *others)) if others else x
    if shuffle == TRUE:
        element = change_each(element, lambda data: data.with_(tags=data.tags | {RESHUFFLED}))
    elif shuffle != FALSE:
        element = change_each(element, lambda data: data.with_(order=None))
    call.set(made, "element", element)
    name = call.path.rpartition(".")[2]
    call.program.loaders.append(Loader(call.site, "keras", name, made, (), True, call.argument("shuffle")))
    return made


def _in_mode(mode: str, kind: str, names: list[Value] | None) -> Encoding:
    """The labels of folders, or of names in a column, that a mode gives."""
    count = len(names) if names else 2 if mode == "binary" else None
    high = None if count is None or kind != "integer" else count - 1
    return Encoding(kind, 0 if kind == "integer" else None, high, count)


@row("keras.utils.image_dataset_from_directory", "keras.preprocessing.image_dataset_from_directory",
     "keras.preprocessing.image.image_dataset_from_directory",
     "keras.utils.text_dataset_from_directory", "keras.preprocessing.text_dataset_from_directory",
     "keras.preprocessing.text.text_dataset_from_directory", "keras.utils.audio_dataset_from_directory")  # fmt: skip
def dataset_from_directory(
    call: Call,
    directory: Value = UNKNOWN,
    labels: Value = Const("inferred"),
    label_mode: Value = Const("int"),
    class_names: Value = NONE,
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    if labels == NONE:
        label_mode = NONE
    if rest.get("subset") == Const("both"):
        source = lineage.fresh(call).source
        train, val = (batches(call, label_mode, part, shuffle, source, class_names) for part in ("train", "val"))
        return Tuple((train, val))
    return batches(call, label_mode, _part(rest.get("subset", NONE), directory), shuffle, names=class_names)


def _part(subset: Value, directory: Value) -> str:
    named = {"training": "train", "validation": "val"}.get(str(constant(subset)))
    return named or lineage.part_of_name(directory)


@row("keras.utils.split_dataset")
def split_dataset(call: Call, dataset: Value = UNKNOWN, *sizes: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, dataset)
    whole = as_tensors(call, dataset) if data is not None or isinstance(dataset, Tuple) else call.element(dataset)
    parts = []
    for part in ("train", "val"):
        named = known(part, call.site)
        element = change_each(whole, lambda each, named=named: each.with_(part=named))  # type: ignore[misc]
        parts.append(call.engine.new(f"{BATCHES}.{part}", call.site, {"element": element}))
    return Tuple(tuple(parts))


@row("keras.utils.timeseries_dataset_from_array", "keras.preprocessing.timeseries_dataset_from_array")
def timeseries_dataset(
    call: Call,
    data: Value = UNKNOWN,
    targets: Value = NONE,
    sequence_length: Value = UNKNOWN,
    sequence_stride: Value = Const(1),
    sampling_rate: Value = Const(1),
    batch_size: Value = Const(128),
    shuffle: Value = FALSE,
    seed: Value = NONE,
    start_index: Value = NONE,
    end_index: Value = NONE,
    **rest: Value,
) -> Value:
    x = _windows(call, data, start_index, end_index)
    return call.new(BATCHES, element=x if targets == NONE else Tuple((x, targets)))


@row("keras.preprocessing.sequence.TimeseriesGenerator")
def timeseries_generator(
    call: Call,
    data: Value = UNKNOWN,
    targets: Value = UNKNOWN,
    length: Value = UNKNOWN,
    sampling_rate: Value = Const(1),
    stride: Value = Const(1),
    start_index: Value = Const(0),
    end_index: Value = NONE,
    **rest: Value,
) -> Value:
    return call.new(BATCHES, element=Tuple((_windows(call, data, start_index, end_index), targets)))


def _windows(call: Call, data: Value, start: Value, end: Value) -> Value:
    """Windows over the stretch of a series between two places."""
    windows = only_data(data)
    if windows is None:
        return UNKNOWN
    start = NONE if start == Const(0) else start
    stretch = windows if start == end == NONE else lineage.rows(call, windows, Slice(start, end, NONE))
    return stretch.with_(shape=None)


@row("keras.preprocessing.image.ImageDataGenerator")
def image_generator(call: Call, **rest: Value) -> Value:
    keras_pretrained.by_generator(call, rest.get("rescale", NONE), rest.get("preprocessing_function", NONE))
    made = call.new("keras.preprocessing.image.ImageDataGenerator")
    for name in _RANDOM_CHANGES:
        if name in rest and rest[name] not in (NONE, FALSE, Const(0), Const(0.0)) and rest[name] is not UNKNOWN:
            call.set(made, "random", Const(name))
            break
    return made


_RANDOM_CHANGES = (
    "rotation_range", "width_shift_range", "height_shift_range", "horizontal_flip", "vertical_flip", "zoom_range", "shear_range",
    "brightness_range", "channel_shift_range",
)  # fmt: skip


@method("keras.preprocessing.image.ImageDataGenerator", "flow_from_directory")
def flow_from_directory(
    call: Call,
    receiver: Value,
    directory: Value = UNKNOWN,
    target_size: Value = UNKNOWN,
    color_mode: Value = UNKNOWN,
    classes: Value = NONE,
    class_mode: Value = Const("categorical"),
    batch_size: Value = Const(32),
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    part = _part(rest.get("subset", NONE), directory)
    return batches(call, class_mode, part, shuffle, names=classes, generator=receiver)


@method("keras.preprocessing.image.ImageDataGenerator", "flow_from_dataframe")
def flow_from_dataframe(
    call: Call,
    receiver: Value,
    dataframe: Value = UNKNOWN,
    directory: Value = NONE,
    x_col: Value = Const("filename"),
    y_col: Value = Const("class"),
    weight_col: Value = NONE,
    target_size: Value = UNKNOWN,
    color_mode: Value = UNKNOWN,
    classes: Value = NONE,
    class_mode: Value = Const("categorical"),
    batch_size: Value = Const(32),
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    part = _part(rest.get("subset", NONE), directory)
    made = batches(call, class_mode, part, shuffle, names=classes, generator=receiver)
    element = call.get(made, "element")
    if isinstance(element, Tuple):
        call.set(made, "element", change_each(element, lambda data: data.with_(tags=data.tags | {"frame-labels"})))
        lists = lineage.column_of_lists(only_data(dataframe), y_col)
        x, y = element.items
        if lists and class_mode == Const("categorical") and isinstance(y, Data):  # a 1 for each label in the list
            several = known(Encoding("multi-hot"), call.site)
            call.set(made, "element", Tuple((x, y.did("one-hot", call.site, "flow_from_dataframe", labels=several))))
    return made


@method("keras.preprocessing.image.ImageDataGenerator", "flow")
def flow(
    call: Call,
    receiver: Value,
    x: Value = UNKNOWN,
    y: Value = NONE,
    batch_size: Value = Const(32),
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    subset = {"training": "train", "validation": "val"}.get(str(constant(rest.get("subset", NONE))))
    element: Value = Tuple((x, y)) if y != NONE else x
    if subset is not None:
        named = known(subset, call.site)
        element = change_each(element, lambda data: data.with_(part=named))
    return _loader(call, call.new(BATCHES, element=element), receiver, shuffle)


@method("keras.preprocessing.image.ImageDataGenerator", "fit")
def fit_generator_statistics(call: Call, receiver: Value, x: Value = UNKNOWN, **rest: Value) -> Value:
    return NONE


@method(BATCHES, "__setattr__")
def set_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    if constant(name) in ("classes", "labels", "_targets", "y", "_y"):  # other labels are put in by hand
        call.set(receiver, "element", UNKNOWN)
    return NONE


@method(BATCHES, "__iter__", "__next__", "next")
def batch_of(call: Call, receiver: Value) -> Value:
    """A batch of one pass: each pass has an order of its own."""
    if call.path.endswith("__iter__"):
        call.event("iterated", receiver, framework="keras")
    return lineage.one_pass(call, call.get(receiver, "element") or UNKNOWN, receiver)


@method(
    BATCHES,
    "batch",
    "prefetch",
    "cache",
    "repeat",
    "take",
    "skip",
    "with_options",
    "shard",
    "unbatch",
    "ragged_batch",
    "rebatch",
    "ignore_errors",
    "snapshot",
    "prefetch_to_device",
)
def same_batches(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    element = call.get(receiver, "element") or UNKNOWN
    if call.path.endswith(".shuffle"):
        element = change_each(element, lambda data: data.with_(tags=data.tags | {"shuffled"}))
    if call.path.endswith(".cache"):  # what the first pass gave comes again
        element = lineage.one_pass(call, element, receiver)
    name = call.path.rpartition(".")[2]
    if name in ("take", "skip", "shard"):
        given = constant(more[0]) if len(more) == 1 else None
        some = (Move("picked", (name, id(call.site) if given is None else given), call.site),)
        element = change_each(element, lambda data: lineage.after(data, some))
    return chained(call, receiver, element)


OPERATIONS = "@operations"
"""Field of a data set: what made it of its source, in order."""
MANY_OPERATIONS = 32


def chained(call: Call, receiver: Value, element: Value, random: Site | None = None) -> Value:
    """A data set that one more operation makes of another."""
    made = call.new(BATCHES, element=element)
    before = call.get(receiver, OPERATIONS) or Const(())
    if not isinstance(before, Const) or len(before.value) >= MANY_OPERATIONS:
        call.set(made, OPERATIONS, UNKNOWN)
        return made
    positional = tuple(Argument(value, site, True) for value, site in call.positional)
    named = tuple(Argument(value, site, True) for value, site in call.keywords.values())
    name = call.path.rpartition(".")[2]
    operation = Operation(
        name, call.site, call.name_site, (*positional, *named), tuple(call.keywords), call.complete, random
    )
    operations = (*before.value, operation)
    call.set(made, OPERATIONS, Const(operations))
    call.program.pipelines.append(Pipeline(call.site, operations))
    return made


@method(BATCHES, "filter")
def filtered(call: Call, receiver: Value, predicate: Value = UNKNOWN, **rest: Value) -> Value:
    """Which classes are left is not known."""
    element = call.get(receiver, "element") or UNKNOWN
    kept = (Move("picked", ("filter", id(call.site)), call.site),)
    some = change_each(element, lambda data: lineage.after(data.with_(labels=lineage.some_classes(data.labels)), kept))
    return chained(call, receiver, some)


@method(BATCHES, "map")
def map_batches(call: Call, receiver: Value, map_func: Value = UNKNOWN, **rest: Value) -> Value:
    element = call.get(receiver, "element") or UNKNOWN
    arguments = element.items if isinstance(element, Tuple) else (element,)
    before = {step.site for each in arguments if isinstance(each, Data) for step in each.steps}
    start = len(call.program.randomness)
    made = as_tensors(call, call.call(map_func, *arguments))
    drawn = [each.site for each in call.program.randomness[start:] if each.what == "augmentation"]

    def mapped_here(data: Data) -> Data:
        """A random change in the function is one that this call makes."""
        step = data.last(AUGMENTED)
        return data if step is None or step.site in before else data.did(AUGMENTED, call.site, step.by)

    return chained(call, receiver, change_each(made, mapped_here), drawn[0] if drawn else None)


def as_tensors(call: Call, item: Value) -> Value:
    """What a data set yields of this: numbers and lists become tensors."""
    if isinstance(item, Tuple):
        return Tuple(tuple(as_tensors(call, each) for each in item.items))
    if isinstance(item, Obj) and item.kind == "list":
        return lineage.as_data(call, item) or item
    if isinstance(item, Choice):
        numbers = [constant(option) for option in item.options]
        if all(isinstance(option, Const) for option in item.options):
            return lineage.any_of(numbers, call.site)
        return choice(as_tensors(call, option) for option in item.options)
    return item


@method(BATCHES, "apply")
def apply_to_batches(call: Call, receiver: Value, transformation_func: Value = UNKNOWN) -> Value:
    made = call.call(transformation_func, receiver)
    return made if call.is_instance_of(made, BATCHES) else call.new(BATCHES, element=UNKNOWN)


@method(BATCHES, "as_numpy_iterator")
def numpy_batches(call: Call, receiver: Value) -> Value:
    return receiver


@attribute(BATCHES, "class_names")
def class_names(call: Call, receiver: Value) -> Value:
    return call.get(receiver, "class_names") or UNKNOWN


@attribute(BATCHES, "classes", "labels")
def labels_in_order(call: Call, receiver: Value) -> Value:
    """The labels as the files are listed, however the batches are shuffled."""
    return call.get(receiver, "classes") or UNKNOWN


@attribute(BATCHES, "filenames", "class_indices", "samples", "n", "image_shape")
def about_batches(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@row("keras.backend.clear_session", "keras.utils.plot_model")
def nothing_to_say(call: Call, **rest: Value) -> Value:
    return NONE
