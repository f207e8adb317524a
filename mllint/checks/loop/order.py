"""Backward passes, steps, zeroing and clipping: is each there, and at its place?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from mllint.checks.loop.story import (
    MAKES_GRADIENTS,
    TORCH,
    Moment,
    Story,
    clears,
    contains,
    hidden,
    is_optimizer,
    is_step,
    lasts,
    on_the_way,
    optimizer,
    related,
    same,
    stories,
    vague,
)
from mllint.program import Event, Loop, Program, implies
from mllint.rule import ERROR, Finding, Fix, InsertBefore, InsertBehind, Note, Remove, hint, rule, safe
from mllint.values import FALSE, UNKNOWN, Const, Obj, Unknown, Value, constant


# -- a step that never comes ------------------------------------------------------------------------------------------
@rule("ML402", ERROR)
def missing_optimizer_step(program: Program) -> Iterator[Finding]:
    """Gradients are computed for an optimizer that never uses them."""
    yield from _never_stepped(program)
    yield from _unknown_never_stepped(program)
    yield from _trainer_never_steps(program)
    yield from _tape_never_applied(program)


def _never_stepped(program: Program) -> Iterator[Finding]:
    everything = list(program.events())
    steps = [event for event in everything if is_step(event)]
    if any(event.target is UNKNOWN for event in steps):
        return
    used = [event.target for event in steps]
    used += [value for event in everything if hidden(event) for value in (event.target, *event.arguments)]
    zeroed = [event.target for event in everything if event.kind == "zero_grad" and is_optimizer(event.target)]
    made = [each.made for each in program.optimizers if each.framework == "torch"]
    for value in dict.fromkeys((*made, *zeroed)):
        if value in used or not is_optimizer(value) or _by_hand(everything):
            continue
        for story in stories(program):
            backward = next((m for m in story.of("backward") if _for_optimizer(story, m, value)), None)
            if backward is not None:
                yield _missing_step(story, backward, value)
                break


def _by_hand(events: list[Event]) -> bool:
    """Whether gradients are read, as whoever updates parameters by hand does."""
    return any(event.kind in ("grad_read", "set_grad", "input_grad", "fit") for event in events)


def _unknown_never_stepped(program: Program) -> Iterator[Finding]:
    """The same for an optimizer that is not known: each round zeroes its gradients, and nothing uses them before."""
    for story in stories(program):
        for zeroing in story.of("zero_grad"):
            event, loop = zeroing.event, zeroing.loop
            if event.target is not UNKNOWN or not event.receiver_text or loop is None or event.path != loop.path:
                continue
            inside = story.within(loop)
            if any(m.event.kind in _CALLS and m.event.receiver_text == event.receiver_text for m in story.moments):
                continue  # a model
            backward = [
                m for m in inside if m.event.kind == "backward" and m.loop is loop and m.event.body is event.body
            ]
            others = any(
                m.event.kind in ("step", "scheduler_step", "fit", "grad_read", "set_grad", "input_grad") for m in inside
            )
            names = [
                event.receiver_text,
                event.receiver_text.partition(".")[0],
                *(m.event.receiver_text for m in backward),
            ]
            if backward and not others and not any(_steps_in_secret(m.event, names) for m in inside):
                yield _missing_step(story, backward[0], UNKNOWN, event)
                return


_CALLS = ("forward", "unknown_call")


def _steps_in_secret(event: Event, names: list[str]) -> bool:
    """Whether code that cannot be seen may step: it is given the optimizer, or what holds it."""
    if event.kind != "unknown_call":
        return False
    root = event.receiver_text.partition(".")[0]
    return vague(event, *names) or (
        root != event.receiver_text and any(name.partition(".")[0] == root for name in names)
    )


def _for_optimizer(story: Story, backward: Moment, value: Value) -> bool:
    """Whether a loop that computes gradients is meant to train with this optimizer: it zeroes its gradients."""
    if backward.event.framework not in TORCH or backward.loop is None:
        return False
    made = optimizer(story.program, value)
    for moment in story.within(backward.loops[0]):
        event = moment.event
        if event.kind == "zero_grad" and event.target == value:
            return True
        whole = made is not None and made.models
        if event.kind == "zero_grad" and whole and all(contains(story.program, event.target, each) for each in whole):
            return not any(is_step(m.event) for m in story.within(backward.loops[0]))
    return False


def _missing_step(story: Story, backward: Moment, value: Value, zeroing: Event | None = None) -> Finding:
    scope = story.within(backward.loops[0])
    if zeroing is None:
        zeroing = next((m.event for m in scope if m.event.kind == "zero_grad" and m.event.target == value), None)
    others = [m for m in scope if is_step(m.event)]
    name = zeroing.receiver_text if zeroing is not None else ""
    called = f"`{name}`" if name else "the optimizer"
    notes = [] if zeroing is None else [Note(zeroing.site, f"{called} is used here")]
    if isinstance(value, Obj) and value.site is not None:
        notes.append(Note(value.site, "made here"))
    if others:
        notes.append(Note(others[0].event.site, "only the other optimizer takes its step"))
    return Finding(
        backward.event.site,
        f"gradients are computed, but {called} never takes a step: its parameters stay as they were initialised",
        because=notes,
        fix=_step_behind(story, backward, name, zeroing),
    )


def _step_behind(story: Story, backward: Moment, name: str, zeroing: Event | None) -> Fix:
    message = "step with the gradients behind each backward pass"
    loop = backward.loop
    last = backward.event
    for moment in story.within(loop):
        if (
            moment.at > backward.at
            and moment.event.kind in ("clip", "step", "unscale")
            and _beside(loop, moment.event, last)
        ):
            last = moment.event
    beside = zeroing is not None and _beside(loop, backward.event, last) and zeroing.body is backward.event.body
    scaled = any(m.event.kind in ("scale", "unscale") for m in story.within(loop))
    if name and beside and not scaled:
        return safe(message, InsertBehind(last.site, f"{name}.step()"))
    return hint(f"{message}: `{name or 'optimizer'}.step()`")


def _beside(loop: Loop | None, *events: Event) -> bool:
    """Whether events are written side by side in a loop."""
    here = () if loop is None else loop.events
    return all(any(each is event for each in here) and event.body is events[0].body for event in events)


def _trainer_never_steps(program: Program) -> Iterator[Finding]:
    everything = list(program.events())
    if any(event.target is UNKNOWN and _may_step(event) for event in everything):
        return
    used = [event.target for event in everything if event.kind == "step"]
    used += [v for e in everything if e.kind == "unknown_call" for v in (e.target, *e.arguments)]
    trainers = [e.target for e in everything if e.kind == "trainer" and e.framework == "gluon" and e.target not in used]
    for story in stories(program):
        backward = next((m for m in story.of("backward") if m.event.framework == "gluon" and m.loop is not None), None)
        if backward is None:
            continue
        for trainer in trainers:
            where = trainer.site if isinstance(trainer, Obj) else None
            yield Finding(
                backward.event.site,
                "gradients are computed, but the `Trainer` never takes a step: the parameters stay as they were initialised",
                because=[] if where is None else [Note(where, "the `Trainer` is made here")],
                fix=hint("update the parameters behind each backward pass: `trainer.step(batch_size)`"),
            )
            return


def _may_step(event: Event) -> bool:
    """Whether something takes a step, or has a method called that would be one of a ``Trainer``."""
    if event.kind != "unknown_call":
        return event.kind == "step"
    method = event.receiver_text.rpartition(".")[2]
    numbers = bool(event.arguments) and all(isinstance(each, (Const, Unknown)) for each in event.arguments)
    return method in ("step", "allreduce_grads") or (
        method == "update" and numbers
    )  # an update of a metric gets arrays


def _tape_never_applied(program: Program) -> Iterator[Finding]:
    everything = list(program.events())
    if any(event.kind in ("step", "fit") for event in everything):
        return
    makers = [each for each in program.optimizers if each.framework == "keras"]
    given = [v for e in everything if e.kind == "unknown_call" for v in (e.target, *e.arguments)]
    if any(map(_is_tensorflow_gradient, given)) or any(maker.made in given for maker in makers):
        return
    for gradient in program.gradients if makers else ():
        if gradient.model is not UNKNOWN:
            yield Finding(
                gradient.site,
                "the gradients are computed, but no optimizer applies them: the weights stay as they were initialised",
                because=[Note(makers[0].site, "the optimizer is made here")],
                fix=hint("`optimizer.apply_gradients(zip(gradients, model.trainable_variables))`"),
            )


def _is_tensorflow_gradient(value: Value) -> bool:
    return isinstance(value, Obj) and value.kind in ("tensorflow.gradients", "tensorflow.gradient")


# -- a backward pass that never comes ---------------------------------------------------------------------------------
@rule("ML403", ERROR)
def missing_backward(program: Program) -> Iterator[Finding]:
    """An optimizer steps with gradients that nothing computes."""
    anywhere = any(e.kind == "backward" and e.target is UNKNOWN for e in program.events())
    for story in stories(program):
        for step in story.of("step"):
            loss = _forgotten(story, step) if is_optimizer(step.event.target) else None
            if loss is not None:
                yield _no_backward(step, loss.event)
        for step in story.of("step"):
            scope = story.within(step.loops[0] if step.loops else None)
            if not is_optimizer(step.event.target) or "lbfgs" in _kind(step.event.target).lower():
                continue
            if any(m.event.kind in (*MAKES_GRADIENTS, "fit") or hidden(m.event) for m in scope):
                continue
            if (not step.loops and story.body.kind == "function") and anywhere:
                continue
            value = next((m.event for m in scope if m.event.kind == "loss" and m.at < step.at), None)
            if value is None or not value.grad or (story.body.kind == "function" and _elsewhere(program, story)):
                continue
            yield _no_backward(step, value)
            break


def _no_backward(step: Moment, loss: Event) -> Finding:
    return Finding(
        step.event.site,
        "the optimizer steps, but nothing computes gradients for it: `backward()` is never called, and no parameter moves",
        because=[Note(loss.site, "the loss is computed here, and nothing is done with it but reading it")],
        fix=hint("`loss.backward()` before the step"),
    )


def _elsewhere(program: Program, story: Story) -> bool:
    """Whether other code computes gradients: of what a function gives back, perhaps."""
    return any(e.kind in MAKES_GRADIENTS for body in program.bodies if body is not story.body for e in body.walk())


def _kind(value: Value) -> str:
    return value.kind if isinstance(value, Obj) else ""


# -- at the wrong place -----------------------------------------------------------------------------------------------
@rule("ML404", ERROR)
def gradient_order(program: Program) -> Iterator[Finding]:
    """The gradients are zeroed before the step can use them, or the step comes before they are computed."""
    for story in stories(program):
        for step in story.of("step"):
            if not is_step(step.event) or step.loop is None:
                continue
            found = _zeroed(story, step)
            if found is None:
                found = _too_early(story, step)
            if found is not None:
                yield found


def _zeroed(story: Story, step: Moment) -> Finding | None:
    """What the step uses was zeroed since the last backward pass."""
    found = _last_zeroing(story, step)
    if found is None or step.loop is None or _forgotten(story, step) is not None:
        return None
    return _order(story, step.loop, step, *found)


def _last_zeroing(story: Story, step: Moment) -> tuple[Moment, Moment] | None:
    """The zeroing after which no gradients are computed before the step, and the backward pass before that."""
    loop = step.loop
    if loop is None:
        return None
    zeroing: Moment | None = None
    names = {
        step.event.receiver_text,
        *(m.event.receiver_text for m in story.within(loop) if m.event.kind == "backward"),
    }
    for moment, wrapped in story.before(step, loop):
        event = moment.event
        if wrapped and not lasts(step.event.target, loop):
            return None
        if not wrapped and not on_the_way(event, step.event):
            continue
        if event.kind in MAKES_GRADIENTS or hidden(event) or (step.event.target is UNKNOWN and vague(event, *names)):
            return (zeroing, moment) if zeroing is not None and event.kind == "backward" else None
        if zeroing is None and event.kind == "zero_grad" and clears(story.program, event, step.event):
            if not implies(loop.path if wrapped else step.event.path, event.path):
                return None
            zeroing = moment
    return None


def _forgotten(story: Story, step: Moment) -> Moment | None:
    """The loss that stands between the zeroing and the step, while only another one was back-propagated before."""
    found = _last_zeroing(story, step)
    if found is None or not found[1].at < found[0].at < step.at:
        return None
    between = story.moments[found[0].at : step.at]
    return next((m for m in between if m.event.kind == "loss" and m.event.grad), None)


def _order(story: Story, loop: Loop, step: Moment, zeroing: Moment, backward: Moment) -> Finding:
    name = zeroing.event.receiver_text or "the optimizer"
    beside = _beside(loop, step.event, zeroing.event, backward.event) and not step.event.arguments
    first = zeroing.event.receiver_text
    if backward.at < step.at:
        message = f"`{name}.zero_grad()` erases the gradients before the step can use them: nothing is learnt"
        fix = hint("zero the gradients before the backward pass")
        if beside and first and not _others(story, loop, zeroing, backward):
            fix = safe(
                "zero the gradients before the backward pass",
                Remove(zeroing.event.site),
                InsertBefore(backward.event.site, f"{first}.zero_grad()"),
            )
        notes = [Note(backward.event.site, "computed here"), Note(step.event.site, "the step finds zeros")]
        return Finding(zeroing.event.site, message, notes, fix)
    text = step.event.receiver_text
    fix = hint("step behind the backward pass")
    if beside and text:
        fix = safe(
            "step behind the backward pass",
            Remove(step.event.site),
            InsertBehind(backward.event.site, f"{text}.step()"),
        )
    return Finding(
        step.event.site,
        "the optimizer steps before the gradients are computed: it finds those that were just zeroed, and nothing is learnt",
        [Note(zeroing.event.site, "zeroed here"), Note(backward.event.site, "computed only here")],
        fix,
    )


def _others(story: Story, loop: Loop, zeroing: Moment, backward: Moment) -> bool:
    """Whether several backward passes add up."""
    return sum(m.event.kind == "backward" for m in story.within(loop)) != 1


def _too_early(story: Story, step: Moment) -> Finding | None:
    """The step stands between a loss and its backward pass."""
    loop = step.loop
    assert loop is not None
    inside = story.within(loop)
    losses = [m for m in inside if m.event.kind == "loss" and m.at < step.at and m.loop is loop]
    early = [m for m in inside if m.event.kind in MAKES_GRADIENTS or hidden(m.event)]
    if not losses or step.event.path != loop.path or any(m.at < step.at for m in early) or not early:
        return None
    backward = early[0]
    clean = all(m.event.kind != "loss" for m in inside if step.at < m.at < backward.at)
    plain = backward.event.kind == "backward" and backward.loop is loop and backward.event.path == loop.path
    if not clean or not plain or backward.event.target is not losses[-1].event.target:
        return None
    if not is_optimizer(step.event.target) or any(m.event.kind == "step" for m in inside if m.at > backward.at):
        return None
    return Finding(
        step.event.site,
        "the optimizer steps between the loss and its `backward()`: it uses the gradients of the round before, and changes "
        "the parameters that `backward()` still needs, which raises",
        [Note(losses[-1].event.site, "the loss"), Note(backward.event.site, "its gradients are computed only here")],
        hint("step behind the backward pass"),
    )


# -- clipping and scaling ---------------------------------------------------------------------------------------------
@rule("ML411", ERROR)
def gradient_clip_order(program: Program) -> Iterator[Finding]:
    """Gradients are clipped when no step uses them any more, or not yet computed, or still scaled."""
    for story in stories(program):
        for clip in story.of("clip"):
            if clip.event.framework == "torch" and clip.loop is not None:
                found = _clipped_in_vain(story, clip) or _clipped_scaled(story, clip)
                if found is not None:
                    yield found
        yield from _scalers(story)


def _clipped_in_vain(story: Story, clip: Moment) -> Finding | None:
    """Whether what is clipped is used up or not computed yet."""
    loop = clip.loop
    assert loop is not None
    if constant(clip.event.arguments[0] if clip.event.arguments else UNKNOWN) == float("inf"):
        return None
    for moment, wrapped in story.before(clip, loop):
        event = moment.event
        if not wrapped and not on_the_way(event, clip.event):
            continue
        if event.kind in MAKES_GRADIENTS or hidden(event):
            return None
        used = event.kind == "step" and _of_clipped(story, clip.event, event)
        if used or (event.kind == "zero_grad" and _of_clipped(story, clip.event, event)):
            if not implies(loop.path if wrapped else clip.event.path, event.path):
                return None
            return _in_vain(story, loop, clip, moment, wrapped)
    return None


def _of_clipped(story: Story, clip: Event, other: Event) -> bool:
    """Whether a step or zeroing is of the parameters that are clipped."""
    models = clip.arguments[1:]
    if not models:
        steps = [m.event for m in story.of("step") if is_step(m.event)]
        alone = {(e.target, e.receiver_text if e.target is UNKNOWN else "") for e in steps}
        return len(alone) == 1 and len(story.program.optimizers) <= 1 and (same(other, steps[0]))
    if is_optimizer(other.target):
        made = optimizer(story.program, other.target)
        known = () if made is None else made.models or ()
        return bool(known) and all(any(related(story.program, each, model) for each in known) for model in models)
    return all(contains(story.program, other.target, model) for model in models)


def _in_vain(story: Story, loop: Loop, clip: Moment, other: Moment, wrapped: bool) -> Finding | None:
    backward = next((m for m in story.within(loop) if m.event.kind == "backward"), None)
    step = next((m for m in story.within(loop) if is_step(m.event) and _of_clipped(story, clip.event, m.event)), None)
    if backward is None or step is None:
        return None
    behind = step.at < clip.at
    text = clip.event.site
    if behind and backward.at < step.at:
        message = "the gradients are clipped behind the step that uses them: that is no clipping at all"
        notes = [Note(step.event.site, "the step uses them unclipped")]
    else:
        message = "the gradients are clipped before `backward()` computes them: that is no clipping at all"
        notes = [Note(backward.event.site, "computed here"), Note(step.event.site, "the step uses them unclipped")]
    return Finding(text, message, notes, hint("clip between the backward pass and the step"))


def _clipped_scaled(story: Story, clip: Moment) -> Finding | None:
    """Whether gradients are clipped that a gradient scaler still scales."""
    loop = clip.loop
    step = next(
        (m for m, wrapped in story.after(clip, loop) if not wrapped and m.event.kind == "step" and m.event.arguments),
        None,
    )
    if step is None or not on_the_way(step.event, clip.event) or not _of_clipped(story, clip.event, step.event):
        return None
    scaler = step.event.arguments[0]
    if _kind(scaler) != "torch.amp.GradScaler" or _switched_off(story, scaler):
        return None
    backward: Moment | None = None
    for moment, wrapped in story.before(clip, loop):
        if moment.event.kind == "unscale" or hidden(moment.event):
            return None
        if moment.event.kind == "backward" and not wrapped:
            backward = moment
            break
    if backward is None or not _is_scaled(story, loop, backward):
        return None
    name = step.event.receiver_text
    return Finding(
        clip.event.site,
        "gradients are clipped that are still multiplied by the scale of the `GradScaler`: nearly all are cut off",
        [Note(backward.event.site, "the loss is scaled here"), Note(step.event.site, "unscaled only in this step")],
        _unscaling(loop, clip, step, name),
    )


def _unscaling(loop: Loop | None, clip: Moment, step: Moment, name: str) -> Fix:
    scaler = _owner(step)
    if name and scaler and _beside(loop, clip.event, step.event):
        return safe("unscale the gradients first", InsertBefore(clip.event.site, f"{scaler}.unscale_({name})"))
    return hint("unscale the gradients first: `scaler.unscale_(optimizer)`")


def _owner(step: Moment) -> str:
    return step.event.scaler_text


def _is_scaled(story: Story, loop: Loop | None, backward: Moment) -> bool:
    return any(m.event.kind == "scale" for m in story.within(loop))


def _switched_off(story: Story, scaler: Value) -> bool:
    made = next((m.event for m in story.of("scaler") if m.event.target == scaler), None)
    everywhere = (e for e in story.program.events() if e.kind == "scaler" and e.target == scaler)
    made = made or next(everywhere, None)
    return made is not None and made.arguments[:1] == (FALSE,)


def _scalers(story: Story) -> Iterator[Finding]:
    """A gradient scaler that is never told to adapt, or steps with a loss that it never scaled."""
    for step in story.of("step"):
        scaler = step.event.arguments[0] if step.event.arguments else UNKNOWN
        if _kind(scaler) != "torch.amp.GradScaler" or step.loop is None or _switched_off(story, scaler):
            continue
        scope = story.within(step.loops[0])
        if any(hidden(m.event) for m in scope):
            continue
        kinds = {m.event.kind for m in scope if m.event.target == scaler}
        if "backward" in {m.event.kind for m in scope} and "scale" not in kinds:
            backward = next(m for m in scope if m.event.kind == "backward")
            yield Finding(
                step.event.site,
                "the `GradScaler` steps with gradients of a loss that it never scaled: this raises `No inf checks were recorded`",
                [Note(backward.event.site, "this loss is not scaled")],
                hint("`scaler.scale(loss).backward()`"),
            )
        elif "scaler_update" not in kinds and "scale" in kinds:
            owner = _owner(step)
            fix = hint("`scaler.update()` behind the step")
            if owner and _beside(step.loop, step.event):
                fix = safe("update the scaler behind the step", InsertBehind(step.event.site, f"{owner}.update()"))
            yield Finding(
                step.event.site,
                "the `GradScaler` is never updated: its second `step()` raises",
                [Note(step.loop.site, "the loop in which `update()` is missing")],
                fix,
            )


# -- gradients added up -----------------------------------------------------------------------------------------------
_ALIKE = ("torch.optim.SGD", "torch.optim.ASGD")


@rule("ML426", "warning")
def accumulation_not_normalised(program: Program) -> Iterator[Finding]:
    """Gradients of several batches are added up, and the loss is not divided by their number."""
    for story in stories(program):
        for step in story.of("step"):
            loop = step.loop
            guard = next((b for b in step.event.path if b.every is not None), None)
            if loop is None or guard is None or guard in loop.path or _kind(step.event.target) not in _ALIKE:
                continue
            inside = [m for m in story.within(loop) if m.loop is loop]
            backward = [m for m in inside if m.event.kind == "backward"]
            changed = any(m.event.kind in ("clip", "set_grad") or hidden(m.event) for m in story.within(loop))
            if len(backward) != 1 or changed:
                continue
            event = backward[0].event
            plain = event.arguments[2:3] == (Const(True),) and event.path == loop.path and not _is_mean_free(event)
            zeroing = [m.event for m in inside if m.event.kind == "zero_grad"]
            if not plain or not zeroing or any(guard not in each.path for each in zeroing):
                continue
            count = constant(guard.every) if guard.every is not None else None
            if count in (0, 1):
                continue
            number = f"{count} " if isinstance(count, int) else ""
            yield Finding(
                event.site,
                f"the gradients of {number}batches are added up for one step, and the loss is not divided by their number: "
                f"the learning rate is in effect {count if isinstance(count, int) else 'as many'} times what it says",
                [Note(guard.site, "a step only every so many batches"), Note(step.event.site, "the step with the sum")],
                _divided(event, count),
            )


def _is_mean_free(event: Event) -> bool:
    """Whether the loss is a sum anyway."""
    reduction = getattr(event.target, "arg", lambda _: None)("reduction")
    return reduction is not None and reduction != Const("mean")


def _divided(event: Event, count: object) -> Fix:
    message = "divide the loss by the number of batches"
    if isinstance(count, int) and event.receiver_text:
        return safe(message, InsertBefore(event.site, f"{event.receiver_text} = {event.receiver_text} / {count}"))
    return hint(f"{message} before the backward pass")


@rule("ML427", "warning")
def retain_graph_in_loop(program: Program) -> Iterator[Finding]:
    """The graph is kept for a second backward pass that never comes."""
    for story in stories(program):
        for backward in story.of("backward"):
            loop = backward.loop
            if loop is None or backward.event.arguments[1:2] != (Const(True),) or loop.kind == "comprehension":
                continue
            others = [m for m in story.within(loop) if m is not backward]
            again = any(
                (m.event.kind in ("backward", "gradient") and on_the_way(m.event, backward.event)) or hidden(m.event)
                for m in others
            )
            made = any(m.event.kind == "forward" and m.at < backward.at and m.loop is loop for m in others)
            if again or not made or _graph_from_outside(story, loop):
                continue
            yield Finding(
                backward.event.site,
                "`retain_graph=True`, but no other backward pass of the round goes through this graph: it costs memory, and "
                "hides a state that is carried from round to round without `detach()`",
                [Note(loop.site, "one backward pass in each round")],
                hint("leave it out; `detach()` what is carried from one round to the next"),
            )


def _graph_from_outside(story: Story, loop: Loop) -> bool:
    """Whether a model may have been run before the loop for all its rounds."""
    around = next((m.loops for m in story.within(loop)), ())
    outer = around[: next((i for i, each in enumerate(around) if each is loop), 0)]
    scope = story.within(outer[-1] if outer else None)
    first = min(m.at for m in story.within(loop))
    mine = tuple(map(id, outer))
    return any(
        m.event.kind in ("forward", "unknown_call")
        and m.at < first
        and tuple(map(id, m.loops)) == mine
        and (m.event.kind == "forward" or vague(m.event))
        for m in chain(scope)
    )
