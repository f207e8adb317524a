"""Room for deep recursion."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_SIZES = (512 << 20, 128 << 20, 32 << 20)


def with_deep_stack(function: Callable[[], T]) -> T:
    """Call a function on a stack that long ``elif`` chains and sums do not exhaust; parsers recurse on them in C.

    Only what is used of the stack takes memory. Where no size is granted, the function runs on the caller's stack.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    before = threading.stack_size()
    try:
        for size in _SIZES:
            try:
                threading.stack_size(size)
                thread = threading.Thread(target=run, daemon=True)
                thread.start()
                break
            except (ValueError, RuntimeError):
                continue
        else:
            return function()
    finally:
        threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
