"""Training and evaluation: is the model in the right mode, are gradients on, and does only training train?"""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.loop.story import (
    TORCH,
    Moment,
    Story,
    attacks,
    hidden,
    in_mode,
    is_optimizer,
    is_step,
    lasts,
    may_be_in_mode,
    on_the_way,
    quiet,
    same,
    stories,
    trains,
)
from mllint.program import Event, Loop, Network, Program, implies
from mllint.rule import ERROR, WARNING, Finding, Fix, InsertBefore, Note, hint, rule, safe
from mllint.values import UNKNOWN, Const, Layer, Obj, Value

MODES = ("eval_mode", "train_mode")
_GRADIENTS = ("backward", "gradient", "step", "zero_grad")


# -- what is evaluation -----------------------------------------------------------------------------------------------
def _forwards(story: Story) -> Iterator[Moment]:
    """The forward passes of torch models, without those of modules inside of others."""
    for moment in story.of("forward"):
        event = moment.event
        model = isinstance(event.target, Obj) or (event.target is UNKNOWN and event.receiver_text)
        if model and event.framework in TORCH and not event.nested:
            yield moment


def _of(story: Story, model: Event) -> Iterator[Moment]:
    """The forward passes of one model."""
    return (each for each in _forwards(story) if same(each.event, model))


def _evaluation(story: Story, forward: Moment) -> Loop | None:
    """The outermost loop around a forward pass in which nothing is learnt, if there is one."""
    for loop in forward.loops:
        if not any(m.event.kind in _GRADIENTS or hidden(m.event) for m in story.within(loop)):
            return loop
    return None


def _mode(story: Story, forward: Moment, start: int) -> tuple[Moment | None, bool]:
    """The latest change of mode before a place that may reach the model; whether the model was trained since then."""
    trained = False
    for moment in reversed(story.moments[:start]):
        event = moment.event
        if not on_the_way(event, forward.event):
            continue
        trained = trained or event.kind == "backward"
        if event.kind in MODES and may_be_in_mode(story.program, event, forward.event):
            return moment, trained
        if event.kind == "unknown_call" and not quiet(event) and _given(event, forward.event):
            return moment, trained
    return None, trained


def _given(event: Event, model: Event) -> bool:
    """Whether code that cannot be seen is given the model."""
    if model.target is UNKNOWN:
        return False
    return any(value == model.target for value in (event.target, *event.arguments))


def _comes_after(story: Story, forward: Moment, loop: Loop | None) -> bool:
    """Whether an ``eval()`` further down in a loop around reaches the model in the next round."""
    outer = forward.loops if loop is None else forward.loops[: [id(each) for each in forward.loops].index(id(loop))]
    for around in outer[:1]:
        for moment in story.within(around):
            later = moment.at > forward.at and moment.event.kind == "eval_mode"
            if later and may_be_in_mode(story.program, moment.event, forward.event):
                return True
    return False


def _learns(story: Story, model: Event) -> bool:
    """Whether a model is trained in this story: gradients are computed in a loop that runs it."""
    return any(story.learns(each) and each.event.grad for each in _of(story, model))


def _network(program: Program, model: Value) -> Network | None:
    return program.networks.get(model) if isinstance(model, Obj) else None


def _switching(network: Network | None) -> Layer | None:
    """A layer that works in another way while training."""
    for layer in () if network is None else network.layers:
        if "BatchNorm" in layer.type:
            return layer
        if "Dropout" in layer.type and layer.arg("p") not in (Const(0), Const(0.0)):
            return layer
    return None


def _name(model: Event) -> str:
    text = model.receiver_text
    return f"`{text}`" if text else "the model"


# -- evaluation in the wrong mode -------------------------------------------------------------------------------------
@rule("ML406", ERROR)
def eval_mode_missing(program: Program) -> Iterator[Finding]:
    """A model with dropout or batch normalisation is evaluated while it is in training mode."""
    for story in stories(program):
        for forward in _forwards(story):
            network = _network(program, forward.event.target)
            layer = _switching(network)
            if layer is None or network is None or network.pretrained or layer.site is None:
                continue
            found = _evaluated_in_training_mode(story, forward, layer)
            if found is not None:
                yield found


