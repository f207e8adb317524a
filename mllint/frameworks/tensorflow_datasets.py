"""tensorflow_datasets: what is known about its data sets is in ``tensorflow_datasets.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from mllint.facts import NOTHING, Fact, known
from mllint.frameworks import lineage
from mllint.frameworks.keras import BATCHES
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.toml import load_toml
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Encoding, Move, Obj, Tuple, Value, constant

_TABLE = load_toml("tensorflow_datasets.toml")
CLASSES: Mapping[str, int] = _TABLE["classes"]
CONFIGURATIONS: Mapping[str, Mapping[str, int]] = _TABLE["configurations"]
INFO = "tensorflow_datasets.info"
BUILDER = "tensorflow_datasets.builder"
ROW = "tensorflow_datasets.row"


def labels_of(name: Value) -> tuple[Encoding | None, int | None]:
    """The labels of the data set of this name, and how many classes it says it has."""
    text = constant(name)
    plain = text.partition(":")[0].rstrip("/") if isinstance(text, str) else ""
    family, _, configuration = plain.partition("/")
    if configuration and family in CONFIGURATIONS:
        count = CONFIGURATIONS[family].get(configuration)
        if plain == "emnist/letters":  # numbered from 1, in a table made for all characters
            return Encoding("integer", 1, 26, 26), count
    else:
        count = CLASSES.get(family)
    return (None if count is None else Encoding("integer", 0, count - 1, count)), count


@row("tensorflow_datasets.load")
def load(
    call: Call,
    name: Value,
    split: Value = NONE,
    data_dir: Value = NONE,
    *,
    batch_size: Value = NONE,
    as_supervised: Value = FALSE,
    with_info: Value = FALSE,
    **rest: Value,
) -> Value:
    encoding, count = labels_of(name)
    made = _read(call, encoding, split, as_supervised, whole=batch_size == Const(-1))
    if with_info == FALSE:
        return made
    return Tuple((made, _info(call, count))) if with_info == TRUE else UNKNOWN


def _info(call: Call, count: int | None) -> Value:
    return call.new(INFO, classes=UNKNOWN if count is None else Const(count))


def _read(call: Call, encoding: Encoding | None, split: Value, as_supervised: Value, *, whole: bool = False) -> Value:
    """The splits asked for, as data sets of rows or as ``whole`` arrays."""
    base = lineage.fresh(call, tags=frozenset({"shuffled"})).did(
        "read", call.site
    )  # its files are written in random order
    labels = NOTHING if encoding is None else known(encoding, call.site)
    x = base.with_(columns=known("features", call.site))
    y = base.with_(columns=known("target", call.site), labels=labels, dtype="int64")

    def batches(chosen: Value, number: int) -> Value:
        part = _part(chosen)
        text = constant(chosen)
        name, cut, _ = text.partition("[") if isinstance(text, str) else ("", "", "")
        order: tuple[Move, ...] | None = (Move("picked", ("split", name), call.site),) if name else None
        if order is not None and cut:
            order = (*order, Move("picked", ("split", text), call.site))
        pair = (x.with_(part=part, order=order), y.with_(part=part, order=order))
        element = _element(call, pair, as_supervised, number)
        if whole:
            return element
        kind = f"{BATCHES}.{number}"  # several made at one place are told apart by their kinds
        bases(kind, BATCHES)
        return call.engine.new(kind, call.site, {"element": element})

    items = None if isinstance(split, Const) else call.items(split)
    if split == NONE:
        names = ("train", "test", "validation", "unsupervised")
        pairs = tuple(Tuple((Const(each), batches(Const(each), number))) for number, each in enumerate(names))
        made: Value = call.engine.new("dict", call.site, {"items": Tuple(pairs)})
    elif items is not None:
        made = Tuple(tuple(batches(item, number) for number, item in enumerate(items)))
    else:
        made = batches(split, 0)
    return made


@row(BUILDER)
def builder(call: Call, name: Value, **rest: Value) -> Value:
    return call.new(BUILDER, name=name)


@method(BUILDER, "download_and_prepare")
def prepare(call: Call, receiver: Value, **rest: Value) -> Value:
    return NONE


@method(BUILDER, "as_dataset")
def as_dataset(
    call: Call,
    receiver: Value,
    split: Value = NONE,
    *,
    batch_size: Value = NONE,
    as_supervised: Value = FALSE,
    **rest: Value,
) -> Value:
    encoding, _ = labels_of(call.get(receiver, "name") or UNKNOWN)
    return _read(call, encoding, split, as_supervised, whole=batch_size == Const(-1))


@attribute(BUILDER, "info")
def builder_info(call: Call, receiver: Value) -> Value:
    return _info(call, labels_of(call.get(receiver, "name") or UNKNOWN)[1])


@row("tensorflow_datasets.as_numpy", "tensorflow_datasets.dataset_as_numpy")
def as_numpy(call: Call, dataset: Value) -> Value:
    return dataset


def _element(call: Call, pair: tuple[Data, Data], supervised: Value, number: int) -> Value:
    if supervised == TRUE:
        return Tuple(pair)
    if supervised != FALSE:
        return UNKNOWN
    x, y = pair
    made = call.engine.new(f"{ROW}.{number}", call.site, {"features": x, "target": y})  # several are made at one place
    return Obj(made.id, ROW, call.site)


@method(ROW, "__getitem__")
def field(call: Call, receiver: Value, key: Value) -> Value:
    name = {"label": "target", "image": "features", "text": "features"}.get(str(constant(key)))
    return UNKNOWN if name is None else call.get(receiver, name) or UNKNOWN


def _part(split: Value) -> Fact[str]:
    """Which rows ``"train"``, ``"test"`` are; a stretch of one may be either."""
    part = {"train": "train", "test": "test", "validation": "val"}.get(str(constant(split)))
    return NOTHING if part is None else known(part)


@attribute(INFO, "features")
def features(call: Call, receiver: Value) -> Value:
    return receiver


@method(INFO, "__getitem__")
def feature(call: Call, receiver: Value, index: Value) -> Value:
    return receiver if index == Const("label") else UNKNOWN


@attribute(INFO, "num_classes")
def num_classes(call: Call, receiver: Value) -> Value:
    return call.get(receiver, "classes") or UNKNOWN


@attribute(INFO, "splits")
def splits(call: Call, receiver: Value) -> Value:
    return UNKNOWN
