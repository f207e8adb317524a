"""The graph that gradients flow back through: which models a tensor comes from, and where it was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mllint.facts import Site
from mllint.values import TRUE, UNKNOWN, Const, Data, Layer, Loss, Obj, Step, Tuple, Value

if TYPE_CHECKING:
    from mllint.frameworks.table import Call

RUN, CUT, LEAF, SUMMED = "run", "detached", "leaf", "accumulated"
"""Kinds of steps: a model gave it; the graph ends there; a new start of a graph was made of it; it is a running sum."""
KINDS = (RUN, CUT, LEAF, SUMMED)
FOLLOWED = "graph"
"""Tag of what has such steps."""
_CUTTING = {
    "item": "`.item()`", "numpy": "`.numpy()`", "tolist": "`.tolist()`", "detach": "`.detach()`", "detach_": "`.detach_()`",
    "argmax": "`argmax`", "argmin": "`argmin`", "argsort": "`argsort`", "round": "`round`", "round_": "`round_`", "sign": "`sign`",
    "floor": "`floor`", "ceil": "`ceil`", "long": "`.long()`", "int": "`.int()`", "bool": "`.bool()`",
}  # fmt: skip
_MAKING = {
    "tensor": "`torch.tensor`",
    "as_tensor": "`torch.as_tensor`",
    "Tensor": "`torch.Tensor`",
    "FloatTensor": "`torch.FloatTensor`",
}
_WRAPPING = {*_MAKING, "Variable", "from_numpy"}


def marked(data: Data, kind: str, site: Site | None, by: Value | str | None = None, *, grad: bool | None) -> Data:
    """A copy after a step of one of these kinds; what went before a cut does not count any more."""
    dropped = (RUN, SUMMED, LEAF) if kind == CUT else ()
    steps = tuple(step for step in data.steps if step.kind not in dropped)
    return data.with_(steps=(*steps, Step(kind, site, by))[-24:], grad=grad, tags=data.tags | {FOLLOWED})


def ran(result: Data, model: Value, site: Site, gradients: bool | None) -> Data:
    """What a model gave."""
    if gradients is False:
        return marked(result, CUT, site, "`no_grad`", grad=False)
    return marked(result, RUN, site, model, grad=result.grad)


def followed(call: Call, receiver: Value | None, result: Value) -> Value:
    """The result of a row with what is known of its graph."""
    if not isinstance(result, Data):
        return result
    name = call.path[call.path.rfind(".") + 1 :]
    if isinstance(receiver, Obj):
        is_run = (
            name in ("__call__", "forward")
            and "torch" in result.tags
            and call.is_instance_of(receiver, "torch.nn.Module")
        )
        return ran(result, receiver, call.site, call.engine.gradients) if is_run else result
    inputs = list(_inputs(call, receiver))
    tensors = [value for value in inputs if isinstance(value, Data)]
    if not tensors:
        return result
    if call.path in ("builtins.float", "builtins.int") and tensors and _alive(tensors[0]):
        return marked(result, CUT, call.site, f"`{name}()`", grad=False)
    if name in _CUTTING and tensors and _alive(tensors[0]):
        return marked(result, CUT, call.site, _CUTTING[name], grad=False)
    if not any(FOLLOWED in data.tags for data in tensors):
        return result
    if name in _WRAPPING and ("torch" in call.path or "Variable" in call.path):
        return _wrapped(call, name, tensors[0], result)
    if name in ("requires_grad_",):
        cut = tensors[0].last(CUT)
        if cut is None:
            return result
        leaf = marked(result, LEAF, call.site, "`requires_grad_()`", grad=None)
        call.rebind(tensors[0], leaf)
        return leaf
    found = {(s.kind, id(s.site)): s for data in tensors for s in data.steps if s.kind in (RUN, CUT, SUMMED)}
    steps = (*(step for step in result.steps if step.kind not in KINDS), *found.values())[-24:]
    if isinstance(receiver, Layer) and result.loss is None:
        return result.with_(steps=steps, tags=result.tags | {FOLLOWED})
    free = all(_is_free(value) for value in inputs)
    grad = False if free else (result.grad if result.grad is not False else None)
    return result.with_(steps=steps, grad=grad, tags=result.tags | {FOLLOWED})


def _alive(data: Data) -> bool:
    """Whether it comes from a model or a loss, so that cutting it off means something."""
    return FOLLOWED in data.tags or data.loss is not None


def _wrapped(call: Call, name: str, data: Data, result: Data) -> Value:
    """``torch.tensor(loss)``, ``Variable(loss.data, requires_grad=True)``: what is made of a tensor is not its graph."""
    fresh = call.argument("requires_grad").value == TRUE
    if name == "Variable" and not fresh:
        return result.with_(grad=data.grad, steps=data.steps, tags=result.tags | {FOLLOWED})
    by = _MAKING.get(name, f"`{name}`")
    cut = marked(result.with_(steps=tuple(s for s in data.steps if s.kind == CUT)), CUT, call.site, by, grad=False)
    return marked(cut, LEAF, call.site, by, grad=None) if fresh else cut


def _inputs(call: Call, receiver: Value | None) -> Iterator[Value]:
    for value in (
        *(() if receiver is None else (receiver,)),
        *(value for value, _ in call.positional),
        *(value for value, _ in call.keywords.values()),
    ):
        holds = isinstance(value, Tuple) or (isinstance(value, Obj) and value.kind in ("list", "dict", "set"))
        listed = call.items(value) if holds else None
        yield from (value,) if listed is None else listed


def _is_free(value: Value) -> bool:
    """Whether no gradient can flow through it."""
    if not isinstance(value, Data):
        return value is not UNKNOWN and isinstance(value, (Const, Loss, Layer))
    if value.grad is not None:
        return not value.grad
    untouched = value.model is None and value.layer is None and value.loss is None and FOLLOWED not in value.tags
    return untouched and ("batched" in value.tags or value.source.known)
