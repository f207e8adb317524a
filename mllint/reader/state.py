"""The store of one path through the program: frames and objects as dictionaries of fields, copied only when written.

Branches fork a state and join the results. A fork shares every dictionary; ``own`` says which may be written in place.
What each state wrote since it was forked stands in its ``log``, behind which come the logs up to the start of the
program: where two states' ways meet is where one was forked off, and a join looks at nothing that was written before.
"""

from __future__ import annotations

from mllint.values import UNKNOWN, Choice, Const, Data, Tuple, Value, choice, join, options

Fields = dict[str, Value]


class Log:
    """The objects written on a stretch of the way; one that others come behind is not changed any more."""

    __slots__ = ("before", "depth", "written")

    def __init__(self, before: Log | None, written: set[int]) -> None:
        self.before = before
        self.depth: int = 0 if before is None else before.depth + 1
        self.written = written


class State:
    """Fields of frames and objects by their number."""

    __slots__ = ("heap", "log", "own")

    def __init__(self, heap: dict[int, Fields] | None = None, log: Log | None = None) -> None:
        self.heap: dict[int, Fields] = {} if heap is None else heap
        self.own: set[int] = set()
        self.log = Log(None, set()) if log is None else log

    def fork(self) -> State:
        """A state of its own that starts as this one is now."""
        self.own = set()
        here = self.log
        if here.written or here.before is None:
            self.log = Log(here, set())
        else:
            here = here.before
        return State(self.heap.copy(), Log(here, set()))

    def put(self, number: int, fields: Fields) -> None:
        """Create (or create again) an object."""
        self.heap[number] = fields
        self.own.add(number)
        self.log.written.add(number)

    def adopt(self, heap: dict[int, Fields]) -> None:
        """Take over frames and objects made elsewhere; those that are here already stay."""
        for number, fields in heap.items():
            if number not in self.heap:
                self.heap[number] = fields
                self.log.written.add(number)

    def write(self, number: int, name: str, value: Value) -> None:
        """Set one field."""
        self.writable(number)[name] = value

    def writable(self, number: int) -> Fields:
        """An object's fields, to be changed in place."""
        if number in self.own:
            return self.heap[number]
        fields = self.heap[number].copy() if number in self.heap else {}
        self.heap[number] = fields
        self.own.add(number)
        self.log.written.add(number)
        return fields


def _apart(first: Log, second: Log) -> tuple[Log, set[int]]:
    """Where two ways part, and the objects written on either since then."""
    written: set[int] = set()
    while first is not second:
        if second.depth > first.depth or first.before is None:
            first, second = second, first
        written |= first.written
        if first.before is None:
            raise AssertionError("states of two programs meet")
        first = first.before
    return first, written


def join_states(first: State | None, second: State | None) -> State | None:
    """What holds when either path was taken; None is a path that does not arrive."""
    if first is None or second is None:
        return second if first is None else first
    here, written = _apart(first.log, second.log)
    for number in written:
        a, b = first.heap.get(number), second.heap.get(number)
        if a is b or b is None:
            continue
        if a is None:
            first.heap[number] = b
            continue
        joined = a.copy()
        for name, value, other in zip(b, b.values(), map(a.get, b), strict=True):
            if other is value:
                continue
            joined[name] = value if other is None else join(other, value)
        if "items" in joined:
            _join_items(joined, a, b)
        first.heap[number] = joined
        first.own.add(number)
    if written:
        first.log = Log(here, written)
    return first


def _join_items(joined: Fields, a: Fields, b: Fields) -> None:
    """Two lists item by item.

    Where one is longer, an unknown item stands for any more and ``element`` for what they can be.
    """
    first, second = a.get("items"), b.get("items")
    if not isinstance(first, Tuple) or not isinstance(second, Tuple) or first == second:
        return
    if any(isinstance(item, Tuple) for item in (*first.items, *second.items)):  # pairs of a dict stay together
        return
    common = min(len(first.items), len(second.items))
    head = tuple(map(join, first.items[:common], second.items[:common]))
    more = first.items[common:] or second.items[common:]
    if not more:
        joined["items"] = Tuple(head)
        return
    elements = [fields["element"] for fields in (a, b) if "element" in fields]
    unsure = UNKNOWN in more[:-1] or (more[-1] is UNKNOWN and not elements)
    joined["items"] = Tuple((*head, UNKNOWN))
    joined["element"] = UNKNOWN if unsure else choice([*elements, *(item for item in more if item is not UNKNOWN)])


