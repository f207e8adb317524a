"""scikit-learn's data sets; what is known about them is in ``sklearn_datasets.toml``."""

from __future__ import annotations

from typing import Any

from mllint.facts import known, nothing
from mllint.frameworks import lineage
from mllint.frameworks.table import Call, attribute, method, row
from mllint.frameworks.toml import load_toml
from mllint.values import BY_CLASS, FALSE, NONE, TRUE, UNKNOWN, Const, Data, Encoding, Obj, Tuple, Value, constant

_TABLE = load_toml("sklearn_datasets.toml")
_OPENML = load_toml("openml.toml")
BUNCH = "sklearn.utils.Bunch"


def described(call: Call, facts: dict[str, Any]) -> tuple[Data, Data]:
    """Features and target of a data set."""
    count, low = facts.get("classes"), facts.get("low", 0)
    kind = facts["labels"]
    if kind == "integer":
        encoding = Encoding("integer", low, None if count is None else low + count - 1, count)
    else:
        encoding = Encoding(kind, count=count)
    tags = frozenset({"shuffled"}) if facts.get("ordered") is False and kind == "integer" else frozenset()
    bounds = tuple(facts["bounds"]) if "bounds" in facts else None
    rows, features = facts.get("rows"), facts.get("features")
    base = lineage.fresh(call, tags=tags).did("read", call.site)
    if facts.get("ordered"):
        base = base.did(BY_CLASS, call.site)
    x = base.with_(
        columns=known("features", call.site),
        bounds=bounds,
        shape=(rows, features) if features is not None else None,
        dtype="float64",
    )
    y = base.with_(
        columns=known("target", call.site),
        labels=known(encoding, call.site),
        bounds=tuple(facts["target"]) if "target" in facts else None,
        shape=(rows,),
        dtype="float64" if kind == "continuous" else "int64" if kind == "integer" else None,
        tags=tags | {"column"},
    )
    return x, y


@row(*(f"sklearn.datasets.{name}" for name in _TABLE))
def load(
    call: Call, *more: Value, return_X_y: Value = FALSE, as_frame: Value = FALSE, subset: Value = NONE, **rest: Value
) -> Value:
    facts = _TABLE[call.path.rpartition(".")[2]]
    x, y = described(call, facts)
    part = constant(subset)
    if part in ("train", "test"):
        x, y = x.with_(part=known(part, call.site)), y.with_(part=known(part, call.site))
    chosen = rest.get("n_class", more[0] if more else NONE)
    if chosen != NONE:
        count = constant(chosen)
        some = Encoding("integer", 0, count - 1, count) if isinstance(count, int) else Encoding("integer", 0)
        y = y.with_(labels=known(some, call.site))
    if rest.get("categories", NONE) != NONE:  # only these groups of news
        items = call.items(rest["categories"])
        count = None if items is None or UNKNOWN in items else len(items)
        some = Encoding("integer", 0, None if count is None else count - 1, count)
        y = y.with_(labels=known(some, call.site))
    if subset != NONE and facts["labels"] == "text":
        y = y.with_(labels=known(Encoding("text"), call.site))
    if not call.complete:
        y = y.with_(labels=nothing())
    if return_X_y == TRUE:
        return Tuple((x, y))
    if return_X_y != FALSE:
        return UNKNOWN
    if as_frame == TRUE:
        x = x.with_(tags=x.tags | {"frame"})
    frame = x.with_(
        columns=known("both", call.site), tags=x.tags | {"frame"}, made=(("target", y),), shape=(None, None)
    )
    count = y.labels.value.count if y.labels.value is not None else None
    names = lineage.fresh(call, shape=(count,), dtype="str", space=UNKNOWN)
    return call.new(BUNCH, data=x, target=y, frame=frame, images=x.with_(shape=None), target_names=names)


@row("sklearn.datasets.load_files")
def load_files(
    call: Call, container_path: Value, *, categories: Value = NONE, shuffle: Value = TRUE, **rest: Value
) -> Value:
    """The files in the folders of a folder; each folder is a class."""
    names = call.items(categories) if categories != NONE else None
    count = None if names is None or len(names) < 2 else len(names)
    part = known(lineage.part_of_name(container_path), call.site)
    tags = frozenset({"shuffled"}) if shuffle != FALSE else frozenset()
    base = lineage.fresh(call, part=part, tags=tags).did("read", call.site)
    labels = known(Encoding("integer", 0, None if count is None else count - 1, count), call.site)
    y = base.with_(columns=known("target", call.site), labels=labels, dtype="int64", tags=tags | {"column"})
    return call.new(BUNCH, data=base.with_(columns=known("features", call.site)), target=y)


