"""Methods, attributes and operators of ``Data``: what arrays, frames, series and tensors have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as replace_fields

from mllint.facts import Fact, known, nothing
from mllint.frameworks import lineage, shapes, torch_shapes
from mllint.frameworks.table import Call, attribute, method, row
from mllint.program import Argument, Broadcast, Encode, Split
from mllint.values import (
    FALSE,
    NONE,
    SEVERAL_ONES,
    THRESHOLDS,
    TRUE,
    UNKNOWN,
    WHOLE,
    Applied,
    Choice,
    Columns,
    Const,
    Data,
    Encoding,
    Layer,
    Move,
    Name,
    Obj,
    Slice,
    Step,
    Tuple,
    Value,
    constant,
    options,
)

ROWS = Const(0)
LAST = Const(-1)
POSITIONS = frozenset({"permutation", "arange", "index"})
"""Marks of arrays of row numbers."""


# -- same data, other form --------------------------------------------------------------------------------------------
@method(
    "Data", "copy", "clone", "to", "cuda", "cpu", "contiguous", "numpy", "as_in_context", "as_in_ctx", "copyto", "as_nd_ndarray",
    "as_np_ndarray", "toarray", "todense", "tocsr", "tocsc", "tolist", "asnumpy", "to_list", "to_numpy", "pin_memory", "eval", "compute", "persist",
    "infer_objects", "convert_dtypes", "reset_index", "set_index", "sort_index", "rename_axis", "requires_grad_", "set_shape", "to_dense",
    "asarray", "as_matrix", "get_values", "block_until_ready", "to_sparse", "set_axis", "droplevel",
)  # fmt: skip
def same(call: Call, data: Data, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    if name == "to":
        for value, _ in call.positional:
            if isinstance(value, Name) and lineage.dtype_name(value) is not None and value.path.startswith("torch."):
                return lineage.cast(data, value, call.site)
    if name == "to_numpy" and call.argument("dtype").given:
        return lineage.cast(data, call.argument("dtype").value, call.site)
    if name in ("set_index", "reset_index", "sort_index", "set_axis", "droplevel"):
        changed = relabelled(call, data, name)
        return in_place(call, data, changed, rest.get("inplace", FALSE)) if rest.get("inplace") == TRUE else changed
    if rest.get("inplace") == TRUE:
        return NONE
    if name == "requires_grad_":
        return data.with_(grad=True)
    if name in ("tolist", "to_list"):
        return data.with_(tags=data.tags | {"list"})
    return data


def relabelled(call: Call, data: Data, name: str) -> Data:
    """What pandas' methods for labels do to columns and to the order of rows."""
    if name == "sort_index" or data.chosen is None:
        return data.with_(order=None) if name == "sort_index" else data
    if name == "reset_index":
        dropped = call.argument("drop").value == TRUE or lineage.is_column(data)
        return data if dropped else data.with_(chosen=lineage.anew(data.chosen, call.site, site=data.chosen.site))
    given = call.positional[0][0] if call.positional else call.argument("keys").value
    keys = lineage.texts(call, given) if name == "set_index" else None
    if keys is None or call.argument("drop").value == FALSE:
        return data.with_(chosen=None)
    return data.with_(chosen=lineage.fewer(data.chosen, keys, call.site))


@method("Data", "detach", "detach_", "stop_gradient")
def detach(call: Call, data: Data) -> Value:
    return data.with_(grad=False)


@method("Data", "item", "asscalar")
def item(call: Call, data: Data) -> Value:
    return data.with_(grad=False)


@attribute("Data", "data")
def raw(call: Call, data: Data) -> Value:
    return data.with_(grad=False) if data.grad else data


@attribute("Data", "values", "array", "to_frame", "real", "mT")
def values(call: Call, data: Data) -> Value:
    return data


@attribute("Data", "T")
def transposed(call: Call, data: Data) -> Value:
    shape = None if data.shape is None else tuple(reversed(data.shape))
    return data.with_(shape=shape, units=nothing(), names=None, made=(), columns=nothing(), chosen=None, order=None)


@attribute("Data", "shape")
def shape_of(call: Call, data: Data) -> Value:
    if data.shape is None:
        return UNKNOWN
    return Tuple(tuple(_size(data, index) for index in range(len(data.shape))))


BATCH = Name("?.batch")
"""The unknown size of a batch axis: whatever it is, the same for all tensors of the batch."""


def _size(data: Data, index: int) -> Value:
    shape = data.shape or ()
    if shape[index] is not None:
        return Const(shape[index])
    return BATCH if index == 0 and len(shape) > 1 and torch_shapes.REGROUPED not in data.tags else UNKNOWN


@attribute("Data", "columns")
def column_names(call: Call, data: Data) -> Value:
    if data.names is None or data.made:
        return lineage.names_of(data)
    return call.engine.new("list", call.site, {"items": Tuple(tuple(Const(name) for name in data.names))})


@method("Data", "keys")
def keys(call: Call, data: Data) -> Value:
    return (column_names(call, data) or UNKNOWN) if is_frame(data) else UNKNOWN


@attribute("Data", "index")
def row_labels(call: Call, data: Data) -> Value:
    return Data(source=data.source, order=data.order, space=UNKNOWN, tags=frozenset({"row-labels"}))


@attribute("Data", "dtype", "ndim", "device", "grad", "grad_fn", "is_leaf", "requires_grad", "flags", "dtypes")
def unknown_attribute(call: Call, data: Data) -> Value:
    return UNKNOWN


@attribute("Data", "iloc", "iat")
def iloc(call: Call, data: Data) -> Value:
    return call.new("pandas.iloc", frame=data)


@attribute("Data", "loc", "at", "ix")
def loc(call: Call, data: Data) -> Value:
    return call.new("pandas.loc", frame=data)


@attribute("Data", "cat")
def categories_of(call: Call, data: Data) -> Value:
    return call.new("pandas.cat", data=data)


@attribute("Data", "str", "dt", "plot")
def accessor(call: Call, data: Data) -> Value:
    return call.new("pandas.accessor", data=data)


@method("pandas.accessor", "*")
def accessor_method(call: Call, accessor: Value, **rest: Value) -> Value:
    data = call.get(accessor, "data")
    name = call.path.rpartition(".")[2]
    if isinstance(data, Data) and name == "get_dummies" and rest.keys() & {"sep"}:
        return lineage.one_hot(call, data, kind="multi-hot", name="str.get_dummies")
    if isinstance(data, Data) and name == "split" and "expand" not in rest:
        return transformed(data).with_(dtype="list")
    return transformed(data) if isinstance(data, Data) else UNKNOWN


@attribute("pandas.cat", "codes")
def codes(call: Call, accessor: Value) -> Value:
    data = call.get(accessor, "data")
    return coded(call, data, accessor) if isinstance(data, Data) else UNKNOWN


def coded(call: Call, data: Data, encoder: Value, *, low: int = 0) -> Data:
    """Labels replaced by whole numbers from ``low``."""
    count = data.labels.value.count if data.labels.value is not None else None
    high = None if count is None else count - 1 + low
    labels = known(Encoding("integer", low, high, count), call.site)
    return data.did("encoded", call.site, encoder, labels=labels, space=encoder, dtype="int64", made=(), bounds=None)


@attribute("Data", "*")
def named_column(call: Call, data: Data) -> Value:
    """``df.species``."""
    name = call.path.rpartition(".")[2]
    if is_frame(data) and not name.startswith("_"):
        return lineage.column(data, name, call.site)
    return UNKNOWN


# -- shapes -----------------------------------------------------------------------------------------------------------
def sizes(call: Call, given: tuple[Value, ...]) -> tuple[int | None, ...] | None:
    """The axis sizes in ``reshape(-1, 4)`` or ``reshape((-1, 4))``; None for each one that is not known."""
    if len(given) == 1 and not isinstance(given[0], Const):
        items = call.items(given[0])
        if items is None:
            return (None,) if isinstance(given[0], Data) else None
        given = tuple(items)
    found = []
    for value in given:
        size = constant(value)
        found.append(size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None)
    return tuple(found)


