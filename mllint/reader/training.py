"""What rules on training loops want to know of the source itself: running sums, and what a schedule counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import graph
from mllint.program import Accumulation, Event, LastBatch, Loop, Program, Schedule
from mllint.reader.walk import children, of, statements
from mllint.values import Data, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


def adds_to_itself(node: cst.Assign) -> bool:
    """``total = total + loss``, where reading the loss once more does nothing."""
    value, target = node.value, node.targets[0].target
    if not isinstance(value, cst.BinaryOperation) or not isinstance(value.operator, cst.Add):
        return False
    same = isinstance(target, cst.Name) and isinstance(value.left, cst.Name) and target.value == value.left.value
    return same and isinstance(value.right, cst.Name)


def accumulated(engine: Interpreter, node: cst.AugAssign | cst.Assign, added: Value, made: Value) -> Value:
    """Record ``total += loss`` in a loop."""
    if (
        not isinstance(added, Data)
        or "torch" not in added.tags
        or added.loss is None
        or added.grad is False
        or not engine.loops
    ):
        return made
    if engine.gradients is not True or not isinstance(made, Data) or added.last(graph.CUT) is not None:
        return made
    site = cast("Site", node)
    loop = cast("Any", engine.loops[-1])
    name = _code(node.target if isinstance(node, cst.AugAssign) else node.targets[0].target)
    if _starts_anew(loop, name, node) or not any(each is node for each in statements(loop.body)):
        return made
    inside = engine.frame.node or engine.scope.file.module
    if _goes_back(inside, name):
        return made
    what = (
        node.value.right if isinstance(node.value, cst.BinaryOperation) and isinstance(node, cst.Assign) else node.value
    )
    kept = engine.alone is not None and _is_returned(engine.alone, name)
    engine.program.accumulations.append(
        Accumulation(site, name, added, cast("Site", what), engine.loops, kept, engine.tick())
    )
    return graph.marked(made, graph.SUMMED, site, grad=made.grad)


def _starts_anew(loop: cst.For | cst.While, name: str, but: cst.CSTNode) -> bool:
    """Whether a variable is assigned in every round of a loop."""
    found = (each for each in statements(loop.body) if isinstance(each, cst.Assign) and each is not but)
    return any(_code(target.target) == name for each in found for target in each.targets)


def _code(node: cst.CSTNode) -> str:
    return node.value if isinstance(node, cst.Name) else cst.Module(()).code_for_node(node)


def _goes_back(inside: cst.CSTNode, name: str) -> bool:
    """Whether gradients are computed from a variable, or from something with its name in it."""
    code, word = cst.Module(()).code_for_node, re.compile(rf"\b{re.escape(name)}\b")
    block = inside if isinstance(inside, cst.Module) else getattr(inside, "body", None)
    if not isinstance(block, (cst.BaseSuite, cst.Module)):
        return False
    calls = (
        each.value for each in statements(block) if isinstance(each, cst.Expr) and isinstance(each.value, cst.Call)
    )
    return any(_last_name(call.func).endswith("backward") and word.search(code(call)) for call in calls)


def _last_name(function: cst.BaseExpression) -> str:
    """``backward`` of ``loss.backward``."""
    name = function.attr if isinstance(function, cst.Attribute) else function
    return name.value if isinstance(name, cst.Name) else ""


def _is_returned(function: cst.CSTNode, name: str) -> bool:
    """Whether a function gives back something that is computed from a variable."""
    code = cst.Module(()).code_for_node
    return any(
        re.search(rf"\b{re.escape(name)}\b(?!\.(?:item|detach|data)\b)", code(each))
        for each in of(function, cst.Return)
    )


# -- the last batch ---------------------------------------------------------------------------------------------------
_TELLS = {
    "print",
    "info",
    "debug",
    "warning",
    "append",
    "add_scalar",
    "write",
    "log",
    "log_metric",
    "add_scalars",
    "update_summary",
}


def last_batch_reads(engine: Interpreter, program: Program) -> None:
    """Record losses of a batch that are told behind the loop over the batches."""
    losses = {use.site for use in program.losses if use.framework == "torch" and use.training}
    batches = {loop.site for loop in program.loops() if loop.kind == "for" and _trains(loop)}
    if not losses or not batches:
        return
    around = {
        inner.site: loop.site
        for loop in program.loops()
        for inner in loop.events
        if loop.kind == "for" and isinstance(inner, Loop)
    }
    for site in batches:
        loop = cast("Any", site)
        names = {}
        for each in statements(loop.body):
            if isinstance(each, cst.Assign) and each.value in losses and isinstance(each.targets[0].target, cst.Name):
                names[each.targets[0].target.value] = each
        if names and site in around:
            _tell_later(program, cast("Any", around[site]), loop, names)


def _names_read(node: cst.CSTNode) -> Iterator[cst.Name]:
    """The variables that a piece of code says."""
    if isinstance(node, cst.Name):
        yield node
    elif isinstance(node, (cst.Attribute, cst.Arg)):
        yield from _names_read(node.value)
    else:
        for child in children(node):
            yield from _names_read(child)


def _trains(loop: Loop) -> bool:
    """Whether gradients are computed in a loop itself, not in one inside of it."""
    return any(isinstance(event, Event) and event.kind == "backward" for event in loop.events)


def _tell_later(program: Program, around: cst.For, loop: cst.For, names: dict[str, cst.Assign]) -> None:
    """In the loop over the epochs around a loop over the batches, what comes behind it."""
    lines = list(around.body.body)
    if loop in lines:
        left = dict(names)
        for line in lines[lines.index(loop) + 1 :]:
            for each in of(line, cst.Assign):
                for target in of(each.targets[0].target, cst.Name):
                    left.pop(target.value, None)
            for call in of(line, cst.Call):
                tells = (
                    call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
                )
                if tells not in _TELLS:
                    continue
                for name in _names_read(call):
                    assigned = left.pop(name.value, None)
                    if assigned is not None:
                        program.last_batches.append(
                            LastBatch(
                                cast("Site", name), name.value, cast("Site", assigned), cast("Site", loop), str(tells)
                            )
                        )


# -- schedules --------------------------------------------------------------------------------------------------------
_BATCHES = {"OneCycleLR": ("steps_per_epoch", "total_steps"), "CyclicLR": ("step_size_up",)}
_READS = r"\.(?:get_last_lr|get_lr|state_dict|load_state_dict|last_epoch|base_lrs)\b"


def complete_schedules(engine: Interpreter, program: Program) -> None:
    """Add what the source says of schedules."""
    texts = [scope.file.text for scope in engine.scopes.values()] if program.schedules else []
    for index, schedule in enumerate(program.schedules):
        if schedule.framework == "torch":
            by = _counts_batches(schedule, texts)
            given = tuple((name, engine.text_of(argument.site)) for name, argument in schedule.settings)
            program.schedules[index] = replace(
                schedule, by_batches=by, dropped=_is_dropped(schedule, texts), written=given
            )


def _counts_batches(schedule: Schedule, texts: list[str]) -> Site | None:
    """The argument that is computed from the number of batches."""
    names = _BATCHES.get(schedule.name, ("num_training_steps",) if schedule.name.startswith("get_") else ())
    for name in names:
        argument = schedule.setting(name)
        node = cast("Any", argument.site)
        if argument.site is not None and _has_length(node, texts):
            return argument.site
    return None


def _has_length(node: cst.BaseExpression, texts: list[str], depth: int = 0) -> bool:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "len":
        return True
    if isinstance(node, (cst.Name, cst.Attribute)):
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        found = [each[1] for text in texts for each in re.finditer(rf"\b{name}\s*=(?!=)\s*([^\n]*)", text)]
        found = [each for each in found if not re.match(rf"(?:\w+\.)*{name}\b", each)]
        return bool(found) and all(re.search(r"\blen\(", each) for each in found)
    if isinstance(node, cst.BinaryOperation):
        return _has_length(node.left, texts) or _has_length(node.right, texts)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "int" and node.args:
        return _has_length(node.args[0].value, texts)
    return False


def _is_dropped(schedule: Schedule, texts: list[str]) -> bool:
    """Whether it is kept under a name that nothing else says, but to read from it."""
    made = rf"(?m)^[ \t]*((?:\w+\.)*)(\w+)[ \t]*=[ \t]*(?:\w+\.)*{schedule.name}\("
    found = [match for text in texts for match in re.finditer(made, text)]
    if len(found) != 1:
        return False
    name = found[0][2]
    everything = "\n".join(re.sub(r"#[^\n]*", "", text) for text in texts)
    said = len(re.findall(rf"\b{name}\b", everything))
    reads = len(re.findall(rf"\b{name}{_READS}", everything))
    return said - reads <= 1
