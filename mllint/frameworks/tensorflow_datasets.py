"""tensorflow_datasets: what is known about its data sets is in ``tensorflow_datasets.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from mllint.facts import NOTHING, Fact, known
from mllint.frameworks import lineage
from mllint.frameworks.keras import BATCHES
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.toml import load_toml
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Encoding, Tuple, Value, constant

CLASSES: Mapping[str, int] = load_toml("tensorflow_datasets.toml")
INFO = "tensorflow_datasets.info"


def classes_of(name: Value) -> int | None:
    """How many classes the data set of this name has; a named configuration may have others."""
    text = constant(name)
    plain = text.partition(":")[0] if isinstance(text, str) else ""
    family, _, configuration = plain.partition("/")
    return None if configuration and family == "emnist" else CLASSES.get(family)


@row("tensorflow_datasets.load")
def load(
    call: Call, name: Value, split: Value = NONE, as_supervised: Value = FALSE, with_info: Value = FALSE, **rest: Value
) -> Value:
    count = classes_of(name)
    base = lineage.fresh(call, tags=frozenset({"shuffled"})).did(
        "read", call.site
    )  # its files are written in random order
    labels = NOTHING if count is None else known(Encoding("integer", 0, count - 1, count), call.site)
    x = base.with_(columns=known("features", call.site))
    y = base.with_(columns=known("target", call.site), labels=labels, dtype="int64")

    def batches(chosen: Value, number: int) -> Value:
        part = _part(chosen)
        pair = (x.with_(part=part), y.with_(part=part))
        element = _element(call, pair, as_supervised)
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
    if with_info == FALSE:
        return made
    return (
        Tuple((made, call.new(INFO, classes=UNKNOWN if count is None else Const(count))))
        if with_info == TRUE
        else UNKNOWN
    )


def _element(call: Call, pair: tuple[Data, Data], supervised: Value) -> Value:
    if supervised == TRUE:
        return Tuple(pair)
    if supervised != FALSE:
        return UNKNOWN
    x, y = pair
    return call.new("tensorflow_datasets.row", features=x, target=y)


@method("tensorflow_datasets.row", "__getitem__")
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
