"""Statements: each takes the current state to the state behind it, and says whether the path goes on.

A statement gives True when control can fall through to the next one. States that leave otherwise (return, break,
continue) wait in the frame until the function or loop they leave collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import lineage, table
from mllint.frameworks.options import FLAGS
from mllint.frameworks.table import Call
from mllint.program import Branch, Event, Loop, Pass, Unpacking
from mllint.reader import classes, enums, imports, patterns, records, told, tracing, training
from mllint.reader.calls import call_function, find
from mllint.reader.engine import Frame, Interpreter
from mllint.reader.expressions import arguments_of, binary, evaluate, index_of, make_function, mentions
from mllint.reader.keys import KEYED
from mllint.reader.local import BoundFunction, LocalClass, LocalFunction
from mllint.reader.narrow import assume, truth
from mllint.reader.state import State, join_states, widen
from mllint.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    Layer,
    Name,
    Obj,
    Option,
    Tuple,
    Value,
    choice,
    options,
)

MAX_ROUNDS = 3
MAX_UNROLLED = 8
MAX_KEPT = 1000
"""With more events than these, only the last of the rounds that were read one by one is kept."""


def execute_body(engine: Interpreter, body: cst.BaseSuite | cst.Module) -> bool:
    """Read the statements of a block; whether control falls out of its end."""
    doubt, path = engine.doubt, engine.path
    try:
        for statement in body.body:
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                engine.steps += 1
                if not handler(engine, statement):
                    return False
        return True
    finally:
        engine.doubt, engine.path = doubt, path


def _line(engine: Interpreter, node: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> bool:
    for statement in node.body:
        handler = _HANDLERS.get(type(statement))
        if handler is not None and not handler(engine, statement):
            return False
    return True


# -- simple statements ------------------------------------------------------------------------------------------------
def _expr(engine: Interpreter, node: cst.Expr) -> bool:
    value = node.value
    if isinstance(value, (cst.SimpleString, cst.Ellipsis)):
        return True
    evaluate(engine, value)
    if isinstance(value, cst.Call):
        func = value.func
        if isinstance(func, cst.Name) and func.value in ("exit", "quit") and engine.lookup(func.value) is None:
            return False
        if (
            isinstance(func, cst.Attribute)
            and func.attr.value == "exit"
            and evaluate(engine, func.value) == Name("sys")
        ):
            return False
    return True


def _assign(engine: Interpreter, node: cst.Assign) -> bool:
    value = evaluate(engine, node.value)
    if training.adds_to_itself(node):
        value = training.accumulated(engine, node, evaluate(engine, cast("Any", node.value).right), value)
    for target in node.targets:
        bind_target(engine, target.target, value)
    return True


def _annotated(engine: Interpreter, node: cst.AnnAssign) -> bool:
    if node.value is not None:
        bind_target(engine, node.target, evaluate(engine, node.value))
    return True


def _augmented(engine: Interpreter, node: cst.AugAssign) -> bool:
    left = evaluate(engine, node.target)
    right = evaluate(engine, node.value)
    if isinstance(node.operator, cst.AddAssign) and isinstance(left, Obj) and left.kind == "list":
        extend_list(engine, left, engine.items(right), right)
        return True
    made = binary(engine, type(node.operator), left, right, node, node.target, node.value)
    if isinstance(node.operator, cst.AddAssign):
        made = training.accumulated(engine, node, right, made)
    bind_target(engine, node.target, made)
    return True


def extend_list(
    engine: Interpreter,
    target: Obj,
    more: Sequence[Value] | None,
    source: Value = UNKNOWN,
    written: cst.BaseExpression | None = None,
) -> None:
    """Append known items to a list, or make its content unknown but for the element."""
    if engine.runs.order(source):
        engine.runs.extended(target, source)
    else:
        for item in more or ():
            engine.runs.appended(engine, target, item, written)
    items = engine.get(target, "items")
    if isinstance(items, Tuple) and more is not None and len(items.items) + len(more) <= 512:
        engine.set(target, "items", Tuple((*items.items, *more)))
        return
    if more is not None and not isinstance(items, Tuple):
        tail = engine.get(target, "tail")
        known = tail.items if isinstance(tail, Tuple) else ()
        engine.set(target, "tail", Tuple((*known, *more)[-8:]))
        element = engine.get(target, "element")
        engine.set(target, "element", choice([*([element] if element is not None else []), *more]) if more else UNKNOWN)
        return
    before = engine.element(target, cast("Site", target.site)) if items != Tuple(()) else None
    more_elements = [engine.element(source, cast("Site", target.site))] if more is None else list(more)
    engine.set(target, "items", UNKNOWN)
    engine.set(target, "element", choice([*([] if before is None else [before]), *more_elements]))
    engine.set(target, "tail", Tuple(()))


def bind_target(engine: Interpreter, target: cst.BaseExpression, value: Value) -> None:
    """Assign a value to a name, attribute, subscript or pattern of these."""
    if isinstance(target, cst.Name):
        engine.assign(target.value, _as_named(engine, target.value, value))
        told.called(engine, target.value, value, target)
        tracing.assigned(engine, target, None, value)
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(engine, target, value)
    elif isinstance(target, cst.Attribute):
        holder = evaluate(engine, target.value)
        if isinstance(holder, Data) and target.attr.value == "columns":
            bind_target(engine, target.value, lineage.renamed(holder, engine.items(value), cast("Site", target)))
            return
        value = _as_named(engine, target.attr.value, value)
        told.called(engine, target.attr.value, value, target)
        tracing.assigned(engine, target, holder, value)
        engine.set_attribute(holder, target.attr.value, value, cast("Site", target))
    elif isinstance(target, cst.Subscript):
        _set_item(engine, target, value)
    elif isinstance(target, cst.StarredElement):
        bind_target(engine, target.value, value)


def _unpack(engine: Interpreter, target: cst.Tuple | cst.List, value: Value) -> None:
    elements = target.elements
    _note_unpacking(engine, target, value)
    starred = next((i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement)), None)
    values: list[list[Value]] = [[] for _ in elements]
    for option in options(value):
        items = engine.items(option)
        if items is None and isinstance(option, Obj) and option.kind == "instance":
            asked = engine.class_attribute(option, "__iter__")
            items = None if asked is None else engine.items(engine.call(asked, (), {}, cast("Site", target)))
        if (
            items is None
            and isinstance(option, (Data, Obj))
            and not (isinstance(option, Obj) and option.kind in ("list", "dict", "set"))
        ):
            each = engine.element(option, cast("Site", target))
            items = [each] * len(elements) if starred is None else None
        if items is None and isinstance(option, Obj) and option.kind in ("list", "generator"):
            items = [engine.element(option, cast("Site", target))] * len(elements) if starred is None else None
        if items is not None and starred is None and len(items) == len(elements):
            for index, item in enumerate(items):
                values[index].append(item)
        elif items is not None and starred is not None and len(items) >= len(elements) - 1:
            behind = len(elements) - starred - 1
            middle = items[starred : len(items) - behind]
            parts = [
                *items[:starred],
                engine.new_list(target, middle),
                *(items[len(items) - behind :] if behind else []),
            ]
            for index, item in enumerate(parts):
                values[index].append(item)
        else:
            for slot in values:
                slot.append(UNKNOWN)
    for element, slot in zip(elements, values, strict=True):
        bind_target(engine, element.value, choice(slot) if slot else UNKNOWN)


def _as_named(engine: Interpreter, name: str, value: Value) -> Value:
    """Rows that were just divided, as the part that their name says they are: ``X_train, X_val = train_test_split(X)``."""
    if isinstance(value, Data):
        return lineage.as_part(value, name)
    part = engine.get(value, "part") if isinstance(value, Obj) else None
    if isinstance(value, Obj) and lineage.says_validation(name) and part in (Const("test"), UNKNOWN):
        engine.set(value, "part", Const("val"))
    return value


def _note_unpacking(engine: Interpreter, target: cst.Tuple | cst.List, value: Value) -> None:
    """Record that the parts of rows that were split get their names."""
    items = value.items if isinstance(value, Tuple) else ()
    if len(items) < 2 or len(items) != len(target.elements):
        return
    if all(isinstance(item, Data) and item.steps and item.steps[-1].kind == "split" for item in items):
        written = [element.value for element in target.elements]
        names, sites = tuple(map(dotted, written)), tuple(cast("Site", each) for each in written)
        engine.program.unpackings.append(Unpacking(cast("Site", target), names, sites, items))


def _set_item(engine: Interpreter, target: cst.Subscript, value: Value) -> None:
    holder = evaluate(engine, target.value)
    index, index_site = index_of(engine, target)
    for option in options(holder):
        classes.item_assigned(engine, target, option, value)
        if isinstance(option, Obj) and option.kind in KEYED:
            engine.set_item(option, index, value)
        elif isinstance(option, Obj) and option.kind == "list":
            items = engine.items(option)
            ones = _ones_in_zeros(engine, target, option, value)
            if ones is not None:
                _rebind(engine, target.value, ones)
            elif (
                items is not None
                and isinstance(index, Const)
                and isinstance(index.value, int)
                and -len(items) <= index.value < len(items)
                and not (
                    isinstance(value, Layer) and items[index.value] is UNKNOWN
                )  # one of those that a loop put there
            ):
                items[index.value] = value
                engine.set(option, "items", Tuple(tuple(items)))
            else:
                engine.touch([option])
        elif isinstance(option, (Data, Obj, Layer)):
            if isinstance(option, Obj) and option.kind == "instance":
                own = engine.class_attribute(option, "__setitem__")
                if own is not None:
                    engine.call(own, (index, value), {}, cast("Site", target))
                    continue
            done = _change_by_row(engine, target, option, "__setitem__", (index, index_site), (value, None))
            if not done and isinstance(option, Data):
                _rebind(engine, target.value, UNKNOWN)


def _ones_in_zeros(engine: Interpreter, target: cst.Subscript, zeros: Obj, value: Value) -> Data | None:
    """A list of zeros in which a loop sets several places to one, as an array."""
    if value not in (Const(1), Const(1.0)) or not engine.fills_rows(cast("Site", target)):
        return None
    site, items = cast("Site", target), engine.items(zeros)
    found = [engine.element(zeros, site)] if items is None else items
    if not found or any(item not in (Const(0), Const(0.0)) for item in found):
        return None
    size = None if items is None else len(items)
    dtype = "float" if Const(0.0) in found else "int"
    blank = Data(shape=(size,), bounds=(0.0, 0.0), space=UNKNOWN, dtype=dtype, tags=frozenset({"list"}))
    return lineage.with_several_ones(blank, site)


def _change_by_row(
    engine: Interpreter, target: cst.Subscript, holder: Value, method: str, *arguments: tuple[Value, Any]
) -> bool:
    """Set or delete an item in the way that a row for this kind says; whether there is one."""
    entry, kind = find(engine, holder, method)
    if entry is None:
        return False
    result = entry.bind(Call(engine, cast("Site", target), f"{kind}.{method}", arguments, {}, True), holder)
    if isinstance(result, Data) and isinstance(holder, Data):
        _rebind(engine, target.value, result)
        engine.changed_in_place(holder, result)
    elif isinstance(result, Data) and isinstance(target.value, cst.Attribute):  # ``frame.loc[rows] = value``
        before = evaluate(engine, target.value.value)
        _rebind(engine, target.value.value, result)
        engine.changed_in_place(before, result)
    return True


def _rebind(engine: Interpreter, node: cst.BaseExpression, value: Value) -> None:
    if isinstance(node, (cst.Name, cst.Attribute)):
        bind_target(engine, node, value)
    elif isinstance(node, cst.Subscript) and isinstance(node.value, (cst.Name, cst.Attribute)):
        holder = evaluate(engine, node.value)
        if isinstance(holder, Data):
            bind_target(engine, node.value, UNKNOWN)
        elif isinstance(holder, Obj):  # ``batch["labels"][mask] = -100``
            bind_target(engine, node, value)
    elif isinstance(node, cst.Subscript):
        _rebind(engine, node.value, UNKNOWN)


def _delete(engine: Interpreter, node: cst.Del) -> bool:
    targets = (
        [e.value for e in node.target.elements] if isinstance(node.target, (cst.Tuple, cst.List)) else [node.target]
    )
    for target in targets:
        if isinstance(target, cst.Name):
            engine.state.writable(engine.frame.number).pop(target.value, None)
        elif isinstance(target, cst.Subscript):
            holder = evaluate(engine, target.value)
            index, index_site = index_of(engine, target)
            if isinstance(holder, Obj) and holder.kind in (*KEYED, "list"):
                pairs = engine.mapping(holder)
                if pairs is not None:
                    engine.set(holder, "items", Tuple(tuple(Tuple(p) for p in pairs if p[0] != index)))
                else:
                    engine.touch([holder])
            elif isinstance(holder, (Data, Obj)):
                _change_by_row(engine, target, holder, "__delitem__", (index, index_site))
    return True


def _return(engine: Interpreter, node: cst.Return) -> bool:
    engine.recursion = None
    value = NONE if node.value is None else evaluate(engine, node.value)
    recursive = engine.recursion is not None and engine.recursion is node.value  # it gives what the other returns give
    if not recursive and not engine.frame.settled:
        engine.frame.returns.append((value, engine.state))
    return False


def _break(engine: Interpreter, node: cst.Break) -> bool:
    engine.frame.breaks.append(engine.state)
    return False


def _continue(engine: Interpreter, node: cst.Continue) -> bool:
    engine.frame.continues.append(engine.state)
    return False


def _raise(engine: Interpreter, node: cst.Raise) -> bool:
    return False


def _assert(engine: Interpreter, node: cst.Assert) -> bool:
    evaluate(engine, node.test)
    assume(engine, node.test, True)
    return True


def _global(engine: Interpreter, node: cst.Global) -> bool:
    if engine.frame.number != engine.frame.globals:
        for item in node.names:
            engine.frame.redirected[item.name.value] = engine.frame.globals
    return True


def _nonlocal(engine: Interpreter, node: cst.Nonlocal) -> bool:
    for item in node.names:
        name = item.name.value
        for number in engine.frame.closure:
            if name in engine.state.heap[number]:
                engine.frame.redirected[name] = number
                break
    return True


# -- imports ----------------------------------------------------------------------------------------------------------
def dotted(node: cst.BaseExpression | None) -> str:
    """The text of a dotted name."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return ""


