"""The way from layer to layer: what the rules about stacks of layers ask of it."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.facts import Site
from mllint.program import Program
from mllint.values import UNKNOWN, Applied, Const, Layer, Obj, Value, constant

DENSE = ("Dense", "Linear", "LazyLinear")
CONV = (*(f"Conv{n}{d}" for n in (1, 2, 3) for d in "dD"), *(f"LazyConv{n}d" for n in (1, 2, 3)))
DROPOUT = (
    "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "SpatialDropout1D", "SpatialDropout2D",
    "SpatialDropout3D", "GaussianDropout",
)  # fmt: skip
BATCH_NORM = (
    "BatchNormalization",
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
)
SAME = ("Identity",)
FLAT = ("Flatten",)
ACTIVATIONS = frozenset(
    {
        "Activation", "Softmax", "Softmax2d", "LogSoftmax", "Sigmoid", "Hardsigmoid", "Tanh", "Hardtanh", "ReLU", "ReLU6", "LeakyReLU",
        "PReLU", "RReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Swish", "Mish", "Softplus", "Softsign", "ThresholdedReLU", "Hardswish",
    }
)  # fmt: skip
"""Layers that do nothing but apply an activation."""
_AROUND = ("TimeDistributed", "SpectralNormalization", "WeightNormalization")


def of(node: Applied) -> Layer | None:
    """The layer that does the work: the one inside of a wrapper that only repeats it."""
    layer = node.layer
    while layer is not None and layer.type in _AROUND and layer.layers and isinstance(layer.layers[0], Layer):
        layer = layer.layers[0]
    return layer


def before(node: Applied, *skipped: str) -> Applied | None:
    """The layer whose output, as it is, this one is applied to; behind layers of these types."""
    while len(node.inputs) == 1 and node.inputs[0].direct:
        found = node.inputs[0].applied
        layer = None if found is None else of(found)
        if found is None or layer is None:
            return None
        if layer.type not in skipped:
            return found
        node = found
    return None


def together(first: Applied, second: Applied) -> bool:
    """Whether both belong to one model, or to two blocks of the same construction."""
    between = second.inputs[0] if second.inputs else None
    if between is not None and isinstance(between.model, Obj) and first.owner is UNKNOWN:
        return False  # the output of another model
    return first.owner == second.owner or (first.kind is not None and first.kind is second.kind)


def made(node: Applied) -> Site | None:
    """Where the layer was made; else where it is applied."""
    layer = of(node)
    return node.site if layer is None or layer.site is None else layer.site


def active(node: Applied) -> str | None:
    """The activation that a layer applies."""
    layer = of(node)
    return None if layer is None else layer.activation.value


def weighs(node: Applied) -> bool:
    """Whether it is a dense or convolutional layer."""
    layer = of(node)
    return layer is not None and layer.type in (*DENSE, *CONV)


def size(value: Value) -> int | None:
    """A constant number of units."""
    found = constant(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def takes(node: Applied) -> int | None:
    """The size that a layer is made for, or that its input is proven to have."""
    layer = of(node)
    if layer is None:
        return None
    for name in ("in_features", "in_channels", "in_units"):
        found = size(layer.arg(name))
        if found:
            return found
    shape = node.inputs[0].shape if len(node.inputs) == 1 else None
    return shape[-1] if shape and layer.type in DENSE else None


def shown(layer: Layer) -> str:
    """A layer in a few words, for messages."""
    units = layer.units.value
    return layer.type if units is None else f"{layer.type}({units})"


def flagged_off(layer: Layer, *names: str) -> bool:
    """Whether one of these arguments is given as False."""
    return any(layer.arg(name) == Const(False) for name in names)


def chain(node: Applied) -> Iterator[Applied]:
    """The layers before one, nearest first, as long as each is applied to what the one before it gave."""
    found = before(node)
    while found is not None:
        yield found
        found = before(found)


class Ways:
    """Where outputs of layers go to, of a whole program."""

    def __init__(self, program: Program) -> None:
        self._reads = program.reads
        self._goes: dict[int, dict[int, Layer]] = {}
        for node in program.applied:
            layer = of(node)
            for data in node.inputs:
                if data.applied is not None and layer is not None:
                    self._goes.setdefault(id(data.applied), {})[id(layer)] = layer

    def once(self, node: Applied) -> bool:
        """Whether what a layer gives is used in one place only."""
        if len(self._goes.get(id(node), ())) > 1:
            return False
        reads = self._reads.get(id(node))
        return reads is None or all(len(sites) < 2 for _, sites in reads.of.values())

    def straight(self, first: Applied, second: Applied) -> bool:
        """Whether all layers on the way from one to the other are used there only."""
        node: Applied | None = second
        while node is not None and node is not first:
            node = before(node)
            if node is not None and not self.once(node):
                return False
        return node is first
