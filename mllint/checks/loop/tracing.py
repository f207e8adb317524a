"""Models compiled again and again, and functions that are run once to be traced."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import Compile, Fit, Loop, Program, SideEffect
from mllint.rule import WARNING, Finding, Note, hint, rule
from mllint.values import Const, Obj


@rule("ML424", WARNING)
def recompile_in_loop(program: Program) -> Iterator[Finding]:
    """A model is compiled in every epoch: its optimizer begins anew each time."""
    for compiled in program.compiles:
        readings = [loop for loop in program.loops() if compiled.loops and loop.site is compiled.loops[-1]]
        if not readings or not compiled.certain or not all(_is_epochs(program, each, compiled) for each in readings):
            continue
        loop = readings[-1]
        fit = next((event for event in loop.walk() if event.kind == "fit" and event.target == compiled.model), None)
        if fit is not None:
            yield Finding(
                compiled.site,
                "the model is compiled anew in every round of the training loop: what its optimizer has learnt of the "
                "gradients is lost each time",
                because=[Note(fit.site, "each round trains on")],
                fix=hint(
                    "compile once before the loop; set `model.optimizer.learning_rate`, or give the optimizer a schedule, "
                    "where the rate is to change"
                ),
            )


def _is_epochs(program: Program, loop: Loop, compiled: Compile) -> bool:
    """Whether every round goes on training the same model with the same layers for one epoch or batch."""
    model = compiled.model
    if (
        not isinstance(model, Obj)
        or model.id in loop.made
        or not (loop.counted or loop.kind == "while" or _trains_batches(loop))
    ):
        return False
    if any(event.kind == "weights" for event in loop.walk()) or any(
        each.name == "trainable" for each in program.attributes
    ):
        return False
    fits = [fit for fit in program.fits if fit.estimator == model and loop.site in fit.loops]
    return all(_one_epoch(program, fit) for fit in fits)


def _trains_batches(loop: Loop) -> bool:
    return any(event.kind == "iterated" for event in loop.walk())


def _one_epoch(program: Program, fit: Fit) -> bool:
    told = [each.argument.value for each in program.amounts if each.name == "epochs" and each.site is fit.site]
    return all(value == Const(1) for value in told)


_WHAT = {
    "print": "`print` shows the placeholder that the function is traced with, not the value",
    "append": "`{what}.append` keeps a placeholder that the function is traced with, not the value",
    "global": "the global `{what}` is set while the function is traced, not when it is called",
    "attribute": "`{what}` is set to a placeholder that the function is traced with, not to the value",
    "variable": "`tf.Variable` makes a new variable when the function is traced again: the second time it raises",
}
_INSTEAD = {
    "print": {"jax": "`jax.debug.print`", "tensorflow": "`tf.print`"},
    "append": {"jax": "return the value", "tensorflow": "return the value, or keep it in a `tf.TensorArray`"},
    "global": {"jax": "return the new value and hand it in again", "tensorflow": "use a `tf.Variable` and `assign`"},
    "attribute": {"jax": "return the new value", "tensorflow": "return the value, or use a `tf.Variable` and `assign`"},
    "variable": {"tensorflow": "make the variable once, outside of the function"},
}


@rule("ML432", WARNING)
def side_effect_in_traced_function(program: Program) -> Iterator[Finding]:
    """A function that is compiled does something besides computing: it happens once, when the function is traced."""
    for effect in program.side_effects:
        if effect.kind == "variable" and not effect.by.startswith("tensorflow"):
            continue
        yield Finding(
            effect.site,
            f"{_WHAT[effect.kind].format(what=effect.what)}: `{effect.function}` runs once for a trace",
            because=[] if effect.traced is None else [Note(effect.traced, f"traced by `{_shown(effect)}`")],
            fix=hint(_INSTEAD[effect.kind].get(effect.by.partition(".")[0], _INSTEAD[effect.kind].get("jax", ""))),
        )


def _shown(effect: SideEffect) -> str:
    return effect.by.replace("tensorflow.", "tf.", 1)