def _import(engine: Interpreter, node: cst.Import) -> bool:
    for alias in node.names:
        path = dotted(alias.name)
        local = imports.find(engine, 0, path)
        if local is not None:
            imports.bind(engine, alias, local)
            continue
        root = path.partition(".")[0]
        table.load(root)
        engine.program.roots.add(root)
        if alias.asname is not None:
            bind_target(engine, cast("cst.Name", alias.asname.name), Name(path))
        else:
            engine.assign(root, Name(root))
        engine.watch(table.canonical(path), path, alias, None, True, alias.name)
    return True


def _import_from(engine: Interpreter, node: cst.ImportFrom) -> bool:
    local = imports.find(engine, len(node.relative), dotted(node.module))
    if local is not None:
        imports.bind_names(engine, node.names, local)
        return True
    module = "." * len(node.relative) + dotted(node.module)
    root = module.partition(".")[0]
    table.load(root)
    engine.program.roots.add(root)
    if isinstance(node.names, cst.ImportStar):
        engine.scope.stars.append(module)
        return True
    for alias in node.names:
        name = dotted(alias.name)
        path = f"{module}.{name}"
        target = alias.asname.name if alias.asname is not None else alias.name
        bind_target(engine, cast("cst.Name", target), Name(path))
        engine.watch(table.canonical(path), path, alias, None, True, alias.name)
    return True


