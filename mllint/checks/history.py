"""What the metrics given to Keras are called in its history, by version."""

from __future__ import annotations

import re

from mllint.program import HistoryRead, Versions
from mllint.values import Metric

_LONG = {"mae": "mean_absolute_error", "mse": "mean_squared_error"}
_LONG |= {name.upper(): long for name, long in _LONG.items()}
_UNSURE = {"ce", "crossentropy", "cosine", "cosine_proximity", "kld", "mape", "msle"}
"""Abbreviations whose key differs between versions and was not measured."""


def old(versions: Versions) -> bool:
    """Keras before 2.3 and TensorFlow 1: ``accuracy`` is logged as ``acc``."""
    if "keras" in versions.given:
        return versions.keras < (2, 3)
    return versions.of("tensorflow") < (2,)


def logged(versions: Versions, read: HistoryRead) -> set[str] | None:
    """The keys without ``val_``; None when they are not all known."""
    if not read.metrics_known:
        return None
    found = {"loss", *(key.removeprefix("val_") for key in read.extra)}
    if read.extra & {"lr", "learning_rate"}:
        found |= {"lr", "learning_rate"}
    for metric in read.metrics:
        keys = _keys(versions, metric)
        if keys is None:
            return None
        found |= keys
    return found


def _keys(versions: Versions, metric: Metric) -> set[str] | None:
    name = metric.name.rpartition(".")[2]
    if metric.key is not None:
        return {metric.key}
    if name in _UNSURE:
        return None
    if metric.is_object:
        return {snake_case(name)}
    if name == "accuracy":
        return {"acc" if old(versions) else "accuracy"}
    if name in _LONG:
        return {_LONG[name]} if old(versions) else {name, _LONG[name]}
    if name[:1].isupper():
        return {name} if versions.keras >= (3,) else {snake_case(name)}
    return {name}


def snake_case(name: str) -> str:
    """``CategoricalAccuracy`` as Keras names an instance of it: ``categorical_accuracy``."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


_FAMILIES = (
    {"acc", "accuracy"},
    {"mae", "mean_absolute_error"},
    {"mse", "mean_squared_error"},
)


def may_be_logged(key: str, keys: set[str]) -> bool:
    """Whether a key may be a metric object's with a number (``auc_1``) or one output's of several (``left_loss``)."""
    plain = re.sub(r"_\d+$", "", key)
    return plain in keys or any(re.sub(r"_\d+$", "", each) == plain or plain.endswith(f"_{each}") for each in keys)


def nearest(key: str, keys: set[str]) -> str | None:
    """The logged key that was meant, if one is near."""
    for family in _FAMILIES:
        if key in family and family & keys:
            return min(family & keys)
    same = [each for each in keys if each.lower().replace("_", "") == key.lower().replace("_", "")]
    if not same and key in ("acc", "accuracy"):
        same = [each for each in keys if each.endswith("_accuracy")]
    return same[0] if len(same) == 1 else None
