"""Keras: models, layers, losses, data sets and helpers. The other ``keras_*`` modules hold its parts."""

from __future__ import annotations

from mllint.facts import NOTHING, Fact, known
from mllint.frameworks import keras_layers, keras_model, lineage
from mllint.frameworks.table import Call, alias, attribute, bases, method, row
from mllint.frameworks.tensors import change_each, only_data
from mllint.program import Encode
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
    return call.new(call.path)


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
        base = Data(source=source, part=known(part, call.site), split=split, tags=frozenset({"shuffled"})).did(
            "read", call.site
        )
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
    call.program.encodes.append(Encode(call.site, "to_categorical", data, site, call.argument("num_classes")))
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


@row("keras.utils.normalize", "keras.preprocessing.sequence.pad_sequences", "keras.utils.pad_sequences")
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


def batches(call: Call, mode: Value, part: str, shuffle: Value, source: Fact[int] | None = None) -> Value:
    """An object that yields (features, labels) with labels as the mode says."""
    text = constant(mode) if mode is not UNKNOWN else None
    kind = _MODES.get(text) if isinstance(text, str) else None
    labels = NOTHING
    if kind is not None:
        encoding = Encoding(kind, 0, 1, 2) if text == "binary" else Encoding(kind, 0 if kind == "integer" else None)
        labels = known(encoding, call.where("class_mode") or call.where("label_mode") or call.site)
    base = lineage.fresh(call, part=known(part, call.site)).did("read", call.site)
    if source is not None:
        base = base.with_(source=source)
    if shuffle == TRUE:
        base = base.with_(tags=base.tags | {"shuffled"})
    x = base.with_(columns=known("features"))
    y = base.with_(columns=known("target"), labels=labels, tags=base.tags | {"class-mode"})
    return call.new(BATCHES if source is None else f"{BATCHES}.{part}", element=Tuple((x, y)))


@row("keras.utils.image_dataset_from_directory", "keras.preprocessing.image_dataset_from_directory",
     "keras.utils.text_dataset_from_directory", "keras.preprocessing.text_dataset_from_directory")  # fmt: skip
def dataset_from_directory(
    call: Call,
    directory: Value = UNKNOWN,
    labels: Value = Const("inferred"),
    label_mode: Value = Const("int"),
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    if labels == NONE:
        label_mode = NONE
    if rest.get("subset") == Const("both"):
        source = lineage.fresh(call).source
        return Tuple(
            (batches(call, label_mode, "train", shuffle, source), batches(call, label_mode, "val", shuffle, source))
        )
    return batches(call, label_mode, _part(rest.get("subset", NONE), directory), shuffle)


def _part(subset: Value, directory: Value) -> str:
    named = {"training": "train", "validation": "val"}.get(str(constant(subset)))
    return named or lineage.part_of_name(directory)


@row("keras.preprocessing.image.ImageDataGenerator")
def image_generator(call: Call, **rest: Value) -> Value:
    return call.new("keras.preprocessing.image.ImageDataGenerator")


@method("keras.preprocessing.image.ImageDataGenerator", "flow_from_directory", "flow_from_dataframe")
def flow_from(
    call: Call,
    receiver: Value,
    directory: Value = UNKNOWN,
    class_mode: Value = Const("categorical"),
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    return batches(call, class_mode, _part(rest.get("subset", NONE), directory), shuffle)


@method("keras.preprocessing.image.ImageDataGenerator", "flow")
def flow(call: Call, receiver: Value, x: Value = UNKNOWN, y: Value = NONE, **rest: Value) -> Value:
    return call.new(BATCHES, element=Tuple((x, y)))


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
    return call.get(receiver, "element") or UNKNOWN


@method(
    BATCHES,
    "shuffle",
    "batch",
    "prefetch",
    "cache",
    "repeat",
    "take",
    "skip",
    "with_options",
    "shard",
    "unbatch",
    "padded_batch",
    "filter",
    "apply",
)
def same_batches(call: Call, receiver: Value, *more: Value, **rest: Value) -> Value:
    element = call.get(receiver, "element") or UNKNOWN
    if call.path.endswith(".shuffle"):
        element = change_each(element, lambda data: data.with_(tags=data.tags | {"shuffled"}))
    return call.new(BATCHES, element=element)


@method(BATCHES, "map")
def map_batches(call: Call, receiver: Value, map_func: Value = UNKNOWN, **rest: Value) -> Value:
    element = call.get(receiver, "element") or UNKNOWN
    arguments = element.items if isinstance(element, Tuple) else (element,)
    if isinstance(map_func, (Layer, Obj)):  # a layer or model takes one tensor
        return call.new(BATCHES, element=call.call(map_func, element))
    return call.new(BATCHES, element=call.call(map_func, *arguments))


@method(BATCHES, "as_numpy_iterator")
def numpy_batches(call: Call, receiver: Value) -> Value:
    return receiver


@attribute(BATCHES, "class_names", "classes", "labels", "filenames", "class_indices", "samples", "n", "image_shape")
def about_batches(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@row("keras.backend.clear_session", "keras.utils.set_random_seed", "keras.utils.plot_model")
def nothing_to_say(call: Call, **rest: Value) -> Value:
    return NONE