# -- branches ---------------------------------------------------------------------------------------------------------
def _if(engine: Interpreter, node: cst.If) -> bool:
    test = evaluate(engine, node.test)
    known = engine.frame.globals == 0 if _is_main(node.test) else truth(engine, test)
    if known is not None and type(test) is Option:
        return _by_default(engine, node, test, known)
    if known is True:
        engine.guards += 1
        falls = execute_body(engine, node.body)
        engine.guards -= 1
        return falls
    if known is False:
        return True if node.orelse is None else _else(engine, node.orelse)
    other = engine.state.fork()
    doubt = engine.doubt
    engine.doubt = doubt + 1
    number, every = engine.decide(), _every(engine, node.test)
    assume(engine, node.test, True)
    once = every == (None, None) and _is_equality(node.test)
    with engine.on_branch(number, 0, cast("Site", node.test), every[0], once):
        first = engine.state if execute_body(engine, node.body) else None
    engine.state = other
    assume(engine, node.test, False)
    with engine.on_branch(number, 1, cast("Site", node.test), every[1]):
        second = engine.state if node.orelse is None or _else(engine, node.orelse) else None
    engine.doubt = doubt
    if (first is None) != (second is None):
        engine.doubt = doubt + 1  # what follows happens only on one of the paths
        if _only_raises(node.body):
            engine.doubt = doubt
        else:
            arm = int(first is None)
            engine.path = (*engine.path, Branch(number, arm, cast("Site", node.test), every[arm]))
    joined = join_states(first, second)
    if joined is None:
        engine.state = other
        return False
    engine.state = joined
    return True


