"""The patterns of ``match``: whether a value fits, and what its parts are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import libcst as cst

from mllint.facts import Site
from mllint.reader import records
from mllint.reader.narrow import same
from mllint.values import UNKNOWN, Choice, Const, Obj, Tuple, Value, choice

if TYPE_CHECKING:
    from mllint.reader.engine import Interpreter


def match(engine: Interpreter, pattern: cst.MatchPattern, subject: Value) -> bool | None:
    """Whether a value fits a pattern, None when that is not known; binds the names in the pattern."""
    if isinstance(pattern, cst.MatchValue):
        from mllint.reader.expressions import evaluate

        return same(engine, subject, evaluate(engine, pattern.value))
    if isinstance(pattern, cst.MatchSingleton):
        from mllint.reader.expressions import evaluate

        return same(engine, subject, evaluate(engine, pattern.value))
    if isinstance(pattern, cst.MatchAs):
        known = True if pattern.pattern is None else match(engine, pattern.pattern, subject)
        if pattern.name is not None:
            engine.assign(pattern.name.value, subject)
        return known
    if isinstance(pattern, cst.MatchOr):
        found = [match(engine, each.pattern, subject) for each in pattern.patterns]
        return True if True in found else None if None in found else False
    if isinstance(subject, Choice):
        return _several(engine, pattern, subject)
    if isinstance(pattern, cst.MatchClass):
        return _class(engine, pattern, subject)
    if isinstance(pattern, cst.MatchMapping):
        return _mapping(engine, pattern, subject)
    if isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        return _sequence(engine, pattern, subject)
    return None


def _several(engine: Interpreter, pattern: cst.MatchPattern, subject: Choice) -> bool | None:
    """Of several possibilities those that fit decide what the names are."""
    fields = engine.state.heap[engine.frame.number]
    before, known, after = dict(fields), [], []
    for option in subject.options:
        known.append(match(engine, pattern, option))
        if known[-1] is not False:
            after.append(dict(engine.state.heap[engine.frame.number]))
    for name in {name for each in after for name in each if each[name] is not before.get(name)}:
        engine.assign(name, choice(each.get(name, UNKNOWN) for each in after))
    return known[0] if len(set(known)) == 1 else None


def _all(known: Sequence[bool | None]) -> bool | None:
    return False if False in known else None if None in known else True


def _class(engine: Interpreter, pattern: cst.MatchClass, subject: Value) -> bool | None:
    from mllint.reader.builtins import is_instance
    from mllint.reader.expressions import evaluate

    known = [is_instance(engine, subject, evaluate(engine, pattern.cls))]
    fields = records.names(engine, subject)
    for index, element in enumerate(pattern.patterns):
        value: Value = UNKNOWN
        if fields is not None and index < len(fields) and isinstance(subject, Obj):
            value = engine.get(subject, fields[index]) or UNKNOWN
        elif index == 0 and isinstance(subject, (Const, Tuple)):  # ``str(text)``
            value = subject
        known.append(match(engine, element.value, value))
    for keyword in pattern.kwds:
        value = UNKNOWN
        if isinstance(subject, Obj):
            value = engine.attribute(subject, keyword.key.value, cast("Site", keyword))
        known.append(match(engine, keyword.pattern, value))
    return _all(known)


def _mapping(engine: Interpreter, pattern: cst.MatchMapping, subject: Value) -> bool | None:
    from mllint.reader.expressions import evaluate

    pairs = engine.mapping(subject)
    known: list[bool | None] = [True if pairs is not None else None]
    if isinstance(subject, (Const, Tuple)) or (isinstance(subject, Obj) and subject.kind in ("list", "set")):
        known = [False]
    for element in pattern.elements:
        key = evaluate(engine, element.key)
        found = next((value for each, value in pairs or () if each == key), None)
        fits = match(engine, element.pattern, UNKNOWN if found is None else found)
        known.append(fits if found is not None else None if pairs is None else False)
    if pattern.rest is not None:
        engine.assign(pattern.rest.value, UNKNOWN)
    return _all(known)


def _sequence(engine: Interpreter, pattern: cst.MatchList | cst.MatchTuple, subject: Value) -> bool | None:
    is_sequence = isinstance(subject, Tuple) or (isinstance(subject, Obj) and subject.kind == "list")
    items = engine.items(subject) if is_sequence else None
    elements = list(pattern.patterns)
    star = next((i for i, each in enumerate(elements) if isinstance(each, cst.MatchStar)), None)
    known: list[bool | None] = [None if items is None else True]
    if isinstance(subject, Const) or (isinstance(subject, Obj) and subject.kind in ("dict", "set")):
        known = [False]
    parts: list[Value] = [UNKNOWN] * len(elements)
    if items is not None and UNKNOWN not in items:
        if len(items) < len(elements) - (star is not None) or (star is None and len(items) != len(elements)):
            known = [False]
        elif star is None:
            parts = items
        else:
            behind = len(elements) - star - 1
            middle = engine.new_list(pattern, items[star : len(items) - behind])
            parts = [*items[:star], middle, *(items[len(items) - behind :] if behind else [])]
    for element, part in zip(elements, parts, strict=True):
        if isinstance(element, cst.MatchStar):
            if element.name is not None:
                engine.assign(element.name.value, part)
        elif isinstance(element, cst.MatchSequenceElement):
            known.append(match(engine, element.value, part))
    return _all(known)