def reshaped(data: Data, shape: tuple[int | None, ...] | None, given: tuple[Value, ...] = ()) -> Data:
    """The same values in another shape."""
    if shape is None:
        data = without_class_axis(data)
        return data.with_(shape=None, units=nothing() if not data.units.must_be(1) else data.units)
    if len(shape) == 1:
        data = without_class_axis(data)
        units = data.units if data.units.must_be(1) else nothing()
    elif shape and shape[-1] is not None:
        units = known(shape[-1], data.units.site) if data.scale.known or data.units.known or data.layer else data.units
    else:
        units = nothing()
    if data.shape is not None and len(shape) > 1 and not shape[0] and not (given and given[0] == Const(-1)):
        shape = (data.shape[0], *shape[1:]) if shape[0] is None else shape
    return data.with_(shape=shape, units=units)


@method("Data", "reshape", "view", "resize", "reshape_")
def reshape(call: Call, data: Data, *shape: Value, **rest: Value) -> Value:
    data = other_axes(call, data, shape)
    first = rest.get("shape") or rest.get("newshape")
    given = (first,) if first is not None and not shape else shape
    if len(given) == 1 and isinstance(given[0], Name) and given[0] != BATCH:
        return lineage.cast(data, given[0], call.site)  # view(torch.int)
    return reshaped(data, sizes(call, given), given)


def other_axes(call: Call, data: Data, shape: tuple[Value, ...]) -> Data:
    """Data whose rows may be others than before once it has these axes: windows of several rows."""
    if data.chosen is None:
        return data
    axes_ = call.items(shape[0]) if len(shape) == 1 and not isinstance(shape[0], Const) else list(shape)
    windows = axes_ is None or (len(axes_) > 2 and Const(1) not in axes_[1:])
    return data.with_(chosen=None, order=None) if windows else data


@method("Data", "view_as", "reshape_as", "expand_as")
def reshape_as(call: Call, data: Data, other: Value) -> Value:
    shape = other.shape if isinstance(other, Data) else None
    return reshaped(data, shape)


@method("Data", "ravel")
def ravel(call: Call, data: Data, **rest: Value) -> Value:
    return reshaped(data, (data.shape[0] if data.shape and data.shape[1:] in ((), (1,)) else None,))


@method("Data", "flatten")
def flatten(call: Call, data: Data, start_dim: Value = ROWS, end_dim: Value = LAST) -> Value:
    start = constant(start_dim)
    shape: tuple[int | None, ...] | None = data.shape
    if start == 1:
        if shape is not None and len(shape) >= 2:
            rest = 1
            for size in shape[1:]:
                rest = 0 if size is None else rest * size
            return reshaped(data, (shape[0], rest or None))
        return data.with_(shape=None, units=data.units if shape is not None and len(shape) <= 2 else nothing())
    return reshaped(data, (data.shape[0] if data.shape and data.shape[1:] in ((), (1,)) else None,))


@method("Data", "squeeze", "squeeze_")
def squeeze(call: Call, data: Data, dim: Value = NONE, axis: Value = NONE) -> Value:
    return squeezed(data, axis if dim == NONE else dim)


def without_class_axis(data: Data) -> Data:
    """Mark scores of one unit whose axis of size one may be gone: what is the class axis then, nobody knows."""
    return data.with_(tags=data.tags | {"squeezed"}) if data.units.must_be(1) else data


def squeezed(data: Data, axis: Value = NONE) -> Data:
    """Without axes of size one."""
    data = without_class_axis(data)
    if data.shape is None:
        return data
    which = constant(axis)
    if axis == NONE:
        if None in data.shape[1:]:
            return data.with_(shape=None)
        return data.with_(shape=tuple(size for index, size in enumerate(data.shape) if size != 1 or index == 0))
    if isinstance(which, int) and -len(data.shape) <= which < len(data.shape):
        index = which % len(data.shape)
        if data.shape[index] == 1:
            return data.with_(shape=(*data.shape[:index], *data.shape[index + 1 :]))
        return data if data.shape[index] is not None else data.with_(shape=None)
    return data.with_(shape=None)


@method("Data", "unsqueeze", "expand_dims", "unsqueeze_")
def unsqueeze(call: Call, data: Data, dim: Value = UNKNOWN, axis: Value = UNKNOWN) -> Value:
    return unsqueezed(data, axis if dim is UNKNOWN else dim)


def unsqueezed(data: Data, axis: Value) -> Data:
    """With one more axis of size one."""
    which = constant(axis)
    if data.shape is None or not isinstance(which, int):
        return data.with_(shape=None)
    index = which if which >= 0 else len(data.shape) + 1 + which
    return data.with_(shape=(*data.shape[:index], 1, *data.shape[index:]))


@method(
    "Data", "transpose", "permute", "swapaxes", "movedim", "t", "expand", "repeat_interleave", "unfold", "roll", "flip"
)
def rearranged(call: Call, data: Data, *axes: Value, **rest: Value) -> Value:
    return data.with_(shape=None, units=nothing(), names=None, made=(), chosen=None, order=None)


@method("Data", "repeat", "tile")
def repeated(call: Call, data: Data, *counts: Value, axis: Value = NONE, **rest: Value) -> Value:
    again = data.with_(shape=None, names=None, made=(), chosen=None, order=None)
    rows = bool(counts) and constant(counts[0]) not in (1, None)
    return lineage.copied(again, call.site, call.path.rpartition(".")[2]) if rows and axis in (NONE, ROWS) else again


# -- types ------------------------------------------------------------------------------------------------------------
@method("Data", "astype", "type", "as_type")
def astype(call: Call, data: Data, dtype: Value = NONE, **rest: Value) -> Value:
    if dtype == Const("category"):
        return data
    if dtype == NONE or call.mapping(dtype) is not None:
        return data
    return lineage.cast(data, dtype, call.site)


@method("Data", "float", "long", "int", "double", "half", "bool", "short", "byte", "bfloat16")
def torch_cast(call: Call, data: Data) -> Value:
    names = {
        "float": "float32",
        "long": "int64",
        "int": "int32",
        "double": "float64",
        "half": "float16",
        "short": "int16",
        "byte": "uint8",
    }
    name = call.path.rpartition(".")[2]
    return lineage.cast(data, Const(names.get(name, name)), call.site)


@method("Data", "type_as")
def type_as(call: Call, data: Data, other: Value) -> Value:
    return data.with_(dtype=other.dtype if isinstance(other, Data) else None)


def is_frame(data: Data) -> bool:
    """Whether this is a table with named columns."""
    return "frame" in data.tags and "column" not in data.tags


# -- rows and columns -------------------------------------------------------------------------------------------------
@method("Data", "__getitem__")
def getitem(call: Call, data: Data, index: Value) -> Value:
    if "identity" in data.tags:
        return identity_rows(call, data, index)
    if "names" in data.tags:
        return some_names(call, data, index)
    if isinstance(index, Data) and index.tags & {"names", "names-mask"}:
        return lineage.by_names(with_learnt(data, index), index, call.site)
    if isinstance(index, Const) and isinstance(index.value, str):
        return lineage.column(data, index.value, call.site)
    if isinstance(index, Const) and isinstance(index.value, int) and is_frame(data):
        return lineage.column(data, str(index.value), call.site)
    if isinstance(index, Obj) or (isinstance(index, Data) and "names" in index.tags):
        names = lineage.texts(call, index) if isinstance(index, Obj) else None
        if names is not None and ("frame" in data.tags or any(not name.lstrip("-").isdigit() for name in names)):
            return lineage.columns(data, names, call.site)
        if isinstance(index, Data) or "frame" in data.tags:
            return lineage.columns(with_learnt(data, index), None, call.site)
    if isinstance(index, Tuple):
        return getitem_axes(call, data, index)
    if index is UNKNOWN and is_frame(data):
        return lineage.columns(data, None, call.site).with_(source=data.source)
    if isinstance(index, Name) or index == NONE:
        return data.with_(shape=None if data.shape is None or index != NONE else (1, *data.shape))
    return lineage.rows(call, data, index)


def some_names(call: Call, names: Data, index: Value) -> Value:
    """``frame.columns[1:]``, ``frame.columns[frame.columns != "y"]``."""
    if isinstance(index, Slice):
        start, stop = constant(index.start), constant(index.stop)
        ends = [end for end in (index.start, index.stop) if end != NONE]
        if index.step != NONE or not all(isinstance(constant(end), int) for end in ends):
            return names.with_(chosen=None)
        return names.with_(chosen=lineage.stretch(names, start, stop, call.site))
    if isinstance(index, Data):
        picked = "names-mask" in index.tags and index.chosen is not None
        return with_learnt(names, index).with_(chosen=index.chosen if picked else None)
    exact = names.chosen.names if names.chosen is not None else None
    place = constant(index)
    if exact is not None and isinstance(place, int) and -len(exact) <= place < len(exact):
        return Const(exact[place])
    return UNKNOWN