def _evaluated_in_training_mode(story: Story, forward: Moment, layer: Layer) -> Finding | None:
    loop = _evaluation(story, forward)
    if not _is_evaluated(story, forward, loop) or _repeated(forward, loop):
        return None
    start = forward.at if loop is None else min(m.at for m in story.within(loop))
    inside = () if loop is None else story.within(loop)
    if any(m.event.kind in MODES and may_be_in_mode(story.program, m.event, forward.event) for m in inside):
        return None
    last, trained = _mode(story, forward, start)
    if last is not None and (last.event.kind != "train_mode" or not trained):
        return None
    if last is None and (story.body.kind == "function" or _comes_after(story, forward, loop)):
        return None
    made = "drops" if "Dropout" in layer.type else "uses the statistics of"
    what = "values at random" if "Dropout" in layer.type else "each batch, and changes its own,"
    notes = [Note(layer.site, f"`{layer.type}` {made} {what} in training mode")] if layer.site is not None else []
    if last is not None:
        notes.append(Note(last.event.site, "put into training mode here"))
    if loop is not None:
        notes.append(Note(loop.site, "nothing is trained in this loop"))
    return Finding(
        forward.event.site,
        f"{_name(forward.event)} is evaluated in training mode: `eval()` is not called on the way here, and its "
        f"`{layer.type}` is active",
        notes,
        _putting(story, forward, loop),
    )


def _is_evaluated(story: Story, forward: Moment, loop: Loop | None) -> bool:
    """Whether a trained model is only used here."""
    earlier = [m for m in _of(story, forward.event) if m.at < forward.at or loop is not None]
    if not any(story.learns(each) and each.event.grad for each in earlier) and not _restored(story, forward):
        return False
    if loop is not None:
        return loop.kind == "comprehension" or not _flows_on(story, forward, loop)
    if forward.event.grad is not False:
        return False
    scored = _scored(story, forward)
    return scored if story.learns(forward) else not any(m.event.kind == "backward" for m in _next(story, forward))


def _restored(story: Story, forward: Moment) -> bool:
    return any(m.at < forward.at and in_mode(story.program, m.event, forward.event) for m in story.of("load_state"))


def _scored(story: Story, forward: Moment) -> bool:
    """Whether a loss is computed from the output without gradients."""
    for moment in story.moments[forward.at + 1 :]:
        if moment.event.kind == "loss":
            return moment.event.grad is False
        if moment.event.kind in ("forward", "backward") and same(moment.event, forward.event):
            return False
    return False


def _next(story: Story, forward: Moment) -> Iterator[Moment]:
    """What happens until the model runs again."""
    for moment in story.moments[forward.at + 1 :]:
        if moment.event.kind == "forward" and same(moment.event, forward.event):
            return
        yield moment


def _repeated(forward: Moment, loop: Loop | None) -> bool:
    """Whether the same input goes through again and again, as in Monte Carlo dropout."""
    return any(each.counts for each in forward.loops[-1:]) and loop is not None


def _flows_on(story: Story, forward: Moment, loop: Loop) -> bool:
    """Whether gradients may be computed behind a loop from what it leaves, before the model runs again."""
    last = max(m.at for m in story.within(loop))
    loops = forward.loops
    around = loops[: [id(each) for each in loops].index(id(loop))]
    scope = story.within(around[-1] if around else None)
    order = [m for m in scope if m.at > last] + [
        m for m in scope if m.at < forward.at and around and not m.inside(loop)
    ]
    for moment in order:
        if moment.event.kind == "forward" and same(moment.event, forward.event):
            return False
        if moment.event.kind in ("backward", "gradient") or hidden(moment.event):
            return True
    return False


