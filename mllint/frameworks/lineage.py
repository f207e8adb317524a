"""What happens to data, in the words the rows share: where rows come from, how labels are written down, which column is which."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from mllint.facts import Fact, Site, known, nothing
from mllint.frameworks.table import Call
from mllint.program import Argument, Decision, MetricUse, Pair, Prediction, Score, Selection, Split, Transform
from mllint.values import (
    AGGREGATED,
    BY_CLASS,
    COPIED,
    NONE,
    PASS,
    RESHUFFLED,
    SEVERAL_ONES,
    UNKNOWN,
    Choice,
    Columns,
    Const,
    Data,
    Encoding,
    Measure,
    Move,
    Name,
    Obj,
    Slice,
    Step,
    Tuple,
    Value,
    constant,
    join_data,
    options,
)

MANY_VALUES = 40
"""More different numbers than this in a list written out are measurements, not classes."""
ASSIGNED = "assigned"
"""A step of a frame: one of its columns was replaced by what a transformer made."""
CLASSES = ("integer", "one-hot", "multi-hot", "text", "scaled")
"""Kinds of encodings that are class labels."""

_TEST_FILE = re.compile(r"(?:^|[^a-z])(?:test|testing|eval|holdout)(?:[^a-z]|$)|_test|test_", re.IGNORECASE)
_VALIDATION_FILE = re.compile(r"(?:^|[^a-z])(?:val|valid|validation|dev)(?:[^a-z]|$)", re.IGNORECASE)


# -- where rows come from ---------------------------------------------------------------------------------------------
def fresh(call: Call, held: Value = NONE, **fields: Any) -> Data:
    """Rows that nothing else has: a new source, all of it. ``held``: the list that they are in."""
    fields.setdefault("part", known("all", call.site))
    fields.setdefault("order", ())
    kind = f"rows of {held.id}" if isinstance(held, Obj) else "rows"
    return Data(source=known(call.new(kind).id, call.site), **fields)


def part_of_name(name: Value) -> str:
    """Which rows a file or key holds, judged by its name: test and validation files say so."""
    text = constant(name)
    if isinstance(text, str):
        last = text.replace("\\", "/").rpartition("/")[2]
        if _TEST_FILE.search(last) and "train" not in last.lower():
            return "test"
        if _VALIDATION_FILE.search(last) and "train" not in last.lower():
            return "val"
    return "all"


_VALIDATION_NAME = re.compile(
    r"(?:^|_)(?:val|valid|validation|dev|va|vl)\d?(?:_|$)|^[xy]val(?:id)?$|(?-i:[a-z]Val(?:id)?(?:[A-Z_]|$))",
    re.IGNORECASE,
)
_TEST_NAME = re.compile(r"(?:^|_)(?:test|te|tst|holdout)\d?(?:_|$)|^[xy]test$", re.IGNORECASE)


def says_validation(name: str) -> bool:
    """Whether a variable's name says that it holds validation rows."""
    return _VALIDATION_NAME.search(name) is not None


def as_part(data: Data, name: str) -> Data:
    """Rows that were just divided, as the part that the name they get says they are."""
    if data.steps and data.steps[-1].kind == "split" and data.part.must_be("test"):
        return every_column(data, _called("val")) if says_validation(name) else data
    last = data.order[-1] if data.order else None
    cut = last is not None and last.kind == "picked" and last.key[0] in ("slice", "head", "tail", "cut")
    if not cut or data.part.must_be("test", "val") or "row" in data.tags:
        return data
    part = "val" if says_validation(name) else "test" if _TEST_NAME.search(name) else None
    return data if part is None else every_column(data, _called(part))


def _called(part: str) -> Callable[[Data], Data]:
    return lambda data: data.with_(
        part=known(part, data.part.site), split=data.split if data.part.must_be("test") else UNKNOWN
    )


def read(call: Call, name: Value, **fields: Any) -> Data:
    """A file that was read."""
    part = known(part_of_name(name), call.site)
    rows_read = fresh(call, part=part, **fields).did("read", call.site)
    return as_table(rows_read) if rows_read.columns.must_be("both") else rows_read


_FRAME_NAME = re.compile(r"df\d?|df_\w+|[a-z]+_df")


def is_frame_name(name: str) -> bool:
    """Whether this is how everybody names a pandas frame."""
    return _FRAME_NAME.fullmatch(name) is not None


def unbound_frame(number: int, name: str, site: Site) -> Data:
    """A frame that a fragment uses and nothing in it makes."""
    part = known(part_of_name(Const(name)), site)
    frame = Data(
        source=known(number, site),
        part=part,
        shape=(None, None),
        columns=known("both", site),
        tags=frozenset({"frame", "shuffled"}),
        order=(),
    )
    return as_table(frame.did("read", site))


def as_data(call: Call, value: Value) -> Data | None:
    """An array made of a value: of constants, of arrays, of what a list was filled with; None when it is no sequence."""
    if isinstance(value, Data):
        return value
    found = _as_data(call, value)
    moves = order_of_list(call, value)
    return found if found is None or moves == () else after(found, moves)


def _as_data(call: Call, value: Value) -> Data | None:
    if isinstance(value, Const) and isinstance(value.value, (int, float, bool)):
        return None
    if isinstance(value, Choice) and any(isinstance(o, Data) and SEVERAL_ONES in o.tags for o in value.options):
        arrays = [as_data(call, option) for option in value.options]
        known_all = [array for array in arrays if array is not None]
        return functools.reduce(join_data, known_all) if len(known_all) == len(arrays) else None
    if isinstance(value, Tuple) or (isinstance(value, Obj) and value.kind in ("list", "range", "generator", "set")):
        items = call.items(value)
        if items is None or (isinstance(value, Obj) and UNKNOWN in items):
            found = of_element(call, call.element(value), value)
            return found.did(BY_CLASS, call.site) if call.engine.by_class(value) else found
        return of_items(call, items, value)
    return None


def of_items(call: Call, items: list[Value], held: Value = NONE) -> Data | None:
    """An array of these items."""
    datas = [item for item in items if isinstance(item, Data)]
    if datas and len(datas) == len(items):
        joined = datas[0]
        for other in datas[1:]:
            joined = join_data(joined, other)
        shape = None if joined.shape is None else (len(items), *joined.shape)
        return stacked_ones(joined).with_(shape=shape)
    if items and all(isinstance(item, Const) for item in items):
        values = [constant(item) for item in items]
        encoding = encoding_of(values)
        labels = nothing() if encoding is None else known(encoding, call.site)
        return fresh(call, held, labels=labels, shape=(len(items),), dtype=dtype_of(values), bounds=bounds_of(values))
    inner = call.items(items[0]) if items else None
    if inner is not None:
        rows = [call.items(item) or [] for item in items]
        flat = [constant(cell) for row in rows for cell in row if isinstance(cell, Const)]
        shape = (len(items), len(inner)) if all(len(row) == len(inner) for row in rows) else None
        several = shape is not None and len(flat) == shape[0] * shape[1] and several_ones([*map(constants_of, rows)])
        labels = known(Encoding("multi-hot", count=len(inner)), call.site) if several else nothing()
        return fresh(call, held, shape=shape, dtype=dtype_of(flat), labels=labels)
    return fresh(call, held, space=UNKNOWN)


