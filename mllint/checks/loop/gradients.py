"""What happens in a training loop, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import Event, Loop, Program
from mllint.rule import ERROR, Finding, Fix, InsertBefore, Note, hint, rule, safe
from mllint.values import Choice, Obj, Tuple, Value, options


@rule("ML401", ERROR)
def missing_zero_grad(program: Program) -> Iterator[Finding]:
    """Gradients are computed and used round after round, and never zeroed."""
    cleared = {loop.site for loop in program.loops() if _may_clear(loop)}
    for loop in program.loops():
        if loop.site in cleared or not _is_training(loop) or any(map(_is_training, _inside(loop))):
            continue
        backward = next(event for event in loop.walk() if event.kind == "backward")
        steps = [event for event in loop.walk() if _is_torch_step(event, loop)]
        yield Finding(
            backward.site,
            "the gradients are never zeroed in this loop: each `backward()` adds to those of all rounds before",
            because=[
                Note(steps[0].site, "the optimizer uses the sum here"),
                Note(loop.site, "the loop that never zeroes them"),
            ],
            fix=_zeroing(loop, backward, steps),
        )


def _is_training(loop: Loop) -> bool:
    """Whether every round adds to the gradients of the same parameters and then uses them."""
    if loop.kind not in ("for", "while") or not loop.repeats:
        return False
    events = list(loop.walk())
    return any(event.kind == "backward" and event.framework in ("torch", "") for event in events) and any(
        _is_torch_step(event, loop) for event in events
    )


def _inside(loop: Loop) -> Iterator[Loop]:
    return (each for each in loop.loops() if each is not loop)


def _is_torch_step(event: Event, loop: Loop) -> bool:
    target = event.target
    return event.kind == "step" and _is_optimizer(target) and isinstance(target, Obj) and target.id <= loop.born


def _is_optimizer(value: Value) -> bool:
    return isinstance(value, Obj) and value.kind.startswith("torch.optim.") and "lr_scheduler" not in value.kind


def _may_clear(loop: Loop) -> bool:
    """Whether something in the loop zeroes gradients, or may do so where it cannot be seen."""
    return any(
        event.kind == "zero_grad"
        or (event.kind == "unknown_call" and any(map(_holds_parameters, (event.target, *event.arguments))))
        for event in loop.walk()
    )


def _holds_parameters(value: Value) -> bool:
    """Whether code that is given this can reach an optimizer or a model."""
    if isinstance(value, (Choice, Tuple)):
        inner = options(value) if isinstance(value, Choice) else value.items
        return any(map(_holds_parameters, inner))
    return isinstance(value, Obj) and (
        value.kind in ("instance", "torch.parameters")
        or value.kind.startswith(("torch.nn.", "torch.optim.", "keras.", "lightning.", "transformers."))
    )


def _zeroing(loop: Loop, backward: Event, steps: list[Event]) -> Fix:
    """Zeroing before the backward pass, where both are written side by side in the loop."""
    names = list(dict.fromkeys(step.receiver_text for step in steps))
    message = "zero the gradients before each backward pass"
    side_by_side = all(
        any(each is event for event in loop.events) and each.body is backward.body for each in (backward, *steps)
    )
    if side_by_side and all(names):
        return safe(message, InsertBefore(backward.site, "\n".join(f"{name}.zero_grad()" for name in names)))
    return hint(f"{message}: `{names[0] or 'optimizer'}.zero_grad()`")