def _putting(story: Story, forward: Moment, loop: Loop | None) -> Fix:
    """``eval()`` before, and ``train()`` before the training that follows in the next round."""
    text = forward.event.receiver_text
    message = "put the model into evaluation mode first"
    place = forward.event.site if loop is None else loop.site
    around = (
        forward.loops[: [id(each) for each in forward.loops].index(id(loop))] if loop is not None else forward.loops
    )
    if not text or (loop is not None and loop.kind == "comprehension"):
        return hint(f"{message}: `{text or 'model'}.eval()`")
    edits = [InsertBefore(place, f"{text}.eval()")]
    if any(id(each) in story.learning for each in around):
        outer = around[0]
        training = next((m for m in _of(story, forward.event) if m.inside(outer) and story.learns(m)), None)
        restored = any(
            m.event.kind == "train_mode" and in_mode(story.program, m.event, forward.event) and m.inside(outer)
            for m in story.moments
        )
        if not restored:
            if training is None or training.loop is None or training.loop is outer:
                return hint(f"{message}: `{text}.eval()`, and back with `{text}.train()` before training goes on")
            if training.event.body is not forward.event.body or training.event.receiver_text != text:
                return hint(f"{message}: `{text}.eval()`, and back with `{text}.train()` before training goes on")
            edits.append(InsertBefore(training.loop.site, f"{text}.train()"))
    return safe(message, *edits)


# -- training in the wrong mode ---------------------------------------------------------------------------------------
@rule("ML407", ERROR)
def train_mode_not_restored(program: Program) -> Iterator[Finding]:
    """From the second epoch on the model is trained in evaluation mode."""
    for story in stories(program):
        for evaluating in story.of("eval_mode"):
            around = [each for each in evaluating.loops if id(each) in story.learning and each.kind != "comprehension"]
            if not around or not around[-1].repeats or _left_off(story, around[-1]):
                continue
            found = _not_restored(story, around[-1], evaluating)
            if found is not None:
                yield found


def _not_restored(story: Story, loop: Loop, evaluating: Moment) -> Finding | None:
    event = evaluating.event
    if not lasts(event.target, loop):
        return None
    if any(branch.once for branch in event.path if branch not in loop.path):
        return None
    evaluated = False
    for moment, wrapped in story.after(evaluating, loop):
        other = moment.event
        if other.kind in MODES and other.kind == "train_mode" and _may_restore(story, event, other):
            return None
        if (
            other.kind == "unknown_call"
            and not quiet(other)
            and any(v in (event.target, *event.arguments) for v in _values(other))
        ):
            return None
        if other.kind != "forward" or not in_mode(story.program, event, other):
            continue
        if other.grad is not False and story.learns(moment) and _used(story, moment):
            if not evaluated or not wrapped or (not on_the_way(event, other) and not wrapped):
                return None
            network = _network(story.program, event.target)
            if network is not None and network.complete and _switching(network) is None and not _drops(network):
                return None
            return _still_evaluating(story, loop, evaluating, moment)
        evaluated = True
    return None


def _values(event: Event) -> Iterator[Value]:
    return (value for value in (event.target, *event.arguments) if value is not UNKNOWN)


def _may_restore(story: Story, evaluating: Event, training: Event) -> bool:
    return may_be_in_mode(story.program, training, evaluating) or may_be_in_mode(story.program, evaluating, training)


def _drops(network: Network) -> bool:
    """Whether a layer may drop values by a setting of its own: ``nn.LSTM(dropout=0.5)``."""
    return any(
        "Transformer" in layer.type or any(name not in _PLAIN and "size" not in name for name, _ in layer.args)
        for layer in network.layers
        if layer.type in _DROPPING or "Transformer" in layer.type
    )


_DROPPING = ("LSTM", "GRU", "RNN", "MultiheadAttention")
_PLAIN = (
    "num_layers",
    "bias",
    "batch_first",
    "bidirectional",
    "embed_dim",
    "num_heads",
    "kdim",
    "vdim",
    "nonlinearity",
)


def _used(story: Story, forward: Moment) -> bool:
    """Whether the loop around computes gradients of what the forward pass gives."""
    return forward.loop is not None and any(
        m.event.kind in ("backward", "gradient") and on_the_way(m.event, forward.event)
        for m in story.within(forward.loop)
    )


