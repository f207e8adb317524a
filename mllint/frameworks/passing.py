"""Which calls pass on what a layer gave: the same values, at most in another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.values import Data, Tuple, Value

if TYPE_CHECKING:
    from mllint.frameworks.table import Call

PASSING = frozenset(
    {
        "__call__", "forward", "call", "view", "reshape", "squeeze", "squeeze_", "unsqueeze", "unsqueeze_", "flatten", "ravel",
        "contiguous", "to", "cuda", "cpu", "float", "double", "half", "bfloat16", "type", "type_as", "clone", "detach", "detach_",
        "Variable", "requires_grad_", "data_parallel", "checkpoint", "expand_dims", "astype", "cast", "as_in_context", "identity",
    }
)  # fmt: skip


def passed(call: Call, result: Value) -> Value:
    """What a row gave, which is no layer's output any more where the call may change the values."""
    if isinstance(result, Tuple):
        items = tuple(passed(call, item) for item in result.items)
        return result if all(a is b for a, b in zip(items, result.items, strict=True)) else Tuple(items)
    if not isinstance(result, Data) or not result.direct or result.applied is None:
        return result
    if result.applied.site is call.site or call.path[call.path.rfind(".") + 1 :] in PASSING:
        return result
    return result.with_(direct=False)
