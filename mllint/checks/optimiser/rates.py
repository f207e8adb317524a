"""Learning rates, momentum and betas that are out of any useful range."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import TESTING, notes
from mllint.facts import Fact, Site
from mllint.program import Argument, Optimizer, Program
from mllint.rule import ERROR, INFO, WARNING, Finding, Note, Rename, hint, rule, unsafe
from mllint.values import UNKNOWN, Choice, Layer, Obj, Tuple, Value, constants, options

ADAPTIVE = frozenset(
    {
        "adam", "adamw", "adamax", "nadam", "nadamw", "radam", "rmsprop", "lion", "adabelief", "yogi", "amsgrad", "sparseadam", "adamw8bit",
        "adamaxw", "nag_adam",
    }
)  # fmt: skip
"""Optimizers that divide by the size of the gradients: a step moves each weight by about the rate."""
PLAIN = frozenset({"sgd", "nag"})
UNCHECKED = frozenset(
    {"adadelta", "adagrad", "adafactor", "lbfgs", "rprop", "lars", "lamb", "muon", "novograd", "fromage", "sm3", "adan"}
)
"""Optimizers whose usual rates are of another size."""
STARTS_AT_RATE = frozenset(
    {"StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "ReduceLROnPlateau", "PolynomialLR"}
)
"""Schedules that begin with the optimizer's own rate and only lower it."""
TOO_SMALL = 1e-8


@rule("ML501", WARNING)
def learning_rate_out_of_range(program: Program) -> Iterator[Finding]:
    """A rate at which nothing is learnt, because steps are far too large or far too small."""
    if program.roots & TESTING:
        return
    changed = _rates_changed(program)
    for optimizer in program.optimizers:
        rate: Fact[float] = constants(optimizer.rate.value, int, float)
        name = optimizer.name.lower()
        if not rate.known or name in UNCHECKED or optimizer.made in changed or not trains_network(program, optimizer):
            continue
        said = _judged(program, optimizer, name, rate)
        if said is not None:
            message, advice = said
            yield Finding(
                optimizer.rate.site or optimizer.site,
                message,
                because=_where(optimizer),
                fix=hint(advice),
            )


def _judged(program: Program, optimizer: Optimizer, name: str, rate: Fact[float]) -> tuple[str, str] | None:
    """What is wrong with a rate, and what to take instead."""
    shown = " or ".join(f"{value:g}" for value in rate.values)
    title = f"`{optimizer.name}`"
    usual = "a usual rate is 1e-3" if name in ADAPTIVE else "usual rates are from 1e-3 to 1e-1"
    if rate.must(lambda each: each < 0):
        return f"a learning rate of {shown} is negative: {title} climbs the loss, or refuses it", usual
    if rate.must(lambda each: 0 < each <= TOO_SMALL):
        return f"with a learning rate of {shown}, {title} does not move the weights", usual
    if name in ADAPTIVE and rate.must(lambda each: each >= 1) and not _is_single(program, optimizer):
        return f"{title} moves each weight by about the learning rate at each step: {shown} is far too much", usual
    if name in ADAPTIVE and rate.must(lambda each: each >= 0.1) and _is_deep(program, optimizer):
        return f"a learning rate of {shown} is unusually high for {title}", "rates from 1e-4 to 1e-2 are usual"
    if name in PLAIN and rate.must(lambda each: each >= 10):
        return f"a learning rate of {shown} is far too high for {title}", usual
    momentum: Fact[float] = constants(optimizer.setting("momentum").value, int, float)
    if name in PLAIN and rate.must(lambda each: each >= 1) and momentum.must(lambda each: each >= 0.5):
        return f"a learning rate of {shown} is too high for {title} with momentum", usual
    return None


def _where(optimizer: Optimizer) -> list[Note]:
    momentum = optimizer.setting("momentum").site if optimizer.name.lower() in PLAIN else None
    return notes(
        (optimizer.site, optimizer.rate.site, f"the rate of `{optimizer.name}`"),
        (momentum, optimizer.site, "momentum multiplies the length of steps"),
    )


def _rates_changed(program: Program) -> set[Value]:
    """Optimizers whose rates something else decides, or may decide where it cannot be seen."""
    found: set[Value] = set()
    for schedule in program.schedules:
        if schedule.name not in STARTS_AT_RATE:
            found.update(_reached(schedule.optimizer))
    for body in program.bodies:
        for event in body.walk():
            if event.kind in ("rate", "unknown_call"):
                found.update(each for value in (event.target, *event.arguments) for each in _reached(value))
    return found


def _reached(value: Value) -> Iterator[Value]:
    if isinstance(value, (Choice, Tuple)):
        for each in options(value) if isinstance(value, Choice) else value.items:
            yield from _reached(each)
    elif isinstance(value, Obj):
        yield value


def trains_network(program: Program, optimizer: Optimizer) -> bool:
    """Whether it is known to train a model, not an image or a single number."""
    if optimizer.models:
        return True
    if optimizer.framework == "torch":
        return isinstance(optimizer.trains, Obj) and optimizer.trains.kind == "torch.parameters"
    if optimizer.framework == "gluon":
        return True
    if any(each.optimizer == optimizer.made and each.trains_model for each in program.gradients_applied):
        return True
    return optimizer.made is not UNKNOWN and any(
        event.kind == "trains" and optimizer.made in event.arguments for event in program.events()
    )


_WITH_WEIGHTS = ("Linear", "Dense", "Conv", "LSTM", "GRU", "RNN", "Embedding", "Attention")


def _is_deep(program: Program, optimizer: Optimizer) -> bool:
    """Whether several layers are known to be trained: a single one takes high rates."""
    return any(_layers(program, model) > 1 for model in optimizer.models or (optimizer.model,))


