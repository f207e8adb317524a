"""What holds values under keys, and what can be a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reader.local import LocalClass, LocalFunction
from mllint.values import Const, Name, Obj, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

ATTRIBUTES = "attributes"
"""Kind of ``instance.__dict__``, which has the number of the instance."""
KEYED = ("dict", "namespace", ATTRIBUTES)
"""A namespace is a dict whose keys are attributes too; code that cannot be seen leaves it alone."""
FACTORY = "@factory"
"""Field of a ``defaultdict``: what makes a value for a key that is missing."""
CONTENT = "@dict"
"""Field of an instance of a local class that derives from ``dict``: the dict it is."""


def is_key(engine: Interpreter, value: Value) -> bool:
    """Whether two values of this sort are the same dict key exactly when they are equal."""
    if isinstance(value, Tuple):
        return all(is_key(engine, item) for item in value.items)
    if isinstance(value, Obj):  # of instances only members of an enumeration are sure to have no equality of their own
        return value.kind == "instance" and engine.get(value, "_name_") is not None
    return isinstance(value, (Const, Name, LocalClass, LocalFunction))