def _is_equality(test: cst.BaseExpression) -> bool:
    """``epoch == last``."""
    if isinstance(test, cst.BooleanOperation):
        return _is_equality(test.left) or _is_equality(test.right)
    return isinstance(test, cst.Comparison) and isinstance(test.comparisons[0].operator, cst.Equal)


def _every(engine: Interpreter, test: cst.BaseExpression) -> tuple[Value | None, Value | None]:
    """``n`` in ``(i + 1) % n == 0``, also as one of several conditions: for the arm taken if so, and for the other."""
    if isinstance(test, cst.BooleanOperation):
        found = _every(engine, test.left)
        return _every(engine, test.right) if found == (None, None) else found
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _every(engine, test.expression)[::-1]
    rest: cst.BaseExpression = test
    if isinstance(test, cst.Comparison) and isinstance(test.comparisons[0].operator, (cst.Equal, cst.NotEqual)):
        rest = test.left
    if not isinstance(rest, cst.BinaryOperation) or not isinstance(rest.operator, cst.Modulo):
        return None, None
    count = evaluate(engine, rest.right)
    equal = isinstance(test, cst.Comparison) and isinstance(test.comparisons[0].operator, cst.Equal)
    return (count, None) if equal else (None, count)


def _by_default(engine: Interpreter, node: cst.If, test: Option, known: bool) -> bool:
    """A test that depends on an option: both branches are read, the program goes on as it does by default."""
    taken = node.body if known else node.orelse
    if test.site is not None and taken is not None:
        engine.program.assumed[cast("Site", taken)] = test.site
    frame = engine.frame
    start, doubt, settled = engine.state, engine.doubt, frame.settled
    engine.doubt = doubt + 1
    left = len(frame.returns), len(frame.breaks), len(frame.continues), len(frame.yields)
    engine.state = start.fork()
    _forget_options(engine)
    assume(engine, node.test, not known)
    frame.settled = True
    losses = len(engine.program.losses)
    number, every = engine.decide(), _every(engine, node.test)
    with engine.on_branch(number, int(known), cast("Site", node.test), every[int(known)]):
        other = engine.state if _branch(engine, node, not known) else None
    frame.settled = settled
    if _compares(node.test):  # other values of one option go with other values of others, too
        del engine.program.losses[losses:]
    del frame.breaks[left[1] :], frame.continues[left[2] :], frame.yields[left[3] :]
    engine.state = start
    with engine.on_branch(number, int(not known), cast("Site", node.test), every[int(not known)]):
        falls = _branch(engine, node, known)
    engine.doubt = doubt
    if falls:
        return True
    if other is None:
        return False
    engine.state = other
    engine.doubt = doubt + 1  # what follows does not happen by default
    frame.settled = frame.settled or len(frame.returns) > left[0]
    return True


def _branch(engine: Interpreter, node: cst.If, first: bool) -> bool:
    if first:
        return execute_body(engine, node.body)
    return True if node.orelse is None else _else(engine, node.orelse)


def _forget_options(engine: Interpreter) -> None:
    """Whoever sets one option may set the others too."""
    for number in _within_reach(engine):
        for name, value in list(engine.state.heap.get(number, {}).items()):
            if type(value) is Option and value.site is not None:
                engine.state.write(number, name, UNKNOWN)
            elif name == "items" and isinstance(value, Tuple):
                items = tuple(map(_without_option, value.items))
                if items != value.items:
                    engine.state.write(number, name, Tuple(items))


def _compares(test: cst.BaseExpression) -> bool:
    """Whether a test asks which value it is, not only whether something is wanted."""
    if isinstance(test, cst.BooleanOperation):
        return _compares(test.left) or _compares(test.right)
    if isinstance(test, cst.UnaryOperation):
        return _compares(test.expression)
    return isinstance(test, cst.Comparison) and not isinstance(test.comparisons[0].operator, (cst.Is, cst.IsNot))


def _within_reach(engine: Interpreter) -> list[int]:
    """The frames whose names are seen from here, and the objects that these names stand for."""
    frame = engine.frame
    frames = [frame.number, *frame.closure, frame.globals]
    held = (value for number in frames for value in engine.state.heap.get(number, {}).values())
    objects = [value.id for value in held if isinstance(value, Obj) and value.kind in ("namespace", "instance")]
    inside = [
        value.id
        for number in objects
        for value in engine.state.heap.get(number, {}).values()
        if isinstance(value, Obj) and value.kind == "namespace"
    ]
    return list(dict.fromkeys((*frames, *objects, *inside, FLAGS.id)))