def widen(entry: State, end: State) -> bool:
    """Join a loop's end into its entry, giving up on what changes from round to round; whether anything did.

    Numbers below zero are the global random generators': that they go on is no reason to read a loop again.
    """
    changed = False
    for number in _apart(entry.log, end.log)[1]:
        a, b = entry.heap.get(number), end.heap.get(number)
        if a is b or b is None:
            continue
        if a is None:
            entry.heap[number] = b
            entry.log.written.add(number)
            continue
        fields: Fields | None = None
        items = a.get("items")
        grown = items is not None and "items" in b and b["items"] is not items and b["items"] != items
        element = _element(a, b) if grown else None
        for name, value in b.items():
            before = a.get(name)
            if before is value:
                continue
            carried = _of_another_round(before, value)
            after = carried if before is None else _widened(before, carried)
            if before is not None and after == before:
                continue
            changed = changed or (before is not None and number >= 0)
            if fields is None:
                fields = entry.writable(number)
            fields[name] = after
        if fields is not None and element is not None:
            fields["element"] = element
    return changed


def _of_another_round(before: Value | None, value: Value) -> Value:
    """What a round leaves to the next one: its token ids are not those that the next one makes at the same place."""
    if isinstance(value, Tuple):
        olds = before.items if isinstance(before, Tuple) and len(before.items) == len(value.items) else None
        pairs = zip(olds or (None,) * len(value.items), value.items, strict=True)
        items = tuple(_of_another_round(old, item) for old, item in pairs)
        return value if all(a is b for a, b in zip(items, value.items, strict=True)) else Tuple(items)
    if not isinstance(value, Data) or (value.tokens is None and value.seen is None):
        return value
    ids, seen = value.tokens, None if value.seen is None else value.seen.tokens
    old = before if isinstance(before, Data) else Data()
    kept = ids is None or (old.tokens is not None and old.tokens.origin == ids.origin)
    kept = kept and (seen is None or (old.seen is not None and old.seen.tokens.origin == seen.origin))
    return value if kept else value.with_(tokens=None, seen=None)


def _widened(before: Value, after: Value) -> Value:
    if before == after:
        return before
    if isinstance(before, Choice) and _are_numbers(before) and _are_numbers(after):
        return UNKNOWN  # something is being counted
    if isinstance(before, Const) and isinstance(after, Const) and isinstance(before.value, (int, float)):
        if isinstance(before.value, bool) and isinstance(after.value, bool):
            return join(before, after)
        return UNKNOWN
    if isinstance(before, Tuple) and isinstance(after, Tuple) and len(before.items) != len(after.items):
        return Tuple((*before.items, UNKNOWN)) if UNKNOWN not in before.items else before
    return join(before, after)


def _are_numbers(value: Value) -> bool:
    return all(
        isinstance(each, Const) and isinstance(each.value, (int, float)) and not isinstance(each.value, bool)
        for each in options(value)
    )


def _element(*lists: Fields) -> Value:
    """What any item of any of these lists is."""
    found: list[Value] = []
    for fields in lists:
        items, known = fields.get("items"), fields.get("element")
        if not isinstance(items, Tuple):
            found.append(UNKNOWN if known is None else known)
        elif items.items.count(UNKNOWN) > (known is not None):  # more than the one that stands for ``element``
            return UNKNOWN
        else:
            found += [] if known is None else [known]
            found += [item for item in items.items if item is not UNKNOWN]
    return choice(found) if found else UNKNOWN
