"""Everyday names of framework objects, for fragments without imports."""

from __future__ import annotations

from functools import cache

from mllint.frameworks.toml import load_toml


@cache
def everyday_names() -> dict[str, str]:
    """Name → canonical path, from ``everyday.toml``, whose sections are only for the eye."""
    names: dict[str, str] = {}
    for key, value in load_toml("everyday.toml").items():
        names.update(value if isinstance(value, dict) else {key: value})
    return names
