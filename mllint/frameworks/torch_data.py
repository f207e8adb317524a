"""torch.utils.data and torchvision: where batches come from, and ready-made networks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import Fact, known, nothing
from mllint.frameworks import lineage
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import (
    ONE,
    ZERO,
    axis_of,
    blank,
    change_each,
    class_numbers,
    collated,
    known_dataset,
    only_data,
    part_argument,
    sample,
    signed,
    tensor,
)  # fmt: skip
from mllint.frameworks.toml import load_toml
from mllint.program import Split
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
    choice,
    constant,
    constants,
)  # fmt: skip

_TABLE = load_toml("torch_datasets.toml")
DATASET = "torch.utils.data.Dataset"
LOADER = "torch.utils.data.DataLoader"
TENSORS = "torch.utils.data.TensorDataset"
SUBSET = "torch.utils.data.Subset"
for _kind in (TENSORS, SUBSET, "torch.utils.data.IterableDataset", "torchvision.datasets.VisionDataset"):
    bases(_kind, DATASET)


# -- data sets --------------------------------------------------------------------------------------------------------
@row(TENSORS, "torch.utils.TensorDataset")
def tensor_dataset(call: Call, *tensors: Value) -> Value:
    return call.new(TENSORS, tensors=Tuple(tensors) if call.complete else UNKNOWN)


@method(TENSORS, "__iter__", "__getitem__")
def tensor_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    found = call.get(receiver, "tensors")
    return collated("torch", found) if isinstance(found, Tuple) else UNKNOWN


@row(SUBSET, "torch.utils.Subset")
def subset(call: Call, dataset: Value, indices: Value) -> Value:
    rows = indices if isinstance(indices, Data) else None
    if isinstance(dataset, Obj) and (rows is None or rows.split is UNKNOWN):
        if call.get(dataset, "subset") is not None:  # one alone may be a sample
            call.program.splits.append(Split(call.site, "Subset", _features(call, dataset), None, call.tick()))
        call.set(dataset, "subset", TRUE)
    part = rows.part if rows is not None and rows.split is not UNKNOWN else nothing()
    return call.new(SUBSET, dataset=dataset, part=_box(part), split=rows.split if rows is not None else UNKNOWN)


def _features(call: Call, dataset: Value) -> tuple[Data, ...]:
    """The rows a data set is made of, as far as they are arrays."""
    whole = sample(call, dataset)
    features = whole.items[0] if isinstance(whole, Tuple) and whole.items else whole
    return (features,) if isinstance(features, Data) else ()


def _box(part: Fact[str]) -> Value:
    """A part as a value, to be kept in a field."""
    return UNKNOWN if not part.known else choice(Const(each) for each in part.values)


@method(SUBSET, "__iter__", "__getitem__")
def subset_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    inner = call.get(receiver, "dataset") or UNKNOWN
    part = call.get(receiver, "part") or UNKNOWN
    split = call.get(receiver, "split") or UNKNOWN

    def change(data: Data) -> Data:
        fact: Fact[str] = constants(part, str)
        return data.with_(part=fact if fact.known else lineage.sliced_part(data.part), split=split)

    return change_each(sample(call, inner), change)


@row("torch.utils.data.random_split", "torch.utils.data.dataset.random_split")
def random_split(call: Call, dataset: Value, lengths: Value, generator: Value = NONE) -> Value:
    whole = sample(call, dataset)
    features = whole.items[0] if isinstance(whole, Tuple) and whole.items else whole
    data = (features,) if isinstance(features, Data) else ()
    made = call.new("torch.random_split")
    call.program.splits.append(Split(call.site, "random_split", data, True, call.tick()))
    sizes = call.items(lengths)
    names = ("train", "test") if sizes is not None and len(sizes) == 2 else ("train", "val", "test")
    if sizes is None or len(sizes) > len(names):
        return call.new("torch.pieces", element=call.new(SUBSET, dataset=dataset, part=UNKNOWN, split=made))
    parts = []
    for index, _ in enumerate(sizes):
        part = call.engine.new(
            f"{SUBSET}.{index}", call.site, {"dataset": dataset, "part": Const(names[index]), "split": made}
        )
        parts.append(Obj(part.id, SUBSET, call.site))
    return Tuple(tuple(parts))


@row("torch.utils.data.ConcatDataset", "torch.utils.data.ChainDataset")
def concat_dataset(call: Call, datasets: Value) -> Value:
    return call.new("torch.utils.data.ConcatDataset", items_of=call.element(datasets))


@method("torch.utils.data.ConcatDataset", "__iter__", "__getitem__")
def concat_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return sample(call, call.get(receiver, "items_of") or UNKNOWN)


@method(DATASET, "__init__")
def dataset_init(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return NONE


# -- loaders ----------------------------------------------------------------------------------------------------------
@row(LOADER, "torch.utils.DataLoader")
def data_loader(
    call: Call,
    dataset: Value,
    batch_size: Value = ONE,
    shuffle: Value = FALSE,
    sampler: Value = NONE,
    batch_sampler: Value = NONE,
    num_workers: Value = ZERO,
    collate_fn: Value = NONE,
    **rest: Value,
) -> Value:
    if not call.given("collate_fn"):  # also behind a ``**kwargs`` nobody can see: rarely given
        collate_fn = NONE
    return call.new(LOADER, dataset=dataset, shuffle=shuffle, sampler=sampler, collate_fn=collate_fn)


@method(LOADER, "__iter__")
def batch(call: Call, receiver: Value) -> Value:
    collate = call.get(receiver, "collate_fn") or NONE
    item = sample(call, call.get(receiver, "dataset") or UNKNOWN)
    if collate != NONE:
        batch_of = call.engine.new("list", call.site, {"items": UNKNOWN, "element": item})
        return call.call(collate, batch_of) if collate is not UNKNOWN else UNKNOWN
    return collated("torch", item)


@attribute(LOADER, "sampler", "batch_sampler")
def loader_sampler(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- torchvision's data sets ------------------------------------------------------------------------------------------
def _dataset(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    labels: Fact[Encoding] = nothing()
    if "classes" in about:
        labels = class_numbers(call, 0, about["classes"] - 1)
    elif "by" in about:
        chosen = about["labels"].get(constant(given[about["by"]]))
        labels = nothing() if chosen is None else class_numbers(call, *chosen)
    elif name == "FakeData":
        count = axis_of(given["num_classes"]) if call.given("num_classes") else 10
        labels = nothing() if count is None else class_numbers(call, 0, count - 1)
    elif name in ("ImageFolder", "DatasetFolder"):
        labels = known(Encoding("integer", low=0), call.site)
    if not call.complete:
        labels = nothing()
    name_of_part = "train" if "train" in given or call.given("train") else "split"
    value = (
        call.argument(name_of_part).value if call.given(name_of_part) else TRUE if name_of_part == "train" else UNKNOWN
    )
    part = part_argument(call, value, call.where(name_of_part))
    made = known_dataset(call, f"torchvision.datasets.{name}", labels, part)
    call.set(
        made, "target_transform", call.argument("target_transform").value if call.given("target_transform") else NONE
    )
    if not call.complete:
        call.set(made, "target_transform", UNKNOWN)
    return made


def _register() -> None:
    for name, about in _TABLE["datasets"].items():
        row(f"torchvision.datasets.{name}")(signed(partial(_dataset, name, about), about["arguments"]))
        bases(f"torchvision.datasets.{name}", "torchvision.datasets.VisionDataset")
    for name in _TABLE["models"]["names"].split():
        row(f"torchvision.models.{name}")(network)
        bases(f"torchvision.models.{name}", "torchvision.models")


@method("torchvision.datasets.VisionDataset", "__iter__", "__getitem__")
def vision_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    features = call.get(receiver, "features")
    labels = call.get(receiver, "targets") or call.get(receiver, "labels")
    if features is None or labels is None:
        return UNKNOWN
    change = call.get(receiver, "target_transform") or NONE
    if change != NONE:
        labels = call.call(change, labels) if change is not UNKNOWN else UNKNOWN
    return Tuple((features, labels))


@attribute("torchvision.datasets.VisionDataset", "targets", "train_labels", "test_labels", "labels")
def vision_targets(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, "targets") or call.get(receiver, "labels")
    return UNKNOWN if found is None else tensor("torch", found) if isinstance(found, Data) else found


@attribute("torchvision.datasets.VisionDataset", "data", "train_data", "test_data")
def vision_data(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, "features")
    return UNKNOWN if found is None else tensor("torch", found)


@attribute("torchvision.datasets.VisionDataset", "classes", "class_to_idx", "imgs", "samples", "transform")
def vision_other(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- ready-made networks ----------------------------------------------------------------------------------------------
MODEL = "torchvision.models"
HEADS = ("fc", "classifier", "head", "heads")
bases(MODEL, "torch.nn.Module")


def network(call: Call, *args: Value, **rest: Value) -> Value:
    """A network for ``num_classes`` classes."""
    units = rest.get("num_classes", Const(1000)) if call.complete else UNKNOWN
    kind = call.path if call.path.startswith("torchvision.") else MODEL
    return call.new(kind, units=units)


@row("torchvision.models.*")
def some_network(call: Call, *args: Value, **rest: Value) -> Value:
    """``getattr(models, arch)()``: one of them."""
    return call.new(MODEL, units=UNKNOWN)


row("timm.create_model")(network)
_register()


@method(MODEL, "__call__", "forward")
def call_network(call: Call, receiver: Value, x: Value, *more: Value, **rest: Value) -> Value:
    call.event("forward", receiver, framework="torch")
    base = blank("torch", model=receiver, grad=True)
    lineage_of = only_data(x)
    if lineage_of is not None:
        base = base.with_(source=lineage_of.source, part=lineage_of.part, split=lineage_of.split)
    heads = [head for name in HEADS if (head := call.get(receiver, name)) is not None]
    if heads:  # more than one: each in a branch of its own
        result = choice(_through(call, head, base) for head in heads)
        return result.with_(model=receiver) if isinstance(result, Data) else result
    units = call.get(receiver, "units") or UNKNOWN
    found: Fact[int] = constants(units, int)
    if isinstance(receiver, Obj) and receiver.kind == MODEL and not found.must(lambda n: n > 0):
        return base
    return base.with_(scale=known("linear", receiver.site if isinstance(receiver, Obj) else None), units=found)


def _through(call: Call, head: Value, base: Data) -> Value:
    """What a head that was put on makes of the features."""
    replaced = isinstance(head, Layer) or (isinstance(head, Obj) and head.kind != "torch.part")
    return call.call(head, base) if replaced else base


@attribute(MODEL, *HEADS)
def network_head(call: Call, receiver: Value) -> Value:
    name = call.path.rpartition(".")[2]
    found = call.get(receiver, name)
    return call.new("torch.part", model=receiver, name=Const(name)) if found is None else found


@attribute(MODEL, "*")
def network_part(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, call.path.rpartition(".")[2])
    return UNKNOWN if found is None else found


@attribute("torch.part", "*")
def part_attribute(call: Call, receiver: Value) -> Value:
    return UNKNOWN


bases("torch.part", "torch.nn.Module")


@method("torch.part", "__getitem__")
def part_item(call: Call, receiver: Value, index: Value) -> Value:
    return UNKNOWN


@method("torch.part", "__call__")
def call_part(call: Call, receiver: Value, x: Value) -> Value:
    return blank("torch")


@method("torch.part", "__setitem__", "__setattr__", "add_module")
def set_part(call: Call, receiver: Value, index: Value, value: Value) -> Value:
    model, name = call.get(receiver, "model") or UNKNOWN, constant(call.get(receiver, "name") or UNKNOWN)
    if isinstance(name, str) and not (isinstance(value, Layer) and value.type.endswith("Dropout")):
        head = (isinstance(value, Layer) and value.type == "Linear") or (
            isinstance(value, Obj) and value.kind == "torch.nn.Sequential" and index not in (ZERO, UNKNOWN)
        )
        call.set(model, name, value if head else receiver)
    return NONE
