"""Layers in a row: activations that are missing, doubled, or out of place."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import TESTING, notes
from mllint.checks.model.way import (
    ACTIVATIONS,
    BATCH_NORM,
    CONV,
    DENSE,
    DROPOUT,
    FLAT,
    SAME,
    Ways,
    active,
    before,
    chain,
    flagged_off,
    made,
    of,
    shown,
    takes,
    together,
    weighs,
)
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import (
    ERROR,
    INFO,
    WARNING,
    AddArgument,
    Edit,
    Finding,
    Fix,
    Omit,
    Unwrap,
    hint,
    rule,
    safe,
)
from mllint.values import UNKNOWN, Applied, Const, Layer, Obj, Tuple, constant

RECTIFIERS = (
    "relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hard_swish", "softplus",
)  # fmt: skip
SQUASHING = ("softmax", "sigmoid", "hard_sigmoid", "log_softmax", "tanh")
PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")
IDEMPOTENT = ("relu", "relu6", "hard_tanh", "log_softmax")


# -- no activation between --------------------------------------------------------------------------------------------
@rule("ML601", ERROR)
def no_nonlinearity_between_linear(program: Program) -> Iterator[Finding]:
    """Two layers in a row that are one linear map."""
    if program.roots & TESTING:
        return  # what a network in a test can learn does not matter
    ways = Ways(program)
    next_: dict[int, tuple[Applied, Applied]] = {}
    followers: set[int] = set()
    for second in program.applied:
        first = _linear_before(ways, second)
        if first is not None:
            next_[id(first)] = (first, second)
            followers.add(id(second))
    for first, second in next_.values():
        if id(first) in followers:
            continue
        row = [first, second]
        while id(row[-1]) in next_:
            row.append(next_[id(row[-1])][1])
        layers = [layer for layer in map(of, row) if layer is not None]
        site = _where(first)
        if site is None:
            continue
        names = ", ".join(f"`{shown(layer)}`" for layer in layers[:-1]) + f" and `{shown(layers[-1])}`"
        none = layers[0].activation_site
        yield Finding(
            site,
            f"{names} follow each other with no activation between: together they are one linear map",
            because=notes(
                (none, site, "no activation is asked for here"),
                *((made(n), site, "followed by this layer") for n in row[1:]),
            ),
            fix=hint(_between(layers[0])),
        )


def _linear_before(ways: Ways, second: Applied) -> Applied | None:
    """The linear layer that this one is put straight behind, where the two are proven to do no more than one."""
    after = of(second)
    first = before(second, *DROPOUT, *SAME, *FLAT) if weighs(second) else None
    layer = None if first is None else of(first)
    if first is None or layer is None or after is None or layer is after or not layer.activation.must_be("linear"):
        return None
    both_dense = layer.type in DENSE and after.type in DENSE
    if not (both_dense or (layer.type in CONV and layer.type == after.type and _plain_pair(layer, after))):
        return None
    wide, goes_in, gives = layer.units.value, takes(first), after.units.value
    between = takes(second)
    if wide is None or gives is None or (between is not None and between != wide):
        return None
    narrow = wide < gives and (goes_in is None or wide < goes_in)
    return first if not narrow and together(first, second) and ways.straight(first, second) else None


def _plain_pair(first: Layer, second: Layer) -> bool:
    """Whether these convolutions are ordinary ones that look at more than one place, in the same steps."""
    steps = [_sizes(layer, "strides", "stride") or (1,) for layer in (first, second)]
    alike = len({size for each in steps for size in each}) == 1
    kernels = [_sizes(layer, "kernel_size") for layer in (first, second)]
    square = all(each is not None and len(set(each)) == 1 and each[0] > 1 for each in kernels)
    whole = all(layer.arg("groups") in (UNKNOWN, Const(1)) for layer in (first, second))
    return alike and square and whole


def _sizes(layer: Layer, *names: str) -> tuple[int, ...] | None:
    for name, value in layer.args:
        if name in names:
            items = value.items if isinstance(value, Tuple) else (value,)
            sizes = tuple(size for item in items if isinstance(size := constant(item), int))
            return sizes if len(sizes) == len(items) and sizes else (-1, -2)
    return None


def _where(node: Applied) -> Site | None:
    """Where a layer is put into its place: where it is made, or for a module's own ``forward`` where it is called."""
    own = isinstance(node.owner, Obj) and node.owner.kind == "instance"
    return (node.site if own else made(node)) or made(node)


def _between(layer: Layer) -> str:
    if layer.framework == "torch":
        return "put an activation between them, such as `nn.ReLU()`"
    return 'give all of them but the last an activation, such as `activation="relu"`'


