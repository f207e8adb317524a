"""Schedules and amounts with which nothing happens."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.facts import Site
from mllint.program import Amount, Argument, Loop, Program, Schedule
from mllint.rule import ERROR, Finding, Note, hint, rule
from mllint.values import Const, Obj, Tuple, Value

_NEVER_ZERO = ("step_size", "T_max", "T_0", "total_steps", "decay_steps", "first_decay_steps")


@rule("ML506", ERROR)
def empty_schedule(program: Program) -> Iterator[Finding]:
    """No epochs, no rows in a batch, or a schedule that does nothing while the model is trained."""
    for amount in program.amounts:
        if _number(amount.argument) == 0:
            yield Finding(
                amount.argument.site or amount.site,
                _nothing(amount),
                because=[] if amount.argument.site is None else [Note(amount.site, f"given to `{amount.by}`")],
                fix=hint("give a number of at least 1"),
            )
    for schedule in program.schedules:
        yield from _zero_step(schedule)
        yield from _long_warmup(schedule)
        yield from _never_fires(program, schedule)
    for amount in program.amounts:
        yield from _patient(program, amount)


def _nothing(amount: Amount) -> str:
    if amount.name == "batch_size":
        return f"`{amount.by}` is asked for batches of no rows: it raises"
    return f"`{amount.by}` is told to train for no {amount.name}: the model stays as it is"


def _number(argument: Argument) -> int | float | None:
    """The number that an argument surely is: not one that whoever runs the program may change."""
    value = argument.value
    if type(value) is not Const or isinstance(value.value, bool) or not isinstance(value.value, (int, float)):
        return None
    return value.value


def _zero_step(schedule: Schedule) -> Iterator[Finding]:
    for name in _NEVER_ZERO:
        argument = schedule.setting(name)
        if argument.given and _number(argument) == 0:
            yield Finding(
                argument.site or schedule.site,
                f"`{schedule.name}` divides by `{name}`, which is 0",
                fix=hint("give the number of epochs or steps after which the rate changes"),
            )


def _long_warmup(schedule: Schedule) -> Iterator[Finding]:
    warmup, total = schedule.setting("num_warmup_steps"), schedule.setting("num_training_steps")
    steps, whole = _number(warmup), _number(total)
    if steps is not None and whole is not None and 0 < whole <= steps:
        yield Finding(
            warmup.site or schedule.site,
            f"the warm-up takes {steps:g} of {whole:g} training steps: the rate never gets to where it is warmed up to",
            because=[] if total.site is None else [Note(total.site, "all the steps there are")],
            fix=hint("warm up for 5 to 10 % of the steps"),
        )


def _first_change(schedule: Schedule) -> tuple[float, Argument] | None:
    """After how many steps of a schedule the rate changes for the first time, and what says so."""
    if schedule.name == "StepLR":
        argument = schedule.setting("step_size")
        number = _number(argument)
        return None if number is None else (number, argument)
    if schedule.name == "MultiStepLR":
        argument = schedule.setting("milestones")
        items = argument.value.items if isinstance(argument.value, Tuple) else ()
        numbers = [_number(Argument(item)) for item in items]
        known = [number for number in numbers if number is not None]
        return (min(known), argument) if known and len(known) == len(numbers) else None
    if schedule.name == "ReduceLROnPlateau":
        argument = schedule.setting("patience")
        number = _number(argument)
        return None if number is None else (number + 1, argument)
    return None


def _never_fires(program: Program, schedule: Schedule) -> Iterator[Finding]:
    """A schedule that is stepped once an epoch, and waits for more epochs than there are."""
    first = _first_change(schedule)
    if first is None or first[0] <= 0 or not isinstance(schedule.made, Obj):
        return
    stepped = [loop for loop in program.loops() if _steps_in(loop, schedule.made)]
    if len(stepped) != 1:
        return
    loop = stepped[0]
    if loop.length is not None and loop.length > 1 and loop.length <= first[0] and schedule.made.id not in loop.made:
        yield _waits(schedule.name, first[1], schedule.site, loop.length, loop.site)


def _steps_in(loop: Loop, scheduler: Value) -> bool:
    """Whether a loop, not one inside of it, steps the scheduler."""
    return any(not isinstance(e, Loop) and e.kind == "scheduler_step" and e.target == scheduler for e in loop.events)


def _waits(name: str, argument: Argument, made: Site, epochs: float, where: Site) -> Finding:
    return Finding(
        argument.site or made,
        f"`{name}` does not change the rate within the {epochs:g} epochs there are",
        because=[Note(where, f"{epochs:g} epochs")],
        fix=hint("let it change after fewer epochs, or leave it out"),
    )


def _patient(program: Program, amount: Amount) -> Iterator[Finding]:
    """A Keras callback that waits for as many epochs as there are."""
    epochs = _number(amount.argument)
    if amount.name != "epochs" or epochs is None or epochs < 2:
        return
    for schedule in program.schedules:
        patience = schedule.setting("patience")
        number = _number(patience)
        if (
            schedule.framework == "keras"
            and schedule.made in amount.callbacks
            and number is not None
            and number >= epochs
        ):
            yield _waits(schedule.name, patience, schedule.site, epochs, amount.argument.site or amount.site)
