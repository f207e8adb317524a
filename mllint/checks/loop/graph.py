"""The graph that gradients flow back through: where it is cut off, and where it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.program import Backward, Event, Loop, Prediction, Program
from mllint.rule import ERROR, INFO, WARNING, Finding, InsertAfter, Note, hint, rule, safe
from mllint.values import Data, Obj, Step, Value

CUT, LEAF, RUN, SUMMED = "detached", "leaf", "run", "accumulated"


@rule("ML405", WARNING)
def loss_tensor_accumulated(program: Program) -> Iterator[Finding]:
    """A sum of loss tensors: each keeps the graph it came from."""
    summed = {step.site for each in program.backwards for step in each.data.steps if step.kind == SUMMED}
    loops = {loop.site: loop for loop in program.loops()}
    for each in program.accumulations:
        loop = loops.get(each.loops[-1])
        if loop is None or each.site in summed or each.kept or not _runs_model(loop):
            continue
        frees = any(event.kind == "backward" for event in loop.walk())
        if "." in each.target and not frees:  # what becomes of an attribute is decided elsewhere
            continue
        effect = (
            "a chain of all losses so far"
            if frees
            else "the graphs of all rounds so far, with everything that the model computed"
        )
        yield Finding(
            each.site,
            f"`{each.target}` adds up loss tensors, not numbers: it keeps {effect}",
            because=[Note(loop.site, "the loop in which it grows")],
            fix=safe("add the number", InsertAfter(each.added_site, ".item()")),
            severity=INFO if frees else WARNING,
        )


def _runs_model(loop: Loop) -> bool:
    return any(event.kind == "forward" for event in loop.walk())


@rule("ML419", ERROR)
def detached_graph(program: Program) -> Iterator[Finding]:
    """Gradients are asked of something that is cut off from the model."""
    joined = {step.site for each in program.attributes if each.name == "requires_grad" for step in _cuts(each.target)}
    for each in program.backwards:
        data = each.data
        cut, leaf = data.last(CUT), data.last(LEAF)
        if cut is None or cut.site is None or cut.site in joined:
            continue
        if leaf is not None and data.steps[-1] == leaf and leaf.site is not None:
            yield _cut_off(
                each, leaf, f"{leaf.by} makes a new tensor: no gradient reaches the model, and nothing is learnt"
            )
        elif data.grad is False and cut.by in ("`round`", "`round_`", "`sign`", "`floor`", "`ceil`"):
            yield _cut_off(each, cut, f"the gradient of {cut.by} is zero everywhere: nothing is learnt")
        elif data.grad is False:
            yield _cut_off(each, cut, f"{cut.by} cuts the loss off from the model: `backward()` raises")


def _cuts(value: Value) -> list[Step]:
    """Where a tensor was cut off, that is made the start of a graph by hand."""
    return [step for step in value.steps if step.kind == CUT] if isinstance(value, Data) else []


def _cut_off(backward: Backward, step: Step, message: str) -> Finding:
    site = step.site if step.site is not None else backward.site
    return Finding(
        site,
        message,
        because=[Note(backward.site, "gradients are computed from it here")] if site is not backward.site else [],
        fix=hint("compute the loss from what the model gives, as it is"),
    )


@rule("ML428", INFO)
def generator_graph_kept(program: Program) -> Iterator[Finding]:
    """The discriminator's step computes gradients of the generator, too."""
    owners = {each.made: each.models or () for each in program.optimizers if each.framework == "torch"}
    for body in program.bodies:
        events = list(body.walk())
        for index, event in enumerate(events):
            if event.kind != "backward":
                continue
            backward = next((each for each in program.backwards if each.site is event.site), None)
            stepped = _stepped(events[index + 1 :])
            if backward is None or not stepped or any(step not in owners for step in stepped):
                continue
            trained = [model for step in stepped for model in owners[step]]
            yield from _kept(program, backward, trained, owners)


def _stepped(events: list[Event]) -> list[Value]:
    """The optimizers stepped before the next gradients are computed."""
    found: list[Value] = []
    for event in events:
        if event.kind == "backward" and found:
            break
        if event.kind == "step":
            found.append(event.target)
    return found


def _kept(
    program: Program, backward: Backward, trained: list[Value], owners: dict[Value, tuple[Value, ...]]
) -> Iterator[Finding]:
    """Models that gave what a trained model is run on, and that have optimizers of their own."""
    others = [model for models in owners.values() for model in models if model not in trained]
    sites = {step.site for step in backward.data.steps if step.kind == RUN and step.by in trained}
    elsewhere = {step.site for each in program.backwards if each.site is not backward.site for step in each.data.steps}
    for use in program.predictions:
        source = None if use.site in elsewhere else _source(use)
        if use.site in sites and use.model in trained and source is not None and source.by in others:
            yield Finding(
                use.site,
                "the step of this model also computes gradients of the one that made its input: time and memory for nothing",
                because=[
                    Note(site, text)
                    for site, text in (
                        (source.site, "its input is made here, and keeps its graph"),
                        (backward.site, "the gradients are computed here"),
                    )
                    if site is not None
                ],
                fix=safe("detach its input", InsertAfter(use.x_site, ".detach()"))
                if use.x_site is not None and not program.said.get("grad")
                else hint("detach its input"),
            )


def _source(use: Prediction) -> Step | None:
    """The last model that a model's input comes from."""
    if use.x.grad is False:
        return None
    found = use.x.last(RUN, CUT)
    return found if found is not None and found.kind == RUN and isinstance(found.by, Obj) else None
