"""Lists of image transforms: which transforms, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mllint.facts import Site
from mllint.frameworks import image_shapes
from mllint.frameworks.image_shapes import NAME
from mllint.frameworks.table import Call
from mllint.program import Composition, ImageStep
from mllint.values import UNKNOWN, Const, Obj, Value, constant

COMPOSITION = "@composition"
"""Field of a composition: its record."""
FAMILY = "@family"


def made(call: Call, kind: str) -> Obj:
    """A transform, which remembers its class."""
    name = call.path.rpartition(".")[2]
    family = "v2" if ".v2." in call.path else "v1"
    inner = call.argument("transforms").value if call.given("transforms") else UNKNOWN
    if inner is UNKNOWN and call.positional:
        inner = call.positional[0][0]
    arguments = image_shapes.remembered(call)
    return call.new(kind, **{NAME: Const(name), FAMILY: Const(family), "inner": inner, **arguments})


def composed(call: Call, composition: Value, transforms: Value) -> None:
    """Record a list of transforms."""
    items = call.items(transforms)
    if items is None or not isinstance(composition, Obj):
        return
    written = call.engine.element_sites(call.where("transforms"))
    places = written if len(written) == len(items) else (None,) * len(items)
    steps = tuple(step for item, place in zip(items, places, strict=True) for step in _steps(call, item, place))
    record = Composition(call.site, steps)
    call.set(composition, COMPOSITION, Const(record))
    call.program.compositions.append(record)


def on_images(call: Call, transform: Value) -> None:
    """Pictures as PIL reads them go into a list of transforms."""
    record = constant(call.get(transform, COMPOSITION) or UNKNOWN)
    if isinstance(record, Composition):
        call.program.compositions.append(replace(record, image=True))


def _steps(call: Call, item: Value, place: Site | None) -> Iterator[ImageStep]:
    """The transforms that an item of the list consists of."""
    record = constant(call.get(item, COMPOSITION) or UNKNOWN)
    if isinstance(record, Composition):
        yield from (replace(step, movable=False) for step in record.steps)
        return
    name, family = (constant(call.get(item, each) or UNKNOWN) for each in (NAME, FAMILY))
    site = item.site if isinstance(item, Obj) and item.site is not None else call.site
    if name in ("RandomApply", "RandomChoice", "RandomOrder"):
        inner = [
            step.name
            for each in call.items(call.get(item, "inner") or UNKNOWN) or [UNKNOWN]
            for step in _steps(call, each, None)
        ]
        yield ImageStep(str(name), place or site, str(family), place is not None, tuple(inner))
        return
    known = isinstance(name, str)
    yield ImageStep(str(name) if known else "", place or site, str(family) if known else "", place is not None)
