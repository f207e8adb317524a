"""Everyday names of framework objects, for fragments without imports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mllint.frameworks.toml import load_toml

_JAX = re.compile(r"\b(?:jax|jnp|flax|optax)\b")
_TORCH = re.compile(r"\btorch\b")


def everyday_names(text: str) -> Mapping[str, str]:
    """Name → canonical path: ``nn`` is torch's, but flax's where the text is about JAX."""
    return _names("jax" if _JAX.search(text) and not _TORCH.search(text) else "")


@cache
def _names(setting: str) -> dict[str, str]:
    """``everyday.toml``, whose sections are only for the eye, but for the one of names that mean something else here."""
    names: dict[str, str] = {}
    content = load_toml("everyday.toml")
    elsewhere = content.pop("elsewhere")
    for key, value in content.items():
        names.update(value if isinstance(value, dict) else {key: value})
    names.update(elsewhere.get(setting, {}))
    return names
