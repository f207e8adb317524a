"""datasets, and transformers' collators and Trainer: how rows become the batches that a model is trained on.

A ``Row`` stands for a row and for a batch alike, a ``Dataset`` for all its parts; ``columns`` are those that are known.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mllint.facts import known
from mllint.frameworks import lineage, tokens
from mllint.frameworks.huggingface import TABLE
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import class_numbers, sample, tensor
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Obj, Slice, Tuple, Value, constant

DATASET = "datasets.Dataset"
ROW = "datasets.Row"
COLLATOR = "transformers.DataCollator"
TRAINER = "transformers.Trainer"
SPLITS = ("train", "validation", "test", "valid", "dev", "eval", "val", "unsupervised", "validation_matched")
Columns = dict[str, Value]


# -- rows -------------------------------------------------------------------------------------------------------------
def _columns(call: Call, value: Value) -> Columns | None:
    """The known columns of a row, or the entries of a dict; None when it is neither."""
    pairs = call.mapping(value)
    if pairs is None and isinstance(value, Obj) and value.kind in (ROW, DATASET):
        found = call.get(value, "columns")
        split = [pair.items for pair in found.items if isinstance(pair, Tuple)] if isinstance(found, Tuple) else []
        pairs = [(pair[0], pair[1]) for pair in split]
    if pairs is None:
        return None
    return {key.value: value for key, value in pairs if isinstance(key, Const) and isinstance(key.value, str)}


def _box(columns: Columns) -> Tuple:
    return Tuple(tuple(Tuple((Const(name), value)) for name, value in columns.items()))


def _row(call: Call, columns: Columns, *, several: bool = False, frame: Value = NONE) -> Obj:
    return call.new(ROW, columns=_box(columns), several=Const(several), frame=frame)


@method(ROW, "__getitem__", "get", "pop")
def row_item(call: Call, receiver: Value, index: Value, *default: Value) -> Value:
    return _item(call, receiver, index)


def _item(call: Call, receiver: Value, index: Value) -> Value:
    name = constant(index)
    found = (_columns(call, receiver) or {}).get(str(name))
    frame = call.get(receiver, "frame")
    if found is None and isinstance(frame, Data) and isinstance(name, str):
        found = lineage.column(frame, name, call.site)
    if found is None and call.get(receiver, "several") == TRUE and isinstance(name, str):
        return call.new("list", items=UNKNOWN, element=UNKNOWN)
    return UNKNOWN if found is None else found


@method(ROW, "__setitem__")
def set_row_item(call: Call, receiver: Value, index: Value, value: Value) -> Value:
    columns, name = _columns(call, receiver) or {}, constant(index)
    if isinstance(name, str):
        call.set(receiver, "columns", _box({**columns, name: value}))
    return NONE


@method(ROW, "items")
def row_items(call: Call, receiver: Value) -> Value:
    return _box(_columns(call, receiver) or {})


@method(ROW, "to", "copy")
def same_row(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver


@method(ROW, "*")
def other_row_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@attribute(ROW, "*")
def row_attribute(call: Call, receiver: Value) -> Value:
    return (_columns(call, receiver) or {}).get(call.path.rpartition(".")[2], UNKNOWN)


# -- data sets --------------------------------------------------------------------------------------------------------
def _dataset(call: Call, columns: Columns, frame: Value = NONE) -> Obj:
    return call.new(DATASET, columns=_box(columns), frame=frame)


@row("datasets.load_dataset")
def load_dataset(call: Call, path: Value = UNKNOWN, name: Value = NONE, *args: Value, **rest: Value) -> Value:
    key = constant(path) if name == NONE else f"{constant(path)}/{constant(name)}"
    count = TABLE["classes"].get(key)
    if count is None:
        return _dataset(call, {})
    labels = lineage.fresh(
        call, labels=class_numbers(call, 0, count - 1), columns=known("target", call.site), order=None
    )
    return _dataset(call, {"label": labels.with_(dtype="int64")})


@row("datasets.load_from_disk", "datasets.Dataset.from_generator", "datasets.Dataset.from_list", "datasets.concatenate_datasets",
     "datasets.Dataset.from_csv", "datasets.Dataset.from_json")  # fmt: skip
def some_dataset(call: Call, *args: Value, **rest: Value) -> Value:
    return _dataset(call, {})


@row("datasets.Dataset.from_pandas")
def from_pandas(call: Call, df: Value, *args: Value, **rest: Value) -> Value:
    made = df.made if isinstance(df, Data) else ()
    known = {name: lineage.column(df, name, call.site) for name, _ in made if isinstance(df, Data)}
    return _dataset(call, dict(known), df)


@row("datasets.Dataset.from_dict")
def from_dict(call: Call, mapping: Value, *args: Value, **rest: Value) -> Value:
    return _dataset(call, {name: _column(call, value) for name, value in (_columns(call, mapping) or {}).items()})


def _column(call: Call, value: Value) -> Value:
    """A column made of a list or array."""
    made = lineage.as_data(call, value)
    if made is None:
        return UNKNOWN
    found = tokens.of(call, value)
    return made if found is None else made.with_(tokens=found)


@row("datasets.DatasetDict")
def dataset_dict(call: Call, mapping: Value = NONE, **rest: Value) -> Value:
    parts = [part for _, part in call.mapping(mapping) or []] if mapping != NONE else list(rest.values())
    return parts[0] if parts and all(part == parts[0] for part in parts) else mapping


@method(DATASET, "map")
def mapped(
    call: Call,
    receiver: Value,
    function: Value = NONE,
    with_indices: Value = FALSE,
    with_rank: Value = FALSE,
    input_columns: Value = NONE,
    batched: Value = FALSE,
    batch_size: Value = NONE,
    drop_last_batch: Value = FALSE,
    remove_columns: Value = NONE,
    fn_kwargs: Value = NONE,
    **rest: Value,
) -> Value:
    before = _columns(call, receiver) or {}
    frame = call.get(receiver, "frame") or NONE
    given: list[Value] = [_row(call, before, several=batched == TRUE, frame=frame)]
    if input_columns != NONE:
        given = [UNKNOWN for _ in lineage.texts(call, input_columns) or (input_columns,)]
    if with_indices != FALSE:
        given.append(UNKNOWN)
    made = call.call(function, *given, **(_columns(call, fn_kwargs) or {}))
    columns = _columns(call, made)
    if columns is None:
        return _dataset(call, {})
    new = {name: value if isinstance(value, Data) else _column(call, value) for name, value in columns.items()}
    dropped = lineage.texts(call, remove_columns) if remove_columns not in (NONE, UNKNOWN) else None
    kept = before if remove_columns == NONE else {n: v for n, v in before.items() if dropped and n not in dropped}
    return _dataset(call, {**kept, **new}, frame if remove_columns == NONE else NONE)


@method(DATASET, "rename_column")
def renamed(call: Call, receiver: Value, original: Value, new: Value) -> Value:
    columns = _columns(call, receiver) or {}
    old = constant(original)
    value = _item(call, receiver, original)
    rest = {name: column for name, column in columns.items() if name != old}
    return _dataset(call, {**rest, str(constant(new)): value}, call.get(receiver, "frame") or NONE)


@method(DATASET, "remove_columns")
def removed(call: Call, receiver: Value, columns: Value) -> Value:
    names = lineage.texts(call, columns)
    kept = _columns(call, receiver) or {}
    kept = {name: value for name, value in kept.items() if names is not None and name not in names}
    return _dataset(call, kept, call.get(receiver, "frame") or NONE)


@method(DATASET, "select_columns")
def selected(call: Call, receiver: Value, columns: Value) -> Value:
    names = lineage.texts(call, columns) or ()
    return _dataset(call, {n: v for n, v in (_columns(call, receiver) or {}).items() if n in names})


@method(DATASET, "set_format", "reset_format", "cleanup_cache_files", "save_to_disk", "push_to_hub", "set_transform")
def changed_format(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return NONE


@method(
    DATASET, "train_test_split", "with_format", "shuffle", "select", "filter", "shard", "sort", "flatten_indices", "take", "skip", "cast_column", "cast",
    "with_transform", "class_encode_column", "flatten", "repeat", "to_iterable_dataset",
)  # fmt: skip
def same_dataset(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return receiver


@method(DATASET, "__getitem__")
def dataset_item(call: Call, receiver: Value, index: Value) -> Value:
    columns, name = _columns(call, receiver) or {}, constant(index)
    if isinstance(name, str):
        if name in SPLITS and name not in columns:
            return receiver
        found = _item(call, receiver, index)
        return call.new("list", items=UNKNOWN, element=UNKNOWN) if found is UNKNOWN else found
    return _row(call, columns, several=isinstance(index, Slice), frame=call.get(receiver, "frame") or NONE)


@method(DATASET, "__iter__")
def each_row(call: Call, receiver: Value) -> Value:
    return _row(call, _columns(call, receiver) or {}, frame=call.get(receiver, "frame") or NONE)


@method(DATASET, "items")
def parts(call: Call, receiver: Value) -> Value:
    return call.new("list", items=UNKNOWN, element=Tuple((UNKNOWN, receiver)))


@attribute(DATASET, "column_names", "features", "num_rows", "shape")
def about_dataset(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@method(DATASET, "*")
def other_dataset_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- collators --------------------------------------------------------------------------------------------------------
def _collator(name: str, call: Call, tokenizer: Value = NONE, *args: Value, **rest: Value) -> Value:
    mlm = rest.get("mlm", args[0] if args else TRUE) if call.complete else UNKNOWN
    return call.new(f"transformers.{name}", mlm=mlm)


for _name in (
    "DataCollatorForLanguageModeling", "DataCollatorWithPadding", "DataCollatorForSeq2Seq", "DataCollatorForTokenClassification",
    "DefaultDataCollator", "DataCollatorForWholeWordMask", "DataCollatorForPermutationLanguageModeling",
):  # fmt: skip
    row(f"transformers.{_name}", f"transformers.data.data_collator.{_name}")(partial(_collator, _name))
    bases(f"transformers.{_name}", COLLATOR)


@method(COLLATOR, "__call__")
def collate(call: Call, receiver: Value, features: Value, *args: Value, **rest: Value) -> Value:
    return _collated(call, receiver, features)


def _collated(call: Call, receiver: Value, features: Value) -> Value:
    columns = _columns(call, call.element(features))
    if columns is None or not isinstance(receiver, Obj):
        return UNKNOWN
    tensors: Columns = {n: tensor("torch", v) if isinstance(v, Data) else v for n, v in columns.items()}
    name = receiver.kind.rpartition(".")[2]
    if name.endswith(("LanguageModeling", "WordMask")):
        tensors["labels"] = _own_labels(tensors.get("input_ids"), call.get(receiver, "mlm") == FALSE)
    elif "label" in tensors:
        tensors["labels"] = tensors.pop("label")
    return _row(call, tensors)


def _own_labels(ids: Value | None, causal: bool) -> Value:
    """The labels that a collator for language models makes: -100 where there is padding, whatever came before."""
    if not causal or not isinstance(ids, Data) or ids.tokens is None:
        return UNKNOWN
    return ids.with_(tokens=replace(ids.tokens, padding=None))


@row("transformers.default_data_collator", "transformers.data.data_collator.default_data_collator")
def default_collate(call: Call, features: Value, *args: Value, **rest: Value) -> Value:
    return _collated(call, call.new("transformers.DefaultDataCollator"), features)


# -- Trainer ----------------------------------------------------------------------------------------------------------
for _name in ("Seq2SeqTrainer",):
    bases(f"transformers.{_name}", TRAINER)
_ARGUMENTS = ("model", "args", "data_collator", "train_dataset", "eval_dataset")


def _keep(call: Call, trainer: Value, given: dict[str, Value]) -> None:
    for name, value in given.items():
        call.set(trainer, name, value)


@row(TRAINER, "transformers.Seq2SeqTrainer")
def trainer(
    call: Call,
    model: Value = NONE,
    args: Value = NONE,
    data_collator: Value = NONE,
    train_dataset: Value = NONE,
    eval_dataset: Value = NONE,
    **rest: Value,
) -> Value:
    made = call.new(call.path)
    _keep(call, made, dict(zip(_ARGUMENTS, (model, args, data_collator, train_dataset, eval_dataset), strict=True)))
    return made


@method(TRAINER, "__init__")
def trainer_init(
    call: Call,
    receiver: Value,
    model: Value = NONE,
    args: Value = NONE,
    data_collator: Value = NONE,
    train_dataset: Value = NONE,
    eval_dataset: Value = NONE,
    **rest: Value,
) -> Value:
    _keep(call, receiver, dict(zip(_ARGUMENTS, (model, args, data_collator, train_dataset, eval_dataset), strict=True)))
    return NONE


@method(TRAINER, "train")
def train(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    model = call.get(receiver, "model") or UNKNOWN
    batch = _batch(call, receiver)
    own = (
        call.attribute(receiver, "compute_loss") if isinstance(receiver, Obj) and receiver.kind == "instance" else None
    )
    if own is not None and repr(own) and batch is not UNKNOWN and not _is_row(own):
        call.call(own, model, batch)
        return NONE
    columns = _columns(call, batch)
    if columns is not None and isinstance(model, Obj) and "labels" in columns:
        wanted = ("input_ids", "attention_mask", "labels")
        call.call(model, **{name: columns[name] for name in wanted if name in columns})
    return NONE


def _is_row(own: Value) -> bool:
    """Whether a method is the framework's, not one of a local class."""
    return own is UNKNOWN or type(own).__name__ == "Bound"


def _batch(call: Call, receiver: Value) -> Value:
    item = sample(call, call.get(receiver, "train_dataset") or UNKNOWN)
    collator = call.get(receiver, "data_collator") or NONE
    if item is UNKNOWN or collator is UNKNOWN:
        return UNKNOWN
    batch_of = call.engine.new("list", call.site, {"items": UNKNOWN, "element": item})
    if collator == NONE:
        return _collated(call, call.new("transformers.DefaultDataCollator"), batch_of)
    return call.call(collator, batch_of)


@method(TRAINER, "evaluate", "predict", "save_model", "push_to_hub", "add_callback", "log_metrics", "save_metrics", "save_state", "log",
        "hyperparameter_search", "get_train_dataloader", "get_eval_dataloader")  # fmt: skip
def other_trainer_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN
