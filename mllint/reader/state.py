"""The store of one path through the program: frames and objects as dictionaries of fields, copied only when written.

Branches fork a state and join the results. A fork shares every dictionary; ``own`` says which may be written in place,
``dirty`` which may differ from the state it was forked from, so that a join looks at nothing else.
"""

from __future__ import annotations

from mllint.values import UNKNOWN, Const, Tuple, Value, choice, join

Fields = dict[str, Value]


class State:
    """Fields of frames and objects by their number."""

    __slots__ = ("dirty", "heap", "own")

    def __init__(self, heap: dict[int, Fields] | None = None, dirty: set[int] | None = None) -> None:
        self.heap: dict[int, Fields] = {} if heap is None else heap
        self.own: set[int] = set()
        self.dirty: set[int] = set() if dirty is None else dirty

    def fork(self) -> State:
        """A state of its own that starts as this one is now."""
        self.own = set()
        return State(self.heap.copy(), self.dirty.copy())

    def put(self, number: int, fields: Fields) -> None:
        """Create (or create again) an object."""
        self.heap[number] = fields
        self.own.add(number)
        self.dirty.add(number)

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
        self.dirty.add(number)
        return fields


def join_states(first: State | None, second: State | None) -> State | None:
    """What holds when either path was taken; None is a path that does not arrive."""
    if first is None or second is None:
        return second if first is None else first
    dirty = first.dirty | second.dirty
    for number in dirty:
        a, b = first.heap.get(number), second.heap.get(number)
        if a is b or b is None:
            continue
        if a is None:
            first.heap[number] = b
            continue
        joined = a.copy()
        for name, value in b.items():
            other = a.get(name)
            if other is None:
                joined[name] = value
            elif other is not value:
                joined[name] = join(other, value)
        if "items" in joined:
            _join_items(joined, a, b)
        first.heap[number] = joined
        first.own.add(number)
    first.dirty = dirty
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
    """Join a loop's end into its entry, giving up on what changes from round to round; whether anything did."""
    changed = False
    for number in end.dirty:
        a, b = entry.heap.get(number), end.heap.get(number)
        if a is b or b is None:
            continue
        if a is None:
            entry.heap[number] = b
            entry.dirty.add(number)
            continue
        fields: Fields | None = None
        for name, value in b.items():
            before = a.get(name)
            if before is value:
                continue
            after = value if before is None else _widened(before, value)
            if before is not None and after == before:
                continue
            changed = changed or before is not None
            if fields is None:
                fields = entry.writable(number)
            fields[name] = after
            if name == "items" and before is not None:
                fields["element"] = _element(fields.get("element", b.get("element")), before, value)
    return changed


def _widened(before: Value, after: Value) -> Value:
    if before == after:
        return before
    if isinstance(before, Const) and isinstance(after, Const) and isinstance(before.value, (int, float)):
        if isinstance(before.value, bool) and isinstance(after.value, bool):
            return join(before, after)
        return UNKNOWN
    if isinstance(before, Tuple) and isinstance(after, Tuple) and len(before.items) != len(after.items):
        return Tuple((*before.items, UNKNOWN)) if UNKNOWN not in before.items else before
    return join(before, after)


def _element(known: Value | None, *sequences: Value) -> Value:
    found = [] if known is None else [known]
    for sequence in sequences:
        if not isinstance(sequence, Tuple):
            return UNKNOWN
        if sequence.items.count(UNKNOWN) > (known is not None):  # more than the one that stands for ``element``
            return UNKNOWN
        found.extend(item for item in sequence.items if item is not UNKNOWN)
    return choice(found) if found else UNKNOWN
