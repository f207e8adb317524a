"""Statements: each takes the current state to the state behind it, and says whether the path goes on.

A statement gives True when control can fall through to the next one. States that leave otherwise (return, break,
continue) wait in the frame until the function or loop they leave collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.frameworks.table import Call
from mllint.program import Event, Loop
from mllint.reader.calls import find
from mllint.reader.engine import Frame, Interpreter
from mllint.reader.expressions import binary, evaluate, index_of, make_function
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
    Tuple,
    Value,
    choice,
    options,
)

MAX_ROUNDS = 3
MAX_UNROLLED = 8


def execute_body(engine: Interpreter, body: cst.BaseSuite | cst.Module) -> bool:
    """Read the statements of a block; whether control falls out of its end."""
    doubt = engine.doubt
    try:
        for statement in body.body:
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                engine.steps += 1
                if not handler(engine, statement):
                    return False
        return True
    finally:
        engine.doubt = doubt


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
    bind_target(engine, node.target, binary(engine, type(node.operator), left, right, node, node.target, node.value))
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
        engine.assign(target.value, value)
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(engine, target, value)
    elif isinstance(target, cst.Attribute):
        engine.set_attribute(evaluate(engine, target.value), target.attr.value, value, cast("Site", target))
    elif isinstance(target, cst.Subscript):
        _set_item(engine, target, value)
    elif isinstance(target, cst.StarredElement):
        bind_target(engine, target.value, value)


def _unpack(engine: Interpreter, target: cst.Tuple | cst.List, value: Value) -> None:
    elements = target.elements
    starred = next((i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement)), None)
    values: list[list[Value]] = [[] for _ in elements]
    for option in options(value):
        items = engine.items(option)
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


def _set_item(engine: Interpreter, target: cst.Subscript, value: Value) -> None:
    holder = evaluate(engine, target.value)
    index, index_site = index_of(engine, target)
    for option in options(holder):
        if isinstance(option, Obj) and option.kind == "dict":
            pairs = engine.mapping(option)
            if pairs is not None and isinstance(index, Const):
                pairs = [p for p in pairs if p[0] != index] + [(index, value)]
                engine.set(option, "items", Tuple(tuple(Tuple(p) for p in pairs)))
            else:
                known = [v for _, v in pairs] if pairs is not None else [engine.get(option, "element") or UNKNOWN]
                engine.set(option, "items", UNKNOWN)
                engine.set(option, "element", choice([*known, value]))
        elif isinstance(option, Obj) and option.kind == "list":
            items = engine.items(option)
            if (
                items is not None
                and isinstance(index, Const)
                and isinstance(index.value, int)
                and -len(items) <= index.value < len(items)
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
    return True


def _rebind(engine: Interpreter, node: cst.BaseExpression, value: Value) -> None:
    if isinstance(node, (cst.Name, cst.Attribute)):
        bind_target(engine, node, value)
    elif isinstance(node, cst.Subscript) and isinstance(node.value, (cst.Name, cst.Attribute)):
        holder = evaluate(engine, node.value)
        if isinstance(holder, Data):
            bind_target(engine, node.value, UNKNOWN)
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
            if isinstance(holder, Obj) and holder.kind in ("dict", "list"):
                pairs = engine.mapping(holder)
                if pairs is not None:
                    engine.set(holder, "items", Tuple(tuple(Tuple(p) for p in pairs if p[0] != index)))
                else:
                    engine.touch([holder])
            elif isinstance(holder, (Data, Obj)):
                _change_by_row(engine, target, holder, "__delitem__", (index, index_site))
    return True


def _return(engine: Interpreter, node: cst.Return) -> bool:
    value = NONE if node.value is None else evaluate(engine, node.value)
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
    if engine.frame.number != 0:
        for item in node.names:
            engine.frame.redirected[item.name.value] = 0
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
    module = "." * len(node.relative) + dotted(node.module)
    root = module.partition(".")[0]
    table.load(root)
    engine.program.roots.add(root)
    if isinstance(node.names, cst.ImportStar):
        engine.stars.append(module)
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
    known = True if _is_main(node.test) else truth(engine, test)
    if known is True:
        return execute_body(engine, node.body)
    if known is False:
        return True if node.orelse is None else _else(engine, node.orelse)
    start = engine.state
    other = start.fork()
    doubt = engine.doubt
    engine.doubt = doubt + 1
    engine.state = start.fork()
    assume(engine, node.test, True)
    first = engine.state if execute_body(engine, node.body) else None
    engine.state = other
    assume(engine, node.test, False)
    second = engine.state if node.orelse is None or _else(engine, node.orelse) else None
    engine.doubt = doubt
    if (first is None) != (second is None):
        engine.doubt = doubt + 1  # what follows happens only on one of the paths
        if _only_raises(node.body):
            engine.doubt = doubt
    joined = join_states(first, second)
    if joined is None:
        engine.state = other
        return False
    engine.state = joined
    return True


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
    falls = execute_body(engine, node.body)
    after = engine.state if falls else None
    ends: list[State | None] = []
    middle = join_states(before.fork(), None if after is None else after.fork())
    if falls and node.orelse is not None:
        falls = execute_body(engine, node.orelse.body)
        after = engine.state if falls else None
    ends.append(after)
    with engine.doubtful():
        for handler in node.handlers:
            engine.state = cast("State", middle).fork()
            if handler.name is not None:
                bind_target(engine, cast("cst.Name", handler.name.name), UNKNOWN)
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
    evaluate(engine, node.subject)
    start = engine.state
    joined: State | None = None
    complete = False
    with engine.doubtful():
        for case in node.cases:
            engine.state = start.fork()
            _bind_pattern(engine, case.pattern)
            joined = join_states(joined, engine.state if execute_body(engine, case.body) else None)
            if isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None:
                complete = True
                break
    if not complete:
        joined = join_states(joined, start)
    engine.state = start if joined is None else joined
    return joined is not None


def _bind_pattern(engine: Interpreter, pattern: cst.CSTNode) -> None:
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)) and pattern.name is not None:
        engine.assign(pattern.name.value, UNKNOWN)
    for child in pattern.children:
        if isinstance(
            child,
            (
                cst.MatchPattern,
                cst.MatchSequenceElement,
                cst.MatchMappingElement,
                cst.MatchKeywordElement,
                cst.MatchStar,
                cst.MatchOrElement,
            ),
        ):
            _bind_pattern(engine, child)


_NO_GRAD = {"torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad"}


def _with(engine: Interpreter, node: cst.With) -> bool:
    losses = len(engine.program.losses)
    no_grad = False
    for item in node.items:
        value = evaluate(engine, item.item)
        if isinstance(item.item, cst.Call) and _is_no_grad(engine, item.item):
            no_grad = True
        entered = value
        if isinstance(value, Obj) and value.kind == "instance":
            enter = engine.class_attribute(value, "__enter__")
            if enter is not None:
                entered = engine.call(enter, (), {}, cast("Site", item.item))
        if item.asname is not None:
            bind_target(engine, item.asname.name, entered)
    if no_grad:
        engine.record(Event("no_grad_enter", cast("Site", node)))
    falls = execute_body(engine, node.body)
    if no_grad:
        engine.record(Event("no_grad_leave", cast("Site", node)))
        engine.without_training(losses)
    return falls


def _is_no_grad(engine: Interpreter, node: cst.Call) -> bool:
    func = evaluate(engine, node.func) if isinstance(node.func, (cst.Name, cst.Attribute)) else UNKNOWN
    return isinstance(func, Name) and table.canonical(func.path) in _NO_GRAD


# -- loops ------------------------------------------------------------------------------------------------------------
def _for(engine: Interpreter, node: cst.For) -> bool:
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
        return _unroll(engine, node, items)
    element = engine.element(source, cast("Site", node.iter))

    def start() -> None:
        bind_target(engine, node.target, element)

    with engine.runs.inside(source, node):
        return _loop(engine, node, "for", start)


_TRAINING = {"forward", "loss", "backward", "step", "fit", "train_mode", "eval_mode", "zero_grad"}


def _is_training(engine: Interpreter, node: cst.For, first: Value) -> bool:
    """Whether counted rounds are epochs, which are all alike, and not steps in building something. Leaves no trace."""
    if len(node.body.body) > 3:
        return True
    before, frame = engine.state, engine.frame
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
        falls = execute_body(engine, node.body)
        end: State | None = engine.state if falls else None
        for state in frame.continues:
            end = join_states(end, state)
        for state in frame.breaks:
            broken = join_states(broken, state)
        frame.breaks = []
        kept = engine.events
        if end is None:
            falls = False
            break
        engine.state = end
        falls = True
    engine.rounds, engine.repeats, engine.looped_over = rounds, repeats, looped_over
    engine.doubt = doubt
    engine.events = outer
    engine.events.append(Loop(cast("Site", node), "for", tuple(kept), doubt == 0))
    frame.breaks, frame.continues = saved
    if falls and node.orelse is not None:
        falls = execute_body(engine, node.orelse.body)
    joined = join_states(engine.state if falls else None, broken)
    if joined is None:
        return False
    engine.state = joined
    return True


def _while(engine: Interpreter, node: cst.While) -> bool:
    def start() -> None:
        evaluate(engine, node.test)

    forever = (isinstance(node.test, cst.Name) and node.test.value == "True") or (
        isinstance(node.test, cst.Integer) and node.test.value.strip("0_") != ""
    )
    with engine.runs.inside(UNKNOWN):
        return _loop(engine, node, "while", start, forever)


def _loop(
    engine: Interpreter, node: cst.For | cst.While, kind: str, start: Callable[[], None], forever: bool = False
) -> bool:
    """Repeat a loop's body until nothing changes; only the last round's records stay."""
    frame = engine.frame
    saved = frame.breaks, frame.continues
    outer = engine.events
    doubt = engine.doubt
    marks = engine.marks()
    returns = len(frame.returns)
    entry = engine.state
    born = engine.counter
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
    engine.events.append(Loop(cast("Site", node), kind, tuple(body), doubt == 0, born, end is not None))
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
        elif last in ("setter", "deleter", "overload"):
            return True
        else:
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
    for decorate in decorators:
        _register(engine, decorate, function, node)
    return True


def _register(engine: Interpreter, decorate: Value, defined: Value, node: Any) -> None:
    """A decorator written in this file may keep what it is given: ``@register("mlp")``. The name stays what it was."""
    if isinstance(decorate, (LocalFunction, BoundFunction)):
        engine.call(decorate, (defined,), {}, cast("Site", node))


def _class(engine: Interpreter, node: cst.ClassDef) -> bool:
    bases = tuple(evaluate(engine, argument.value) for argument in node.bases)
    decorators = [
        dotted(d.decorator.func if isinstance(d.decorator, cst.Call) else d.decorator) for d in node.decorators
    ]
    number = engine.number(engine.frame.number, id(node), "class")
    owner = LocalClass(node, number, bases, any(d.rpartition(".")[2] == "dataclass" for d in decorators))
    engine.state.put(number, {})
    caller = engine.frame
    closure = () if caller.number == 0 else (caller.number, *caller.closure)
    engine.frame = Frame(number, closure, owner=owner, node=node)
    try:
        execute_body(engine, node.body)
    finally:
        engine.frame = caller
    engine.assign(node.name.value, owner)
    engine.classes.append(owner)
    for each in node.decorators:
        _register(engine, evaluate(engine, each.decorator), owner, node)
    return True


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
