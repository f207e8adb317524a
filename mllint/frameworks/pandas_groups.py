"""pandas' groups of rows: what is computed for each group, and what becomes of it as a column."""

from __future__ import annotations

from mllint.facts import Site, nothing
from mllint.frameworks import data_methods, lineage
from mllint.frameworks.table import Call, attribute, method
from mllint.values import AGGREGATED, NONE, TEMPORAL, UNKNOWN, Const, Data, Obj, Tuple, Value, constant

GROUPS = "pandas.groupby"
_OF_VALUES = (
    "mean",
    "median",
    "sum",
    "std",
    "var",
    "min",
    "max",
    "quantile",
    "prod",
    "first",
    "last",
    "sem",
    "skew",
    "mad",
)
"""What says something about the values of a group, not only how many there are."""
_PAST = ("shift", "diff", "pct_change", "rolling", "ewm")
_SO_FAR = (
    "cumsum",
    "cumcount",
    "cummax",
    "cummin",
    "cumprod",
    "rank",
    "ngroup",
    "ffill",
    "bfill",
    "fillna",
    "expanding",
)


# -- groups -----------------------------------------------------------------------------------------------------------
@method("Data", "groupby")
def groupby(call: Call, data: Data, by: Value = NONE, *more: Value, **rest: Value) -> Value:
    return call.new(GROUPS, data=data, columns=NONE)


@method(GROUPS, "__getitem__")
def chosen(call: Call, groups: Obj, index: Value) -> Value:
    names = lineage.texts(call, index)
    columns = UNKNOWN if names is None else Tuple(tuple(map(Const, names)))
    return call.new(GROUPS, data=call.get(groups, "data") or UNKNOWN, columns=columns)


@attribute(GROUPS, "*")
def chosen_by_name(call: Call, groups: Obj) -> Value:
    return chosen(call, groups, Const(call.path.rpartition(".")[2])) or UNKNOWN


@method(GROUPS, *_OF_VALUES)
def aggregate_all(call: Call, groups: Obj, *more: Value, **rest: Value) -> Value:
    return _table(call, groups, [(name, name) for name in _columns(call, groups)])


@method(GROUPS, "agg", "aggregate")
def aggregate(call: Call, groups: Obj, func: Value = NONE, *more: Value, **rest: Value) -> Value:
    found: list[tuple[str, str]] = []
    for name, value in rest.items():  # ``agg(rate=("late", "mean"))``
        parts = call.items(value) or []
        if len(parts) == 2 and isinstance(constant(parts[0]), str) and _of_values(call, parts[1]):
            found.append((name, str(constant(parts[0]))))
        elif _of_values(call, value):
            found.extend((name, column) for column in _columns(call, groups))
    pairs = call.mapping(func) if isinstance(func, Obj) else None
    if pairs is not None:
        found += [(str(constant(key)), str(constant(key))) for key, value in pairs if _of_values(call, value)]
    elif _of_values(call, func):
        found += [(name, name) for name in _columns(call, groups)]
    return _table(call, groups, found)


@method(GROUPS, "transform")
def transform(call: Call, groups: Obj, func: Value = NONE, *more: Value, **rest: Value) -> Value:
    data, names = call.get(groups, "data"), _columns(call, groups)
    if not isinstance(data, Data):
        return UNKNOWN
    if not isinstance(func, Const) and len(names) == 1:
        made = call.call(func, lineage.column(data, names[0], call.site))
        if isinstance(made, Data) and not lineage.statistics(made):
            return made
    column = _new_column(data, call.site)
    if len(names) != 1 or not _of_values(call, func):
        return column
    return _learnt_of(column, data, names[0], call.site)


@method(GROUPS, *_PAST)
def of_the_past(call: Call, groups: Obj, *more: Value, **rest: Value) -> Value:
    data = call.get(groups, "data")
    if not isinstance(data, Data):
        return UNKNOWN
    name = call.path.rpartition(".")[2]
    return _new_column(data, call.site).did(TEMPORAL, call.site, name)


@method(GROUPS, *_SO_FAR)
def so_far(call: Call, groups: Obj, *more: Value, **rest: Value) -> Value:
    data = call.get(groups, "data")
    return _new_column(data, call.site) if isinstance(data, Data) else UNKNOWN