def _still_evaluating(story: Story, loop: Loop, evaluating: Moment, training: Moment) -> Finding:
    earlier = next(
        (
            m.event
            for m in reversed(story.moments[: evaluating.at])
            if m.event.kind == "train_mode" and not m.inside(loop)
        ),
        None,
    )
    notes = [Note(training.event.site, "trained here in the next round, still in evaluation mode")]
    if earlier is not None and _may_restore(story, evaluating.event, earlier):
        notes.append(Note(earlier.site, "`train()` is called only before the loop"))
    name = _name(evaluating.event)
    return Finding(
        evaluating.event.site,
        f"{name} is put into evaluation mode in each round of this loop and never back: from the second round on it is "
        "trained without dropout and with frozen batch statistics",
        notes,
        _restoring(loop, training, evaluating),
    )


def _restoring(loop: Loop, training: Moment, evaluating: Moment) -> Fix:
    text = training.event.receiver_text
    message = "put the model back into training mode before it is trained"
    inner = training.loop
    if text and inner is not None and inner is not loop and training.event.target == evaluating.event.target:
        return safe(message, InsertBefore(inner.site, f"{text}.train()"))
    if text and inner is loop and training.event.target == evaluating.event.target:
        return safe(message, InsertBefore(training.event.site, f"{text}.train()"))
    return hint(f"{message}: `{text or 'model'}.train()`")


# -- gradients nobody wants -------------------------------------------------------------------------------------------
@rule("ML408", WARNING)
def no_grad_missing(program: Program) -> Iterator[Finding]:
    """A loop that only evaluates builds a graph for gradients in every round."""
    for story in stories(program):
        done: list[Loop] = []
        for forward in _forwards(story):
            loop = _evaluation(story, forward)
            if loop is None or any(loop is each for each in done) or forward.event.grad is not True:
                continue
            if not _only_evaluates(story, forward, loop):
                continue
            done.append(loop)
            yield Finding(
                forward.event.site,
                "nothing in this loop learns from the model, but each forward pass builds a graph for gradients: it costs memory and time",
                [Note(loop.site, "nothing in this loop computes gradients")],
                _without_gradients(forward, loop),
            )


def _only_evaluates(story: Story, forward: Moment, loop: Loop) -> bool:
    start = min(m.at for m in story.within(loop))
    if any(m.event.kind == "grad_off" for m in story.moments[:start]) or _flows_on(story, forward, loop):
        return False
    last, _ = _mode(story, forward, start)
    evaluating = last is not None and last.event.kind == "eval_mode" and implies(forward.event.path, last.event.path)
    inside = [m.event for m in story.within(loop)]
    if any(attacks(event) or event.kind == "input_grad" for event in inside):
        return False
    evaluating = evaluating or any(
        e.kind == "eval_mode" and may_be_in_mode(story.program, e, forward.event) for e in inside
    )
    if forward.event.target is UNKNOWN:
        return evaluating and not any(m.event.kind == "frozen" for m in story.moments[:start])
    if evaluating:
        return True
    if story.body.kind == "function" or any(each.counts for each in forward.loops):
        return False
    learnt = any(m.at < start and story.learns(m) and m.event.grad for m in _of(story, forward.event))
    return (learnt or _restored(story, forward)) and loop.kind in ("for", "comprehension")


def _without_gradients(forward: Moment, loop: Loop) -> Fix:
    return hint("put the loop under `with torch.no_grad():`, or `@torch.no_grad()` on the function")


# -- gradients left off -----------------------------------------------------------------------------------------------
@rule("ML425", ERROR)
def grad_or_mode_left_off(program: Program) -> Iterator[Finding]:
    """Gradients were switched off, and the training that follows does not switch them on."""
    for story in stories(program):
        for backward in story.of("backward"):
            if backward.event.framework not in TORCH:
                continue
            found = _switched_off(story, backward)
            if found is not None:
                wrapped = found.at > backward.at
                yield Finding(
                    found.event.site,
                    "gradients are switched off here and never on again: the training that follows raises in `backward()`",
                    [
                        Note(
                            backward.event.site,
                            "computed here in the next round, from a loss without a graph"
                            if wrapped
                            else "from a loss without a graph",
                        )
                    ],
                    hint(
                        "use `with torch.no_grad():` around the evaluation, or switch them on with `torch.set_grad_enabled(True)`"
                    ),
                )


