"""Stacks of layers that nothing in the program is seen to use: they are applied once, for the way from layer to layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reader.calls import Arguments, call
from mllint.values import UNKNOWN, Data, Obj

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


def apply_unused(engine: Interpreter, start: int) -> None:
    """Apply the stacks made since to a tensor that nothing is known about; nothing but the layers' places is kept."""
    program = engine.program
    made = program.stacks[start:]
    if not made or engine.exhausted:
        return
    used = {node.owner.id for node in program.applied if isinstance(node.owner, Obj)}
    for stack in reversed(made):
        if stack.id in used or stack.id not in engine.state.heap or stack.site is None:
            continue
        marks, events, state = engine.marks(), engine.events, engine.state
        count = len(program.applied)
        engine.events, engine.state = [], state.fork()
        blank = Data(space=UNKNOWN, grad=True, tags=frozenset({_FRAMEWORKS.get(stack.kind.partition(".")[0], "")}))
        call(engine, stack, Arguments([(blank, None)], {}), stack.site)
        kept = program.applied[count:]
        engine.rewind(marks)
        program.applied.extend(kept)
        engine.events, engine.state = events, state
        used.update(node.owner.id for node in kept if isinstance(node.owner, Obj))


_FRAMEWORKS = {"torch": "torch", "mxnet": "gluon", "keras": "keras"}