def _without_option(pair: Value) -> Value:
    """A key with its value, which is unknown where it is an option's."""
    if isinstance(pair, Tuple) and len(pair.items) == 2 and type(pair.items[1]) is Option:
        return Tuple((pair.items[0], UNKNOWN))
    return pair


def _only_raises(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Raise)


def _is_main(test: cst.BaseExpression) -> bool:
    return (
        isinstance(test, cst.Comparison)
        and isinstance(test.left, cst.Name)
        and test.left.value == "__name__"
        and len(test.comparisons) == 1
        and isinstance(test.comparisons[0].operator, cst.Equal)
    )


def _else(engine: Interpreter, node: cst.If | cst.Else) -> bool:
    return _if(engine, node) if isinstance(node, cst.If) else execute_body(engine, node.body)


def _try(engine: Interpreter, node: cst.Try | cst.TryStar) -> bool:
    before = engine.state.fork()
    engine.trying += 1
    falls = execute_body(engine, node.body)
    engine.trying -= 1
    after = engine.state if falls else None
    ends: list[State | None] = []
    middle = join_states(before.fork(), None if after is None else after.fork())
    if falls and node.orelse is not None:
        falls = execute_body(engine, node.orelse.body)
        after = engine.state if falls else None
    ends.append(after)
    with engine.doubtful():
        number = engine.decide()
        for arm, handler in enumerate(cast("Sequence[cst.ExceptHandler]", node.handlers)):
            engine.state = cast("State", middle).fork()
            if handler.name is not None:
                bind_target(engine, cast("cst.Name", handler.name.name), UNKNOWN)
            with engine.on_branch(number, arm, cast("Site", node)):
                ends.append(engine.state if execute_body(engine, handler.body) else None)
    joined: State | None = None
    for end in ends:
        joined = join_states(joined, end)
    engine.state = joined if joined is not None else before
    alive = joined is not None
    if node.finalbody is not None:
        alive = execute_body(engine, node.finalbody.body) and alive
    return alive


def _match(engine: Interpreter, node: cst.Match) -> bool:
    subject = evaluate(engine, node.subject)
    joined: State | None = None
    rest: State | None = engine.state
    start, doubt = engine.state, engine.doubt
    number = engine.decide()
    for arm, case in enumerate(node.cases):
        engine.state = start.fork()
        known = patterns.match(engine, case.pattern, subject)
        if known is False:
            continue
        if case.guard is not None:
            guard = truth(engine, evaluate(engine, case.guard))
            if guard is False:
                continue
            known = known if guard else None
        if known is None:
            engine.doubt = doubt + 1
        with engine.on_branch(number, arm, cast("Site", case)):
            joined = join_states(joined, engine.state if execute_body(engine, case.body) else None)
        if known:
            rest = None
            break
    engine.doubt = doubt
    joined = join_states(joined, rest)
    engine.state = start if joined is None else joined
    return joined is not None


def _with(engine: Interpreter, node: cst.With) -> bool:
    return _enter(engine, node, 0)


def _enter(engine: Interpreter, node: cst.With, first: int) -> bool:
    """Enter the managers from the one at this place on, then read the body."""
    losses = len(engine.program.losses)
    no_grad, gradients = False, engine.gradients
    opened: list[table.Context] = []
    for index, item in enumerate(node.items[first:], first):
        if isinstance(item.item, cst.Call):
            manager = _manager(engine, item.item)
            if manager is not None:
                return _inside(engine, node, index, item.item, manager)
        value = evaluate(engine, item.item)
        switch = _gradients(engine, value)
        if switch is not None:
            gradients = switch.value if isinstance(switch, Const) else None
            no_grad = no_grad or gradients is False
            last = engine.events[-1] if engine.events else None
            if isinstance(last, Event) and cast("Any", last.site) is item.item and last.kind in ("grad_on", "grad_off"):
                engine.events.pop()  # only for the time of the block
        entered = value
        if isinstance(value, Obj) and value.kind == "instance":
            enter = engine.class_attribute(value, "__enter__")
            if enter is not None:
                entered = engine.call(enter, (), {}, cast("Site", item.item))
        elif isinstance(value, Obj):
            opened.append(_open(engine, value, item.item))
        if item.asname is not None:
            bind_target(engine, item.asname.name, entered)
    if no_grad:
        engine.record(Event("no_grad_enter", cast("Site", node)))
    before, engine.gradients = engine.gradients, gradients
    engine.contexts.extend(opened)
    falls = execute_body(engine, node.body)
    del engine.contexts[len(engine.contexts) - len(opened) :]
    engine.gradients = before
    if no_grad:
        engine.record(Event("no_grad_leave", cast("Site", node)))
        engine.without_training(losses)
    return falls


def _open(engine: Interpreter, value: Obj, node: cst.BaseExpression) -> table.Context:
    """A manager of a framework around a block."""
    entry, kind = find(engine, value, "__with__")
    if entry is not None:
        entry.bind(Call(engine, cast("Site", node), f"{kind}.__with__", (), {}, True), value)
    return table.Context(value.kind, value, cast("Site", node), len(engine.made))


def _manager(engine: Interpreter, node: cst.Call) -> BoundFunction | LocalFunction | None:
    """The generator function of this file that ``@contextmanager`` made a manager of."""
    if not engine.managers or not isinstance(node.func, (cst.Name, cst.Attribute)):
        return None
    found = evaluate(engine, node.func)
    inner = found.function if isinstance(found, BoundFunction) and not found.positional else found
    if not isinstance(inner, LocalFunction) or inner.node not in engine.managers:
        return None
    return found if isinstance(found, (BoundFunction, LocalFunction)) else None


