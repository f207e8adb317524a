"""Arguments of optimizers and schedules by their names, and what decides on learning rates while a program runs."""

from __future__ import annotations

from mllint.frameworks.table import Call
from mllint.program import Amount, Argument, Schedule
from mllint.values import TRUE, UNKNOWN, Const, Obj, Tuple, Value

Settings = tuple[tuple[str, Argument], ...]

_DECAYED = "params lr betas eps weight_decay amsgrad"
_TORCH = {
    "SGD": "params lr momentum dampening weight_decay nesterov",
    "Adam": _DECAYED,
    "AdamW": _DECAYED,
    "Adamax": "params lr betas eps weight_decay",
    "NAdam": "params lr betas eps weight_decay momentum_decay",
    "RAdam": "params lr betas eps weight_decay",
    "RMSprop": "params lr alpha eps weight_decay momentum centered",
    "StepLR": "optimizer step_size gamma",
    "MultiStepLR": "optimizer milestones gamma",
    "ExponentialLR": "optimizer gamma",
    "CosineAnnealingLR": "optimizer T_max eta_min",
    "CosineAnnealingWarmRestarts": "optimizer T_0 T_mult",
    "OneCycleLR": "optimizer max_lr total_steps epochs steps_per_epoch pct_start",
    "ReduceLROnPlateau": "optimizer mode factor patience",
    "LinearLR": "optimizer start_factor end_factor total_iters",
    "get_constant_schedule_with_warmup": "optimizer num_warmup_steps",
    "get_linear_schedule_with_warmup": "optimizer num_warmup_steps num_training_steps",
    "get_cosine_schedule_with_warmup": "optimizer num_warmup_steps num_training_steps",
}
_KERAS = {
    "Adam": "learning_rate beta_1 beta_2 epsilon amsgrad",
    "AdamW": "learning_rate weight_decay beta_1 beta_2 epsilon",
    "Adamax": "learning_rate beta_1 beta_2 epsilon",
    "Nadam": "learning_rate beta_1 beta_2 epsilon",
    "SGD": "learning_rate momentum nesterov weight_decay",
    "RMSprop": "learning_rate rho momentum epsilon centered",
    "Lion": "learning_rate beta_1 beta_2",
    "ReduceLROnPlateau": "monitor factor patience",
}
_OPTAX = {
    "sgd": "learning_rate momentum nesterov",
    "adam": "learning_rate b1 b2 eps",
    "adamw": "learning_rate b1 b2 eps eps_root mu_dtype weight_decay",
    "rmsprop": "learning_rate decay eps initial_scale eps_in_sqrt centered momentum",
}
_NAMES = {"torch": _TORCH, "keras": _KERAS, "jax": _OPTAX}


def settings(call: Call, framework: str) -> Settings:
    """The arguments that a call was seen to give, by the framework's names."""
    names = _NAMES[framework].get(call.path.rpartition(".")[2], "").split()
    found = [*zip(names, call.positional, strict=False), *call.keywords.items()]
    return tuple((name, Argument(_items(call, value), site, True)) for name, (value, site) in found)


def _items(call: Call, value: Value) -> Value:
    """A list as a tuple, which rules can look into."""
    items = call.items(value) if isinstance(value, Obj) and value.kind == "list" else None
    return value if items is None else Tuple(tuple(items))


def own_rates(call: Call, params: Value) -> Settings:
    """A setting that says that groups of parameters come, or may come, with rates of their own."""
    groups = call.items(params) if isinstance(params, Obj) and params.kind in ("list", "generator") else ()
    own = groups is None or any(
        isinstance(group, Obj)
        and group.kind == "dict"
        and ((pairs := call.mapping(group)) is None or any(key == Const("lr") for key, _ in pairs))
        for group in groups
    )
    return (("rates", Argument(TRUE, None, True)),) if own else ()


def scheduled(call: Call, framework: str, made: Value, optimizer: Value = UNKNOWN) -> None:
    """Record a schedule of learning rates."""
    name = call.path.rpartition(".")[2]
    call.program.schedules.append(Schedule(call.site, framework, name, settings(call, framework), optimizer, made))


def amount(call: Call, name: str, by: str, callbacks: tuple[Value, ...] = ()) -> None:
    """Record how often or how much, where it was said."""
    if call.given(name):
        call.program.amounts.append(Amount(call.site, name, by, call.argument(name), callbacks))