# -- an activation on an activation -----------------------------------------------------------------------------------
@rule("ML602", WARNING)
def double_activation(program: Program) -> Iterator[Finding]:
    """An activation is applied to what another one gave."""
    heads = _heads(program)
    for second in program.applied:
        layer = second.layer
        if layer is None or layer.type not in ACTIVATIONS or layer.site is None:
            continue
        first, name = before(second, *SAME), active(second)
        one = None if first is None else of(first)
        if first is None or one is None or name is None or one.type not in (*ACTIVATIONS, *DENSE, *CONV):
            continue
        inner = active(first)
        if inner is None or not _doubled(inner, name, heads.get(id(second))) or _other_axis(one, layer):
            continue
        if heads.get(id(second)) == "logits":
            continue  # what the loss wants is the mistake then
        site = second.site if layer.site is not second.site and _many(program, layer) else layer.site
        yield Finding(
            site or layer.site,
            f"{_name(name)} is applied to the output of {_name(inner)}{_effect(inner, name)}",
            because=notes((one.activation_site or one.site, site, f"{_name(inner)} is applied here")),
            fix=_without(program, second, inner, name),
        )


def _doubled(inner: str, name: str, head: str | None) -> bool:
    """Whether nobody means this."""
    if inner in RECTIFIERS:
        relu = inner in ("relu", "relu6")
        return (
            name in RECTIFIERS
            or (name in ("sigmoid", "tanh") and relu)
            or (name in ("softmax", "log_softmax") and head is not None)
        )
    if inner in PROBABILITIES:
        return name in SQUASHING
    return inner == name and name in (*SQUASHING, *IDEMPOTENT)


def _effect(inner: str, name: str) -> str:
    if inner == name and name in IDEMPOTENT:
        return " again, which changes nothing"
    if inner in ("relu", "relu6") and name in ("relu", "leaky_relu", "prelu", "rrelu"):
        return ": it gets no negative number any more and does nothing"
    if inner in ("relu", "relu6") and name == "sigmoid":
        return ": it gets no negative number any more and never gives less than 0.5"
    if inner in ("relu", "relu6") and name == "tanh":
        return ": it gets no negative number any more and never gives less than 0"
    if inner in PROBABILITIES and name in SQUASHING:
        return ": numbers between 0 and 1 are squeezed together once more"
    return ""


def _other_axis(first: Layer, second: Layer) -> bool:
    """Whether one normalises over another axis than the other, as far as is known."""
    axes = [next((value for key, value in layer.args if key in ("dim", "axis")), None) for layer in (first, second)]
    return axes[0] is not None and axes[1] is not None and axes[0] != axes[1]


def _name(activation: str) -> str:
    return activation.replace("_", "-")


def _heads(program: Program) -> dict[int, str]:
    """What losses expect of the layers whose outputs they get."""
    found: dict[int, str] = {}
    for use in program.losses:
        if use.prediction is not None and use.prediction.direct and use.prediction.applied is not None:
            found[id(use.prediction.applied)] = use.loss.expects.value or ""
    return found


def _many(program: Program, layer: Layer) -> bool:
    """Whether a layer is applied in several places."""
    return len({node.site for node in program.applied if node.layer is not None and node.layer.site is layer.site}) > 1


def _without(program: Program, second: Applied, inner: str, name: str) -> Fix:
    """Take the second one out, where that changes nothing."""
    layer = second.layer
    message = f"remove one of the two: keep {_name(inner)} or {_name(name)}"
    if layer is None or layer.site is None or inner != name or name not in IDEMPOTENT or _many(program, layer):
        return hint(message)
    message = f"remove the second {_name(name)}"
    within = layer.arg("inner")
    if isinstance(within, Const):
        edit: Edit = Unwrap(layer.site, within.value)
    elif isinstance(second.owner, Obj) and second.owner.kind == "instance":
        return hint(message)
    else:
        edit = Omit(layer.site, "Identity" if layer.framework == "torch" else "")
    return safe(message, edit)


# -- activations that do not belong there -----------------------------------------------------------------------------
@rule("ML603", WARNING)
def saturating_hidden_activations(program: Program) -> Iterator[Finding]:
    """Many hidden sigmoid layers in a row."""
    rows: dict[Site, list[Site]] = {}
    for node in program.applied:
        if weighs(node):
            sites = _sigmoids(node)
            if len(sites) >= 4 and len(sites) > len(rows.get(sites[-1], ())):
                rows[sites[-1]] = sites
    for site, sites in rows.items():
        yield Finding(
            site,
            f"{len(sites)} hidden sigmoid layers follow each other without normalisation: the gradient shrinks at least fourfold "
            "with each of them, and the first layers hardly learn",
            because=notes((sites[0] if sites[0] is not site else None, site, "the last of them")),
            fix=hint(
                "use relu (or another activation that does not saturate) in the hidden layers, or normalise between them"
            ),
        )