def constants_of(row: list[Value]) -> list[Any]:
    """The constants in a row."""
    return [constant(cell) for cell in row]


def several_ones(rows: list[list[Any]]) -> bool:
    """Whether rows of zeros and ones have more than one of them somewhere: several labels that are true at once."""
    if len(rows) < 2 or not all(cell in (0, 1) for row in rows for cell in row):
        return False
    return any(sum(row) > 1 for row in rows) and not all(all(row) for row in rows)


def blank_rows(data: Data) -> bool:
    """Whether these are zeros, or zeros in which ones were set."""
    return data.bounds in ((0.0, 0.0), (0.0, 1.0)) or data.labels.must(lambda e: e.kind == "multi-hot")


def with_several_ones(data: Data, site: Site | None) -> Data:
    """Zeros after several places of a row were set to one."""
    if data.shape is not None and len(data.shape) == 2:
        return data.with_(labels=known(Encoding("multi-hot", count=data.shape[1]), site), bounds=(0.0, 1.0))
    return data.with_(
        tags=data.tags | {SEVERAL_ONES}, labels=known(Encoding("integer", 0, 1, 2), site), bounds=(0.0, 1.0)
    )


def stacked_ones(data: Data) -> Data:
    """Rows with several ones, put together."""
    if SEVERAL_ONES not in data.tags:
        flat = len(data.shape) == 1 if data.shape is not None else "row" not in data.tags
        vector = flat and "filling" in data.tags
        return data.with_(labels=nothing()) if vector else data  # rows of numbers are no class numbers
    count = data.shape[-1] if data.shape else None
    labels = known(Encoding("multi-hot", count=count), data.labels.site)
    return data.with_(labels=labels, tags=data.tags - {SEVERAL_ONES})


def of_element(call: Call, element: Value, held: Value = NONE) -> Data:
    """An array of any number of such elements."""
    if isinstance(element, Choice):
        joined = as_data(call, element)
        element = joined if joined is not None and SEVERAL_ONES in joined.tags else element
    if isinstance(element, Data):
        if element.shape == () and not element.source.known:
            return fresh(call, held, labels=element.labels, dtype=element.dtype, space=element.space, shape=(None,))
        shape = None if element.shape is None else (None, *element.shape)
        return stacked_ones(element).with_(shape=shape, tags=element.tags - {"row", SEVERAL_ONES})
    values = [constant(option) for option in options(element)]
    if all(isinstance(option, Const) for option in options(element)):
        encoding = encoding_of(values)
        if encoding is not None and len(values) > 1:
            return fresh(call, held, labels=known(encoding, call.site), dtype=dtype_of(values), shape=(None,))
    return fresh(call, held, space=UNKNOWN)


def any_of(values: list[Any], site: Site | None) -> Value:
    """One of more constants than a value keeps apart: for class numbers, what they run over."""
    encoding = encoding_of(values)
    if encoding is None or encoding.kind != "integer":
        return UNKNOWN
    return Data(labels=known(encoding, site), space=UNKNOWN, dtype=dtype_of(values), shape=(), tags=frozenset({"row"}))


def dtype_of(values: Iterable[Any]) -> str | None:
    """The plain dtype of constants."""
    kinds = {type(value) for value in values}
    if not kinds or not kinds <= {int, float, bool, str}:
        return None
    return "str" if str in kinds else "float" if float in kinds else "int" if int in kinds else "bool"


def bounds_of(values: list[Any]) -> tuple[float, float] | None:
    """The smallest and largest of some numbers."""
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    return (min(numbers), max(numbers)) if numbers and len(numbers) == len(values) else None


def encoding_of(values: Iterable[Any]) -> Encoding | None:
    """How these constants write down classes."""
    distinct = set(values)
    if not distinct:
        return None
    if all(isinstance(value, str) for value in distinct):
        return Encoding("text", count=len(distinct))
    if all(isinstance(value, (int, float)) for value in distinct):
        if len(distinct) > MANY_VALUES:
            return Encoding("continuous")
        if all(float(value).is_integer() for value in distinct):
            return Encoding("integer", int(min(distinct)), int(max(distinct)), len(distinct))
        return Encoding("continuous")
    return None


def union(first: Fact[Encoding], second: Fact[Encoding]) -> Fact[Encoding]:
    """The labels of rows of which some have the first and some the second."""
    a, b = first.value, second.value
    if a is None or b is None or a.kind != b.kind:
        return nothing()
    if a == b:
        return first
    if a.kind != "integer" or a.low is None or b.low is None or a.high is None or b.high is None:
        return known(Encoding(a.kind), first.site)
    low, high = min(a.low, b.low), max(a.high, b.high)
    apart = a.high < b.low or b.high < a.low
    count = a.count + b.count if apart and a.count is not None and b.count is not None else None
    if count is None and high - low == 1:
        count = 2
    return known(Encoding("integer", low, high, count), first.site)


# -- columns ----------------------------------------------------------------------------------------------------------
def is_column(data: Data) -> bool:
    """Whether this is proven to be one column, such as a target."""
    return "column" in data.tags or data.columns.must_be("target") or (data.names is not None and len(data.names) == 1)


def texts(call: Call, value: Value) -> tuple[str, ...] | None:
    """Column names written as a constant or a list of constants."""
    if isinstance(value, Const):
        return (value.value,) if isinstance(value.value, str) else None
    items = call.items(value) if isinstance(value, (Tuple, Obj)) else None
    if items is None or not all(isinstance(item, Const) for item in items):
        return None
    return tuple(str(constant(item)) for item in items)


def made(frame: Data, name: str) -> Data | None:
    """What was assigned to a column of this name, if that was seen."""
    return next((value for key, value in frame.made if key == name), None)


def _height(table: Data) -> tuple[int | None, ...]:
    """The shape of one column: of one row it is a single value."""
    return () if table.shape is not None and len(table.shape) == 1 and "column" not in table.tags else (None,)


def column(frame: Data, name: str, site: Site | None) -> Data:
    """``frame["name"]``."""
    known_column = made(frame, name)
    height = _height(frame)
    chosen = named(frame.chosen, (name,), site)
    shared = frame.tags & {"shuffled", "frame"}
    tags = shared | {"column"}
    if known_column is not None:
        return known_column.with_(
            source=frame.source if frame.source.known else known_column.source,
            part=frame.part,
            split=frame.split,
            names=(name,),
            tags=(known_column.tags - {"mask", "comparison"}) | tags,
            made=(),
            shape=height if "frame" in tags else known_column.shape,
            order=frame.order,
            chosen=chosen if known_column.chosen is None else replace(known_column.chosen, site=site),
        )
    part = frame.part
    frame = own_steps(frame)
    if "archive" in frame.tags:
        part = known(part_of_name(Const(name)), site) if not frame.part.must_be("test", "val") else part
        frame = after(frame, _kept_under(name, site))
    return frame.did(
        "selected",
        site,
        name,
        names=(name,),
        columns=nothing(),
        tags=tags - {"archive"},
        made=(),
        shape=height if "frame" in tags else None,
        dtype=None,
        chosen=chosen,
    )