def _inside(
    engine: Interpreter, node: cst.With, index: int, called: cst.Call, manager: BoundFunction | LocalFunction
) -> bool:
    """Read the body of a ``with`` at the place where its manager yields."""
    frame, item = engine.frame, node.items[index]
    falls: list[bool] = []
    stack, depth = list(engine.stack), engine.depth

    def body(value: Value) -> None:
        if falls:
            return
        inner = engine.frame, engine.stack, engine.depth
        engine.frame, engine.stack, engine.depth = frame, list(stack), depth
        if item.asname is not None:
            bind_target(engine, item.asname.name, value)
        falls.append(_enter(engine, node, index + 1))
        engine.frame, engine.stack, engine.depth = inner

    arguments = arguments_of(engine, called)
    function: Value = manager
    if isinstance(manager, BoundFunction):
        function = manager.function
        if manager.receiver is not None:
            arguments.positional.insert(0, (manager.receiver, None))
    if isinstance(function, LocalFunction):
        arguments.at_yield = body
        call_function(engine, function, arguments, cast("Site", called))
    if not falls:  # it was not read, or yields nowhere
        body(UNKNOWN)
    return falls[0]


def _gradients(engine: Interpreter, value: Value) -> Value | None:
    """Whether gradients are wanted inside of a block with this manager; None where it does not say."""
    found = [option for option in options(value) if isinstance(option, Obj) and option.kind == "torch.grad_mode"]
    if not found:
        return None
    return (engine.get(found[0], "enabled") or UNKNOWN) if found == [value] else UNKNOWN


# -- loops ------------------------------------------------------------------------------------------------------------
def _for(engine: Interpreter, node: cst.For) -> bool:
    before = len(engine.events)
    source = evaluate(engine, node.iter)
    items = engine.items(source)
    if items == []:
        return True if node.orelse is None else execute_body(engine, node.orelse.body)
    counted = isinstance(source, Obj) and source.kind == "range"
    few = items is not None and UNKNOWN not in items and len(items) <= MAX_UNROLLED and len(node.body.body) <= 12
    if (
        items is not None
        and few
        and engine.may_repeat(len(items))
        and not (counted and _is_training(engine, node, items[0]))
    ):
        with engine.looping(node):
            return _unroll(engine, node, items)
    element = engine.element(source, cast("Site", node.iter))

    def start() -> None:
        bind_target(engine, node.target, element)

    over = _gone_through(engine.events[before:], element)
    with engine.runs.inside(source, node), engine.looping(node):
        falls = _loop(engine, node, "for", start, source=source)
    body = engine.events[-1] if engine.events else None
    if over and isinstance(body, Loop):
        for each in over:
            made = Pass(cast("Site", node), each, "loop", body, engine.loops, element, engine.tick())
            engine.program.passes.append(made)
    return falls


def _gone_through(events: Sequence[Event | Loop], element: Value) -> list[Value]:
    """The loaders and splitters that a loop goes through: asked for their elements, or seen in what they give."""
    found = [event.target for event in events if isinstance(event, Event) and event.kind == "iterated"]
    inside = [element]
    for value in inside:
        inside.extend(value.items if isinstance(value, Tuple) else ())
        if isinstance(value, Data) and "index" in value.tags and isinstance(value.split, Obj):
            found.append(value.split)
    return list(dict.fromkeys(found))


def _variable(node: cst.For | cst.While) -> str:
    """The variable of a loop that has one."""
    return node.target.value if isinstance(node, cst.For) and isinstance(node.target, cst.Name) else ""


def _counted_to(node: cst.For | cst.While) -> str:
    """What a loop goes over, or how far it counts, as it is written."""
    if not isinstance(node, cst.For):
        return ""
    source = node.iter
    while isinstance(source, cst.Call) and source.args and dotted(source.func).rpartition(".")[2] in _COUNTING:
        last = source.args[1 if len(source.args) > 1 and dotted(source.func) in ("range", "trange") else 0]
        source = last.value
        if isinstance(source, cst.BinaryOperation) and isinstance(source.right, cst.Integer):
            source = source.left
    return dotted(source) or (source.value if isinstance(source, cst.Integer) else "")


_COUNTING = {"range", "trange", "tqdm", "enumerate"}


def _counts(node: cst.For | cst.While) -> bool:
    """``for _ in range(n)``: all rounds do the same."""
    if not isinstance(node, cst.For) or not isinstance(node.iter, cst.Call) or not isinstance(node.target, cst.Name):
        return False
    func = node.iter.func
    counted = isinstance(func, cst.Name) and func.value in ("range", "trange")
    return counted and not mentions(node.body, node.target.value)


_TRAINING = {"forward", "loss", "backward", "step", "fit", "train_mode", "eval_mode", "zero_grad"}


def _is_training(engine: Interpreter, node: cst.For, first: Value) -> bool:
    """Whether counted rounds are epochs, which are all alike, and not steps in building something. Leaves no trace."""
    if len(node.body.body) > 3 or engine.probing:
        return True
    before, frame = engine.state, engine.frame
    engine.probing = True
    steps, readings = engine.steps, engine.readings.copy()
    marks, outer, doubt = engine.marks(), engine.events, engine.doubt
    saved = frame.breaks, frame.continues
    returns, yields = len(frame.returns), len(frame.yields)
    engine.state, engine.events = before.fork(), []
    frame.breaks, frame.continues = [], []
    with engine.runs.undone():
        bind_target(engine, node.target, first)
        execute_body(engine, node.body)
    found = any(isinstance(each, Loop) or each.kind in _TRAINING for each in engine.events)
    engine.state, engine.events, engine.doubt = before, outer, doubt
    engine.rewind(marks)
    engine.probing, engine.steps, engine.readings = False, steps, readings
    frame.breaks, frame.continues = saved
    del frame.returns[returns:]
    del frame.yields[yields:]
    return found