def _is_single(program: Program, optimizer: Optimizer) -> bool:
    """Whether only one layer is known to be trained."""
    models = optimizer.models or (optimizer.model,)
    return all(isinstance(model, Layer) or _layers(program, model) == 1 for model in models)


def _layers(program: Program, model: Value) -> int:
    network = program.networks.get(model)
    layers = [] if network is None else list(network.layers)
    layers += [layer for summary in program.models if summary.model == model for layer in summary.layers]
    return len({layer.site for layer in layers if any(word in layer.type for word in _WITH_WEIGHTS)})


_BETAS = ("momentum", "betas", "beta_1", "beta_2", "beta1", "beta2", "b1", "b2")


@rule("ML504", ERROR)
def momentum_or_beta_out_of_range(program: Program) -> Iterator[Finding]:
    """A momentum or beta of one or more, or below zero: what was does not fade, but grows."""
    for optimizer in program.optimizers:
        for name, argument in optimizer.settings:
            if name not in _BETAS or optimizer.name.lower() in ("adafactor", "lbfgs"):
                continue
            wrong = [value for value in _numbers(argument) if value.must(lambda each: each >= 1 or each < 0)]
            if wrong:
                yield Finding(
                    argument.site or optimizer.site,
                    _grows(optimizer, name, wrong[0]),
                    because=_made(optimizer, argument.site),
                    fix=hint("take 0.9 (or 0.999 for the second beta)" if name != "momentum" else "take 0.9"),
                )


def _numbers(argument: Argument) -> list[Fact[float]]:
    items = argument.value.items if isinstance(argument.value, Tuple) else (argument.value,)
    return [constants(item, int, float) for item in items]


def _made(optimizer: Optimizer, site: Site | None) -> list[Note]:
    return notes((optimizer.site, site, f"given to `{optimizer.name}`"))


def _grows(optimizer: Optimizer, name: str, value: Fact[float]) -> str:
    shown = " or ".join(f"{each:g}" for each in value.values)
    start = f"{name} of {shown} for `{optimizer.name}`"
    raises = (optimizer.framework == "torch" and name != "momentum") or optimizer.framework == "keras"
    if raises and not value.must_be(1, 1.0):
        return f"{start} is outside of [0, 1): it raises"
    if value.must(lambda each: each < 0):
        return f"{start} is below 0"
    if name == "momentum":
        return f"{start}: steps never fade, the weights run away"
    if optimizer.framework == "torch":
        return f"{start} is outside of [0, 1): it raises"
    return f"{start}: the average never takes in a new gradient"


@rule("ML502", WARNING)
def fine_tuning_rate_too_high(program: Program) -> Iterator[Finding]:
    """A pretrained transformer trained as a whole at a rate for training from scratch."""
    frozen = bool(program.frozen) or any(each.name in ("requires_grad", "trainable") for each in program.attributes)
    changed = _rates_changed(program)
    for optimizer in program.optimizers:
        name = optimizer.name.lower()
        if frozen or name not in ADAPTIVE or name in ("rmsprop", "lion") or optimizer.setting("rates").given:
            continue
        rate: Fact[float] = constants(optimizer.rate.value, int, float)
        default = not optimizer.rate.given and name in ("adam", "adamw") and optimizer.rate.value is UNKNOWN
        decided = {schedule.optimizer for schedule in program.schedules if schedule.name not in _SHAPES}
        if optimizer.made in changed and optimizer.made in decided:
            continue
        if not (default or rate.must(lambda each: 1e-3 <= each < 0.1)):
            continue
        for model in optimizer.models or ():
            found = _pretrained(program, model)
            if found is None:
                continue
            site, title = found
            shown = "the default rate of 1e-3" if default else f"a rate of {' or '.join(f'{r:g}' for r in rate.values)}"
            yield Finding(
                optimizer.rate.site or optimizer.site,
                f"{shown} is too high to fine-tune all of `{title}` with `{optimizer.name}`: "
                "what it was pretrained to do is lost in the first steps",
                because=[Note(site, "the pretrained weights are loaded here")],
                fix=hint("take a rate from 1e-5 to 5e-5, or train only the head at this one"),
            )
            break


_SHAPES = STARTS_AT_RATE | {
    "get_constant_schedule_with_warmup", "get_linear_schedule_with_warmup", "get_cosine_schedule_with_warmup",
}  # fmt: skip
"""Schedules that reach the optimizer's own rate."""


def _pretrained(program: Program, model: Value) -> tuple[Site, str] | None:
    """Where the pretrained transformer that is trained was loaded, and what it is."""
    network = program.networks.get(model)
    for each in (model, *(network.parts if network is not None else ())):
        if each in program.pretrained:
            return program.pretrained[each]
    return None


@rule("ML505", INFO, default=False)
def weight_decay_in_adam(program: Program) -> Iterator[Finding]:
    """Weight decay given to Adam, which makes an L2 penalty of it that large gradients weaken."""
    for optimizer in program.optimizers:
        decay: Fact[float] = constants(optimizer.setting("weight_decay").value, int, float)
        if optimizer.framework != "torch" or optimizer.name != "Adam" or not decay.must(lambda each: each > 0):
            continue
        yield Finding(
            optimizer.setting("weight_decay").site or optimizer.site,
            "`Adam` adds weight decay to the gradients and divides it by their size: weights with large gradients hardly decay",
            because=_made(optimizer, optimizer.setting("weight_decay").site),
            fix=unsafe("`AdamW` decays the weights themselves", Rename(optimizer.site, "AdamW", "AdamW")),
        )