_COLUMNS_OF_ROWS = re.compile(r"x|y|images?|imgs?|data|features?|labels?|targets?|inputs?|outputs?", re.IGNORECASE)


def _kept_under(key: str, site: Site | None) -> tuple[Move, ...]:
    """Which rows of an archive are kept under a key: those of ``x_train`` are those of ``y_train`` and no others."""
    words = [word.lower() for word in re.split(r"[\W_]+", key) if word and not _COLUMNS_OF_ROWS.fullmatch(word)]
    return (Move("picked", ("key", *words), site),) if words else ()


def columns(frame: Data, names: tuple[str, ...] | None, site: Site | None) -> Data:
    """``frame[["a", "b"]]``: several columns, or unknown ones."""
    kept = tuple((key, value) for key, value in frame.made if names is None or key in names)
    if names is None:
        shape = (None, None) if "frame" in frame.tags else None
        return frame.did("selected", site, None, names=None, columns=nothing(), made=(), shape=shape, chosen=None)
    chosen = named(frame.chosen, names, site)
    if len(names) == 1:
        one = column(frame, names[0], site)
        return one.with_(shape=(None, 1), made=kept)
    picked = frame.did("selected", site, None, names=names, columns=nothing(), made=kept, shape=(None, len(names)))
    return picked.with_(chosen=chosen)


def position(frame: Data, index: int, site: Site | None) -> Data:
    """The column at a position: ``a[:, -1]``."""
    names = frame.names
    if names is not None and -len(names) <= index < len(names):
        found = column(frame, names[index], site)
    else:
        tags = (frame.tags & {"shuffled", "frame"}) | {"column"}
        found = own_steps(frame).did(
            "selected", site, str(index), names=None, columns=nothing(), tags=tags, made=(), shape=_height(frame)
        )
        found = found.with_(chosen=stretch(frame, index, index + 1 or None, site))
    return found.with_(columns=known("target", site)) if index == -1 and frame.columns.may_be("both") else found


def span(frame: Data, cut: Slice, site: Site | None) -> Data:
    """Columns between positions: ``a[:, :-1]``, ``a[:, 1:]``."""
    start, stop = constant(cut.start), constant(cut.stop)
    if start is None and stop is None and cut.start == cut.stop:
        return frame
    names = None
    if frame.names is not None and isinstance(start, (int, type(None))) and isinstance(stop, (int, type(None))):
        names = frame.names[start:stop]
        if len(names) == 1:
            return column(frame, names[0], site).with_(shape=(None, 1))
    at_end = cut.stop == Const(None)
    if at_end and isinstance(start, int) and start == -1:
        return position(frame, -1, site).with_(shape=(None, 1))
    facts = frame.columns if at_end else known("features", site) if isinstance(cut.stop, Const) else nothing()
    dropped = frame.dropped
    if frame.names is not None and names is not None:
        dropped = (*dropped, *(name for name in frame.names if name not in names))
    kept = tuple((key, value) for key, value in frame.made if names is not None and key in names)
    width = len(names) if names is not None else None
    chosen = None
    if isinstance(start, (int, type(None))) and isinstance(stop, (int, type(None))) and cut.step == Const(None):
        certain = start is not None or cut.start == Const(None), stop is not None or cut.stop == Const(None)
        chosen = stretch(frame, start, stop, site) if all(certain) else None
    return frame.did(
        "selected",
        site,
        None,
        names=names,
        columns=facts,
        dropped=dropped,
        made=kept,
        shape=(None, width),
        chosen=chosen,
    )


def column_of_lists(frame: Data | None, name: Value) -> bool:
    """Whether a column is proven to hold a list in each row."""
    column = made(frame, str(constant(name))) if frame is not None else None
    return column is not None and column.dtype == "list"


def without(frame: Data, names: tuple[str, ...] | None, site: Site | None) -> Data:
    """A frame after columns were dropped."""
    table = None if frame.shape is None or len(frame.shape) != 2 else (None, None)
    if names is None:
        left_over = None if frame.chosen is None else anew(frame.chosen, site, names=None, without=None)
        return frame.did("dropped", site, None, columns=nothing(), names=None, made=(), shape=table, chosen=left_over)
    left = None if frame.names is None else tuple(name for name in frame.names if name not in names)
    kept = tuple((key, value) for key, value in frame.made if key not in names)
    step = frame.did("dropped", site, ", ".join(names))
    return step.with_(
        names=left, dropped=(*frame.dropped, *names), made=kept, columns=known("features", site), shape=table,
        chosen=fewer(frame.chosen, names, site),
    )  # fmt: skip


def constant_labels(value: Value) -> Encoding | None:
    """How one constant, or one of several, writes down a class."""
    if not all(isinstance(option, Const) for option in options(value)):
        return None
    return encoding_of([constant(option) for option in options(value)])


def with_column(frame: Data, names: tuple[str, ...] | None, value: Value, site: Site | None) -> Data:
    """A frame after ``frame[names] = value``."""
    if isinstance(value, Data):
        frame = frame.with_(steps=(*frame.steps, *assigned(frame, value))[-24:])
    if names is None:
        left_over = None if frame.chosen is None else anew(frame.chosen, site, names=None, without=None)
        return frame.with_(made=(), chosen=left_over)
    kept = tuple((key, old) for key, old in frame.made if key not in names)
    before, frame = frame.chosen, frame.with_(chosen=more(frame.chosen, names, value, site))
    if isinstance(value, Data):
        own = value if _same_table(value.chosen, before) else value.with_(chosen=None)
        kept = (*kept, *((name, own.with_(made=(), names=(name,), order=frame.order)) for name in names))
    elif len(names) >= 1:
        same = constant_labels(value)
        labels = nothing() if same is None or same.kind != "integer" else known(same, site)
        blank = Data(source=frame.source, part=frame.part, space=UNKNOWN, labels=labels, order=frame.order)
        kept = (*kept, *((name, blank) for name in names))
    listed = frame.names
    if listed is not None:
        listed = (*listed, *(name for name in names if name not in listed))
    dropped = tuple(name for name in frame.dropped if name not in names)
    target = isinstance(value, Data) and value.columns.must_be("target")
    facts = known("both", site) if target and frame.columns.known else frame.columns
    return frame.with_(made=kept[-24:], names=listed, dropped=dropped, columns=facts)


def assigned(frame: Data, value: Data) -> tuple[Step, ...]:
    """What was learnt from rows or done by hand for a column, as steps of the frame it is assigned to."""
    seen = [step.site for step in frame.steps]
    learnt_steps = (step for step in value.steps if step.kind in ("scaled", "fitted-transform", "divided"))
    return tuple(Step(ASSIGNED, step.site, None) for step in learnt_steps if step.site not in seen)


def own_steps(frame: Data) -> Data:
    """A frame without what was done to columns assigned to it: where one other column is taken out."""
    if not any(step.kind == ASSIGNED for step in frame.steps):
        return frame
    return frame.with_(steps=tuple(step for step in frame.steps if step.kind != ASSIGNED))


