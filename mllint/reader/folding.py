"""Constant expressions of the program, computed; what would take long or fill the memory stays unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mllint.values import UNKNOWN, Const, Option, Value

MAX_TEXT = 10_000
MAX_BITS = 512
MAX_POWER = 64
MAX_SHIFT = 256
_WIDTH = re.compile(r"\d{4}|\*")


def fold(function: Callable[..., Any], *operands: Any, **keywords: Any) -> Value:
    """The result of a function on constants."""
    try:
        return constant(function(*operands, **keywords))
    except Exception:  # whatever a constant expression of the user's raises, its value is unknown
        return UNKNOWN


def like(result: Value, *operands: Value) -> Value:
    """A result that depends on an option where one of the operands does."""
    for operand in operands:
        if type(operand) is Option and isinstance(result, Const):
            return Option(result.value, operand.site)
    return result


def constant(result: Any) -> Value:
    """A constant of reasonable size."""
    if isinstance(result, (str, bytes)):
        return Const(result) if len(result) <= MAX_TEXT else UNKNOWN
    if isinstance(result, int):
        return Const(result) if result.bit_length() <= MAX_BITS else UNKNOWN
    return Const(result) if isinstance(result, float) else UNKNOWN


def too_large(symbol: str, left: Any, right: Any) -> bool:
    """Whether ``left ∘ right`` may take long or much memory to compute."""
    if symbol == "**":
        return isinstance(right, (int, float)) and abs(right) > MAX_POWER
    if symbol == "<<":
        return isinstance(right, int) and right > MAX_SHIFT
    if symbol == "*":
        for text, count in ((left, right), (right, left)):
            if isinstance(text, (str, bytes)) and isinstance(count, int) and len(text) * count > MAX_TEXT:
                return True
    return symbol == "%" and wide(left)


def wide(template: Any) -> bool:
    """Whether a format may ask for thousands of columns: ``"%9999d"``, ``"{:9999}"``."""
    text = template.decode("latin-1") if isinstance(template, bytes) else template
    return isinstance(text, str) and _WIDTH.search(text) is not None and ("%" in text or "{" in text)
