"""Schedules of learning rates, and samplers that shuffle by epochs: stepped when, and how often."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.facts import Site
from mllint.program import Event, Loop, Program, Schedule
from mllint.rule import ERROR, WARNING, Finding, Fix, InsertBefore, Note, hint, rule, safe
from mllint.values import UNKNOWN, constant

Place = tuple[Event, tuple[Loop, ...]]
"""An event with the loops it is in, outermost first."""
_LENGTHS = {
    "StepLR": "step_size",
    "CosineAnnealingLR": "T_max",
    "LinearLR": "total_iters",
    "PolynomialLR": "total_iters",
}
"""The argument of a schedule that says how many of its steps something takes."""


@rule("ML409", ERROR)
def scheduler_order(program: Program) -> Iterator[Finding]:
    """A schedule is stepped in the wrong loop, without its metric, before the optimizer, or never."""
    for schedule in program.schedules:
        if schedule.framework != "torch":
            continue
        for places in map(list, map(_places, program.bodies)):
            steps = [
                place for place in places if place[0].kind == "scheduler_step" and place[0].target == schedule.made
            ]
            updates = [place for place in places if _updates(place[0], schedule)]
            for step in steps:
                yield from _without_metric(schedule, step)
                yield from _in_wrong_loop(schedule, step, updates)
                yield from _too_early(program, schedule, step, places)
        yield from _never(program, schedule)


def _places(loop: Loop, around: tuple[Loop, ...] = ()) -> Iterator[Place]:
    for event in loop.events:
        if isinstance(event, Loop):
            yield from _places(event, (*around, event))
        else:
            yield event, around


def _updates(event: Event, schedule: Schedule) -> bool:
    """Whether the optimizer of the schedule is stepped."""
    return event.kind == "step" and (schedule.optimizer in (event.target, UNKNOWN) or event.target is UNKNOWN)


def _without_metric(schedule: Schedule, step: Place) -> Iterator[Finding]:
    event = step[0]
    if schedule.name == "ReduceLROnPlateau" and not event.arguments:
        yield Finding(
            event.site,
            "`ReduceLROnPlateau.step()` needs the metric it watches: raises `TypeError`",
            because=[Note(schedule.site, "the schedule")],
            fix=hint("give it the metric: `scheduler.step(val_loss)`"),
        )


def _in_wrong_loop(schedule: Schedule, step: Place, updates: list[Place]) -> Iterator[Finding]:
    event, loops = step
    if not loops or event.arguments or not event.certain:
        return
    here, around = loops[-1], loops[-2] if len(loops) > 1 else None
    each_batch = any(place[1][-1:] == (here,) for place in updates)
    inside = [place for place in updates if here in place[1][:-1]]
    if each_batch and around is not None and around.kind == "for":
        why = _by_epochs(schedule, around)
        if why:
            yield Finding(
                event.site,
                f"`{schedule.name}` is stepped once a batch, but {why}",
                because=[Note(schedule.site, "the schedule"), Note(around.site, "the loop over the epochs")],
                fix=hint("step it once an epoch, behind the loop over the batches"),
            )
    elif inside and not each_batch:
        batches = inside[0][1][inside[0][1].index(here) + 1]
        if schedule.by_batches is not None or _is_longer(schedule, here):
            yield Finding(
                event.site,
                f"`{schedule.name}` is made to be stepped once a batch, but is stepped once an epoch: it never gets far",
                because=[
                    Note(schedule.by_batches or schedule.site, "it counts batches"),
                    Note(batches.site, "the loop over the batches"),
                ],
                fix=hint("step it in the loop over the batches, behind `optimizer.step()`"),
            )


def _by_epochs(schedule: Schedule, epochs: Loop) -> str:
    """Why a schedule is proven to count epochs."""
    name = _LENGTHS.get(schedule.name)
    if schedule.name == "ExponentialLR":
        gamma = constant(schedule.setting("gamma").value)
        return f"it multiplies the rate by {gamma} each time" if isinstance(gamma, float) and 0 < gamma <= 0.99 else ""
    if schedule.name == "MultiStepLR":
        value = schedule.setting("milestones").value
        marks = [constant(item) for item in getattr(value, "items", ())] or [None]
        if epochs.length and all(isinstance(mark, int) and mark <= epochs.length for mark in marks):
            return f"its milestones {marks} are epochs, of which there are {epochs.length}"
        return ""
    if name is None:
        return ""
    count = constant(schedule.setting(name).value)
    text = dict(schedule.written).get(name, "")
    if text and text == epochs.over and not text.isdigit():
        return f"`{name}` is `{text}`, the number of epochs"
    if epochs.length and isinstance(count, int) and 0 < count <= epochs.length and epochs.length > 1:
        return f"`{name}` is {count} and there are {epochs.length} epochs"
    return ""


def _is_longer(schedule: Schedule, epochs: Loop) -> bool:
    """Whether a schedule that has to be stepped once a batch has more steps than there are epochs."""
    names = {"OneCycleLR": "total_steps", "CyclicLR": "step_size_up"}
    name = names.get(schedule.name, "num_training_steps" if schedule.name.startswith("get_") else "")
    count = constant(schedule.setting(name).value) if name else None
    if schedule.name == "OneCycleLR" and count is None:
        parts = [constant(schedule.setting(each).value) for each in ("epochs", "steps_per_epoch")]
        count = parts[0] * parts[1] if all(isinstance(part, int) for part in parts) else None
    return isinstance(count, int) and epochs.length is not None and count > epochs.length


def _too_early(program: Program, schedule: Schedule, step: Place, places: list[Place]) -> Iterator[Finding]:
    event, loops = step
    if not loops or not event.certain or event.arguments or program.versions.of("torch") < (1, 1):
        return
    here = loops[-1]
    before = places[: places.index(step)]
    behind = places[places.index(step) + 1 :]
    if any(_updates(place[0], schedule) for place in before):
        return
    first = next((place for place in behind if here in place[1] and _updates(place[0], schedule)), None)
    if first is not None and schedule.name != "ReduceLROnPlateau" and schedule.optimizer is not UNKNOWN:
        yield Finding(
            event.site,
            f"`{schedule.name}` is stepped before the optimizer: its first rate is skipped",
            because=[Note(first[0].site, "the optimizer is stepped here"), Note(schedule.site, "the schedule")],
            fix=hint("step it behind `optimizer.step()`"),
            severity=WARNING,
        )


def _never(program: Program, schedule: Schedule) -> Iterator[Finding]:
    events = [place for body in program.bodies for place in _places(body)]
    stepped = any(event.kind == "scheduler_step" and event.target == schedule.made for event, _ in events)
    trains = [e for e, loops in events if loops and e.kind == "step" and e.target == schedule.optimizer]
    if schedule.dropped and not stepped and trains and schedule.optimizer is not UNKNOWN:
        yield Finding(
            schedule.site,
            f"this `{schedule.name}` is never stepped: the learning rate stays what it is",
            because=[Note(trains[0].site, "the optimizer is stepped here")],
            fix=hint("call its `step()`"),
            severity=WARNING,
        )


# -- samplers ---------------------------------------------------------------------------------------------------------
@rule("ML412", WARNING)
def sampler_epoch_not_set(program: Program) -> Iterator[Finding]:
    """A distributed sampler that shuffles is never told the epoch: every epoch has the same order."""
    if program.said.get("set_epoch"):
        return
    loops = {loop.site: loop for loop in program.loops()}
    for each in program.distributed:
        if each.shuffles is not True:
            continue
        for one in program.passes:
            epochs = _epochs(loops, one.loops)
            if one.over == each.loader and one.trains and one.loop is not None and epochs is not None:
                yield Finding(
                    one.site,
                    "the `DistributedSampler` is never told the epoch: it shuffles the rows in the same way every epoch",
                    because=[
                        Note(each.site, "the loader with the sampler"),
                        Note(epochs.site, "the loop over the epochs"),
                    ],
                    fix=_telling(one.loop, epochs),
                )


def _epochs(loops: dict[Site, Loop], around: tuple[Site, ...]) -> Loop | None:
    return next((loops[site] for site in reversed(around) if site in loops), None)


def _telling(batches: Loop, epochs: Loop) -> Fix:
    message = "tell it the epoch before each one"
    if batches.over and epochs.variable and batches.body is epochs.body:
        return safe(message, InsertBefore(batches.site, f"{batches.over}.sampler.set_epoch({epochs.variable})"))
    return hint(f"{message}: `sampler.set_epoch(epoch)`")


# -- what is told of an epoch -----------------------------------------------------------------------------------------
@rule("ML429", WARNING)
def metric_on_last_batch(program: Program) -> Iterator[Finding]:
    """What is told of an epoch is the loss of its last batch."""
    for each in program.last_batches:
        yield Finding(
            each.site,
            f"`{each.name}` is the loss of the last batch here, not of the epoch",
            because=[Note(each.assigned, "one batch's loss"), Note(each.loop, "the loop over the batches")],
            fix=hint("add up the losses in the loop, and divide the sum by their number"),
        )