def _sigmoids(node: Applied) -> list[Site]:
    """Where the sigmoids in front of a layer are, nearest first, up to something that keeps gradients alive."""
    found: list[Site] = []
    for each in chain(node):
        layer, name = of(each), active(each)
        if layer is None or not (weighs(each) or layer.type in (*ACTIVATIONS, *DROPOUT, *SAME, *FLAT)):
            break
        if name == "sigmoid" and (layer.type in ACTIVATIONS or weighs(each)):
            found.append(layer.activation_site or layer.site or each.site)  # type: ignore[arg-type]
        elif layer.type in ACTIVATIONS or (name not in (None, "linear")):
            break
    return found


@rule("ML604", ERROR)
def softmax_in_hidden_layer(program: Program) -> Iterator[Finding]:
    """The outputs of a hidden layer are made to sum to one."""
    ways = Ways(program)
    for following in program.applied:
        after = of(following)
        first = before(following, *DROPOUT, *SAME, *FLAT, *BATCH_NORM) if weighs(following) else None
        layer = None if first is None else of(first)
        if first is None or layer is None or after is None or not layer.activation.must_be("softmax"):
            continue
        scores = first if weighs(first) else before(first, *DROPOUT, *SAME, *BATCH_NORM)
        if scores is None or not weighs(scores) or (first is not scores and active(scores) != "linear"):
            continue
        last = all(value in (Const(-1), Const(1)) for key, value in layer.args if key in ("dim", "axis"))
        ranks = {len(data.shape) for data in first.inputs if data.shape is not None}
        channels = scores.layer is None or scores.layer.framework != "torch" or _of_channels(scores, layer)
        steps = layer.arg("dim") == Const(1) and ranks == {3}
        used_once = ways.straight(first, following) and ways.straight(scores, first)
        if not last or not channels or steps or flagged_off(after, "bias", "use_bias") or not used_once:
            continue
        if not (together(first, following) and together(scores, first)):
            continue
        site = layer.activation_site or layer.site
        if site is not None:
            yield Finding(
                site,
                f"softmax is the activation of a hidden layer: its outputs sum to 1 before `{shown(after)}` gets them, so that "
                "hardly anything but the largest one comes through",
                because=notes(
                    (scores.layer.site if scores.layer else None, site, "the hidden layer"),
                    (after.site, site, "the next layer"),
                ),
                fix=hint(
                    "use relu (or another activation that works unit by unit) in hidden layers; softmax belongs to the output"
                ),
            )


def _of_channels(scores: Applied, softmax: Layer) -> bool:
    """Whether a softmax behind this layer is over its units, not over places of an image: weights of attention."""
    inner = of(scores)
    return inner is None or inner.type in DENSE or softmax.type == "Softmax2d" or softmax.arg("dim") == Const(1)


# -- around batch normalisation ---------------------------------------------------------------------------------------
@rule("ML607", INFO, default=False)
def bias_before_batch_norm(program: Program) -> Iterator[Finding]:
    """A bias that batch normalisation takes away again."""
    ways = Ways(program)
    good: dict[Site, tuple[Layer, Site | None]] = {}
    bad: set[Site] = set()
    for node in program.applied:
        layer = of(node)
        if weighs(node) and layer is not None and layer.site is not None and layer is node.layer:
            good.setdefault(layer.site, (layer, None))
    normalised: set[int] = set()
    for node in program.applied:
        first = before(node, *SAME)
        if node.layer is not None and node.layer.type in BATCH_NORM and first is not None and ways.once(first):
            normalised.add(id(first))
            layer = of(first)
            if layer is not None and layer.site is not None:
                good[layer.site] = (layer, node.layer.site)
    for node in program.applied:
        if node.layer is not None and node.layer.site is not None and weighs(node) and id(node) not in normalised:
            bad.add(node.layer.site)
    loads = any(name in program.said for name in ("load_state_dict", "load_weights", "load_parameters", "set_weights"))
    for site, (layer, norm) in good.items():
        name = "bias" if layer.framework == "torch" else "use_bias"
        plain = layer.activation.must_be("linear") and not flagged_off(layer, name)
        if norm is None or site in bad or not plain or layer.arg("**") == Const(True):
            continue
        given = any(key == name for key, _ in layer.args)
        message = f"leave the bias out: `{name}=False`"
        fix = hint(message) if loads or given else safe(message, AddArgument(site, f"{name}=False"))
        yield Finding(
            site,
            f"the bias of `{shown(layer)}` does nothing: the batch normalisation behind it subtracts the mean",
            because=notes((norm, site, "normalised here")),
            fix=fix,
        )
