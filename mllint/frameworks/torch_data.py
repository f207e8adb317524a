"""torch.utils.data and torchvision: where batches come from, and ready-made networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from mllint.facts import Fact, Site, known, nothing
from mllint.frameworks import image_shapes, image_transforms, lineage, seeding
from mllint.frameworks.settings import amount
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import (
    ONE,
    ZERO,
    augmented,
    axis_of,
    blank,
    change_each,
    class_numbers,
    collated,
    known_dataset,
    of_rows,
    one_row,
    only_data,
    part_argument,
    sample,
    signed,
    tensor,
)  # fmt: skip
from mllint.frameworks.toml import load_toml
from mllint.program import Argument, DistributedLoader, Loader, Split
from mllint.values import (
    AUGMENTED,
    BALANCED,
    FALSE,
    NONE,
    RESHUFFLED,
    TRUE,
    UNKNOWN,
    Callable_,
    Choice,
    Const,
    Data,
    Encoding,
    Layer,
    Move,
    Obj,
    Slice,
    Step,
    Tuple,
    Value,
    choice,
    constant,
    constants,
    options,
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
    if len(tensors) == 2 and call.complete:
        lineage.paired(call, "TensorDataset", tensors[0], tensors[1], call.positional[1][1])
    return call.new(TENSORS, tensors=Tuple(tensors) if call.complete else UNKNOWN)


@method(TENSORS, "__iter__", "__getitem__")
def tensor_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    found = call.get(receiver, "tensors")
    if not isinstance(found, Tuple):
        return UNKNOWN
    several = isinstance(index, (Slice, Obj)) or (isinstance(index, Data) and index.shape != ())
    return Tuple(tuple(_item(each, several) for each in found.items))


def _item(value: Value, several: bool) -> Value:
    """One row or several of a tensor."""
    data = tensor("torch", value)
    return data.with_(shape=(None, *data.shape[1:]) if data.shape else None) if several else one_row(data)


@row(SUBSET, "torch.utils.Subset")
def subset(call: Call, dataset: Value, indices: Value) -> Value:
    rows = indices if isinstance(indices, Data) else None
    if isinstance(dataset, Obj) and (rows is None or rows.split is UNKNOWN):
        if call.get(dataset, "subset") is not None:  # one alone may be a sample
            call.program.splits.append(Split(call.site, "Subset", _features(call, dataset), None, call.tick()))
        call.set(dataset, "subset", TRUE)
    part = rows.part if rows is not None and rows.split is not UNKNOWN else nothing()
    split = rows.split if rows is not None else UNKNOWN
    blind = Const(lineage.blind(call, indices))
    made = call.new(SUBSET, dataset=dataset, part=_box(part), split=split, blind=blind, moves=_moves(call, indices))
    call.set(made, "in_order", Const(_in_order(call, indices)))
    return made


def _in_order(call: Call, indices: Value) -> bool:
    """Whether these positions are proven to go up."""
    if isinstance(indices, Data):
        return bool(indices.tags & {"index", "arange"}) and "shuffled" not in indices.tags
    if not isinstance(indices, Obj) or indices.kind not in ("list", "range"):
        return False
    counted = indices.kind == "range" or call.get(indices, lineage.PLACES) is not None
    return counted and lineage.order_of_list(call, indices) == ()


def _moves(call: Call, indices: Value) -> Value:
    """How picking these positions moves rows, as a value."""
    moves = lineage.moves_of(call, indices)
    return UNKNOWN if moves is None else Const(moves)


def _after(data: Data, moves: Value | None) -> Data:
    """Rows after moves that are kept in a field."""
    return lineage.after(data, moves.value if isinstance(moves, Const) else None)


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
    chosen = call.get(receiver, "blind") == FALSE

    def change(data: Data) -> Data:
        fact: Fact[str] = constants(part, str)
        labels = lineage.some_classes(data.labels) if chosen else data.labels
        part_of = fact if fact.known else lineage.sliced_part(data.part)
        return _after(data.with_(part=part_of, split=split, labels=labels), call.get(receiver, "moves"))

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
            f"{SUBSET}.{index}",
            call.site,
            {
                "dataset": dataset,
                "part": Const(names[index]),
                "split": made,
                "moves": Const((Move("picked", ("random_split", made.id, index), call.site),)),
            },
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
    order = batch_sampler if sampler == NONE else sampler
    amount(call, "batch_size", "DataLoader")
    if shuffle == TRUE and call.complete and rest.get("generator", NONE) == NONE:
        seeding.decided(call, "torch", "order", "DataLoader")
    made = call.new(LOADER, dataset=dataset, shuffle=shuffle, sampler=sampler, order=order, collate_fn=collate_fn)
    for each in options(sampler):
        shuffles = call.get(each, "distributed")
        if shuffles is not None:
            where = call.where("sampler")
            call.program.distributed.append(DistributedLoader(call.site, made, each, where, constant(shuffles)))
    call.program.loaders.append(
        Loader(
            call.site,
            "torch",
            "DataLoader",
            made,
            tuple(rows_in(call, dataset)),
            is_map_style(call, dataset),
            call.argument("shuffle"),
            False if order == NONE else None if UNKNOWN in options(order) else True,
            call.argument("batch_size"),
            datasets=tuple(datasets_in(call, dataset)),
            workers=call.argument("num_workers"),
            worker_init=call.argument("worker_init_fn") if call.complete else Argument(UNKNOWN, None, True),
            drop_last=call.argument("drop_last"),
            balanced=_weighted(call, order),
        )
    )
    return made


def datasets_in(call: Call, dataset: Value, depth: int = 0) -> Iterator[Value]:
    """A data set and those that it picks rows from."""
    for option in options(dataset):
        if isinstance(option, Obj) and depth <= DEEP:
            yield option
            for name in ("dataset", "items_of"):
                inner = call.get(option, name)
                if inner is not None:
                    yield from datasets_in(call, inner, depth + 1)


STREAM = "torch.utils.data.IterableDataset"
DEEP = 4
"""How far the rows of a data set are looked for inside of others."""


def is_map_style(call: Call, dataset: Value) -> bool | None:
    """Whether rows are asked for by their number; None: not known."""
    if isinstance(dataset, (Data, Tuple)):
        return True
    if not isinstance(dataset, Obj) or call.is_instance_of(dataset, STREAM):
        return False if isinstance(dataset, Obj) else None
    if dataset.kind == "instance":
        own = (isinstance(call.attribute(dataset, name), Callable_) for name in ("__getitem__", "__len__"))
        return True if all(own) or call.is_instance_of(dataset, "torchvision.datasets.VisionDataset") else None
    return True if call.is_instance_of(dataset, DATASET) or dataset.kind == "list" else None


def rows_in(call: Call, dataset: Value, depth: int = 0) -> list[Data]:
    """The arrays that a data set is made of, as they were given to it; an unknown one where some cannot be told."""
    if isinstance(dataset, Data):
        return [dataset] if dataset.source.known or dataset.order is None else []
    if depth > DEEP or not isinstance(dataset, (Obj, Tuple)):
        return []
    if isinstance(dataset, Tuple):
        return [data for item in dataset.items for data in rows_in(call, item, depth + 1)]
    if dataset.kind == SUBSET:
        inner = rows_in(call, call.get(dataset, "dataset") or UNKNOWN, depth + 1)
        if call.get(dataset, "in_order") == TRUE:
            return inner
        return [data.with_(tags=data.tags | {"shuffled"}) for data in inner]
    if dataset.kind == TENSORS:
        return rows_in(call, call.get(dataset, "tensors") or UNKNOWN, depth + 1)
    if dataset.kind == "list":
        found = lineage.as_data(call, dataset)
        return [] if found is None or found.last("read") is None else [found]
    held = dataset.kind == "instance" or call.is_instance_of(dataset, DATASET)
    fields = call.fields(dataset).values() if held else ()
    return [data for value in fields for data in rows_in(call, value, depth + 1)]


SAMPLERS = ("RandomSampler", "SequentialSampler", "WeightedRandomSampler", "distributed.DistributedSampler")
SAMPLER = "torch.utils.data.Sampler"
CHOSEN = "torch.utils.data.SubsetRandomSampler"


@row(*(f"torch.utils.data.{module}{name}" for module in ("", "sampler.") for name in SAMPLERS[:3]))
def sampler_of_all(call: Call, *args: Value, **rest: Value) -> Value:
    if call.path.endswith("WeightedRandomSampler"):
        return call.new(SAMPLER, weighted=TRUE)
    return call.new(SAMPLER)


@row("torch.utils.data.distributed.DistributedSampler", "torch.utils.data.DistributedSampler")
def distributed_sampler(
    call: Call, dataset: Value, num_replicas: Value = NONE, rank: Value = NONE, shuffle: Value = TRUE, **rest: Value
) -> Value:
    return call.new(SAMPLER, distributed=shuffle)


@row(CHOSEN, "torch.utils.data.sampler.SubsetRandomSampler")
def subset_sampler(call: Call, indices: Value, generator: Value = NONE) -> Value:
    rows = indices if isinstance(indices, Data) else None
    parted = rows is not None and isinstance(rows.split, Obj)
    part = _box(rows.part) if rows is not None and parted else UNKNOWN
    split = rows.split if rows is not None and parted else UNKNOWN
    blind = Const(lineage.blind(call, indices))
    return call.new(CHOSEN, blind=blind, moves=_moves(call, indices), part=part, split=split)


@row("torch.utils.data.BatchSampler", "torch.utils.data.sampler.BatchSampler")
def batch_sampler_of(call: Call, sampler: Value, *args: Value, **rest: Value) -> Value:
    return sampler


@method((SAMPLER, CHOSEN), "set_epoch")
def set_epoch(call: Call, receiver: Value, epoch: Value) -> Value:
    call.event("set_epoch", receiver, framework="torch")
    return NONE


def _all_classes(call: Call, sampler: Value) -> bool:
    """Whether a sampler is proven not to go by the classes."""
    if isinstance(sampler, Choice):
        return all(_all_classes(call, option) for option in sampler.options)
    if not isinstance(sampler, Obj):
        return sampler == NONE
    return sampler.kind == SAMPLER or call.get(sampler, "blind") == TRUE


@method(LOADER, "__iter__")
def batch(call: Call, receiver: Value) -> Value:
    call.event("iterated", receiver, framework="torch")
    collate = call.get(receiver, "collate_fn") or NONE
    item = sample(call, call.get(receiver, "dataset") or UNKNOWN)
    if not _all_classes(call, call.get(receiver, "order") or UNKNOWN):
        item = change_each(item, lambda data: data.with_(labels=lineage.some_classes(data.labels)))
    item = change_each(item, lambda data: _sampled(call, data, call.get(receiver, "order") or UNKNOWN))
    item = _in_pass(call, item, receiver)
    if collate != NONE:
        return of_rows(call, collate, item)
    return collated("torch", item, call)


def _in_pass(call: Call, item: Value, loader: Value) -> Value:
    """The rows as one pass over a loader gives them."""
    shuffle = call.get(loader, "shuffle") or UNKNOWN
    if shuffle == TRUE:
        marked = change_each(item, lambda data: data.with_(tags=data.tags | {RESHUFFLED}))
        return lineage.one_pass(call, marked, loader)
    settled = shuffle in (FALSE, NONE)
    return item if settled else change_each(item, lambda data: data.with_(order=None))


def _weighted(call: Call, sampler: Value) -> Site | None:
    """Where a sampler is made that draws some rows more often."""
    return sampler.site if isinstance(sampler, Obj) and call.get(sampler, "weighted") == TRUE else None


def _sampled(call: Call, data: Data, sampler: Value) -> Data:
    """The rows that a sampler chooses."""
    if sampler == NONE or (isinstance(sampler, Obj) and sampler.kind == SAMPLER):
        weighted = _weighted(call, sampler)
        return data if weighted is None else data.did(BALANCED, weighted, "WeightedRandomSampler")
    moved = _after(data, call.get(sampler, "moves"))
    part: Fact[str] = constants(call.get(sampler, "part") or UNKNOWN, str)
    if not part.known:
        return moved.with_(part=lineage.sliced_part(moved.part))
    return moved.with_(part=part, split=call.get(sampler, "split") or UNKNOWN)


@row(*(f"torch.utils.data.{module}default_collate" for module in ("", "dataloader.", "_utils.collate.")))
def default_collate(call: Call, batch: Value) -> Value:
    return collated("torch", call.element(batch), call)


@attribute(LOADER, "sampler", "batch_sampler")
def loader_sampler(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- torchvision's data sets ------------------------------------------------------------------------------------------
def _init_dataset(name: str, about: Mapping[str, Any], call: Call, receiver: Value, **given: Value) -> Value:
    _dataset(name, about, call, made=receiver, **given)
    return NONE


def _dataset(name: str, about: Mapping[str, Any], call: Call, made: Value = NONE, **given: Value) -> Value:
    labels: Fact[Encoding] = nothing()
    if "classes" in about:
        labels = class_numbers(call, 0, about["classes"] - 1)
    elif "by" in about:
        by = about["by"]
        chosen = about["labels"].get(constant(given[by]) if call.given(by) else about.get("default"))
        labels = nothing() if chosen is None else class_numbers(call, *chosen)
    elif name == "FakeData":
        count = axis_of(given["num_classes"]) if call.given("num_classes") else 10
        labels = nothing() if count is None else class_numbers(call, 0, count - 1)
    elif name in ("ImageFolder", "DatasetFolder"):
        labels = known(Encoding("integer", low=0), call.site)
    if not call.complete:
        labels = nothing()
    by_train = "train" in given or call.given("train") or about.get("part") == "train"
    name_of_part = "train" if by_train else "split"
    value = (
        call.argument(name_of_part).value if call.given(name_of_part) else TRUE if name_of_part == "train" else UNKNOWN
    )
    part = part_argument(call, value, call.where(name_of_part))
    image_transforms.on_images(call, given.get("transform", NONE))
    made = known_dataset(call, f"torchvision.datasets.{name}", labels, part, made=made)
    call.set(made, "transform", given.get("transform", NONE) if call.given("transform") else NONE)
    if "image" in about:
        call.set(made, "image", Tuple(tuple(map(Const, about["image"]))))
    target = call.get(made, "labels")
    if isinstance(target, Data) and labels.known:
        call.set(made, "labels", target.with_(shape=(), dtype="int64"))
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
        method(f"torchvision.datasets.{name}", "__init__")(
            signed(partial(_init_dataset, name, about), about["arguments"], receiver=True)
        )
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
    transform = call.get(receiver, "transform") or UNKNOWN
    random = _random(call, transform)
    if random is not None:
        features = augmented(features, random.site, random.by)
    sizes = call.get(receiver, "image")
    if isinstance(features, Data) and isinstance(sizes, Tuple):
        image = tuple(constant(size) for size in sizes.items)
        features = features.with_(shape=image_shapes.transformed(call, transform, image))
    return Tuple((features, labels))


@attribute("torchvision.datasets.VisionDataset", "targets", "train_labels", "test_labels", "labels")
def vision_targets(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, "targets") or call.get(receiver, "labels")
    if not isinstance(found, Data):
        return UNKNOWN if found is None else found
    return tensor("torch", found.with_(shape=(None,)) if found.shape == () else found)


@attribute("torchvision.datasets.VisionDataset", "data", "train_data", "test_data")
def vision_data(call: Call, receiver: Value) -> Value:
    found = call.get(receiver, "features")
    return UNKNOWN if found is None else tensor("torch", found)


@attribute("torchvision.datasets.VisionDataset", "classes", "class_to_idx", "imgs", "samples", "transform")
def vision_other(call: Call, receiver: Value) -> Value:
    return UNKNOWN


# -- torchtext's data sets --------------------------------------------------------------------------------------------
TEXTS = "torchtext.datasets"


@row(*(f"{TEXTS}.{name}" for name in _TABLE["texts"]))
def texts(call: Call, root: Value = NONE, split: Value = NONE, **rest: Value) -> Value:
    """Pairs of a label, counted from 1, and a text; one data set for each split."""
    if rest or not call.complete:  # torchtext before 0.9, which counted from 0
        return UNKNOWN
    count = _TABLE["texts"][call.path.rpartition(".")[2]]
    names = [Const("train"), Const("test")] if split == NONE else call.items(split)
    several = split == NONE or not isinstance(split, Const)
    made = []
    for index, name in enumerate((names or []) if several else [split]):
        part = part_argument(call, name, call.where("split"))
        text = lineage.fresh(call, part=part, columns=known("features", call.site), space=UNKNOWN)
        label = text.with_(columns=known("target", call.site), labels=class_numbers(call, 1, count), dtype="int64")
        found = call.engine.new(f"{TEXTS}.{index}", call.site, {"element": Tuple((label.with_(shape=()), text))})
        made.append(Obj(found.id, TEXTS, call.site))
    return (Tuple(tuple(made)) if several else made[0]) if made else UNKNOWN


@method(TEXTS, "__iter__", "__getitem__", "__next__")
def text_item(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return call.get(receiver, "element") or UNKNOWN


@row("torchtext.data.functional.to_map_style_dataset", "torchtext.data.to_map_style_dataset")
def to_map_style(call: Call, iter_data: Value) -> Value:
    return iter_data


# -- torchvision's transforms -----------------------------------------------------------------------------------------
TRANSFORM = "torchvision.transforms"
_MODULES = (TRANSFORM, f"{TRANSFORM}.v2")


@row(*(f"{module}.{name}" for module in _MODULES for name in _TABLE["transforms"]["names"].split()))
def image_transform(call: Call, *args: Value, **rest: Value) -> Value:
    return image_transforms.made(call, TRANSFORM)


@method(TRANSFORM, "__call__", "forward")
def transformed_image(call: Call, receiver: Value, img: Value, *more: Value) -> Value:
    """The same rows; the values are others."""
    random = _random(call, receiver)
    if random is not None:
        img = augmented(img, random.site, random.by)
    if not isinstance(img, Data):
        return UNKNOWN
    return img.with_(labels=nothing(), bounds=None, shape=None, dtype=None, scale=nothing(), space=UNKNOWN)


@row(*(f"{module}.Compose" for module in _MODULES), f"{TRANSFORM}.v2.Sequential")
def compose(call: Call, transforms: Value, **rest: Value) -> Value:
    made = call.new(f"{TRANSFORM}.Compose", transforms=transforms)
    image_transforms.composed(call, made, transforms)
    return made


@method(f"{TRANSFORM}.Compose", "__call__", "forward")
def composed(call: Call, receiver: Value, img: Value) -> Value:
    steps = call.items(call.get(receiver, "transforms") or UNKNOWN)
    for step in steps or ():
        img = call.call(step, img)
    return UNKNOWN if steps is None else img


_RANDOM = (
    "RandomCrop", "RandomResizedCrop", "RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "RandomAffine",
    "RandomPerspective", "RandomGrayscale", "RandomErasing", "RandomInvert", "RandomPosterize", "RandomSolarize",
    "RandomAdjustSharpness", "RandomAutocontrast", "RandomEqualize", "RandomApply", "RandomChoice", "ColorJitter", "ElasticTransform",
    "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix",
)  # fmt: skip


def _random(call: Call, transform: Value) -> Step | None:
    """The random change that a transform, or one in a list of them, makes; None where it makes none."""
    if isinstance(transform, Choice):
        found = [_random(call, option) for option in transform.options]
        return found[0] if all(found) else None
    if not isinstance(transform, Obj):
        return None
    if transform.kind == f"{TRANSFORM}.Compose":
        steps = call.items(call.get(transform, "transforms") or UNKNOWN) or ()
        return next((step for each in steps if (step := _random(call, each)) is not None), None)
    name = constant(call.get(transform, image_shapes.NAME) or UNKNOWN) if transform.kind == TRANSFORM else None
    return Step(AUGMENTED, transform.site, str(name)) if name in _RANDOM else None


@row(*(f"{module}.Lambda" for module in _MODULES))
def lambda_transform(call: Call, lambd: Value, *types: Value) -> Value:
    return call.new(f"{TRANSFORM}.Lambda", function=lambd)


@method(f"{TRANSFORM}.Lambda", "__call__", "forward")
def apply_lambda(call: Call, receiver: Value, img: Value) -> Value:
    function = call.get(receiver, "function") or UNKNOWN
    return UNKNOWN if function is UNKNOWN else call.call(function, img)


# -- ready-made networks ----------------------------------------------------------------------------------------------
MODEL = "torchvision.models"
HEADS = ("fc", "classifier", "head", "heads")
bases(MODEL, "torch.nn.Module")


def network(call: Call, *args: Value, **rest: Value) -> Value:
    """A network for ``num_classes`` classes."""
    units = rest.get("num_classes", Const(1000)) if call.complete else UNKNOWN
    kind = call.path if call.path.startswith("torchvision.") else MODEL
    fresh = all(rest.get(name, FALSE) in (FALSE, NONE) for name in ("weights", "pretrained"))
    if fresh and call.complete and not args:
        seeding.decided(call, "torch", "weights", call.path.rpartition(".")[2])
    return call.new(kind, units=units)


@row("torchvision.models.*")
def some_network(call: Call, *args: Value, **rest: Value) -> Value:
    """``getattr(models, arch)()``: one of them."""
    return call.new(MODEL, units=UNKNOWN)


row("timm.create_model")(network)
_register()


_CLASSIFIERS = (
    "alexnet", "convnext", "densenet", "efficientnet", "mnasnet", "mobilenet", "regnet", "resnet", "resnext", "shufflenet", "swin",
    "vgg", "vit_", "wide_resnet",
)  # fmt: skip
"""Networks that give one row of scores an image, also where a layer takes the place of their head."""


@method(MODEL, "__call__", "forward")
def call_network(call: Call, receiver: Value, x: Value, *more: Value, **rest: Value) -> Value:
    call.event("forward", receiver, framework="torch")
    lineage.predicts(call, "torch", receiver, only_data(x), call.where("x"))
    base = blank("torch", model=receiver, grad=True)
    lineage_of = only_data(x)
    if lineage_of is not None:
        base = base.with_(source=lineage_of.source, part=lineage_of.part, split=lineage_of.split)
    if isinstance(receiver, Obj) and receiver.kind.rpartition(".")[2].startswith(_CLASSIFIERS):
        base = base.with_(shape=(None, None))
    heads = [head for name in HEADS if (head := call.get(receiver, name)) is not None]
    if heads:  # more than one: each in a branch of its own
        result = choice(_through(call, head, base) for head in heads)
        return result.with_(model=receiver) if isinstance(result, Data) else result
    units = call.get(receiver, "units") or UNKNOWN
    found: Fact[int] = constants(units, int)
    if isinstance(receiver, Obj) and receiver.kind == MODEL and not found.must(lambda n: n > 0):
        return base
    shape = None if base.shape is None else (None, found.value)
    made_by = receiver.site if isinstance(receiver, Obj) else None
    return base.with_(scale=known("linear", made_by), units=found, shape=shape)


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
