"""What is recorded for gradients, and what is done with it: gradient tapes and gluon's records."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import AppliedGradients, Event, Gradient, Loop, ModelCall, Program
from mllint.rule import ERROR, WARNING, AddArgument, Finding, Fix, Note, Swap, hint, rule, safe
from mllint.values import NONE, UNKNOWN, Const, Data, Layer, Obj, Value


@rule("ML420", ERROR)
def tape_misuse(program: Program) -> Iterator[Finding]:
    """A gradient tape that cannot know the gradients it is asked for, or gradients given back in the wrong order."""
    for gradient in program.gradients:
        if gradient.framework == "tensorflow":
            yield from _misused(gradient)
    for applied in program.gradients_applied:
        if applied.swapped:
            yield Finding(
                applied.zip_site or applied.site,
                "`apply_gradients` takes pairs of a gradient and its variable; these are the other way round: it raises",
                because=[] if applied.zip_site is None else [Note(applied.site, "applied here")],
                fix=_exchanged(applied),
            )


def _misused(gradient: Gradient) -> Iterator[Finding]:
    if gradient.earlier is not None:
        yield Finding(
            gradient.site,
            "the tape was used up by the first `gradient()`: a second one raises",
            because=[Note(gradient.earlier, "used here already")],
            fix=hint("ask for all gradients at once, or make it with `tf.GradientTape(persistent=True)`"),
        )
    elif gradient.outside is not None and gradient.outside.site is not None and gradient.model is not UNKNOWN:
        what = "the loss is computed" if gradient.outside.loss else "the model is called"
        yield Finding(
            gradient.outside.site,
            f"{what} outside of the tape that is asked for its gradients: they are all None",
            because=[Note(gradient.site, "the gradients are asked for here")],
            fix=hint("call the model and compute the loss inside of the `with tf.GradientTape()` block"),
        )
    elif gradient.unwatched:
        yield Finding(
            gradient.sources.site or gradient.site,
            "a tape watches variables by itself, but not plain values: the gradient with respect to these is None",
            because=_made(gradient.tape),
            fix=hint("make a tensor of them and call `tape.watch(x)` at the beginning of the block"),
        )


def _made(tape: Value) -> list[Note]:
    return [Note(tape.site, "the tape")] if isinstance(tape, Obj) and tape.site is not None else []


def _exchanged(applied: AppliedGradients) -> Fix:
    message = "give each gradient before its variable"
    if applied.zipped is None:
        return hint(message)
    return safe(message, Swap(*applied.zipped))


@rule("ML421", WARNING)
def training_flag_missing(program: Program) -> Iterator[Finding]:
    """A training step that runs the model as in prediction: nothing is dropped, batch statistics are not used."""
    for call in program.model_calls:
        if call.training.given or call.training.value != NONE or not call.inactive:
            continue
        gradients = [g for g in program.gradients if g.tape in call.recorders]
        trained = next((g for g in gradients if g.model == call.model), None)
        if trained is None or any(g.model is UNKNOWN for g in gradients):  # a penalty on the gradients of the input
            continue
        names = list(dict.fromkeys(layer.type for layer in call.inactive))
        yield Finding(
            call.site,
            f"the model is trained, but called without `training=True`: its {_listed(names)} "
            f"work{'s' if len(names) == 1 else ''} as in prediction",
            because=[*_first(call), Note(trained.site, "the gradients that train it")],
            fix=_in_training(call),
        )


def _first(call: ModelCall) -> list[Note]:
    layer: Layer = call.inactive[0]
    return [] if layer.site is None else [Note(layer.site, f"`{layer.type}`")]


def _in_training(call: ModelCall) -> Fix:
    if call.accepts:
        return safe("say that it is being trained", AddArgument(call.site, "training=True"))
    return hint(
        "give its `call` a `training` argument, hand it on to these layers, and call the model with `training=True`"
    )


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


@rule("ML422", ERROR)
def gluon_record_missing(program: Program) -> Iterator[Finding]:
    """Gluon is asked for gradients of what it did not record, or gradients are divided by the batch size twice."""
    for gradient in program.gradients:
        if gradient.framework != "gluon" or gradient.outside is None or gradient.outside.site is None:
            continue
        what = "the loss is computed" if gradient.outside.loss else "the model is called"
        yield Finding(
            gradient.outside.site,
            f"{what} outside of `autograd.record()`: `backward()` raises, because nothing was recorded",
            because=[Note(gradient.site, "the gradients are asked for here")],
            fix=hint("call the model and compute the loss inside of `with autograd.record():`"),
        )
    for loop in program.loops():
        yield from _divided_twice(loop)


def _divided_twice(loop: Loop) -> Iterator[Finding]:
    """A loss averaged over the batch, and a step that divides its gradients by the number of rows."""
    backwards: list[Event] = []
    for event in loop.events:
        if isinstance(event, Loop) or event.framework != "gluon":
            continue
        if event.kind == "backward":
            backwards.append(event)
        elif event.kind == "step":
            if backwards and all(map(_is_mean, backwards)) and event.arguments and _is_many(event.arguments[0]):
                yield Finding(
                    event.site,
                    "`step(batch_size)` divides the gradients by the batch size, which `loss.mean()` has done already",
                    because=[Note(backwards[-1].site, "the gradients of the mean")],
                    fix=hint("`step(1)`, or take the gradients of the loss itself, without `mean()`"),
                )
            backwards = []


def _is_mean(event: Event) -> bool:
    return any(isinstance(value, Data) and "mean" in value.tags for value in event.arguments)


def _is_many(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, int) and value.value > 1