def _switched_off(story: Story, backward: Moment) -> Moment | None:
    """The switch that is off when this backward pass runs."""
    scopes: list[Loop | None] = [*reversed(backward.loops), None]
    for scope in scopes:
        for moment, wrapped in story.before(backward, scope):
            event = moment.event
            if not wrapped and not on_the_way(event, backward.event):
                continue
            if event.kind == "grad_on" or (event.kind == "unknown_call" and hidden(event) and event.kind == "fit"):
                return None
            if event.kind == "grad_off":
                sure = implies(backward.event.path, event.path) or (wrapped and not any(b.once for b in event.path))
                return moment if sure else None
    return None


def _left_off(story: Story, loop: Loop) -> bool:
    """Whether gradients are left off for the next round: that is said elsewhere."""
    return any(
        (found := _switched_off(story, m)) is not None and found.inside(loop)
        for m in story.within(loop)
        if m.event.kind == "backward"
    )


# -- training where only evaluation belongs ---------------------------------------------------------------------------
@rule("ML430", ERROR)
def train_step_in_eval(program: Program) -> Iterator[Finding]:
    """The optimizer steps in the loop that evaluates: the model is trained on the rows it is judged by."""
    for story in stories(program):
        steps = [m for m in story.of("step") if is_step(m.event) and m.loop is not None]
        for step in steps:
            evaluating = _evaluating(story, step)
            if evaluating is None or not _trained_elsewhere(program, story, step, steps):
                continue
            loop = step.loop
            assert loop is not None
            yield Finding(
                step.event.site,
                "the optimizer steps in the evaluation loop: the model learns the rows it is evaluated on",
                [
                    Note(evaluating.event.site, "the model is put into evaluation mode here"),
                    Note(loop.site, "and trained in this loop"),
                ],
                hint("compute only the loss and the metrics here, under `torch.no_grad()`"),
            )


def _trained_elsewhere(program: Program, story: Story, step: Moment, steps: list[Moment]) -> bool:
    """Whether another loop trains as one should: with the same optimizer, or in another function, where it is unknown."""
    if any(_trains_properly(story, step, other) for other in steps):
        return True
    if step.event.target is not UNKNOWN:
        return False
    return any(
        _in_training_mode(other, each)
        for other in stories(program)
        if other.body is not story.body
        for each in other.of("step")
        if each.event.target is UNKNOWN and each.event.receiver_text == step.event.receiver_text
    )


def _evaluating(story: Story, step: Moment) -> Moment | None:
    """The change to evaluation mode that a step happens under."""
    loop = step.loop
    inside = story.within(loop)
    start = min(m.at for m in inside)
    models = [m for m in inside if m.event.kind == "forward" and _is_stepped(story, step.event, m.event)]
    if not any(m.event.kind == "loss" for m in inside) and step.event.target is not UNKNOWN:
        return None
    for model in models:
        if any(m.event.kind == "train_mode" and may_be_in_mode(story.program, m.event, model.event) for m in inside):
            return None
        last, trained = _mode(story, model, start)
        if last is None or last.event.kind != "eval_mode" or not implies(step.event.path, last.event.path):
            continue
        if not trained:
            return last
    return None


def _is_stepped(story: Story, step: Event, model: Event) -> bool:
    if is_optimizer(step.target):
        return trains(story.program, step.target, model.target)
    return step.target is UNKNOWN and model.target is UNKNOWN


def _trains_properly(story: Story, step: Moment, other: Moment) -> bool:
    """Whether the same optimizer steps in another loop, where the model is in training mode."""
    if other is step or not same(other.event, step.event) or other.at > step.at:
        return False
    return _in_training_mode(story, other)


def _in_training_mode(story: Story, step: Moment) -> bool:
    if step.loop is None:
        return False
    inside = story.within(step.loop)
    models = [m for m in inside if m.event.kind == "forward" and _is_stepped(story, step.event, m.event)]
    start = min(m.at for m in inside)
    for model in models:
        last, _ = _mode(story, model, start)
        own = next(
            (m for m in inside if m.event.kind in MODES and may_be_in_mode(story.program, m.event, model.event)), last
        )
        if own is None or own.event.kind == "train_mode":
            return True
    return False