@row("sklearn.datasets.fetch_openml")
def fetch_openml(
    call: Call, name: Value = NONE, *, return_X_y: Value = FALSE, data_id: Value = NONE, **rest: Value
) -> Value:
    number = constant(data_id)
    facts: dict[str, Any] = _OPENML.get(str(constant(name))) or next(
        (f for f in _OPENML.values() if f["id"] == number), {}
    )
    whole = not {"target_column", "parser_kwargs"} & rest.keys() and call.complete
    tags = frozenset({"shuffled"}) if facts.get("shuffled") else frozenset()
    base = lineage.fresh(call, tags=tags).did("read", call.site)
    x = base.with_(columns=known("features", call.site))
    y = base.with_(columns=known("target", call.site), tags=tags | {"column"})
    if facts and whole:
        rows, features = facts.get("rows"), facts.get("features")
        x = x.with_(
            shape=None if features is None else (rows, features),
            bounds=tuple(facts["bounds"]) if "bounds" in facts else None,
        )
        low, count = facts.get("low"), facts["classes"]
        encoding = Encoding("text", low, None if low is None else low + count - 1, count)
        y = y.with_(labels=known(encoding, call.site), shape=(rows,), dtype="str")
    if return_X_y == TRUE:
        return Tuple((x, y))
    frame = x.with_(columns=known("both", call.site), tags=tags | {"frame"}, shape=None)
    return call.new(BUNCH, data=x, target=y, frame=frame)


@attribute(BUNCH, "feature_names", "DESCR", "filenames", "target_names_")
def unknown_field(call: Call, bunch: Obj) -> Value:
    return UNKNOWN


@attribute(BUNCH, "data", "target", "frame", "images", "target_names")
def field(call: Call, bunch: Obj) -> Value:
    return call.get(bunch, call.path.rpartition(".")[2]) or UNKNOWN


@method(BUNCH, "__getitem__", "get")
def item(call: Call, bunch: Obj, key: Value) -> Value:
    name = constant(key)
    return call.get(bunch, name) or UNKNOWN if isinstance(name, str) else UNKNOWN


# -- generated --------------------------------------------------------------------------------------------------------
def generated(call: Call, encoding: Encoding, features: Value, samples: Value, shuffles: bool) -> Value:
    """Features and target made at random."""
    tags = frozenset({"shuffled"} if shuffles else ())
    width, rows = constant(features), constant(samples)
    size = rows if isinstance(rows, int) else None
    base = lineage.fresh(call, tags=tags)
    shape = (size, width) if isinstance(width, int) else None
    x = base.with_(columns=known("features", call.site), shape=shape, dtype="float64")
    y = base.with_(
        columns=known("target", call.site),
        labels=known(encoding, call.site),
        shape=(size,) if encoding.kind != "multi-hot" else (size, encoding.count),
        dtype="float64" if encoding.kind == "continuous" else "int64",
        tags=tags | {"column"} if encoding.kind != "multi-hot" else tags,
    )
    return Tuple((x, y if encoding.kind == "continuous" else y.did("read", call.site)))


def _classes(value: Value) -> Encoding:
    count = constant(value)
    if not isinstance(count, int):
        return Encoding("integer", 0)
    return Encoding("integer", 0, count - 1, count)


_HUNDRED, _TWENTY, _TWO, _FIVE = Const(100), Const(20), Const(2), Const(5)


@row("sklearn.datasets.make_classification")
def make_classification(
    call: Call,
    n_samples: Value = _HUNDRED,
    n_features: Value = _TWENTY,
    *,
    n_classes: Value = _TWO,
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    return generated(call, _classes(n_classes), n_features, n_samples, shuffle != FALSE)


@row("sklearn.datasets.make_blobs")
def make_blobs(
    call: Call,
    n_samples: Value = _HUNDRED,
    n_features: Value = _TWO,
    *,
    centers: Value = NONE,
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    items = call.items(centers) if not isinstance(centers, Const) else None
    count = Const(3) if centers == NONE else Const(len(items)) if items is not None else centers
    return generated(call, _classes(count), n_features, n_samples, shuffle != FALSE)


@row("sklearn.datasets.make_moons", "sklearn.datasets.make_circles")
def make_two(call: Call, n_samples: Value = _HUNDRED, *, shuffle: Value = TRUE, **rest: Value) -> Value:
    return generated(call, _classes(_TWO), _TWO, n_samples, shuffle != FALSE)


@row("sklearn.datasets.make_regression", "sklearn.datasets.make_friedman1")
def make_regression(call: Call, n_samples: Value = _HUNDRED, n_features: Value = _HUNDRED, **rest: Value) -> Value:
    return generated(call, Encoding("continuous"), n_features, n_samples, True)


@row("sklearn.datasets.make_multilabel_classification")
def make_multilabel(
    call: Call, n_samples: Value = _HUNDRED, n_features: Value = _TWENTY, *, n_classes: Value = _FIVE, **rest: Value
) -> Value:
    count = constant(n_classes)
    encoding = Encoding("multi-hot", count=count if isinstance(count, int) else None)
    return generated(call, encoding, n_features, n_samples, True)