def getitem_axes(call: Call, data: Data, index: Tuple) -> Data:
    """``a[rows, columns]``, ``x[:, -1, :]``."""
    if not index.items:
        return data
    first, *others = index.items
    ellipsis = Const(Ellipsis)
    if first == NONE or any(other == NONE for other in others):
        whole = all(i == NONE or (isinstance(i, Slice) and i.start == i.stop == NONE) for i in index.items)
        moved = data if whole else data.with_(chosen=None, order=None)
        return moved.with_(shape=torch_shapes.indexed(data.shape, index), tags=data.tags | {torch_shapes.OUTER})
    if first == ellipsis or (first is UNKNOWN and data.grad is not None):
        kept = data
    else:
        kept = lineage.rows(call, data, first)
    if not others:
        return kept
    second = others[-1] if first == ellipsis else others[0]
    kept = with_learnt(kept, second)
    if data.columns.known or data.names is not None or (data.chosen is not None and len(others) == 1):
        return axis_two(call, kept, second)
    shape: tuple[int | None, ...] | None = axes(kept.shape, others) if first != ellipsis else None
    whole = all(isinstance(other, Slice) and other.start == NONE and other.stop == NONE for other in others)
    if whole:
        return kept
    one = isinstance(second, Const) and isinstance(second.value, int) and len(others) == 1
    tags = kept.tags | {"column"} if one and data.scale.known is False and data.layer is None else kept.tags
    units = nothing() if data.shape is None or len(data.shape) == 2 else data.units
    labels = kept.labels if not kept.labels.must(lambda e: e.kind in ("one-hot", "multi-hot")) else nothing()
    picked = kept.did("selected", call.site, None, shape=shape, units=units, tags=tags, labels=labels)
    if one and kept.scale.must_be("softmax", "log_softmax"):  # one class's share is no distribution
        picked = picked.with_(scale=nothing(), layer=None)
    if one and lineage.is_prediction(data) and not data.units.must_be(1):
        return picked.with_(space=UNKNOWN, labels=nothing())
    return picked


def axes(shape: tuple[int | None, ...] | None, index: list[Value]) -> tuple[int | None, ...] | None:
    """The shape after indexing all axes but the first."""
    if shape is None or len(index) > len(shape) - 1:
        return None
    found: list[int | None] = [shape[0]]
    for size, each in zip(shape[1:], index, strict=False):
        if isinstance(each, Slice):
            found.append(size if each.start == NONE and each.stop == NONE and each.step == NONE else None)
        elif not (isinstance(each, Const) and isinstance(each.value, int)):
            return None
    return tuple(found) + shape[1 + len(index) :]


def axis_two(call: Call, data: Data, index: Value) -> Data:
    """Columns of a table by position or name."""
    if isinstance(index, Const) and isinstance(index.value, int):
        return lineage.position(data, index.value, call.site)
    if isinstance(index, Const) and isinstance(index.value, str):
        return lineage.column(data, index.value, call.site)
    if isinstance(index, Data) and index.tags & {"names", "names-mask"}:
        return lineage.by_names(with_learnt(data, index), index, call.site)
    if isinstance(index, Slice):
        if isinstance(constant(index.start), str) or isinstance(constant(index.stop), str):
            return lineage.columns(data, lineage.between(data, index), call.site)
        return lineage.span(data, index, call.site)
    items = call.items(index) if isinstance(index, Obj) else None
    if items is not None and all(isinstance(i, Const) and isinstance(i.value, int) for i in items):
        if data.names is not None:
            names = tuple(data.names[constant(i)] for i in items if -len(data.names) <= constant(i) < len(data.names))
            return lineage.columns(data, names, call.site)
        if len(items) == 1:
            return lineage.position(data, constant(items[0]), call.site).with_(shape=(None, 1))
    names_given = lineage.texts(call, index) if isinstance(index, Obj) else None
    if items is not None and any(isinstance(i, Const) and not isinstance(i.value, str) for i in items):
        names_given = None
    return lineage.columns(with_learnt(data, index), names_given, call.site)


def with_learnt(data: Data, index: Value) -> Data:
    """Data of which something learnt, such as a feature selection, is about to choose the columns."""
    learnt = index.steps if isinstance(index, Data) and index.tags & {"names", "column-mask"} else ()
    return data.with_(steps=(*data.steps, *(step for step in learnt if step.kind == "fitted-transform"))[-24:])


def identity_rows(call: Call, data: Data, index: Value) -> Value:
    """``np.eye(n)[y]``: a one-hot encoding written by hand."""
    if not isinstance(index, Data):
        return data.with_(tags=data.tags - {"identity"})
    count = data.shape[0] if data.shape else None
    call.program.encodes.append(Encode(call.site, "eye", index, call.where("index"), Argument()))
    return lineage.one_hot(call, index, count=count, name="eye").with_(dtype=data.dtype or "float64")


@method("pandas.iloc", "__getitem__")
def iloc_getitem(call: Call, indexer: Value, index: Value) -> Value:
    data = call.get(indexer, "frame")
    if not isinstance(data, Data):
        return UNKNOWN
    if isinstance(index, Tuple) and len(index.items) == 2:
        first, second = index.items
        kept = data if isinstance(first, Obj) else lineage.rows(call, data, first)
        return axis_two(call, kept, second)
    return lineage.rows(call, data, index)


@method("pandas.loc", "__getitem__")
def loc_getitem(call: Call, indexer: Value, index: Value) -> Value:
    data = call.get(indexer, "frame")
    if not isinstance(data, Data):
        return UNKNOWN
    if isinstance(index, Tuple) and len(index.items) == 2:
        first, second = index.items
        kept = data if isinstance(first, Obj) else lineage.rows(call, data, first)
        if isinstance(second, Slice) and second.start == NONE and second.stop == NONE:
            return kept
        return axis_two(call, kept, second)
    return lineage.rows(call, data, index)


@method("Data", "__setitem__")
def setitem(call: Call, data: Data, index: Value, value: Value) -> Value:
    if isinstance(value, Obj) and value.kind == "list":
        value = lineage.as_data(call, value) or value
    if isinstance(index, Const) and isinstance(index.value, str):
        return lineage.with_column(data, (index.value,), value, call.site)
    if not is_frame(data) and data.chosen is not None:  # an array that is partly overwritten
        data = data.with_(chosen=None)
    if is_frame(data):
        names = lineage.texts(call, index) if isinstance(index, (Obj, Tuple)) else None
        every = isinstance(index, Data) and "names" in index.tags and isinstance(value, Data)
        if every and isinstance(value, Data) and value.columns.must_be("both") and value.source == data.source:
            return value.with_(tags=value.tags | {"frame"}, names=data.names, chosen=data.chosen)
        if isinstance(index, Data) and ("mask" in index.tags or index.dtype == "bool"):
            return lineage.with_column(data, None, value, call.site).with_(chosen=data.chosen)
        return lineage.with_column(data, names, value, call.site)
    if isinstance(value, Data) and value.scale.must_be("hard") and (data.bounds == (0.0, 0.0) or data.scale.known):
        scale = value.scale if not data.scale.known else data.scale.join(value.scale)
        return data.with_(scale=scale, labels=value.labels, space=UNKNOWN, bounds=None)  # predicted part after part
    if several_at_once(call, data, index, value):
        return lineage.with_several_ones(data, call.site)
    if data.labels.must(lambda e: e.kind == "multi-hot") and constant(value) in (0, 1):
        return data
    written_so_far = filled_in(data, index, value)
    if written_so_far is not None:
        labels = known(written_so_far, call.site)
        return data.with_(labels=labels, space=UNKNOWN, bounds=None, tags=data.tags | {FILLING})
    data = data.with_(tags=data.tags - {FILLING, EMPTY, ZEROS})
    if not data.labels.known and not data.made:
        put = constant(value)
        inside = data.bounds is not None and isinstance(put, (int, float)) and data.bounds[0] <= put <= data.bounds[1]
        changed = data if inside else data.with_(bounds=None)
        return changed.with_(space=UNKNOWN) if not data.source.known else changed
    return data.with_(labels=written(data, index, value), space=UNKNOWN, bounds=None)