def every_column(data: Data, change: Callable[[Data], Data]) -> Data:
    """Change data and the columns that are kept apart alike."""
    changed = change(data)
    return changed.with_(made=tuple((key, change(value)) for key, value in data.made)) if data.made else changed


# -- which columns of which table -------------------------------------------------------------------------------------
def as_table(data: Data) -> Data:
    """Data that is a table of its own from now on: its columns are those it has now."""
    number = data.source.value
    if number is None:
        return data
    return data.with_(chosen=Columns((number,), data.names, None if data.names else (), layout=(number,)))


def new_table(call: Call, data: Data) -> Data:
    """A frame put together from arrays: a table of its own."""
    table = (call.new("table").id,)
    return data.with_(chosen=Columns(table, data.names, None if data.names else (), layout=table))


def another_table(data: Data, site: Site | None) -> Data:
    """Data whose columns are others than before, or are called otherwise."""
    chosen = data.chosen
    if chosen is None:
        return data
    table = (*chosen.table, id(site))
    return data.with_(chosen=Columns(table, data.names, None if data.names else (), layout=table))


def anew(chosen: Columns, where: Site | None, **changes: Any) -> Columns:
    """Columns after something since which positions count in another layout."""
    layout = (*(chosen.layout or chosen.table), id(where))[-24:]
    return replace(chosen, **{"layout": layout, "start": 0, "stop": None, "site": where, **changes})


def named(chosen: Columns | None, names: tuple[str, ...], site: Site | None) -> Columns | None:
    """Columns chosen by name."""
    if chosen is None:
        return None
    added = tuple(name for name in names if name in chosen.added)
    return anew(chosen, site, names=names, without=None, added=added, numeric=False)


def fewer(chosen: Columns | None, names: tuple[str, ...], site: Site | None) -> Columns | None:
    """Columns after some were taken out by name."""
    if chosen is None:
        return None
    left = None if chosen.names is None else tuple(name for name in chosen.names if name not in names)
    without_ = None if chosen.without is None else tuple(dict.fromkeys((*chosen.without, *names)))
    added = tuple(name for name in chosen.added if name not in names)
    return anew(chosen, site, names=left, without=without_, added=added)


def more(chosen: Columns | None, names: tuple[str, ...], value: Value, site: Site | None) -> Columns | None:
    """Columns after some were assigned: new ones, unless what is assigned was made of the column of this name."""
    if chosen is None:
        return None
    own = value.chosen if isinstance(value, Data) else None
    old = chosen.names or ()
    if own is not None and own.table == chosen.table and own.names is not None and not own.added:
        old = (*old, *own.names)
    new = tuple(name for name in names if name not in old and name not in chosen.added)
    if not new:
        return chosen
    left = None if chosen.names is None else (*chosen.names, *new)
    without_ = None if chosen.without is None else tuple(name for name in chosen.without if name not in new)
    return anew(chosen, site, names=left, without=without_, added=(*chosen.added, *new), site=chosen.site)


def _same_table(own: Columns | None, table: Columns | None) -> bool:
    return own is not None and table is not None and own.table == table.table


def stretch(frame: Data, start: int | None, stop: int | None, site: Site | None) -> Columns | None:
    """Columns chosen by their positions."""
    chosen = frame.chosen
    if chosen is None:
        return None
    names = None if chosen.names is None else chosen.names[start:stop]
    first, last = _within(chosen, start, stop)
    added = tuple(name for name in chosen.added if names is not None and name in names)
    return replace(chosen, names=names, without=None, added=added, start=first, stop=last, site=site, numeric=False)


def _within(chosen: Columns, start: int | None, stop: int | None) -> tuple[int, int | None]:
    """A stretch of a stretch."""
    first, last = chosen.start, chosen.stop
    width = (last or 0) - first if first < 0 else last - first if last is not None and last >= 0 else None
    if width is not None:
        begin, end, _ = slice(start, stop).indices(max(0, width))
        return first + begin, (first + end or None) if first < 0 else first + end
    begin = first + start if start is not None and start >= 0 else first if start is None else (last or 0) + start
    return begin, last if stop is None else first + stop if stop >= 0 else (last or 0) + stop


def renamed(frame: Data, names: list[Value] | None, site: Site | None) -> Data:
    """``frame.columns = names``."""
    known_names = names is not None and all(isinstance(name, Const) for name in names)
    texts_ = tuple(str(constant(name)) for name in names or ()) if known_names else None
    return another_table(frame.with_(names=texts_, made=(), dropped=()), site)


def between(frame: Data, cut: Slice) -> tuple[str, ...] | None:
    """The names in ``frame.loc[:, "a":"c"]``, both ends included."""
    names, start, stop = frame.names, constant(cut.start), constant(cut.stop)
    ends = [end for end in (start, stop) if end is not None]
    if names is None or not all(end in names for end in ends):
        return None
    return names[names.index(start) if start is not None else 0 : names.index(stop) + 1 if stop is not None else None]


def names_of(data: Data) -> Data:
    """``frame.columns``: the names of the columns, as data that can be narrowed down and used to choose columns."""
    return Data(source=data.source, space=UNKNOWN, dtype="str", chosen=data.chosen, tags=frozenset({"names"}))


def is_names(value: Value) -> bool:
    """Whether this is names of a table's columns."""
    return isinstance(value, Data) and "names" in value.tags


def shrunk(call: Call, frame: Data) -> None:
    """Record that columns are taken out of a frame in place."""
    if frame.chosen is not None and frame.chosen.layout is not None:
        call.program.shrunk.append(frame.chosen.layout)


def by_names(frame: Data, names: Data, site: Site | None) -> Data:
    """``frame[names]``: the columns that names of columns stand for."""
    found = columns(frame, None, site)
    table, picked = frame.chosen, names.chosen
    if table is None or picked is None or table.table != picked.table:
        return found
    made_ = (
        ()
        if picked.names is None and picked.without is None
        else tuple((key, value) for key, value in frame.made if picked.has(key, key in table.added))
    )
    return found.with_(chosen=anew(picked, site), made=made_)


# -- rows -------------------------------------------------------------------------------------------------------------
def rows(call: Call, data: Data, index: Value) -> Data:
    """Some rows: by a slice, a mask, positions or an array of positions."""
    found = _rows(call, data, index)
    mask = isinstance(index, Data) and ("mask" in index.tags or index.dtype == "bool")
    again = index.last(COPIED) if isinstance(index, Data) and not mask else None
    if again is not None:
        return copied(found, again.site, again.by)
    if isinstance(index, Data) and "row-labels" in index.tags:
        order = index.order if index.source.known and index.source == data.source else None
        return every_column(found, lambda d: d.with_(order=order))
    moves = moves_of(call, index)
    return every_column(found.with_(order=data.order), lambda d: after(d, moves))


