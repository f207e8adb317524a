"""Layers that share their weights without being meant to."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.program import Program
from mllint.rule import WARNING, Finding, hint, rule
from mllint.values import Layer, Obj, Value, options


@rule("ML614", WARNING)
def shared_layer_by_mistake(program: Program) -> Iterator[Finding]:
    """One layer is put into a stack several times."""
    for each in program.repeated:
        if not any(_same(option, each.module) for value in program.stacked for option in options(value)):
            continue
        what = f"`{each.name}`" if each.name else _title(each.module)
        yield Finding(
            each.site,
            f"{what} is one object, put into the stack several times: all these layers share one set of weights",
            because=notes((each.made, each.site, "made once, here")),
            fix=hint("make a new one each time: `[Block() for _ in range(n)]`, or copy it with `copy.deepcopy`"),
        )


def _same(value: Value, module: Value) -> bool:
    """Whether two values are one module; layers that are made in the same way are not."""
    return value is module if isinstance(module, Layer) else isinstance(module, Obj) and value == module


def _title(module: Value) -> str:
    return f"this `{module.type}`" if isinstance(module, Layer) else "this block"
