"""pandas: frames and series as data with named columns. Their methods are in ``data_methods``."""

from __future__ import annotations

from mllint.facts import Fact, known, nothing
from mllint.frameworks import data_methods, lineage
from mllint.frameworks import pandas_groups as pandas_groups  # its rows
from mllint.frameworks.table import Call, alias, method, row
from mllint.program import Argument, Encode
from mllint.values import FALSE, NONE, UNKNOWN, Const, Data, Encoding, Obj, Slice, Tuple, Value, constant

READERS = (
    "read_csv", "read_table", "read_excel", "read_json", "read_parquet", "read_pickle", "read_feather", "read_hdf", "read_sql", "read_sql_query",
    "read_sql_table", "read_fwf", "read_stata", "read_sas", "read_spss", "read_html", "read_orc", "read_xml", "read_clipboard",
)  # fmt: skip


@row(*(f"pandas.{name}" for name in READERS), *(f"dask.dataframe.{name}" for name in READERS))
def read_frame(
    call: Call,
    filepath_or_buffer: Value,
    names: Value = NONE,
    usecols: Value = NONE,
    index_col: Value = NONE,
    **rest: Value,
) -> Value:
    listed = lineage.texts(call, names) if names != NONE and call.complete else None
    if listed is None and usecols != NONE and call.complete:
        listed = lineage.texts(call, usecols)
    if listed is not None and index_col != NONE:
        index = constant(index_col)
        left = tuple(n for i, n in enumerate(listed) if index not in (i, n))
        listed = left if isinstance(index, (int, str)) else None
    both = known("both", call.site)
    shape = (None, None) if call.complete and not rest.keys() & {"squeeze", "chunksize", "iterator"} else None
    return lineage.read(call, filepath_or_buffer, columns=both, names=listed, shape=shape, tags=frozenset({"frame"}))


@row("pandas.DataFrame")
def frame(
    call: Call, data: Value = NONE, index: Value = NONE, columns: Value = NONE, dtype: Value = NONE, **rest: Value
) -> Value:
    names = lineage.texts(call, columns) if columns != NONE else None
    tags = frozenset({"frame"})
    pairs = call.mapping(data) if isinstance(data, Obj) else None
    if pairs is not None:
        built = lineage.fresh(call, columns=known("both", call.site), tags=tags, names=(), shape=(None, None))
        for key, value in pairs:
            name = constant(key)
            content = lineage.as_data(call, value)
            if content is not None and not built.source.join(content.source).known:
                content = content.with_(source=built.source)
            if isinstance(content, Data) and len(pairs) and isinstance(value, Data) and content.source.known:
                built = built.with_(source=content.source, part=content.part)
            built = lineage.with_column(built, (str(name),), content or UNKNOWN, call.site)
        return lineage.new_table(call, built)
    content = lineage.as_data(call, data)
    if content is None:
        return lineage.fresh(call, columns=nothing(), names=names, tags=tags, space=UNKNOWN, shape=(None, None))
    if "frame" in content.tags and columns != NONE and names is not None and content.names is not None:
        return lineage.columns(content, names, call.site)
    shape = content.shape if content.shape is not None and len(content.shape) == 2 else (None, None)
    if content.shape is not None and len(content.shape) == 1:
        shape = (*content.shape, 1)
    made = content.with_(
        tags=(content.tags - {"column"}) | tags, names=names or content.names, dropped=content.dropped, shape=shape
    )
    renamed = columns != NONE and not lineage.is_names(columns) and names != content.names
    return lineage.new_table(call, made) if content.chosen is None or renamed else made


@row("pandas.Series")
def series(
    call: Call, data: Value = NONE, index: Value = NONE, dtype: Value = NONE, name: Value = NONE, **rest: Value
) -> Value:
    content = lineage.as_data(call, data)
    if content is None:
        return lineage.fresh(call, space=UNKNOWN, tags=frozenset({"column"}), shape=(None,))
    text = constant(name)
    names = (text,) if isinstance(text, str) else content.names
    return content.with_(tags=content.tags | {"column"}, names=names, shape=content.shape or (None,))


@row("pandas.get_dummies")
def get_dummies(
    call: Call,
    data: Value,
    prefix: Value = NONE,
    prefix_sep: Value = NONE,
    dummy_na: Value = FALSE,
    columns: Value = NONE,
    sparse: Value = FALSE,
    drop_first: Value = FALSE,
    dtype: Value = NONE,
) -> Value:
    content = lineage.as_data(call, data)
    if content is None:
        return UNKNOWN
    classes = lineage.is_column(content) or content.labels.must(lambda e: e.kind in ("integer", "text"))
    if classes and columns == NONE:
        call.program.encodes.append(Encode(call.site, "get_dummies", content, call.where("data"), Argument()))
        if drop_first != FALSE:
            return data_methods.transformed(content)
        return lineage.one_hot(call, content, name="get_dummies")
    return lineage.another_table(content.with_(names=None, made=(), shape=(None, None)), call.site)