def _rows(call: Call, data: Data, index: Value) -> Data:
    site = call.site
    shape = data.shape
    if isinstance(index, Slice):
        if index.step == Const(-1):
            return data.with_(shape=shape)
        whole = index.start == Const(None) and index.stop == Const(None)
        if not whole:
            split_by_slicing(call, data, index)
        cut = data.with_(shape=(None, *shape[1:]) if shape and not whole else shape)
        if whole:
            return cut
        ends = [end for end in (index.start, index.stop) if end != Const(None)]
        chosen = all(isinstance(end, Const) for end in ends) and "shuffled" not in data.tags
        return every_column(
            cut, lambda d: d.with_(part=sliced_part(d.part), labels=some_classes(d.labels) if chosen else d.labels)
        )
    if isinstance(index, Data):
        tags = index.tags
        if "mask" in tags or index.dtype == "bool":
            split_by_mask(call, data, index)
            part = nothing() if "text-mask" in tags else data.part
            return every_column(
                data.with_(shape=(None, *shape[1:]) if shape else None),
                lambda d: d.with_(part=part, labels=some_classes(d.labels)),
            )
        parted = isinstance(index.split, Obj) and index.part.must_be("train", "val", "test")
        if "index" in tags or parted:
            part, split = index.part, index.split
            return every_column(
                data.with_(shape=(None, *shape[1:]) if shape else None),
                lambda d: d.with_(part=part, split=split, tags=d.tags | (tags & {"shuffled"})),
            )
        split_by_positions(call, data, index)
        return reordered(data, index, site)
    if isinstance(index, Const) and isinstance(index.value, int):
        return data.with_(shape=shape[1:] if shape else None, tags=data.tags | {"row"})
    if isinstance(index, Obj) and index.kind == "list" and not blind(call, index):
        data = every_column(data, lambda d: d.with_(labels=some_classes(d.labels)))
    return reordered(data, index, site)


def split_by_slicing(call: Call, data: Data, cut: Slice) -> None:
    """Record a split when both ``a[:n]`` and ``a[n:]`` have been taken."""
    source = data.source.value
    if source is None or cut.step != Const(None) or is_prediction(data) or "row" in data.tags:
        return
    head = cut.start in (Const(None), Const(0))
    if head == (cut.stop == Const(None) or (not head and call.engine.cuts_to_the_end(call.site))):
        return
    end = cut.stop if head else cut.start
    if not isinstance(end, Const) and any(step.kind == "concatenated" and step.by == ROWS for step in data.steps):
        return  # arrays that were put below one another are taken apart again
    place = f"{end.value}" if isinstance(end, Const) else "?"
    halved(call, data, "slice", head, place, shuffles=False)


def halved(call: Call, data: Data, kind: str, head: bool, key: str, *, shuffles: bool | None) -> None:
    """Note that one of two parts of rows was taken; record a split once both have been."""
    source = data.source.value
    if source is None:
        return
    what = f"{kind}:{data.columns.value}:{','.join(data.names or ())}:{key}"
    rows_of = Obj(source, "rows")
    call.set(rows_of, ("head:" if head else "tail:") + what, Const(True))
    if call.get(rows_of, ("tail:" if head else "head:") + what) is not None:
        call.program.splits.append(Split(call.site, kind, (data,), shuffles, order=call.tick()))


def split_by_mask(call: Call, data: Data, mask: Data) -> None:
    """Record a split when both ``a[mask]`` and ``a[~mask]`` have been taken, and the mask does not come from the rows."""
    inverted = NOT in mask.tags
    sites = [step.site for step in mask.steps if step.site is not None]
    drawn = mask.source.known and mask.source.value != data.source.value and "text-mask" not in mask.tags
    if drawn and len(sites) > inverted and not is_prediction(data):
        halved(call, data, "mask", not inverted, str(id(sites[-2 if inverted else -1])), shuffles=True)


NOT = "not"
"""Mark of a mask that was turned over."""


def split_by_positions(call: Call, data: Data, index: Data) -> None:
    """Record a split when the rows at both the first and the last places of one permutation have been taken."""
    if not index.order or "permutation" not in index.tags:
        return
    *before, last = index.order
    first, stop = (last.key[1] in (None, 0), last.key[2]) if last.key[0] == "slice" else (last.key == ("head",), None)
    if last.kind != "picked" or last.key[0] not in ("slice", "head", "tail") or (not first and stop is not None):
        return
    shuffle = next((move for move in reversed(before) if move.kind == "shuffled"), None)
    if shuffle is not None and not is_prediction(data):
        halved(call, data, "permutation", first, str(shuffle.key), shuffles=True)


def sliced_part(part: Fact[str]) -> Fact[str]:
    """A stretch of rows is part of what it is cut from; of all rows it may be either part."""
    return part if part.must_be("train", "test", "val") else nothing()


def some_classes(labels: Fact[Encoding]) -> Fact[Encoding]:
    """The labels of rows that were picked: which classes are left is not known."""
    return labels.map(lambda e: Encoding("integer") if e.kind == "integer" else e)


PLACES = "places"
"""The field of a list that was made of a range: positions chosen without a look at the rows."""


def blind(call: Call, index: Value) -> bool:
    """Whether these positions are proven to be chosen without a look at the classes."""
    if isinstance(index, Data):
        parted = isinstance(index.split, Obj) and index.part.must_be("train", "val", "test")
        return parted or bool(index.tags & {"permutation", "index", "arange"})
    if isinstance(index, Obj) and index.kind in ("list", "range"):
        return index.kind == "range" or call.get(index, PLACES) is not None
    return False


def reordered(data: Data, index: Value, site: Site | None) -> Data:
    """Rows in an order that is not known: counts as shuffled, since it may be."""
    same = isinstance(index, Data) and "permutation" in index.tags
    if isinstance(index, Data) and index.shape != () and any(move.kind == "picked" for move in index.order or ()):
        same = False  # the places of some rows only
    shape = data.shape

    def change(d: Data) -> Data:
        kept = d if same else d.with_(part=sliced_part(d.part))
        if isinstance(index, Data) and not same and not index.tags & {"permutation", "index"}:
            kept = kept.with_(labels=some_classes(kept.labels))
        return kept.did("shuffled", site, tags=kept.tags | {"shuffled"})

    one = isinstance(index, Data) and index.shape == ()
    left = None if not shape or index is UNKNOWN else shape[1:] if one else (None, *shape[1:])
    return every_column(data.with_(shape=left), change)


def shuffled(data: Data, site: Site | None, key: tuple[Any, ...] | None = None) -> Data:
    """The same rows in random order; shuffles of equal keys give the same order."""
    moves = None if key is None else (Move("shuffled", key, site),)
    return every_column(data, lambda d: after(d.did("shuffled", site, tags=d.tags | {"shuffled"}), moves))


def after(data: Data, moves: tuple[Move, ...] | None) -> Data:
    """Data after rows were moved; None for moves that are not known."""
    if moves == () or data.order is None:
        return data
    order = None if moves is None else (*data.order, *moves)
    return data.with_(order=None if order is None or len(order) > MANY_MOVES else order)


