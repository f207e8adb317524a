"""What torch modules are made of, and whether their parameters are frozen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mllint.frameworks import table
from mllint.program import Network
from mllint.values import TRUE, Layer, Obj, Tuple, Unknown, Value, options

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

FROZEN = "@frozen"
"""The field of a module whose parameters get no gradients."""
_CONTAINERS = ("list", "dict")
_LINK = ("class", "model")
"""Fields that are no parts."""
MAX_PARTS = 400


def is_module(engine: Interpreter, value: Value) -> bool:
    """Whether a value is a torch module with fields of its own."""
    return isinstance(value, Obj) and engine.is_instance_of(value, "torch.nn.Module")


def note(engine: Interpreter, value: Value) -> Network | None:
    """Put down what a module is made of; nothing for what is no module."""
    if not isinstance(value, Obj) or not is_module(engine, value):
        return None
    known = engine.program.networks.get(value)
    if known is not None and engine.noted.get(value.id) == engine.steps:
        return known
    parts: list[Value] = []
    layers: list[Layer] = []
    gaps: list[Value] = []
    for each in _inside(engine, value, {value.id}):
        if isinstance(each, Layer):
            layers.append(each)
        elif isinstance(each, Obj) and is_module(engine, each):
            parts.append(each)
            if not _is_open(engine, each):
                gaps.append(each)
        elif isinstance(each, (Unknown, Obj)):
            gaps.append(each)
    for each in (value, *parts):
        if isinstance(each, Obj) and each.kind.startswith("torchvision.models."):
            layers += _of_known_network(each)
    found = Network(
        value,
        tuple(parts),
        tuple(layers),
        complete=not gaps and _is_open(engine, value),
        pretrained=any(_is_pretrained(engine, each) for each in (value, *parts)),
    )
    engine.noted[value.id] = engine.steps
    engine.program.networks[value] = found
    return found


_HOLD = {
    "BatchNorm2d": (
        "resnet", "resnext", "wide_resnet", "densenet", "mobilenet", "efficientnet", "googlenet", "inception", "mnasnet", "regnet", "shufflenet",
    ),
    "Dropout": ("alexnet", "vgg", "squeezenet"),
}  # fmt: skip
"""Layers that networks of torchvision are known to hold."""


def _of_known_network(network: Obj) -> list[Layer]:
    name = network.kind.rpartition(".")[2]
    return [Layer("torch", layer, network.site) for layer, names in _HOLD.items() if name.startswith(names)]


def _is_open(engine: Interpreter, value: Obj) -> bool:
    """Whether its parts can be seen: a class of the program or one of torch's containers."""
    if value.kind != "instance":
        return value.kind in ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
    own = ("torch.nn.Module", "lightning.LightningModule", "torch.nn.Sequential", "torch.nn.ModuleList")
    return all(base in own for base in engine.framework_bases(value))


def _is_pretrained(engine: Interpreter, value: Value) -> bool:
    kinds = engine.framework_bases(value) if isinstance(value, Obj) and value.kind == "instance" else ()
    kind = value.kind if isinstance(value, Obj) else ""
    return any(path.startswith(("transformers.", "?.")) for each in (kind, *kinds) for path in table.lineage(each))


def _inside(engine: Interpreter, value: Obj, seen: set[int]) -> Iterator[Value]:
    """What its fields hold, and theirs."""
    for name, field in list(engine.state.heap.get(value.id, {}).items()):
        if name in _LINK or name.startswith("@"):
            continue
        for option in options(field):
            yield from _reached(engine, option, seen)


def _reached(engine: Interpreter, value: Value, seen: set[int]) -> Iterator[Value]:
    if isinstance(value, Tuple):
        for item in value.items:
            yield from _reached(engine, item, seen)
    elif isinstance(value, Layer):
        yield value
        for layer in value.layers:
            yield from _reached(engine, layer, seen)
    elif isinstance(value, Unknown):
        yield value
    elif isinstance(value, Obj) and value.id not in seen and len(seen) < MAX_PARTS:
        seen.add(value.id)
        if value.kind in _CONTAINERS or is_module(engine, value):
            if value.kind not in _CONTAINERS:
                yield value
            yield from _inside(engine, value, seen)
        elif value.kind in ("namespace", "range", "set", "str", "torch.parameters", "instance"):
            return
        else:
            yield value


def freeze(engine: Interpreter, value: Value) -> None:
    """A module's parameters, and those of the modules inside, get no gradients from now on."""
    network = note(engine, value)
    if network is not None:
        for each in (network.model, *network.parts):
            if isinstance(each, Obj):
                engine.set(each, FROZEN, TRUE)
    elif isinstance(value, Obj):
        engine.set(value, FROZEN, TRUE)


def unfreeze(engine: Interpreter, value: Value) -> None:
    """Its parameters may get gradients again."""
    network = note(engine, value)
    for each in (value,) if network is None else (network.model, *network.parts):
        if isinstance(each, Obj) and engine.get(each, FROZEN) is not None:
            engine.state.writable(each.id).pop(FROZEN, None)


def is_frozen(engine: Interpreter, value: Value) -> bool:
    """Whether a module's parameters are proven to get no gradients."""
    if not isinstance(value, Obj):
        return False
    if engine.get(value, FROZEN) is not None:
        return True
    network = engine.program.networks.get(value)
    parts = [each for each in network.parts if isinstance(each, Obj)] if network is not None else []
    return (
        network is not None
        and network.complete
        and bool(parts)
        and not network.layers
        and all(engine.get(each, FROZEN) is not None for each in parts)
    )