@row("pandas.factorize")
def factorize(call: Call, values: Value, **rest: Value) -> Value:
    content = lineage.as_data(call, values)
    if content is None:
        return UNKNOWN
    encoder = call.new("pandas.factorize")
    return Tuple((data_methods.coded(call, content, encoder), data_methods.distinct(content)))


@row("pandas.Categorical")
def categorical(call: Call, values: Value, categories: Value = NONE, **rest: Value) -> Value:
    content = lineage.as_data(call, values)
    if content is None:
        return UNKNOWN
    names = call.items(categories) if categories != NONE else None
    if names is not None:
        content = content.with_(labels=known(Encoding("text", count=len(names)), call.site))
    obj = call.new("pandas.categorical", data=content)
    call.set(obj, "codes", data_methods.coded(call, content, obj))
    return obj


@row("pandas.cut", "pandas.qcut")
def cut(
    call: Call,
    x: Value,
    bins: Value = UNKNOWN,
    right: Value = UNKNOWN,
    labels: Value = NONE,
    q: Value = UNKNOWN,
    **rest: Value,
) -> Value:
    content = lineage.as_data(call, x)
    if content is None:
        return UNKNOWN
    if call.path.endswith("qcut") and len(call.positional) > 2 and "labels" not in call.keywords:
        labels = call.positional[2][0]
    quantiles = q if bins is UNKNOWN else bins
    step = data_methods.transformed(content).did("encoded", call.site, call.path.rpartition(".")[2])
    step = step.with_(tags=step.tags | {"column"})
    if labels == FALSE:
        edges = call.items(quantiles)
        number = constant(quantiles)
        count = number if isinstance(number, int) else len(edges) - 1 if edges is not None else None
        encoding = Encoding("integer", 0, None if count is None else count - 1, count)
        return step.with_(labels=known(encoding, call.site), dtype="int64", space=UNKNOWN)
    named = call.items(labels)
    found = None
    if named is not None and all(isinstance(each, Const) for each in named):
        found = lineage.encoding_of([constant(each) for each in named])
    return step if found is None else step.with_(labels=known(found, call.where("labels") or call.site))


@row("pandas.concat")
def concat(call: Call, objs: Value, axis: Value = data_methods.ROWS, **rest: Value) -> Value:
    items = call.items(objs)
    if items is None or (UNKNOWN in items and isinstance(objs, Obj)):
        content = lineage.as_data(call, objs)
        return UNKNOWN if content is None else content.with_(names=None, made=(), chosen=None, order=None)
    return lineage.concatenated(call, items, by_columns=axis in (Const(1), Const("columns")))


@row("pandas.merge")
def merge(call: Call, left: Value, right: Value, **rest: Value) -> Value:
    if not isinstance(left, Data):
        return UNKNOWN
    left = lineage.merged(left, right)
    return lineage.another_table(left.with_(names=None, shape=(None, None), order=None), call.site)


@row("pandas.to_numeric", "pandas.to_datetime")
def converted(call: Call, arg: Value, **rest: Value) -> Value:
    content = lineage.as_data(call, arg)
    if content is None:
        return UNKNOWN
    return lineage.cast(content, Const("int64"), call.site) if lineage.written_out(content) else content


@row("pandas.isna", "pandas.isnull", "pandas.notna", "pandas.notnull")
def missing(call: Call, obj: Value) -> Value:
    return data_methods.boolean(call, obj) if isinstance(obj, Data) else UNKNOWN


@row("pandas.unique")
def unique(call: Call, values: Value) -> Value:
    return data_methods.distinct(values) if isinstance(values, Data) else UNKNOWN


@method(("pandas.loc", "pandas.iloc"), "__setitem__")
def set_located(call: Call, indexer: Value, index: Value, value: Value) -> Value:
    """``frame.loc[rows, "name"] = value``: the frame after it."""
    frame = call.get(indexer, "frame")
    if not isinstance(frame, Data):
        return NONE
    rows, columns = index.items if isinstance(index, Tuple) and len(index.items) == 2 else (index, NONE)
    whole = isinstance(rows, Slice) and rows.start == rows.stop == NONE
    if "column" in frame.tags:
        return frame.with_(labels=overwritten(frame, value), space=UNKNOWN, bounds=None)
    names = lineage.texts(call, columns) if columns != NONE else None
    if names is None or whole:
        return lineage.with_column(frame, names, value, call.site)
    for name in names:
        before = lineage.made(frame, name)
        after: Value = UNKNOWN
        if before is not None:
            after = before.with_(labels=overwritten(before, value), space=UNKNOWN, bounds=None)
        frame = lineage.with_column(frame, (name,), after, call.site)
    return frame


def overwritten(column: Data, value: Value) -> Fact[Encoding]:
    """The labels of a column after some rows were given this value: which of the old ones are left is not known."""
    put = lineage.constant_labels(value)
    before = column.labels.value
    if put is None or before is None or before.kind != put.kind:
        return nothing()
    if before.count == 1 or before == put:
        return lineage.union(column.labels, known(put, column.labels.site))
    return lineage.some_classes(column.labels)


alias("pandas.DataFrame", "pandas.core.frame.DataFrame", "pandas.DataFrame.from_dict", "pandas.DataFrame.from_records")