def moves_of(call: Call, index: Value) -> tuple[Move, ...] | None:
    """What indexing with this does to the rows; None where that is not known."""
    site = call.site
    if isinstance(index, Slice):
        return _cut(call, index)
    if isinstance(index, Data):
        if "computed" in index.tags:
            return None
        parted = isinstance(index.split, Obj) and index.part.must_be("train", "val", "test")
        if "index" in index.tags or parted:
            number = index.split.id if isinstance(index.split, Obj) else None
            return None if number is None else (Move("picked", ("index", number, index.part.value), site),)
        if "mask" in index.tags or index.dtype == "bool":
            where = index.steps[-1].site if index.steps else None
            return None if where is None else (Move("picked", ("mask", id(where)), site),)
        return index.order if index.tags & {"permutation", "arange"} else None
    if isinstance(index, Const) and isinstance(index.value, int):
        return (Move("picked", ("row", index.value), site),)
    if isinstance(index, Obj) and index.kind in ("list", "range"):
        items = call.items(index)
        if items is not None and all(isinstance(item, Const) for item in items):
            return (Move("picked", ("rows", *map(constant, items)), site),)
        if index.kind == "range":
            return (Move("picked", ("range", index.id), site),)
        return order_of_list(call, index) if call.get(index, ORDER) is not None else None
    return None


def _cut(call: Call, cut: Slice) -> tuple[Move, ...] | None:
    site = call.site
    ends = (cut.start, cut.stop, cut.step)
    if cut.start == cut.stop == Const(None) and cut.step in (Const(None), Const(1)):
        return ()
    if all(isinstance(end, Const) for end in ends):
        return (Move("picked", ("slice", *(constant(end) for end in ends)), site),)
    if cut.step != Const(None):
        return None
    if cut.start in (Const(None), Const(0)):
        return (Move("picked", ("head",), site),)
    somewhere = ("cut", call.new("cut").id)  # a stretch like no other
    return (Move("picked", ("tail",) if cut.stop == Const(None) else somewhere, site),)


def one_pass(call: Call, item: Value, over: Value) -> Value:
    """What one pass over something gives: where it is shuffled anew for each, rows in an order of this pass alone."""
    if isinstance(item, Tuple):
        return Tuple(tuple(one_pass(call, each, over) for each in item.items))
    if not isinstance(item, Data) or RESHUFFLED not in item.tags:
        return item
    number = over.id if isinstance(over, Obj) else 0
    moves = (Move("shuffled", (PASS, call.new(PASS).id, number), call.site),)
    return every_column(item, lambda d: after(d, moves).with_(tags=d.tags - {RESHUFFLED}))


ORDER = "order"
"""The field of a list that keeps the moves of its items."""
MANY_MOVES = 12


def order_of_list(call: Call, value: Value) -> tuple[Move, ...] | None:
    """What was done to the order of a list's items."""
    found = call.get(value, ORDER) if isinstance(value, Obj) else None
    if found is None:
        return ()
    return found.value if isinstance(found, Const) else None


# -- drawing at random ------------------------------------------------------------------------------------------------
GENERATORS = {name: Obj(-1 - index, "random") for index, name in enumerate(("numpy", "random", "torch", "tensorflow"))}
"""The global random generators; their fields say where they were seeded and how often they were used since."""


UNSEEN = Obj(-1 - len(GENERATORS), "random")
"""Its field ``at`` says which code that cannot be seen ran last: it may have seeded the global generators."""


def caught_up(call: Call, generator: Value) -> None:
    """A global generator that unseen code may have seeded counts from there."""
    at = call.get(UNSEEN, "at")
    if at is None or generator not in GENERATORS.values() or (at == call.get(generator, "at") and at is not UNKNOWN):
        return
    for name, value in (("origin", at), ("count", Const(0)), ("at", at)):
        call.set(generator, name, value)


def draw(call: Call, generator: Value) -> tuple[Any, ...]:
    """The key of what a generator gives next."""
    caught_up(call, generator)
    origin = call.get(generator, "origin")
    if origin is None:
        return ("free", call.new("draw").id, 0)
    count = call.get(generator, "count")
    if not isinstance(origin, Const) or not isinstance(count, Const):  # from here on it counts from a place of its own
        reseed(call, generator, UNKNOWN)
        origin, count = call.get(generator, "origin"), Const(0)
        if not isinstance(origin, Const):
            return ("maybe", call.new("draw").id, 0)
    call.set(generator, "count", Const(count.value + 1))
    return (*origin.value, count.value)


def reseed(call: Call, generator: Value, seed: Value) -> None:
    """Seed a generator anew."""
    settle(call, generator, Const(origin_of(call, seed)), Const(0))


def settle(call: Call, generator: Value, origin: Value, count: Value) -> None:
    """Let a generator count from a place, whatever unseen code did before."""
    for name, value in (("origin", origin), ("count", count), ("at", call.get(UNSEEN, "at") or Const(None))):
        call.set(generator, name, value)


def origin_of(call: Call, seed: Value) -> tuple[Any, ...]:
    """Where the numbers of a seed come from: equal origins give the same numbers."""
    if seed == Const(None):
        return ("free", call.new("draw").id)
    if isinstance(seed, Const):
        return ("seed", seed.value)
    return ("maybe", call.new("draw").id)


def key_of(call: Call, random_state: Value) -> tuple[Any, ...]:
    """The key of a shuffle that is given a ``random_state``."""
    if random_state == Const(None):
        return draw(call, GENERATORS["numpy"])
    if isinstance(random_state, Obj):
        return draw(call, random_state)
    return (*origin_of(call, random_state), 0)


def paired(call: Call, by: str, x: Value, y: Value, y_site: Site | None) -> None:
    """Record that features and labels are put together row by row."""
    features, labels = as_data(call, single(x)), as_data(call, single(y))
    if features is not None and labels is not None:
        call.program.pairs.append(Pair(call.site, by, features, labels, y_site))


# -- labels -----------------------------------------------------------------------------------------------------------
def shifted(data: Data, by: int, site: Site | None) -> Data:
    """``data + by`` for whole numbers."""

    def move(encoding: Encoding) -> Encoding | None:
        if encoding.kind != "integer":
            return encoding if encoding.kind in ("continuous", "scaled") else None
        low = None if encoding.low is None else encoding.low + by
        high = None if encoding.high is None else encoding.high + by
        return Encoding("integer", low, high, encoding.count)

    bounds = None if data.bounds is None else (data.bounds[0] + by, data.bounds[1] + by)
    return data.did("shifted", site, str(by), labels=data.labels.map(move), space=UNKNOWN, bounds=bounds)


def scaled_labels(labels: Fact[Encoding], site: Site | None, *, onto_unit: bool) -> Fact[Encoding]:
    """Class labels after scaling: no classes any more, unless two of them are mapped onto 0 and 1."""

    def scale(encoding: Encoding) -> Encoding:
        if encoding.kind == "integer" and onto_unit:
            two = encoding.count == 2
            if encoding.low is not None and encoding.high is not None and encoding.high - encoding.low == 1:
                two = True
            if two:
                return Encoding("integer", 0, 1, 2)
        if encoding.kind in ("one-hot", "multi-hot") and onto_unit:
            return encoding
        return encoding if encoding.kind == "continuous" else Encoding("scaled")

    mapped = labels.map(scale)
    return Fact(tuple((value, site) for value in mapped.values)) if mapped.known else mapped


