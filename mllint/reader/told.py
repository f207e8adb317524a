"""What the loss that a Keras ``evaluate`` gives first is called: by the name it gets, by the text it is printed behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from mllint.facts import Site
from mllint.program import Told
from mllint.values import FIRST_SCORE, Const, Data, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter

_PLACE = re.compile(r"%(?:\(\w+\))?[-+ #0]*(?:\d+)?(?:\.\d+)?[a-zA-Z]|\{[^{}]*\}")
"""Where ``%`` and ``format`` put a value."""


def called(engine: Interpreter, text: str, value: Value, site: Any) -> None:
    """Note what a value is called, if it is such a loss."""
    if isinstance(value, Data) and FIRST_SCORE in value.tags:
        step = value.last(FIRST_SCORE)
        told = step.by.value if step is not None and isinstance(step.by, Const) else None
        if isinstance(told, Told):
            engine.program.told.append(
                Told(
                    cast("Site", site), text, told.evaluation, told.index, told.metrics, told.metrics_known, told.alone
                )
            )


def printed(engine: Interpreter, values: Sequence[Value], site: Any) -> None:
    """``print("accuracy:", score[0])``."""
    text = ""
    for value in values:
        if isinstance(value, Const):
            text = str(value.value)
        else:
            called(engine, text, value, site)
            text = ""


def filled(engine: Interpreter, template: str, values: Value | Sequence[Value], site: Any) -> None:
    """``"accuracy: %.3f" % score[0]``, ``"accuracy: {}".format(score[0])``."""
    given = values.items if isinstance(values, Tuple) else (values,) if not isinstance(values, Sequence) else values
    texts = _PLACE.split(template.replace("%%", ""))
    if len(texts) > len(given):
        for text, value in zip(texts, given, strict=False):
            called(engine, text, value, site)
