"""The table of API changes: which names, methods and arguments mean something else in other versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from mllint.frameworks.toml import load_toml
from mllint.program import ApiChange

_ROOTS = (
    "tensorflow.keras",
    "tensorflow.python.keras",
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tf_keras",
    "keras.api._v2.keras",
    "keras.api",
)
_BRACES = re.compile(r"\{([^}]*)\}")


def changes(path: str, written: str = "") -> tuple[ApiChange, ...]:
    """What changed about a name, by its canonical path and, for modules that are gone, the path as it was written."""
    if written == "keras.src" or written.startswith("keras.src."):
        return ()  # Keras' own inside, where names stand for other things
    exact, below = _table()
    if path.rpartition(".")[0] == written:  # a method
        return exact.get(path, ())
    rooted = _rooted(written)
    if rooted != path:
        if rooted in exact:
            return exact[rooted]
        return _below(rooted, below) + exact.get(path, ())
    return exact.get(path) or _below(path, below)


def _below(path: str, below: Mapping[str, tuple[ApiChange, ...]]) -> tuple[ApiChange, ...]:
    module = path
    while module:
        found = below.get(module)
        if found is not None:
            return found
        module = module.rpartition(".")[0]
    return ()


def _rooted(written: str) -> str:
    """The path with one spelling of Keras' root, and nothing else made equal."""
    for root in _ROOTS:
        if written == root or written.startswith(f"{root}."):
            return f"keras{written[len(root) :]}"
    return written


@cache
def _table() -> tuple[dict[str, tuple[ApiChange, ...]], dict[str, tuple[ApiChange, ...]]]:
    """Changes by exact path, and by the path of a module with everything below it."""
    exact: dict[str, tuple[ApiChange, ...]] = {}
    below: dict[str, tuple[ApiChange, ...]] = {}
    for row in load_toml("api_changes.toml")["change"]:
        for pattern in row["api"]:
            for path in _expanded(pattern):
                place = below if path.endswith(".*") else exact
                path = path.removesuffix(".*")
                place[path] = (*place.get(path, ()), *_changes(row, path, pattern.endswith(".*")))
    return exact, below


def _expanded(pattern: str) -> Iterator[str]:
    """``a.{b,c}.d`` is ``a.b.d`` and ``a.c.d``."""
    parts = _BRACES.split(pattern)
    options = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    yield from ("".join(chosen) for chosen in product(*options))


def _changes(row: Mapping[str, Any], path: str, below: bool) -> Iterator[ApiChange]:
    common: dict[str, Any] = {"module": path if below else ""}
    common |= {
        name: row[name]
        for name in (
            "code",
            "package",
            "drop",
            "advice",
            "namespace",
            "standalone",
            "severity",
            "suffix",
            "only_if",
            "message",
            "positional",
        )
        if name in row
    }
    common["effects"] = tuple(_effect(versions, effect) for versions, effect in row["effects"].items())
    common["values"] = tuple(row.get("values", {}).items())
    common["replacement"] = f"{path.rpartition('.')[2]}_" if row.get("underscore") else row.get("replacement", "")
    common["kind"] = "suffix" if "suffix" in row else row.get("kind", "")
    arguments = row.get("arguments", ())
    if "missing" in row:
        yield ApiChange(**{**common, "argument": row["missing"], "kind": "missing"})
    elif isinstance(arguments, Mapping):
        for old, new in arguments.items():
            yield ApiChange(**{**common, "argument": old, "replacement": new, "rename": True})
    elif arguments:
        for argument in arguments:
            yield ApiChange(**{**common, "argument": argument})
    else:
        yield ApiChange(**common, rename=row.get("rename", False))


def _effect(versions: str, effect: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    first, _, last = versions.partition("-")
    return _numbers(first), _numbers(last), effect


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(".") if number)