EMPTY, ZEROS, FILLING = "empty", "zeros", "filling"
"""Marks of a flat array that was made without values, or of zeros, and of one that gets class numbers one by one."""


def filled_in(data: Data, index: Value, value: Value) -> Encoding | None:
    """The labels that a flat array of no values, or of zeros, has after one more was put into it."""
    one_by_one = isinstance(index, Const) or index is UNKNOWN or (isinstance(index, Data) and index.shape == ())
    if not data.tags & {EMPTY, ZEROS} or not one_by_one or any(step.kind != "cast" for step in data.steps):
        return None
    put = value.labels.value if isinstance(value, Data) and ("row" in value.tags or value.shape == ()) else None
    if all(isinstance(option, Const) for option in options(value)):
        put = lineage.encoding_of([constant(option) for option in options(value)])
    if put is None or put.kind != "integer" or put.low is None or put.high is None:
        return None
    spans = [put, *(data.labels.values if FILLING in data.tags else ())]
    if any(span.kind != "integer" or span.high is None for span in spans):
        return None
    lows = [span.low for span in spans]
    low = None if None in lows else min(low for low in lows if low is not None)
    if ZEROS in data.tags and (low is None or low > 0):  # whether a zero is left is not known
        return Encoding("integer", None, max(span.high for span in spans if span.high is not None))
    count = put.count if all(span == put for span in spans) else None
    return Encoding("integer", low, max(span.high for span in spans if span.high is not None), count)


def several_at_once(call: Call, data: Data, index: Value, value: Value) -> bool:
    """Whether several places of rows of zeros are set to one: ``y[i, [0, 3]] = 1``, ``y[i, index[tag]] = 1`` in a loop."""
    if constant(value) != 1 or not lineage.blank_rows(data):
        return False
    rank = 2 if isinstance(index, Tuple) and len(index.items) == 2 else 1
    if data.shape is not None and len(data.shape) != rank:
        return False
    if call.engine.fills_rows(call.site):
        return True
    places = index.items[1] if isinstance(index, Tuple) and rank == 2 else index
    if not isinstance(places, Obj) or places.kind != "list":
        return False
    found = call.items(places)
    return found is None or len(found) > 1


@method("Data", "__delitem__")
def delete_item(call: Call, data: Data, index: Value) -> Value:
    lineage.shrunk(call, data)
    if not is_frame(data):
        return data.with_(chosen=None)
    return lineage.without(data, lineage.texts(call, index), call.site).did("in place", call.site)


def written(data: Data, index: Value, value: Value) -> Fact[Encoding]:
    """Labels after some were overwritten."""
    put = constant(value)
    if isinstance(index, Slice) and isinstance(put, (int, float)) and float(put).is_integer():
        one = Encoding("integer", int(put), int(put), 1)
        return lineage.union(data.labels, known(one, data.labels.site))
    return nothing()


@method("Data", "__iter__")
def iterate(call: Call, data: Data) -> Value:
    if "names" in data.tags:
        return UNKNOWN
    return data.with_(shape=data.shape[1:] if data.shape else None, tags=data.tags | {"row"})


