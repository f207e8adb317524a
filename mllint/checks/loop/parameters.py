"""Which parameters an optimizer is given, and which ones are trained."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.facts import Site
from mllint.program import AttributeSet, Event, Optimizer, Program
from mllint.rule import ERROR, Finding, Note, hint, rule
from mllint.values import Bound, Layer, Obj, Value


@rule("ML410", ERROR)
def optimizer_wrong_parameters(program: Program) -> Iterator[Finding]:
    """An optimizer on parameters that are not those of what is trained."""
    events = list(program.events())
    for optimizer in program.optimizers:
        if optimizer.framework != "torch":
            continue
        yield from _uncalled(optimizer)
        yield from _used_up(optimizer)
        yield from _replaced(program, optimizer, events)
    yield from _other_model(program, events)


def _uncalled(optimizer: Optimizer) -> Iterator[Finding]:
    value = optimizer.trains
    if isinstance(value, Bound) and value.name in ("parameters", "named_parameters") and optimizer.trains_site:
        yield Finding(
            optimizer.trains_site,
            f"`{value.name}` is not called here: `{optimizer.name}` is given a method, which raises `TypeError`",
            fix=hint(f"call it: `{value.name}()`"),
        )


def _used_up(optimizer: Optimizer) -> Iterator[Finding]:
    if optimizer.used_up is not None and optimizer.used_up is not optimizer.site:
        yield Finding(
            optimizer.trains_site or optimizer.site,
            f"these parameters were gone through before, so nothing is left for `{optimizer.name}`: raises `ValueError`",
            because=[Note(optimizer.used_up, "`parameters()` is a generator: it was used up here")],
            fix=hint("call `parameters()` again, or keep `list(model.parameters())`"),
        )


def _replaced(program: Program, optimizer: Optimizer, events: list[Event]) -> Iterator[Finding]:
    """Parts of its model that are put in after it was made: it has the parameters of those that were there."""
    if program.said.get("add_param_group") or not any(e.kind == "step" and e.target == optimizer.made for e in events):
        return
    for change in program.attributes:
        later = change.order >= optimizer.order and change.alone is optimizer.alone and change.certain
        if not later or not change.adds or not _is_part(program, optimizer, change):
            continue
        again = [o for o in program.optimizers if o is not optimizer and o.order > change.order]
        if not again:
            yield Finding(
                change.site,
                f"`{change.name}` is replaced after `{optimizer.name}` was made, which holds the old parameters: the new ones are not trained",
                because=[Note(optimizer.site, "the optimizer is made here")],
                fix=hint("make the optimizer when the model is complete"),
            )


def _is_part(program: Program, optimizer: Optimizer, change: AttributeSet) -> bool:
    """Whether what is replaced is proven to be a part of what the optimizer trains."""
    replaced = isinstance(change.before, Layer) or (isinstance(change.before, Obj) and change.before.kind != "list")
    ready_made = isinstance(change.target, Obj) and change.target.kind.startswith("torchvision.models")
    if not (replaced or (ready_made and change.name in ("fc", "classifier", "head", "heads"))):
        return False
    for model in optimizer.models or ():
        network = program.networks.get(model)
        if model == change.target or (network is not None and network.holds(change.target)):
            return True
    return False


def _other_model(program: Program, events: list[Event]) -> Iterator[Finding]:
    """A model is trained that no optimizer has, and an optimizer has a model that nothing runs."""
    optimizers = [each for each in program.optimizers if each.framework == "torch"]
    if not optimizers or any(each.models is None for each in optimizers):
        return
    held = [(each, model) for each in optimizers for model in each.models or ()]
    if not all(isinstance(model, Obj) for _, model in held):
        return
    run = [event.target for event in events if event.kind == "forward"]
    trained = {step.by: each.site for each in program.backwards for step in each.data.steps if step.kind == "run"}
    for model, backward in trained.items():
        if not isinstance(model, Obj) or any(_related(program, model, other) for _, other in held):
            continue
        for optimizer, other in held:
            twice = sum(1 for _, each in held if each == other) > 1 and model.kind == "instance"
            idle = not any(_related(program, other, each) for each in run)
            stepped = any(event.kind == "step" and event.target == optimizer.made for event in events)
            if stepped and (idle or (twice and optimizer is _last(held, other))) and model in run:
                yield Finding(
                    optimizer.trains_site or optimizer.site,
                    f"`{optimizer.name}` is given the parameters of another model than the one that is trained",
                    because=[
                        Note(note, text)
                        for note, text in (
                            (_site(other), "the model whose parameters it has"),
                            (_site(model), "the model that is trained"),
                            (backward, "gradients are computed here"),
                        )
                        if note is not None
                    ],
                    fix=hint("give it the parameters of the model that is trained"),
                )
                return


def _related(program: Program, first: Value, second: Value) -> bool:
    """Whether one is the other or a part of it, as far as that cannot be excluded."""
    if first == second:
        return True
    networks = [program.networks.get(each) for each in (first, second)]
    return any(
        network is None or not network.complete or network.holds(other)
        for network, other in zip(networks, (second, first), strict=True)
    )


def _site(value: Value) -> Site | None:
    return value.site if isinstance(value, Obj) else None


def _last(held: list[tuple[Optimizer, Value]], model: Value) -> Optimizer:
    return [optimizer for optimizer, each in held if each == model][-1]