def _unroll(engine: Interpreter, node: cst.For, items: Sequence[Value]) -> bool:
    frame = engine.frame
    saved = frame.breaks, frame.continues
    outer, engine.events = engine.events, []
    rounds, looped_over = engine.rounds, engine.looped_over
    frame.breaks = []
    broken: State | None = None
    doubt = engine.doubt
    engine.doubt = 0
    kept: list[Event | Loop] = []
    falls = True
    repeats = engine.repeats
    engine.repeats *= len(items)
    for index, item in enumerate(items):
        engine.rounds = (*rounds, index)
        engine.events = []
        frame.continues = []
        bind_target(engine, node.target, item)
        engine.looped_over = [*looped_over, *(v for v in (item, *(engine.items(item) or ())) if isinstance(v, Data))]
        with engine.runs.turning(node):
            falls = execute_body(engine, node.body)
        end: State | None = engine.state if falls else None
        for state in frame.continues:
            end = join_states(end, state)
        for state in frame.breaks:
            broken = join_states(broken, state)
        frame.breaks = []
        kept = [*kept, *engine.events] if len(kept) < MAX_KEPT else engine.events
        if end is None:
            falls = False
            break
        engine.state = end
        falls = True
    engine.rounds, engine.repeats, engine.looped_over = rounds, repeats, looped_over
    engine.doubt = doubt
    engine.events = outer
    engine.events.append(Loop(cast("Site", node), "for", tuple(kept), doubt == 0, path=engine.path, rounds=len(items)))
    frame.breaks, frame.continues = saved
    if falls and node.orelse is not None:
        falls = execute_body(engine, node.orelse.body)
    joined = join_states(engine.state if falls else None, broken)
    if joined is None:
        return False
    engine.state = joined
    return True


def _length(engine: Interpreter, source: Value) -> int | None:
    """How many rounds a loop over this has, where that is not up to whoever runs the program."""
    if not isinstance(source, Obj) or source.kind != "range":
        return None
    found = engine.get(source, "length")
    return found.value if type(found) is Const else None


def _while(engine: Interpreter, node: cst.While) -> bool:
    def start() -> None:
        evaluate(engine, node.test)

    forever = (isinstance(node.test, cst.Name) and node.test.value == "True") or (
        isinstance(node.test, cst.Integer) and node.test.value.strip("0_") != ""
    )
    with engine.runs.inside(UNKNOWN), engine.looping(node):
        return _loop(engine, node, "while", start, forever)


def _loop(
    engine: Interpreter,
    node: cst.For | cst.While,
    kind: str,
    start: Callable[[], None],
    forever: bool = False,
    source: Value = UNKNOWN,
) -> bool:
    """Repeat a loop's body until nothing changes; only the last round's records stay."""
    frame = engine.frame
    saved = frame.breaks, frame.continues
    outer = engine.events
    doubt = engine.doubt
    marks = engine.marks()
    returns = len(frame.returns)
    entry = engine.state
    born, made = engine.counter, len(engine.made)
    end: State | None = None
    for index in range(MAX_ROUNDS):
        engine.events = []
        frame.breaks, frame.continues = [], []
        engine.doubt = 0
        engine.state = entry.fork()
        start()
        end = engine.state if execute_body(engine, node.body) else None
        for state in frame.continues:
            end = join_states(end, state)
        if end is None or index == MAX_ROUNDS - 1 or not widen(entry, end):
            break
        engine.rewind(marks)
        del frame.returns[returns:]
        frame.yields = frame.yields[-8:]
    engine.doubt = doubt
    body, engine.events = engine.events, outer
    engine.events.append(
        Loop(
            cast("Site", node),
            kind,
            tuple(body),
            doubt == 0,
            born,
            end is not None,
            engine.path,
            _counts(node),
            made=frozenset(engine.made[made:]),
            length=_length(engine, source),
            counted=isinstance(source, Obj) and source.kind == "range",
            variable=_variable(node),
            over=_counted_to(node),
            body=cast("Site", engine.frame.node) if isinstance(engine.frame.node, cst.FunctionDef) else None,
        )
    )
    breaks = frame.breaks
    frame.breaks, frame.continues = saved
    # A ``for`` of a training program is read as running at least once: what is bound in it is bound behind it.
    skipped = end is None or isinstance(node, cst.While)
    after = None if forever else join_states(entry.fork() if skipped else None, end)
    if after is not None and node.orelse is not None:
        engine.state = after
        after = engine.state if execute_body(engine, node.orelse.body) else None
    for state in breaks:
        after = join_states(after, state)
    if after is None:
        engine.state = entry
        return False
    engine.state = after
    return True


