"""torch.nn's losses, as classes and as functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import known, nothing
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import signed, use_loss
from mllint.frameworks.toml import load_toml
from mllint.values import UNKNOWN, Const, Loss, Value

LOSSES: Mapping[str, Mapping[str, Any]] = load_toml("torch_losses.toml")


def _loss(name: str, about: Mapping[str, Any], call: Call, given: Mapping[str, Value]) -> Loss:
    expects, targets = about.get("expects"), about.get("targets")
    settings = [(key, value) for key, value in given.items() if call.given(key) or not call.complete]
    return Loss(
        "torch",
        name,
        about["family"],
        known(expects) if expects else nothing(),
        known(targets) if targets else nothing(),
        call.site,
        args=(
            *settings,
            *((f"{key}_site", Const(site)) for key, _ in settings if (site := call.where(key)) is not None),
        ),
    )


def _make(name: str, about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    return _loss(name, about, call, given)


def _apply(about: Mapping[str, Any], call: Call, **given: Value) -> Value:
    first, second = _tensors(about)
    tensors = about.get("tensors", "input target").split()
    settings = {key: value for key, value in given.items() if key not in tensors}
    loss = _loss(about["function"], about, call, settings)
    return use_loss(call, loss, given[first], given[second], (call.where(first), call.where(second)))


def _tensors(about: Mapping[str, Any]) -> tuple[str, str]:
    """The call's arguments that stand for prediction and target."""
    names = about.get("tensors", "input target").split()
    return names[0], names[1]


def _register() -> None:
    for name, about in LOSSES.items():
        row(f"torch.nn.{name}")(signed(partial(_make, name, about), about["arguments"]))
        tensors = about.get("tensors", "input target")
        row(f"torch.nn.functional.{about['function']}")(
            signed(partial(_apply, about), f"{tensors} {about['arguments']}")
        )


_register()


@method("Loss:torch", "__call__", "forward")
def call_loss(call: Call, receiver: Value, input: Value, target: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    if not isinstance(receiver, Loss):
        return UNKNOWN
    about = LOSSES.get(receiver.name)
    names = _tensors(about) if about is not None else ("input", "target")
    first, second = rest.get(names[0], input), rest.get(names[1], target)
    sites = (
        call.where("input") or call.where(names[0]),
        call.where("target") or call.where(names[1]),
    )
    return use_loss(call, receiver, first, second, sites)