def scaled(data: Data, site: Site | None, by: Value | str, *, onto_unit: bool) -> Data:
    """Data that went through a scaler."""

    def change(d: Data) -> Data:
        harmless = bool(d.labels.known) and scaled_labels(d.labels, site, onto_unit=onto_unit).must(
            lambda e: e.kind in ("integer", "one-hot", "multi-hot")
        )
        labels = scaled_labels(d.labels, site, onto_unit=onto_unit)
        kind = "fitted-transform" if harmless else "scaled"
        return d.did(kind, site, by, labels=labels, dtype="float", bounds=(0.0, 1.0) if onto_unit else None)

    return every_column(data, change)


def one_hot(
    call: Call,
    data: Data,
    *,
    count: int | None = None,
    kind: str = "one-hot",
    name: str = "",
    dtype: str | None = None,
) -> Data:
    """Labels written as one column a class; ``count`` classes, else as many as the labels are proven to have."""
    if count is None and data.labels.must(lambda e: e.kind in ("integer", "text") and e.count is not None):
        counts = {e.count for e in data.labels.values}
        count = counts.pop() if len(counts) == 1 else None
    labels = known(Encoding(kind, count=count), call.site)
    units = nothing() if count is None else known(count, call.site)
    made = data.did("one-hot", call.site, name, labels=labels, units=units, shape=(None, count), names=None, made=())
    return made.with_(dtype=dtype, bounds=(0.0, 1.0))


def decoded(data: Data, site: Site | None) -> Data:
    """The class numbers of one-hot labels, or of a prediction's largest score."""

    def number(encoding: Encoding) -> Encoding | None:
        if encoding.kind == "one-hot":
            count = encoding.count
            return Encoding("integer", 0, None if count is None else count - 1, count)
        return encoding if encoding.kind == "integer" and is_prediction(data) else None

    shape = data.shape[:-1] if data.shape and len(data.shape) > 1 else None
    labels = data.labels.map(number)
    if is_prediction(data):
        return hard(data, site).with_(labels=labels, shape=shape)
    scale = known("hard", site) if data.scale.known else nothing()
    numbers = data.did("decoded", site, "argmax", labels=labels, scale=scale, units=nothing(), shape=shape, dtype="int")
    return numbers.with_(bounds=None)


def is_prediction(data: Data) -> bool:
    """Whether this came out of a model."""
    return data.scale.known or "prediction" in data.tags or data.layer is not None or data.model is not None


def decide(call: Call, kind: str, scores: Data, axis: Value = UNKNOWN, threshold: Value = UNKNOWN) -> None:
    """Record that scores are turned into classes."""
    call.program.decisions.append(Decision(call.site, kind, scores, axis, threshold))


def hard(data: Data, site: Site | None) -> Data:
    """Scores turned into classes."""
    return data.did(
        "decoded",
        site,
        "threshold",
        scale=known("hard", site),
        layer=None,
        units=nothing(),
        dtype="int",
        grad=False,
        bounds=None,
        tags=data.tags | {"prediction"},
    )


# -- statistics and hand-written scaling ------------------------------------------------------------------------------
def statistic(data: Data, name: str) -> Data:
    """A statistic over the rows of data: remembers whose rows."""
    return Data(
        source=data.source,
        part=data.part,
        split=data.split,
        columns=data.columns,
        names=data.names,
        dropped=data.dropped,
        space=UNKNOWN,
        dtype="float",
        grad=data.grad,
        measure=data.measure,
        tags=frozenset({f"statistic:{name}"}) | (data.tags & {"column"}),
    )


def statistics(value: Value) -> set[str]:
    """The names of the statistics a value is."""
    if not isinstance(value, Data):
        return set()
    return {tag.partition(":")[2] for tag in value.tags if tag.startswith("statistic:")}


def learnt(call: Call, name: str, data: Data, stat: Data) -> None:
    """Record that something was learnt from rows by hand: ``(x - x.mean()) / x.std()``."""
    seen = data.with_(source=stat.source if stat.source.known else data.source, part=stat.part, split=stat.split)
    sources = stat.source.value, data.source.value
    elsewhere = None not in sources and sources[0] != sources[1] and stat.part.cannot_be("test", "val")
    call.program.transforms.append(
        Transform(call.site, "sklearn", name, "transform", UNKNOWN, data, earlier_data=seen, order=call.tick())
        if elsewhere
        else Transform(call.site, "sklearn", name, "fit_transform", UNKNOWN, seen, order=call.tick())
    )


# -- metrics ----------------------------------------------------------------------------------------------------------
def scored(call: Call, by: str, model: Value, rows: Data | None, kind: str = "rows") -> Data:
    """Record that a model is measured on rows, or on what it predicted for them; the number that comes out."""
    if model is UNKNOWN and rows is not None and rows.model is not None:
        model = rows.model
    call.program.scores.append(Score(call.site, by, model, rows, kind, call.tick(), call.engine.loops))
    number = Data(space=UNKNOWN, dtype="float", shape=())
    return number if rows is None else number.with_(measure=Measure(rows.rows, by, call.site))


def predicts(call: Call, framework: str, model: Value, x: Data | None, x_site: Site | None = None) -> None:
    """Record that a model is given features."""
    if x is not None:
        call.program.predictions.append(
            Prediction(call.site, model, x, framework, call.tick(), x_site, call.engine.loops)
        )


def measures_of(value: Value) -> list[Measure]:
    """What the numbers that a value may be say about a model."""
    return [option.measure for option in options(value) if isinstance(option, Data) and option.measure is not None]


def decides(call: Call, value: Value, how: str) -> None:
    """Record that a score decides something."""
    for measure in measures_of(value)[:1]:
        call.program.selections.append(Selection(call.site, measure, how, call.tick(), call.engine.loops))


def ranked(call: Call, left: Value, right: Value) -> None:
    """Record that two scores on the same rows are compared: the better one is to be kept."""
    others = measures_of(right)
    for measure in measures_of(left):
        if any(measure.rows.same(other.rows) for other in others):
            decides(call, left, "the best one is kept")
            return


def comparison(call: Call, left: Argument, right: Argument) -> None:
    """Record ``prediction == labels`` as an accuracy computed by hand."""
    first, second = left, right
    if isinstance(left.value, Data) and left.value.scale.must_be("hard") and not _hard(right.value):
        first, second = right, left
    call.program.metrics.append(
        MetricUse(call.site, "numpy", "accuracy", first, second, symmetric=True, order=call.tick())
    )


def seen_rows(prediction: Value, truth: Value) -> Data | None:
    """The rows that a metric measures a model on: those of the prediction, else those of the labels."""
    found = [value for value in (prediction, truth) if isinstance(value, Data)]
    known_ = [data for data in found if data.source.value is not None]
    if not known_:
        return found[0] if found else None
    rows_ = known_[0]
    model = found[0].model
    return rows_ if rows_.model is not None or model is None else rows_.with_(model=model)


