"""Reads the TOML tables beside the rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent


def load_toml(name: str) -> dict[str, Any]:
    """The content of a table file of this folder."""
    content: dict[str, Any] = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content