# -- definitions ------------------------------------------------------------------------------------------------------
def _function(engine: Interpreter, node: cst.FunctionDef) -> bool:
    kind, no_grad = "function", False
    decorators: list[Value] = []
    written: list[cst.BaseExpression] = []
    for decorator in node.decorators:
        text = dotted(decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator)
        last = text.rpartition(".")[2]
        if last in ("property", "cached_property"):
            kind = "property"
        elif last == "staticmethod":
            kind = "static"
        elif last == "classmethod":
            kind = "class"
        elif last in ("no_grad", "inference_mode"):
            no_grad = True
        elif last == "setter":
            return _setter(engine, node)
        elif last in ("contextmanager", "asynccontextmanager"):
            engine.managers.add(node)
        elif last in ("deleter", "overload"):
            return True
        else:
            written.append(decorator.decorator)
            decorators.append(evaluate(engine, decorator.decorator))
    function = make_function(
        engine,
        node,
        owner=engine.frame.owner if isinstance(engine.frame.node, cst.ClassDef) else None,
        kind=kind,
        no_grad=no_grad,
    )
    engine.assign(node.name.value, function)
    engine.functions.append(function)
    for expression, decorate in zip(written, decorators, strict=True):
        tracing.decorated(engine, function, expression, decorate)
    for decorate in reversed(decorators):
        _register(engine, decorate, engine.lookup(node.name.value) or function, node)
        if _replaces(decorate):
            engine.assign(
                node.name.value,
                engine.call(decorate, (engine.lookup(node.name.value) or function,), {}, cast("Site", node)),
            )
    return True


def _setter(engine: Interpreter, node: cst.FunctionDef) -> bool:
    """``@name.setter``: kept beside the property."""
    name = node.name.value
    engine.setters.add(name)
    function = make_function(engine, node, owner=engine.frame.owner)
    engine.assign(f"{name}@setter", function)
    engine.functions.append(function)
    return True


def _register(engine: Interpreter, decorate: Value, defined: Value, node: Any) -> None:
    """A decorator written in this file may keep what it is given, and what it gives back takes the name.

    Where it cannot be read, the name stays what it was.
    """
    if isinstance(decorate, Obj) and decorate.kind == "click.option":
        parameter = engine.get(decorate, "parameter")
        if isinstance(parameter, Const) and isinstance(defined, LocalFunction):
            default = engine.get(decorate, "default") or UNKNOWN
            defaults = {**defined.defaults, str(parameter.value): default}
            engine.assign(node.name.value, replace(defined, defaults=defaults))
    own = decorate.kind == "instance" if isinstance(decorate, Obj) else isinstance(decorate, LocalClass)
    if not own and not isinstance(decorate, (LocalFunction, BoundFunction)):
        return
    made = engine.call(decorate, (defined,), {}, cast("Site", node))
    if isinstance(made, LocalFunction) and isinstance(defined, LocalFunction) and made.node is not defined.node:
        made = replace(made, kind=defined.kind, no_grad=made.no_grad or defined.no_grad)
    if isinstance(made, (LocalFunction, LocalClass, BoundFunction)) or (
        isinstance(made, Obj) and made.kind == "instance"
    ):
        engine.assign(node.name.value, made)


def _replaces(decorate: Value) -> bool:
    """Whether a framework's decorator puts something else in the function's place: ``@jax.value_and_grad``."""
    inner = decorate.function if isinstance(decorate, BoundFunction) and decorate.receiver is None else decorate
    return isinstance(inner, Name) and table.canonical(inner.path) in table.DECORATORS


def _makes_record(engine: Interpreter, node: cst.Decorator) -> bool:
    written = node.decorator.func if isinstance(node.decorator, cst.Call) else node.decorator
    return records.makes_record(evaluate(engine, written), dotted(written).rpartition(".")[2])


def _class(engine: Interpreter, node: cst.ClassDef) -> bool:
    bases = tuple(evaluate(engine, argument.value) for argument in node.bases)
    number = engine.number(engine.frame.number, id(node), "class")
    owner = LocalClass(node, number, bases, any(_makes_record(engine, each) for each in node.decorators))
    engine.state.put(number, {})
    caller = engine.frame
    closure = () if caller.number == caller.globals else (caller.number, *caller.closure)
    engine.frame = Frame(number, closure, owner=owner, node=node, globals=caller.globals)
    try:
        execute_body(engine, node.body)
    finally:
        engine.frame = caller
    records.declare(engine, owner)
    if enums.is_enum(engine, owner):
        enums.declare(engine, owner)
    engine.asked_for_attributes = engine.asked_for_attributes or "__getattr__" in engine.state.heap[number]
    engine.assign(node.name.value, owner)
    engine.classes.append(owner)
    _announce(engine, owner, node)
    for each in node.decorators:
        _register(engine, evaluate(engine, each.decorator), owner, node)
    return True


def _announce(engine: Interpreter, owner: LocalClass, node: cst.ClassDef) -> None:
    """Tell a base class that wants to know of the classes derived from it."""
    for each in engine.mro(owner)[1:]:
        hook = engine.state.heap.get(each.number, {}).get("__init_subclass__")
        if isinstance(hook, LocalFunction):
            keywords = {
                a.keyword.value: evaluate(engine, a.value)
                for a in node.keywords
                if a.keyword is not None and a.keyword.value != "metaclass"
            }
            engine.call(hook, (owner,), keywords, cast("Site", node))
            return


_HANDLERS: dict[type, Callable[[Interpreter, Any], bool]] = {
    cst.SimpleStatementLine: _line,
    cst.SimpleStatementSuite: _line,
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Del: _delete,
    cst.Return: _return,
    cst.Break: _break,
    cst.Continue: _continue,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Global: _global,
    cst.Nonlocal: _nonlocal,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.If: _if,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
    cst.With: _with,
    cst.For: _for,
    cst.While: _while,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