def _hard(value: Value) -> bool:
    return isinstance(value, Data) and value.scale.must_be("hard")


def single(value: Value) -> Value:
    """The only option of a choice after None was left out."""
    if isinstance(value, Choice):
        left = [option for option in value.options if option != Const(None)]
        return left[0] if len(left) == 1 else value
    return value


def cast(data: Data, dtype: Value, site: Site | None) -> Data:
    """``data.astype(dtype)``: the labels stay what they are."""
    name = dtype_name(dtype)
    if name is None or name == data.dtype:
        return data.with_(dtype=name or data.dtype)

    def change(d: Data) -> Data:
        if d.scale.must_be("sigmoid", "softmax") and name.startswith(("int", "bool")):
            return hard(d, site).with_(dtype=name)
        labels = d.labels if name.startswith(("str", "object", "categ")) else d.labels.map(_in_figures)
        return d.did("cast", site, name, dtype=name, labels=labels)

    return every_column(data, change)


def written_out(data: Data) -> bool:
    """Whether these are class numbers written as text."""
    return data.labels.must(lambda e: e.kind == "text" and e.low is not None)


def _in_figures(encoding: Encoding) -> Encoding:
    """Class numbers that were written as text, as numbers."""
    figures = encoding.kind == "text" and encoding.low is not None
    return replace(encoding, kind="integer") if figures else encoding


_DTYPES = {"float": "float64", "int": "int64", "bool": "bool", "str": "str", "object": "object"}


def dtype_name(dtype: Value) -> str | None:
    """``np.float32``, ``"float32"``, ``float`` as a name."""
    if isinstance(dtype, Const) and isinstance(dtype.value, str):
        return _DTYPES.get(dtype.value, dtype.value)
    if isinstance(dtype, Name):
        last = dtype.path.rpartition(".")[2]
        return _DTYPES.get(last, last).rstrip("_")
    shown = repr(dtype)
    if shown.startswith("builtin "):
        return _DTYPES.get(shown[8:])
    return None


ROWS = "rows"
"""What puts arrays below one another, in the step ``concatenated``."""


# -- putting together -------------------------------------------------------------------------------------------------
def concatenated(call: Call, items: list[Value], *, by_columns: bool) -> Value:
    """Arrays put side by side or below one another."""
    datas = [as_data(call, single(item)) for item in items]
    found = [data for data in datas if data is not None]
    if by_columns and not found:
        return UNKNOWN
    if len(found) != len(datas):
        tags = found[0].tags & {"frame"} if found else frozenset()
        if by_columns:
            return Data(source=found[0].source, part=found[0].part, space=UNKNOWN, tags=tags)
        return Data(space=UNKNOWN, tags=tags).did("concatenated", call.site, ROWS)
    if by_columns:
        return side_by_side(call, found)
    if not found:
        return UNKNOWN
    joined = found[0]
    labels = joined.labels
    for other in found[1:]:
        labels = union(labels, other.labels)
        joined = join_data(joined, other)
    ranks = {None if data.shape is None else len(data.shape) for data in found}
    rank = ranks.pop() if len(ranks) == 1 else None
    shape = (None, *(joined.shape or (None,) * rank)[1:]) if rank else None
    tables = all("frame" in data.tags and not is_column(data) and data.chosen is not None for data in found)
    joined = joined.with_(labels=labels, shape=shape, order=(), chosen=None).did("concatenated", call.site, ROWS)
    if tables:
        joined = new_table(call, joined.with_(names=None))
    again = next((step for data in found if (step := data.last(COPIED)) is not None), None)
    if again is not None or _twice(found):
        site, by = (call.site, "concat") if again is None else (again.site, again.by)
        joined = copied(joined, site, by)
    alone = {data.bounds for data in found if data.bounds is not None and data.bounds[0] == data.bounds[1]}
    return joined.did(BY_CLASS, call.site) if len(alone) == len(found) > 1 else joined


def copied(data: Data, site: Site | None, by: Value | str | None) -> Data:
    """Data in which some rows are there more than once from here on."""
    if data.last(COPIED) is not None:
        return data
    return every_column(data, lambda d: d.did(COPIED, site, by, order=None))


def _twice(found: list[Data]) -> bool:
    """Whether some rows are proven to be among several of these."""
    kept = [data.rows for data in found if data.order is not None and data.source.value is not None]
    return any(a.within(b) or b.within(a) for index, a in enumerate(kept) for b in kept[:index])


def side_by_side(call: Call, found: list[Data]) -> Data:
    """Columns of several arrays over the same rows."""
    joined = found[0]
    for other in found[1:]:
        joined = join_data(joined, other)
    source = next((data.source for data in found if data.source.known), nothing())
    kinds = {kind for data in found for kind in data.columns.values}
    all_known = all(data.columns.known for data in found)
    both = "both" in kinds or {"features", "target"} <= kinds or any(is_column(data) for data in found)
    columns_fact = known("both", call.site) if both else known("features", call.site) if all_known else nothing()
    names: tuple[str, ...] | None = ()
    for data in found:
        names = None if names is None or data.names is None else (*names, *data.names)
    kept = tuple(pair for data in found for pair in data.made)
    for data in found:
        if data.names is not None and len(data.names) == 1 and not data.made and data.labels.known:
            kept = (*kept, (data.names[0], data))
    labels = joined.labels if len(found) == 1 else nothing()
    merged = joined.with_(
        source=source,
        columns=columns_fact,
        names=names,
        made=kept,
        labels=labels,
        shape=(None, None) if any("frame" in d.tags or (d.shape and len(d.shape) == 2) for d in found) else None,
        tags=joined.tags - {"column"},
        chosen=None,
    )
    return merged.did("concatenated", call.site)


# -- what all rows say, as columns ------------------------------------------------------------------------------------
GROUP_TABLE = "groups"
"""Mark of a table with one row a group."""


def aggregates(value: Value) -> tuple[Step, ...]:
    """What all rows said about some column that this was made of."""
    if not isinstance(value, Data):
        return ()
    return tuple(dict.fromkeys(_aggregates(value)))


def _aggregates(data: Data) -> Iterable[Step]:
    yield from (step for step in data.steps if step.kind == AGGREGATED)
    for _, column in data.made:
        yield from (step for step in column.steps if step.kind == AGGREGATED)


def looked_up(data: Data, value: Value) -> Data:
    """Data whose values were replaced by what a table says about them."""
    found = tuple(step for step in aggregates(value) if step not in data.steps)
    return data.with_(steps=(*data.steps, *found)[-24:]) if found else data


def merged(frame: Data, other: Value) -> Data:
    """A frame that got the columns of a table of groups, too."""
    if not isinstance(other, Data) or GROUP_TABLE not in other.tags:
        return frame
    more = tuple((_other_name(name, column), column) for name, column in other.made)
    return frame.with_(made=(*frame.made, *more)[-24:])


def _other_name(name: str, column: Data) -> str:
    """A column that would be called as the one it was made of is called otherwise; how, is not known."""
    made_of = [step.by.items[0] for step in column.steps if isinstance(step.by, Tuple)]
    return f"{name}?" if Const(name) in made_of else name