@method("Data", "head", "tail", "sample", "nlargest", "nsmallest", "take", "truncate")
def some_rows(call: Call, data: Data, n: Value = NONE, frac: Value = NONE, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    if name == "sample":
        if rest.get("axis", ROWS) in (Const(1), Const("columns")):
            return data.with_(chosen=None, names=None, made=())
        key = lineage.key_of(call, rest.get("random_state", NONE) if call.complete else UNKNOWN)
        if constant(frac) in (1, 1.0):
            return lineage.shuffled(data, call.site, key)
        some = (Move("picked", ("sample", id(call.site)), call.site),)
        sample = lineage.every_column(
            lineage.shuffled(data, call.site, key),
            lambda d: lineage.after(d.with_(part=lineage.sliced_part(d.part)), some),
        )
        return lineage.copied(sample, call.site, "sample") if rest.get("replace") == TRUE else sample
    if name == "take":
        return lineage.rows(call, data, n)
    ends = name in ("head", "tail") and isinstance(n, Const)
    moves = (Move("picked", (name, constant(n)), call.site),) if ends else None
    return lineage.every_column(data, lambda d: lineage.after(d.with_(part=lineage.sliced_part(d.part)), moves))


@method(
    "Data", "dropna", "drop_duplicates", "sort_values", "query", "where", "mask", "interpolate", "ffill", "bfill", "backfill", "pad", "clip", "clip_",
    "round", "rename", "rename_columns", "nan_to_num", "filled", "between_time",
)  # fmt: skip
def kept_rows(
    call: Call, data: Data, *more: Value, inplace: Value = FALSE, columns: Value = NONE, **rest: Value
) -> Value:
    return in_place(call, data, other_rows(call, data, columns), inplace)


def in_place(call: Call, data: Data, changed: Value, inplace: Value) -> Value:
    """What a pandas method gives back: with ``inplace=True`` nothing, and the frame itself changes."""
    if inplace != TRUE:
        return changed
    lineage.shrunk(call, data)
    call.rebind(data, changed.did("in place", call.site) if isinstance(changed, Data) else changed)
    return NONE


def other_rows(call: Call, data: Data, columns: Value) -> Data:
    """The same columns with rows left out, reordered or mended."""
    name = call.path.rpartition(".")[2]
    if name == "round":
        return rounded(call, data) if not (call.positional or call.keywords) else data  # to so many decimals
    if name in ("where", "mask"):
        return transformed(data)
    if name in ("clip", "clip_") and (data.scale.known or data.labels.known):
        return data.with_(labels=nothing(), bounds=None)
    if name == "rename" and columns != NONE:
        pairs = call.mapping(columns)
        if pairs is None:
            return lineage.another_table(data.with_(names=None, made=()), call.site)
        new = {constant(key): constant(value) for key, value in pairs}
        names = None if data.names is None else tuple(str(new.get(each, each)) for each in data.names)
        renamed = data.with_(names=names, made=tuple((str(new.get(key, key)), value) for key, value in data.made))
        return lineage.another_table(renamed, call.site)
    if name == "rename_columns":
        return lineage.another_table(data, call.site)
    if name == "sort_values":
        return lineage.every_column(data, lambda d: d.with_(tags=d.tags - {"shuffled"}, order=None))
    if name in ("dropna", "drop_duplicates", "query", "between_time"):
        if call.argument("axis").value in (Const(1), Const("columns")):
            return data.with_(chosen=None)
        fewer = (Move("picked", (name, id(call.site)), call.site),)
        return lineage.every_column(data, lambda d: lineage.after(d, fewer))
    return data


def rounded(call: Call, data: Data) -> Data:
    """Scores rounded to classes; anything else stays."""
    if not data.scale.must_be("sigmoid", "softmax"):
        return data
    lineage.decide(call, "round", data)
    return lineage.hard(data, call.site).with_(dtype=data.dtype)


@method("Data", "drop")
def drop(
    call: Call,
    data: Data,
    labels: Value = NONE,
    axis: Value = ROWS,
    index: Value = NONE,
    columns: Value = NONE,
    inplace: Value = FALSE,
    **rest: Value,
) -> Value:
    if "names" in data.tags:
        return without_names(call, data, labels)
    if "column" in data.tags or (columns == NONE and axis in (Const(0), Const("index"))):
        gone = index if labels == NONE else labels
        if isinstance(gone, Data) and _drawn_from(gone, data) and "column" not in data.tags:
            call.program.splits.append(Split(call.site, "drop", (data,), True, order=call.tick()))
        fewer_rows = lineage.every_column(data, lambda d: lineage.after(d, None))
        return in_place(call, data, fewer_rows, inplace)
    wanted = labels if columns == NONE else columns
    return in_place(call, data, lineage.without(data, lineage.texts(call, wanted), call.site), inplace)


def _drawn_from(labels: Data, data: Data) -> bool:
    """Whether these are the labels of rows that ``sample`` drew from the others."""
    drawn = bool(labels.order) and labels.order is not None and labels.order[-1].key[:1] == ("sample",)
    return drawn and "row-labels" in labels.tags and labels.source == data.source and labels.order != data.order


def without_names(call: Call, names: Data, given: Value) -> Data:
    """Names of columns without these."""
    texts = lineage.texts(call, given)
    return names.with_(chosen=None if texts is None else lineage.fewer(names.chosen, texts, call.site))


@method("Data", "difference")
def difference(call: Call, data: Data, other: Value, **rest: Value) -> Value:
    return without_names(call, data, other) if "names" in data.tags else UNKNOWN


@method("Data", "remove")
def remove(call: Call, data: Data, value: Value) -> Value:
    if "names" in data.tags:
        call.rebind(data, without_names(call, data, value))
    return NONE


@method("Data", "pop")
def pop(call: Call, data: Data, item: Value = LAST) -> Value:
    if "names" in data.tags:
        number = constant(item)
        left = None
        if number in (0, -1):
            left = lineage.stretch(data, 1 if number == 0 else None, -1 if number == -1 else None, call.site)
        call.rebind(data, data.with_(chosen=left))
        return UNKNOWN
    name = constant(item)
    lineage.shrunk(call, data)
    if not isinstance(name, str):
        call.rebind(data, lineage.without(data, None, call.site))
        return transformed(data).with_(tags=data.tags | {"column"}, columns=nothing(), names=None)
    call.rebind(data, lineage.without(data, (name,), call.site).did("in place", call.site))
    return lineage.column(data, name, call.site)


@method("Data", "filter", "select_dtypes")
def filter_columns(call: Call, data: Data, items: Value = NONE, **rest: Value) -> Value:
    names = lineage.texts(call, items) if call.path.endswith("filter") and items != NONE else None
    found = lineage.columns(data, names, call.site)
    if call.path.endswith("select_dtypes") and data.chosen is not None and _numbers(call, items, rest):
        made = tuple((name, value) for name, value in data.made if value.dtype not in (None, "str", "object"))
        return found.with_(chosen=lineage.anew(data.chosen, call.site, numeric=True), made=made)
    return found


def _numbers(call: Call, include: Value, rest: Mapping[str, Value]) -> bool:
    """Whether ``select_dtypes`` keeps all columns of numbers."""
    chosen = rest.get("include", include)
    left_out = rest.get("exclude", NONE)
    if chosen == NONE:
        return left_out != NONE and set(_types(call, left_out)) <= {"object", "O", "str", "category", "string"}
    named = set(_types(call, chosen))
    return left_out == NONE and ("number" in named or {"int64", "float64"} <= named)


def _types(call: Call, value: Value) -> list[str]:
    items = None if isinstance(value, Const) else call.items(value)
    return [lineage.dtype_name(item) or "?" for item in (items if items is not None else [value])]


@method("Data", "assign")
def assign(call: Call, data: Data, **columns: Value) -> Value:
    for name, value in columns.items():
        result: Value = value
        if not isinstance(value, (Data, Const)):
            result = call.call(value, data)
        data = lineage.with_column(data, (name,), result, call.site)
    return data


@method("Data", "insert")
def insert(call: Call, data: Data, loc: Value, column: Value, value: Value, **rest: Value) -> Value:
    call.rebind(data, lineage.with_column(data, lineage.texts(call, column), value, call.site))
    return NONE


@method("Data", "get")
def get(call: Call, data: Data, key: Value, default: Value = NONE) -> Value:
    return getitem(call, data, key) or UNKNOWN


@method("Data", "join", "merge", "append", "combine_first")
def joined(call: Call, data: Data, other: Value, **rest: Value) -> Value:
    if "names" in data.tags:
        return data
    data = lineage.another_table(lineage.merged(data, other).with_(names=None, order=None), call.site)
    return data.with_(names=None, shape=None, columns=data.columns if data.columns.must_be("both") else nothing())


# -- values -----------------------------------------------------------------------------------------------------------
def transformed(data: Data) -> Data:
    """After a function of the values that keeps rows and columns."""
    changed = data.with_(
        labels=nothing(),
        scale=nothing(),
        layer=None,
        bounds=None,
        dtype=None,
        space=UNKNOWN,
        units=nothing(),
        loss=None,
    )
    steps = data.steps if data.steps and data.steps[-1] == CHANGED else (*data.steps, CHANGED)[-24:]
    tags = data.tags - {"mask", "comparison", "identity", "index"}
    return changed.with_(made=(), tags=tags, chosen=None, steps=steps)


CHANGED = Step("transformed", None)
"""Something was done to the values that is not followed."""


def mapped(call: Call, data: Data, value: Value) -> Data:
    """Values replaced through a dict or a function."""
    pairs = call.mapping(value) if isinstance(value, Obj) else None
    if pairs is not None:
        results: tuple[Value, ...] = tuple(result for _, result in pairs)
    elif isinstance(value, (Data, Const)) or value is UNKNOWN:
        return lineage.looked_up(transformed(data), value)
    else:
        element = call.call(value, data.with_(tags=data.tags | {"row"}, shape=()))
        if isinstance(element, Data):
            return element.with_(shape=data.shape, tags=element.tags - {"row"})
        results = options(element)
        if all(isinstance(each, Obj) and each.kind == "list" for each in results):
            return transformed(data).with_(dtype="list")
    found = [constant(result) for result in results]
    encoding = lineage.encoding_of(found) if all(isinstance(result, Const) for result in results) else None
    if encoding is None or len(set(found)) < 2:
        return transformed(data)
    one_to_one = pairs is not None and len(set(found)) == len(found)
    changed = transformed(data).did("encoded", call.site, "map")
    changed = changed.with_(chosen=data.chosen if one_to_one else inexact(data))
    return changed.with_(labels=known(encoding, call.site), dtype=lineage.dtype_of(found))


def inexact(data: Data) -> Columns | None:
    """The column that something was made of which does not tell all its values apart."""
    return None if data.chosen is None or not data.chosen.column() else replace_fields(data.chosen, exact=False)


@method("Data", "map", "applymap")
def map_values(call: Call, data: Data, arg: Value = UNKNOWN, func: Value = UNKNOWN, **rest: Value) -> Value:
    function = func if arg is UNKNOWN else arg
    return mapped(call, data, function)


@method("Data", "split")
def split_text(call: Call, data: Data, *more: Value, **rest: Value) -> Value:
    """A text cut into a list of texts."""
    return call.engine.new("list", call.site, {"items": UNKNOWN, "element": UNKNOWN}) if "row" in data.tags else UNKNOWN


@method("Data", "apply", "transform", "pipe")
def apply(call: Call, data: Data, func: Value = UNKNOWN, *more: Value, axis: Value = ROWS, **rest: Value) -> Value:
    if "column" in data.tags:
        return mapped(call, data, func)
    if call.path.endswith("pipe"):
        return call.call(func, data, *more, **rest)
    if axis in (Const(1), Const("columns")):
        element = call.call(func, data.with_(tags=data.tags | {"row"}))
        if not isinstance(element, Data):
            found = [constant(option) for option in options(element)]
            encoding = lineage.encoding_of(found) if all(isinstance(o, Const) for o in options(element)) else None
            column = lineage.column(transformed(data), "", call.site).with_(names=None)
            if encoding is not None and len(set(found)) > 1:
                return column.with_(labels=known(encoding, call.site))
            return column
        return element
    element = call.call(func, lineage.column(data, "", call.site).with_(names=None))
    if isinstance(element, Data):
        return data.with_(steps=element.steps, made=(), dtype=element.dtype)
    return transformed(data)


@method("Data", "replace")
def replace(
    call: Call, data: Data, to_replace: Value = NONE, value: Value = NONE, inplace: Value = FALSE, **rest: Value
) -> Value:
    return in_place(call, data, replaced(call, data, to_replace, value), inplace)


def replaced(call: Call, data: Data, to_replace: Value, value: Value) -> Data:
    """``series.replace(old, new)``."""
    pairs = call.mapping(to_replace) if isinstance(to_replace, Obj) else None
    if pairs is not None and any(isinstance(v, Obj) for _, v in pairs):
        for name, inner in pairs:  # {column: {old: new}}
            text = constant(name)
            if isinstance(text, str) and isinstance(inner, Obj):
                data = lineage.with_column(
                    data, (text,), mapped(call, lineage.column(data, text, call.site), inner), call.site
                )
        return data
    if pairs is not None:
        old, new = [constant(k) for k, _ in pairs], [constant(v) for _, v in pairs]
    else:
        olds, news = call.items(to_replace), call.items(value)
        if olds is None or news is None:
            return transformed(data) if data.labels.known else data
        old, new = [constant(k) for k in olds], [constant(v) for v in news]
    if "column" not in data.tags:
        return data.with_(made=())
    encoding = lineage.encoding_of(new)
    if (
        all(isinstance(k, str) for k in old)
        and encoding is not None
        and encoding.kind == "integer"
        and len(set(new)) > 1
    ):
        changed = transformed(data).did("encoded", call.site, "replace").with_(labels=known(encoding, call.site))
        return changed.with_(chosen=data.chosen if len(set(new)) == len(new) else inexact(data))
    return transformed(data)


@method(
    "Data", "isin", "isna", "isnull", "notna", "notnull", "between", "duplicated", "eq", "ne", "gt", "ge", "lt", "le"
)
def mask(call: Call, data: Data, *more: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    if name in ("eq", "ne", "gt", "ge", "lt", "le"):
        other = more[0] if more else rest.get("other", UNKNOWN)
        operators = {"eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
        site = call.positional[0][1] if call.positional else None
        return compared(call, Argument(data, call.site, True), operators[name], Argument(other, site, True))
    if name == "isin" and "names" in data.tags:
        return names_mask(call, data, more[0] if more else rest.get("values", UNKNOWN), inside=True)
    return boolean(call, data)


def _filled_up(encoding: Encoding, value: Value) -> Encoding:
    """Class numbers after gaps, if there were any, were filled."""
    put = constant(value)
    if encoding.kind != "integer" or not isinstance(put, int) or encoding.low is None or encoding.high is None:
        return encoding
    if encoding.low <= put <= encoding.high:
        return encoding
    low, high = (None, encoding.high) if put < encoding.low else (encoding.low, None)
    return Encoding("integer", low, high)


@method("Data", "fillna", "fillna_")
def fillna(call: Call, data: Data, value: Value = NONE, inplace: Value = FALSE, **rest: Value) -> Value:
    filled = data if not data.labels.known else data.with_(labels=data.labels.map(lambda e: _filled_up(e, value)))
    for name in sorted(lineage.statistics(value)):
        if isinstance(value, Data):
            lineage.learnt(call, f"fillna({name})", data, value)
            filled = filled.did("fitted-transform", call.site, f"fillna({name})")
    return in_place(call, data, filled, inplace)


@method("Data", "equal")
def torch_equal(call: Call, data: Data, other: Value) -> Value:
    return UNKNOWN


@method("Data", "value_counts", "describe", "info", "memory_usage", "nbytes", "corr", "cov", "quantile")
def summary(call: Call, data: Data, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    return lineage.statistic(data, name) if name == "quantile" else UNKNOWN


@method("Data", "unique")
def unique(call: Call, data: Data, **rest: Value) -> Value:
    return distinct(data)


def distinct(data: Data) -> Data:
    """The different values: as many as there are classes."""
    count = data.labels.value.count if data.labels.value is not None else None
    return data.with_(shape=(count,))


@method("Data", "nunique")
def nunique(call: Call, data: Data, **rest: Value) -> Value:
    count = data.labels.value.count if data.labels.value is not None else None
    return UNKNOWN if count is None else Const(count)


@method("Data", "factorize")
def factorize(call: Call, data: Data, **rest: Value) -> Value:
    encoder = call.new("pandas.factorize")
    return Tuple((coded(call, data, encoder), distinct(data)))


@method("Data", "resample", "pivot_table", "melt", "stack", "unstack", "explode")
def regrouped(call: Call, data: Data, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


@method("Data", "tolist_", "size", "dim", "numel", "nelement", "get_shape", "element_size", "is_cuda", "data_ptr")
def size(call: Call, data: Data, dim: Value = NONE) -> Value:
    name = call.path.rpartition(".")[2]
    if name in ("size", "get_shape") and data.shape is not None:
        index = constant(dim)
        if isinstance(index, int) and -len(data.shape) <= index < len(data.shape):
            return _size(data, index % len(data.shape))
        if dim == NONE:
            return shape_of(call, data) or UNKNOWN
    if name == "dim" and data.shape is not None:
        return Const(len(data.shape))
    return UNKNOWN


# -- reductions -------------------------------------------------------------------------------------------------------
def reduced(call: Call, data: Data, name: str, axis: Value) -> Data:
    """A reduction over some or all axes."""
    if data.loss is not None:
        return data.with_(shape=() if axis == NONE else None)
    if data.layer is not None or data.grad or data.model is not None or data.scale.known:
        whole = axis == NONE
        reduced_ = transformed(data).with_(shape=() if whole else None, model=None if whole else data.model)
        return reduced_.with_(grad=data.grad)
    where = constant(axis)
    over_rows = axis == NONE or where == 0 or where == "index"
    items = call.items(axis) if not isinstance(axis, Const) else None
    if items is not None:
        over_rows = Const(0) in items
    if where == 0 and name in ("sum", "max", "any") and data.labels.must(lambda e: e.kind == "one-hot"):
        count = None if data.labels.value is None else data.labels.value.count
        tags = data.tags | {SEVERAL_ONES}
        several = transformed(data).with_(shape=(count,), names=None, tags=tags, dtype=data.dtype)
        return several.with_(labels=known(Encoding("integer", 0, None), call.site))
    if not over_rows or name in ("sum", "prod", "any", "all", "cumsum"):
        return transformed(data).with_(shape=None, names=None, tags=data.tags - {"mask", "comparison"})
    return lineage.statistic(data, name)


@method(
    "Data",
    "mean",
    "std",
    "var",
    "median",
    "sum",
    "prod",
    "mode",
    "nanmean",
    "ptp",
    "cumsum",
    "any",
    "all",
    "norm",
    "asum",
    "sem",
    "skew",
)
def reduce(call: Call, data: Data, axis: Value = NONE, dim: Value = NONE, **rest: Value) -> Value:
    return reduced(call, data, call.path.rpartition(".")[2], axis if dim == NONE else dim)


@method("Data", "max", "min", "amax", "amin")
def extreme(call: Call, data: Data, axis: Value = NONE, dim: Value = NONE, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2].removeprefix("a")
    where = axis if dim == NONE else dim
    if call.positional and not isinstance(where, Const):
        return transformed(data)
    if where != NONE and name == "max" and (lineage.is_prediction(data) or data.grad is not None):
        scores = transformed(data).with_(shape=None)
        lineage.decide(call, "argmax", data, where)
        return Tuple((scores, largest(call, data)))
    return reduced(call, data, name, where)


def largest(call: Call, data: Data) -> Data:
    """The class of the largest score; for an estimator's probabilities, in terms of the labels it was trained on."""
    found = lineage.decoded(data, call.site)
    trained = call.get(data.model, "y") if data.model is not None and "probability" in data.tags else None
    if not isinstance(trained, Data):
        return found
    zero_based = trained.labels.must(lambda e: e.kind == "integer" and e.low == 0)
    if isinstance(trained.space, Obj) or zero_based:
        return found.with_(labels=trained.labels, space=trained.space)
    return found


@method("Data", "argmax", "idxmax")
def argmax(call: Call, data: Data, axis: Value = NONE, dim: Value = NONE, **rest: Value) -> Value:
    where = axis if dim == NONE else dim
    if where in (Const(0), Const("index")) and not (data.shape is not None and len(data.shape) < 2):
        return transformed(data).with_(shape=None)
    lineage.decide(call, "argmax", data, where)
    kept = constant(rest.get("keepdims", rest.get("keepdim", FALSE)))
    return largest(call, data).with_(shape=torch_shapes.without_axis(data.shape, where, kept))


@method("Data", "argsort", "argmin", "nonzero", "topk", "sort", "argwhere")
def positions(call: Call, data: Data, *more: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- operators --------------------------------------------------------------------------------------------------------
@row("operator.binary")
def binary(call: Call, left: Value, operator: Value, right: Value) -> Value:
    symbol = constant(operator)
    if isinstance(left, Data) and "names" in left.tags:
        return without_names(call, left, right) if symbol == "-" else left.with_(chosen=None)
    if isinstance(left, Data) and isinstance(right, Data):
        return not_recorded(two(call, left, symbol, right))
    if isinstance(left, Data):
        number = constant(right)
        return with_number(call, left, symbol, number) if _is_number(number) else with_other(left, right)
    if isinstance(right, Data):
        number = constant(left)
        if _is_number(number) and symbol in ("+", "*"):
            return with_number(call, right, symbol, number)
        if _is_number(number) and symbol == "-":
            return with_number(call, with_number(call, right, "*", -1), "+", number)
        return with_other(right, left)
    return UNKNOWN


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def not_recorded(value: Value) -> Value:
    """A result of two values, of which only one may be known to have been computed outside of a tape."""
    return value.with_(recorded=None) if isinstance(value, Data) and value.recorded is not None else value


def with_other(data: Data, other: Value) -> Data:
    """Arithmetic with something that is not known."""
    result = transformed(data).with_(recorded=None, applied=None)
    if result.tags & POSITIONS:
        result = result.with_(tags=result.tags | {"computed"})
    if result.shape is not None:  # the other may have more axes, or more values on an axis of one
        sizes = tuple(None if size == 1 else size for size in result.shape)
        result = result.with_(shape=sizes if len(sizes) > 1 else None)
    if isinstance(other, Obj) and other.kind == "list":
        return result
    return result.with_(loss=data.loss, tags=result.tags - {WHOLE})


def with_number(call: Call, data: Data, symbol: str, number: float) -> Data:
    """Arithmetic with a constant."""
    if data.loss is not None:
        return data if symbol in ("+", "-") else data.with_(tags=data.tags - {WHOLE})
    if "comparison" in data.tags or "mask" in data.tags:
        data = data.with_(tags=data.tags - {"mask", "comparison"})
    whole = float(number).is_integer()
    if symbol in ("+", "-"):
        if number == 0:
            return data
        if whole:
            moved = lineage.shifted(data, int(number) if symbol == "+" else -int(number), call.site)
            return plain(moved).with_(labels=moved.labels, bounds=moved.bounds, shape=data.shape)
        return plain(data)
    if symbol == "*":
        if number == 1:
            return data
        return multiplied(call, data, number)
    if symbol == "/":
        if number == 1:
            return data
        return divided(call, data, number)
    if symbol == "%" and whole and number > 0:
        labels = known(Encoding("integer", 0, int(number) - 1, int(number)), call.site)
        return plain(data).with_(labels=labels if data.dtype != "float" else nothing(), dtype=data.dtype)
    return plain(data)


def plain(data: Data) -> Data:
    """After arithmetic: no more an activation's output; rows, parts and steps stay."""
    tags = data.tags - {"mask", "comparison"}
    tags |= {"computed"} if tags & POSITIONS else set()
    return transformed(data).with_(shape=data.shape, tags=tags)


def multiplied(call: Call, data: Data, number: float) -> Data:
    """``data * number``."""

    def change(encoding: Encoding) -> Encoding | None:
        if (
            encoding.kind == "integer"
            and encoding.low is not None
            and encoding.high is not None
            and float(number).is_integer()
        ):
            ends = sorted((encoding.low * int(number), encoding.high * int(number)))
            return Encoding("integer", ends[0], ends[1], encoding.count)
        return Encoding("continuous") if encoding.kind == "continuous" else None

    labels = data.labels.map(change)
    ends = None if data.bounds is None else sorted((data.bounds[0] * number, data.bounds[1] * number))
    return plain(data).with_(labels=labels, bounds=None if ends is None else (ends[0], ends[1]))


def divided(call: Call, data: Data, number: float) -> Data:
    """``data / number``."""

    def change(encoding: Encoding) -> Encoding | None:
        if encoding.kind == "integer" and encoding.count == 2 and encoding.low == 0 and encoding.high == number:
            return Encoding("integer", 0, 1, 2)
        if encoding.kind in ("integer", "one-hot", "multi-hot", "scaled"):
            return Encoding("scaled")
        return encoding if encoding.kind == "continuous" else None

    labels = data.labels.map(change)
    labels = Fact(tuple((value, call.site) for value in labels.values)) if labels.known else labels
    ends = None if data.bounds is None or not number else sorted((data.bounds[0] / number, data.bounds[1] / number))
    result = plain(data).with_(labels=labels, bounds=None if ends is None else (ends[0], ends[1]), dtype="float")
    result = result.with_(steps=data.steps)
    harmless = labels.must(lambda e: e.kind == "integer")
    return result if harmless else result.did("divided", call.site, f"{number:g}")


def two(call: Call, left: Data, symbol: str, right: Data) -> Data:
    """Arithmetic of two arrays."""
    stats_left, stats_right = lineage.statistics(left), lineage.statistics(right)
    if stats_left and stats_right:
        name = "range" if {"max"} & stats_left and {"min"} & stats_right else "std" if "std" in stats_left else "mixed"
        return left.with_(tags=frozenset({f"statistic:{name}"}), columns=left.columns)
    if stats_right and left.loss is None:
        return by_hand(call, left, symbol, right, stats_right)
    if symbol in ("&", "|", "^"):
        return boolean(call, left) if left.dtype == "bool" or right.dtype == "bool" else plain(left)
    if left.loss is not None or right.loss is not None:
        loss = left.loss if right.loss is None else right.loss if left.loss is None else UNKNOWN
        grad = True if left.grad or right.grad else None
        made = (left if left.loss is not None else right).with_(loss=loss, grad=grad)
        return made if symbol in ("+", "-") else made.with_(tags=made.tags - {WHOLE})
    base = left if left.source.known or left.model is not None or left.layer is not None else right
    other = right if base is left else left
    units = left.units if left.units == right.units else nothing()
    grad = True if left.grad or right.grad else False if left.grad is False and right.grad is False else None
    shape = together(call, left, symbol, right)
    result = plain(base).with_(units=units, grad=grad, shape=shape, applied=met(call, symbol, (left, right), shape))
    if left.order != right.order:
        result = result.with_(order=None)
    if other.part.known and base.part.known and other.part != base.part:
        result = result.with_(part=nothing())
    return result.with_(columns=base.columns.join(other.columns), made=())


def met(call: Call, name: str, inputs: tuple[Data, ...], shape: tuple[int | None, ...] | None) -> Applied | None:
    """Tensors on their way through a model being put together: ``x + y``, ``torch.cat((x, y))``."""
    made = next((data.applied.layer for data in inputs if data.applied is not None and data.applied.layer), None)
    return None if made is None else Applied(Layer(made.framework, name, call.site), call.site, inputs, shape)


def together(call: Call, left: Data, symbol: str, right: Data) -> tuple[int | None, ...] | None:
    """The shape of two arrays combined value by value; records one of (N, 1) that meets one of (N,)."""
    first, second = left.shape, right.shape
    if symbol == "@":
        return torch_shapes.product(first, second)
    if first is not None and second is not None and sorted((len(first), len(second))) == [1, 2]:
        table, plain_ = (first, second) if len(first) == 2 else (second, first)
        if table[1] == 1 and table[0] != 1 and plain_[0] != 1 and torch_shapes.OUTER not in left.tags | right.tags:
            sites = [site for _, site in call.positional] + [site for _, site in call.keywords.values()]
            places = (sites[0], sites[-1]) if len(sites) > 1 else (None, None)
            arguments = [Argument(each, place, True) for each, place in zip((left, right), places, strict=True)]
            call.program.broadcasts.append(Broadcast(call.site, symbol, arguments[0], arguments[1]))
            return (plain_[0] if table[0] == plain_[0] else None, plain_[0])
    return shapes.broadcast((first, second))


def by_hand(call: Call, data: Data, symbol: str, stat: Data, names: set[str]) -> Data:
    """``x - x.mean()`` and ``x / x.std()``: scaling written by hand."""
    if symbol == "-":
        centred = {"mean", "median", "min"} & names
        result = plain(data)
        if "min" in names and data.labels.must(lambda e: e.kind == "integer"):
            zero = data.labels.map(_from_zero)
            return result.did("shifted", call.site, "min", labels=zero)
        return result.did("shifted", call.site, next(iter(centred), "statistic"))
    if symbol == "/":
        shift = data.last("shifted")
        name = "standardise" if "std" in names else "min-max" if "range" in names else f"divide by {min(names)}"
        bounded = (
            data.bounds is not None and data.bounds[1] <= 255
        )  # the range of the values is no secret of single rows
        if shift is not None or ({"max", "range"} & names and not bounded):
            lineage.learnt(call, name, data, stat)
        return lineage.scaled(data, call.site, name, onto_unit="range" in names or "max" in names)
    return plain(data)


def _from_zero(encoding: Encoding) -> Encoding | None:
    if encoding.low is None or encoding.high is None:
        return Encoding("integer", 0, None, encoding.count)
    return Encoding("integer", 0, encoding.high - encoding.low, encoding.count)


@row("operator.unary")
def unary(call: Call, operator: Value, operand: Value) -> Value:
    if not isinstance(operand, Data):
        return UNKNOWN
    if operator == Const("~"):
        if "names-mask" in operand.tags:
            every = lineage.made(operand, "all")
            texts = None if operand.chosen is None else operand.chosen.names
            left = None if every is None or texts is None else lineage.fewer(every.chosen, texts, call.site)
            return operand.with_(chosen=left, made=())
        if "mask" not in operand.tags:
            return operand
        return operand.did("encoded", call.site, "comparison").with_(tags=operand.tags ^ {lineage.NOT})
    if operator == Const("-"):
        return operand if operand.loss is not None else multiplied(call, operand, -1)
    return operand


@row("operator.compare")
def compare(call: Call, left: Value, operator: Value, right: Value) -> Value:
    first = Argument(left, call.where("left"), True)
    second = Argument(right, call.where("right"), True)
    if constant(operator) in ("<", "<=", ">", ">="):
        for scores, cut_ in ((left, right), (right, left)):
            if isinstance(scores, Data) and _cuts(cut_, scores):
                lineage.decide(call, "threshold", scores, threshold=cut_)
                made = lineage.hard(scores, call.site)
                return made.with_(dtype="bool", labels=_binary(call), tags=scores.tags | {"prediction"})
        lineage.ranked(call, left, right)
        if lineage.measures_of(left) or lineage.measures_of(right):
            return UNKNOWN
    return compared(call, first, constant(operator), second)


def _cuts(cut_: Value, scores: Data) -> bool:
    """Whether this is one of the thresholds of a curve, or the one whose turn it is in a loop over thresholds."""
    if isinstance(cut_, Choice):
        return any(_cuts(option, scores) for option in cut_.options)
    if isinstance(cut_, Data) and THRESHOLDS in cut_.tags:
        return True
    probabilities = "probability" in scores.tags and "row" not in scores.tags
    return probabilities and (cut_ is UNKNOWN or (isinstance(cut_, Data) and cut_.shape == () and "row" in cut_.tags))


def compared(call: Call, left: Argument, symbol: str, right: Argument) -> Value:
    """``a == b`` and other comparisons."""
    a, b = left.value, right.value
    for names, given in ((a, b), (b, a)):
        if isinstance(names, Data) and "names" in names.tags:
            return names_mask(call, names, given, inside=symbol == "==") if symbol in ("==", "!=") else UNKNOWN
    if isinstance(a, Data) and isinstance(b, Data):
        if symbol in ("==", "!="):
            if lineage.is_prediction(a) != lineage.is_prediction(b) and (
                a.scale.must_be("hard") or b.scale.must_be("hard")
            ):
                lineage.comparison(call, left, right)
            measure = None
            if lineage.is_prediction(a) != lineage.is_prediction(b):
                prediction, truth = (a, b) if lineage.is_prediction(a) else (b, a)
                measure = lineage.scored(call, "accuracy", UNKNOWN, lineage.seen_rows(prediction, truth)).measure
            return Data(
                source=a.source,
                part=a.part,
                dtype="bool",
                space=UNKNOWN,
                shape=together(call, a, symbol, b),
                measure=measure,
                tags=frozenset({"comparison", "mask"}),
            )
        mask = boolean(call, a if not lineage.statistics(a) else b)
        both_plain = not lineage.statistics(a) and not lineage.statistics(b)
        return mask.with_(shape=together(call, a, symbol, b)) if both_plain else mask
    data, other = (a, b) if isinstance(a, Data) else (b, a)
    if not isinstance(data, Data):
        return UNKNOWN
    if lineage.statistics(data):
        return UNKNOWN
    number = isinstance(constant(other), (int, float))
    share = "probability" in data.tags and not data.scale.known and number  # one column of an estimator's scores
    if data.loss is not None or ("row" in data.tags and not data.scale.known and data.layer is None and not share):
        return boolean(call, data) if "row" in data.tags and isinstance(constant(other), str) else UNKNOWN
    if symbol in (">", ">=", "<", "<=") and (share or data.scale.known) and not data.scale.must_be("hard"):
        lineage.decide(call, "threshold", data, threshold=other)
        return lineage.hard(data, call.site).with_(dtype="bool", labels=_binary(call), tags=data.tags | {"prediction"})
    result = boolean(call, data)
    if data.shape is not None and len(data.shape) == 2 and (data.shape[1] or 0) > 2 and symbol not in ("==", "!="):
        result = result.with_(labels=known(Encoding("multi-hot", count=data.shape[1]), call.site))
    if isinstance(constant(other), str):
        result = result.with_(tags=result.tags | {"text-mask"})
    return result


def names_mask(call: Call, names: Data, given: Value, *, inside: bool) -> Value:
    """Which columns have one of these names, or none of them."""
    texts = lineage.texts(call, given)
    if texts is None or names.chosen is None:
        return UNKNOWN
    found = Data(source=names.source, space=UNKNOWN, dtype="bool", tags=frozenset({"names-mask"}))
    if not inside:
        return found.with_(chosen=lineage.fewer(names.chosen, texts, call.site))
    return found.with_(chosen=lineage.named(names.chosen, texts, call.site), made=(("all", names),))


def _binary(call: Call) -> Fact[Encoding]:
    return known(Encoding("integer", 0, 1, 2), call.site)


def boolean(call: Call, data: Data) -> Data:
    """A mask of the rows: as labels, zero and one."""
    changed = transformed(data).did("encoded", call.site, "comparison").with_(chosen=inexact(data))
    return changed.with_(labels=_binary(call), dtype="bool", tags=data.tags | {"mask"})


# -- builtins ---------------------------------------------------------------------------------------------------------
@row("builtins.len")
def length(call: Call, value: Value) -> Value:
    if isinstance(value, Data) and value.shape and value.shape[0] is not None:
        return Const(value.shape[0])
    return UNKNOWN


@row(
    "builtins.list",
    "builtins.tuple",
    "builtins.sorted",
    "builtins.reversed",
    "builtins.iter",
    "builtins.abs",
    "builtins.bool",
)
def same_builtin(call: Call, value: Value, **rest: Value) -> Value:
    if isinstance(value, Data) and is_frame(value) and call.path.rpartition(".")[2] in ("list", "tuple", "sorted"):
        return lineage.names_of(value)
    return value if isinstance(value, Data) else UNKNOWN


@row("builtins.dict")
def dict_builtin(call: Call, value: Value, **rest: Value) -> Value:
    return value if isinstance(value, Data) and is_frame(value) and not rest else UNKNOWN


@row("builtins.set")
def set_builtin(call: Call, value: Value) -> Value:
    if isinstance(value, Data) and (is_frame(value) or "names" in value.tags):
        return value if "names" in value.tags else lineage.names_of(value)
    return distinct(value) if isinstance(value, Data) else UNKNOWN


@row("builtins.int", "builtins.float")
def number_builtin(call: Call, value: Value) -> Value:
    if not isinstance(value, Data) or value.loss is not None:
        return value.with_(grad=False) if isinstance(value, Data) else UNKNOWN
    name = "int64" if call.path.endswith("int") else "float64"
    return lineage.cast(value, Const(name), call.site).with_(grad=False)


@row("builtins.round")
def round_builtin(call: Call, value: Value, ndigits: Value = NONE) -> Value:
    if not isinstance(value, Data):
        return UNKNOWN
    return rounded(call, value) if ndigits == NONE else value


@row("builtins.sum", "builtins.min", "builtins.max")
def reduce_builtin(call: Call, value: Value, *more: Value, **rest: Value) -> Value:
    if isinstance(value, Data) and not more:
        return reduced(call, value, call.path.rpartition(".")[2], NONE)
    return UNKNOWN