@method(GROUPS, "*")
def anything_else(call: Call, groups: Obj, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


def _columns(call: Call, groups: Obj) -> list[str]:
    """The columns that were chosen, by name."""
    columns = call.get(groups, "columns")
    return [str(constant(name)) for name in columns.items] if isinstance(columns, Tuple) else []


def _of_values(call: Call, function: Value) -> bool:
    """Whether a function, or one of several, is known to say something about the values of a group."""
    name = constant(function)
    if name is not None:
        return name in _OF_VALUES
    items = call.items(function) if isinstance(function, (Obj, Tuple)) else None
    if items is not None:
        return any(_of_values(call, item) for item in items)
    path = getattr(function, "path", "")
    if path:
        return path.rpartition(".")[2] in _OF_VALUES
    if isinstance(function, Obj) or function is UNKNOWN:
        return False
    return bool(lineage.statistics(call.call(function, Data(space=UNKNOWN, tags=frozenset({"column"})))))


def _new_column(data: Data, site: Site | None) -> Data:
    """A column of the rows of a frame, with values of its own."""
    made = data_methods.transformed(lineage.own_steps(data))
    return made.did(
        "selected", site, "", names=None, shape=(None,), tags=(data.tags & {"shuffled", "frame"}) | {"column"}
    )


def _learnt_of(data: Data, frame: Data, name: str, site: Site | None) -> Data:
    """Data made of what all rows say about a column."""
    if not frame.part.must_be("all") or frame.source.value is None:
        return data
    return data.did(AGGREGATED, site, Tuple((Const(name), Const(frame.source.value))))


def _table(call: Call, groups: Obj, columns: list[tuple[str, str]]) -> Value:
    """One row a group: ``(name, of which column)``."""
    frame = call.get(groups, "data")
    if not isinstance(frame, Data) or not columns:
        return UNKNOWN
    blank = Data(space=UNKNOWN, tags=frozenset({"frame", "column"}))
    made = tuple((name, _learnt_of(blank, frame, column, call.site)) for name, column in columns)
    steps = tuple(step for _, column in made for step in column.steps)
    if not steps:
        return UNKNOWN
    return Data(
        space=UNKNOWN, made=made, steps=steps, tags=frozenset({"frame", lineage.GROUP_TABLE}), shape=(None, None)
    )


# -- as columns -------------------------------------------------------------------------------------------------------
@method("Data", "to_dict")
def to_dict(call: Call, data: Data, *more: Value, **rest: Value) -> Value:
    return data if lineage.GROUP_TABLE in data.tags else UNKNOWN


@method("Data", "add_prefix", "add_suffix")
def with_affix(call: Call, data: Data, affix: Value = UNKNOWN, **rest: Value) -> Value:
    text = constant(affix)
    prefix = call.path.endswith("prefix")

    def name(old: str) -> str:
        return "?" if not isinstance(text, str) else text + old if prefix else old + text

    names = None if data.names is None or not isinstance(text, str) else tuple(map(name, data.names))
    return lineage.another_table(
        data.with_(names=names, made=tuple((name(key), value) for key, value in data.made), columns=nothing()),
        call.site,
    )


# -- neighbouring rows ------------------------------------------------------------------------------------------------
ROLLING = "pandas.rolling"


@method("Data", "shift", "diff", "pct_change")
def from_other_rows(call: Call, data: Data, periods: Value = Const(1), *more: Value, **rest: Value) -> Value:
    if "frame" not in data.tags and "column" not in data.tags:
        return UNKNOWN
    along = rest.get("axis", Const(0)) in (Const(0), Const("index"))
    moved = data_methods.transformed(data).with_(order=data.order)
    return moved.did(TEMPORAL, call.site, call.path.rpartition(".")[2]) if along and periods != Const(0) else moved


@method("Data", "rolling", "ewm", "expanding")
def rolling(call: Call, data: Data, window: Value = NONE, *more: Value, **rest: Value) -> Value:
    return call.new(ROLLING, data=data)


@method(ROLLING, "__getitem__")
def rolling_columns(call: Call, windows: Obj, index: Value) -> Value:
    data, names = call.get(windows, "data"), lineage.texts(call, index)
    return call.new(ROLLING, data=lineage.columns(data, names, call.site) if isinstance(data, Data) else UNKNOWN)


@method(
    ROLLING,
    "mean",
    "std",
    "var",
    "sum",
    "min",
    "max",
    "median",
    "quantile",
    "skew",
    "kurt",
    "corr",
    "cov",
    "apply",
    "count",
)
def over_windows(call: Call, windows: Obj, *more: Value, **rest: Value) -> Value:
    data = call.get(windows, "data")
    if not isinstance(data, Data):
        return UNKNOWN
    return data_methods.transformed(data).with_(order=data.order).did(TEMPORAL, call.site, "rolling windows")
