"""Expressions: from a node to the value it evaluates to, with its effects on the current state."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, cast

import libcst as cst

from mllint.facts import LIMIT, Site
from mllint.frameworks import lineage, table
from mllint.frameworks.table import Call
from mllint.frameworks.tokens import FILL, PADDING
from mllint.program import Loop
from mllint.reader import classes, enums, repeats, told, windows
from mllint.reader.builtins import attribute_named
from mllint.reader.calls import Arguments, call, find
from mllint.reader.engine import Interpreter
from mllint.reader.folding import constant, fold, like, too_large, wide
from mllint.reader.keys import CONTENT, FACTORY, KEYED, is_key
from mllint.reader.local import Builtin, LocalClass, LocalFunction, Super
from mllint.reader.naming import filtered, names_in
from mllint.reader.narrow import assume, same, truth
from mllint.reader.state import State, join_states
from mllint.reader.walk import children
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Bound,
    Choice,
    Const,
    Data,
    Layer,
    Loss,
    Metric,
    Name,
    Obj,
    Option,
    Slice,
    Tuple,
    Value,
    choice,
    options,
)

MAX_EXPRESSION_DEPTH = 60
"""Deeper nesting is not read."""
MAX_ITEMS = 256
"""Longer literals keep their elements, not their order."""


def evaluate(engine: Interpreter, node: cst.CSTNode) -> Value:
    """The value of an expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return UNKNOWN
    return handler(engine, node)


def _name(engine: Interpreter, node: cst.Name) -> Value:
    name = node.value
    found = engine.lookup(name)
    if found is not None:
        if isinstance(found, Data) and found.applied is not None:
            engine.reads(found, cast("Site", node))
        return found
    literal = _LITERALS.get(name)
    if literal is not None:
        return literal
    return engine.unbound(name, cast("Site", node))


_LITERALS: dict[str, Value] = {"True": TRUE, "False": FALSE, "None": NONE}


def _attribute(engine: Interpreter, node: cst.Attribute) -> Value:
    value = evaluate(engine, node.value)
    if node.attr.value in _ABOUT and isinstance(value, Data):
        engine.only_asked(value, cast("Site", node.value))
    result = engine.attribute(value, node.attr.value, cast("Site", node))
    if isinstance(result, Data) and result.applied is not None and not isinstance(value, Data):
        engine.reads(result, cast("Site", node))
    if isinstance(result, Name):
        engine.watch(table.canonical(result.path), result.path, node, None, True, node.attr)
    elif isinstance(value, Data):
        engine.watch(f"pandas.DataFrame.{node.attr.value}", "pandas", node, None, True, node.attr)
    return result


_ABOUT = ("shape", "size", "dim", "ndim", "device", "dtype", "ndimension", "numel", "is_cuda", "get_shape")


def _callee(engine: Interpreter, node: cst.BaseExpression) -> tuple[Value, Any]:
    """A call's function without recording the use of its name, and the site of its last name."""
    if isinstance(node, cst.Attribute):
        holder = evaluate(engine, node.value)
        if isinstance(holder, Super) and isinstance(holder.receiver, Obj) and node.attr.value == "__init__":
            classes.initialising(holder.owner, holder.receiver, engine)
        if node.attr.value in _ABOUT and isinstance(holder, Data):
            engine.only_asked(holder, cast("Site", node.value))
        return engine.attribute(holder, node.attr.value, cast("Site", node)), node.attr
    return evaluate(engine, node), node


def _call(engine: Interpreter, node: cst.Call) -> Value:
    engine.expression_depth += 1
    try:
        if engine.expression_depth > MAX_EXPRESSION_DEPTH:
            engine.limit("an expression is nested too deeply")
            return UNKNOWN
        callee, name_site = _callee(engine, node.func)
        if isinstance(callee, Builtin) and callee.name == "super" and callee.receiver is None:
            return _super(engine, node)
        arguments = arguments_of(engine, node)
        arguments.name_site = name_site
        if isinstance(name_site, cst.Name) and name_site.value == "forward":
            classes.forward_called(engine, node)
        if engine.loops and isinstance(name_site, cst.Name) and name_site.value in repeats.PUTTING:
            repeats.put_in_loop(engine, node, arguments)
        result = call(engine, callee, arguments, cast("Site", node))
        if engine.rebound:
            _rebind(engine, node)
        return result
    finally:
        engine.expression_depth -= 1


def _rebind(engine: Interpreter, node: cst.Call) -> None:
    """Write what a call changed in place back to the variables its receiver and arguments were read from."""
    from mllint.reader.statements import bind_target

    changes, engine.rebound = engine.rebound, []
    places = [node.func.value] if isinstance(node.func, cst.Attribute) else []
    for place in [*places, *(argument.value for argument in node.args)]:
        if isinstance(place, (cst.Name, cst.Attribute, cst.Subscript)):
            value = evaluate(engine, place)
            for old, new in changes:
                if value is old or (isinstance(place, cst.Subscript) and value == old):
                    bind_target(engine, place, new)
                    engine.changed_in_place(old, new)


def arguments_of(engine: Interpreter, node: cst.Call) -> Arguments:
    """A call's arguments as written."""
    positional: list[tuple[Value, Site | None]] = []
    keywords: dict[str, tuple[Value, Site | None]] = {}
    complete = True
    spread: Value = UNKNOWN
    for argument in node.args:
        value = evaluate(engine, argument.value)
        site = cast("Site", argument.value)
        if argument.star == "*":
            items = engine.items(value)
            if items is None:
                complete = False
                spread = value if len(node.args) == 1 else UNKNOWN
                tail = engine.get(value, "tail") if isinstance(value, Obj) else None
                positional.append((UNKNOWN, site))
                if isinstance(tail, Tuple):
                    positional.extend((item, site) for item in tail.items)
            else:
                positional.extend((item, _site_of(item, site)) for item in items)
        elif argument.star == "**":
            pairs = engine.mapping(value)
            if pairs is None:
                complete = False
                pairs = engine.columns(value)
            if pairs is not None:
                for key, item in pairs:
                    if isinstance(key, Const) and isinstance(key.value, str):
                        keywords[key.value] = (item, site)
                    else:
                        complete = False
        elif argument.keyword is not None:
            keywords[argument.keyword.value] = (value, site)
        else:
            positional.append((value, site))
        if type(value) is Option and value.site is not None:
            engine.program.assumed[site] = value.site
    return Arguments(positional, keywords, complete, spread=spread)


def _site_of(value: Value, default: Site) -> Site:
    site = value.site if isinstance(value, (Obj, Layer, Loss, Metric)) else None
    return default if site is None else site


def _super(engine: Interpreter, node: cst.Call) -> Value:
    frame = engine.frame
    given = [evaluate(engine, argument.value) for argument in node.args]
    if len(given) == 2 and isinstance(given[0], LocalClass) and isinstance(given[1], (Obj, LocalClass)):
        return Super(given[0], given[1])
    if frame.owner is not None and isinstance(frame.receiver, (Obj, LocalClass)):
        return Super(frame.owner, frame.receiver)
    return UNKNOWN


def _integer(engine: Interpreter, node: cst.Integer) -> Value:
    return fold(int, node.value, 0) if node.value.strip("0_") else Const(0)


def _float(engine: Interpreter, node: cst.Float) -> Value:
    return Const(float(node.value))


def _string(engine: Interpreter, node: cst.SimpleString) -> Value:
    text = node.value
    quote = text[0]
    if quote in "'\"" and "\\" not in text and text[1:2] != quote:
        return Const(text[1:-1])
    try:
        return Const(node.evaluated_value)
    except (ValueError, SyntaxError):
        return UNKNOWN


def _concatenated(engine: Interpreter, node: cst.ConcatenatedString) -> Value:
    left, right = evaluate(engine, node.left), evaluate(engine, node.right)
    if isinstance(left, Const) and isinstance(right, Const) and type(left.value) is type(right.value):
        return fold(operator.add, left.value, right.value)
    return UNKNOWN


def _formatted(engine: Interpreter, node: cst.FormattedString) -> Value:
    parts: list[str] | None = []
    values: list[Value] = []
    before = ""
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            before = part.value
            if parts is not None:
                parts.append(part.value.replace("{{", "{").replace("}}", "}"))
        elif isinstance(part, cst.FormattedStringExpression):
            value = enums.plain(engine, evaluate(engine, part.expression))
            values.append(value)
            told.called(engine, before, value, part.expression)
            before = ""
            text = _in_format(value, part)
            if parts is not None and text is not None:
                parts.append(text)
            else:
                parts = None
    engine.show(cast("Site", node), *values)
    return UNKNOWN if parts is None else like(constant("".join(parts)), *values)


def _in_format(value: Value, part: cst.FormattedStringExpression) -> str | None:
    """A constant as an f-string writes it."""
    if not isinstance(value, Const) or part.conversion is not None:
        return None
    if not part.format_spec:
        return str(value.value)
    spec = "".join(each.value for each in part.format_spec if isinstance(each, cst.FormattedStringText))
    if len(spec) > 6 or len(part.format_spec) > 1 or wide("{" + spec):
        return None
    try:
        return format(value.value, spec)
    except (TypeError, ValueError):
        return None


def _elements(engine: Interpreter, elements: Any) -> list[Value] | None:
    found: list[Value] | None = []
    for element in elements:
        value = evaluate(engine, element.value)
        if isinstance(element, cst.StarredElement):
            items = engine.items(value)
            if items is None:
                found = None
            elif found is not None:
                found.extend(items)
        elif found is not None:
            found.append(value)
    return found


def _tuple(engine: Interpreter, node: cst.Tuple) -> Value:
    items = _elements(engine, node.elements)
    return UNKNOWN if items is None else engine.new_tuple(items)


def _list(engine: Interpreter, node: cst.List | cst.Set) -> Value:
    items = _elements(engine, node.elements)
    kind = "list" if isinstance(node, cst.List) else "set"
    if items is None:
        return engine.new(kind, cast("Site", node), {"items": UNKNOWN, "element": UNKNOWN})
    return engine.new_list(node, items, kind)


def _dict(engine: Interpreter, node: cst.Dict) -> Value:
    pairs: dict[Value, Value] | None = {}
    for element in node.elements:
        value = evaluate(engine, element.value)
        if isinstance(element, cst.DictElement):
            key = evaluate(engine, element.key)
            if pairs is not None:
                if is_key(engine, key):
                    pairs.pop(key, None)
                    pairs[key] = value
                else:
                    pairs = None
        else:
            more = engine.mapping(value)
            if more is None:
                pairs = None
            elif pairs is not None:
                for key, item in more:
                    pairs.pop(key, None)
                    pairs[key] = item
    if pairs is None:
        return engine.new("dict", cast("Site", node), {"items": UNKNOWN})
    return engine.new("dict", cast("Site", node), {"items": Tuple(tuple(map(Tuple, pairs.items())))})


def _lambda(engine: Interpreter, node: cst.Lambda) -> Value:
    return make_function(engine, node)


def make_function(engine: Interpreter, node: cst.FunctionDef | cst.Lambda, **more: Any) -> LocalFunction:
    """A function value: its defaults are evaluated now, its body when it is called."""
    defaults: dict[str, Value] = {}
    parameters = node.params
    for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
        if parameter.default is not None:
            defaults[parameter.name.value] = evaluate(engine, parameter.default)
    frame = engine.frame
    hidden = frame.number == frame.globals or isinstance(
        frame.node, cst.ClassDef
    )  # methods do not see the class's names
    closure = frame.closure if hidden else (frame.number, *frame.closure)
    return LocalFunction(node, closure, defaults, globals=frame.globals, **more)


def _conditional(engine: Interpreter, node: cst.IfExp) -> Value:
    tested = evaluate(engine, node.test)
    test = truth(engine, tested)
    if test is not None:
        return evaluate(engine, node.body if test else node.orelse)
    before = engine.state
    with engine.doubtful():
        engine.state = before.fork()
        assume(engine, node.test, True)
        first = evaluate(engine, node.body)
        after, engine.state = engine.state, before.fork()
        assume(engine, node.test, False)
        second = evaluate(engine, node.orelse)
    engine.state = cast("State", join_states(after, engine.state))
    if isinstance(tested, Data) and tested.scale.must_be("hard") and {first, second} == {Const(0), Const(1)}:
        return tested.with_(dtype="int64")  # a score turned into a class
    return choice((first, second))


def _boolean(engine: Interpreter, node: cst.BooleanOperation) -> Value:
    left = evaluate(engine, node.left)
    known = truth(engine, left)
    is_and = isinstance(node.operator, cst.And)
    if known is not None:
        return like(evaluate(engine, node.right), left) if known is is_and else left
    before = engine.state
    with engine.doubtful():
        engine.state = before.fork()
        assume(engine, node.left, is_and)
        right = evaluate(engine, node.right)
    engine.state = cast("State", join_states(engine.state, before))
    return choice((_falsy(engine, left, is_and), right))


def _falsy(engine: Interpreter, left: Value, is_and: bool) -> Value:
    """What ``left and right`` can be of ``left``: its false possibilities; of ``left or right`` its true ones."""
    if not isinstance(left, Choice):
        return left
    kept = [option for option in left.options if truth(engine, option) is not is_and]
    return choice(kept) if kept else left


def _unary(engine: Interpreter, node: cst.UnaryOperation) -> Value:
    value = evaluate(engine, node.expression)
    if isinstance(node.operator, cst.Not):
        known = truth(engine, value)
        return UNKNOWN if known is None else like(Const(not known), value)
    if isinstance(value, Const):
        try:
            if isinstance(node.operator, cst.Minus):
                return Const(-value.value)
            if isinstance(node.operator, cst.BitInvert):
                return Const(~value.value)
            return Const(+value.value)
        except TypeError:
            return UNKNOWN
    if isinstance(value, Data):
        symbol = (
            "-" if isinstance(node.operator, cst.Minus) else "~" if isinstance(node.operator, cst.BitInvert) else "+"
        )
        return _row(engine, "operator.unary", node, Const(symbol), value)
    return UNKNOWN


def _row(engine: Interpreter, path: str, node: Any, *values: Value, sites: tuple[Any, ...] = ()) -> Value:
    entry = table.ROWS.get(path)
    if entry is None:
        table.load("numpy")
        entry = table.ROWS.get(path)
        if entry is None:
            return UNKNOWN
    positional = tuple((v, sites[i] if i < len(sites) else None) for i, v in enumerate(values))
    return entry.bind(Call(engine, cast("Site", node), path, positional, {}, True))


_BINARY: dict[type[cst.CSTNode], tuple[str, Callable[[Any, Any], Any]]] = {
    cst.Add: ("+", operator.add), cst.Subtract: ("-", operator.sub), cst.Multiply: ("*", operator.mul), cst.Divide: ("/", operator.truediv),
    cst.FloorDivide: ("//", operator.floordiv), cst.Modulo: ("%", operator.mod), cst.Power: ("**", operator.pow),
    cst.BitAnd: ("&", operator.and_), cst.BitOr: ("|", operator.or_), cst.BitXor: ("^", operator.xor),
    cst.LeftShift: ("<<", operator.lshift), cst.RightShift: (">>", operator.rshift), cst.MatrixMultiply: ("@", operator.matmul),
    cst.AddAssign: ("+", operator.add), cst.SubtractAssign: ("-", operator.sub), cst.MultiplyAssign: ("*", operator.mul),
    cst.DivideAssign: ("/", operator.truediv), cst.FloorDivideAssign: ("//", operator.floordiv), cst.ModuloAssign: ("%", operator.mod),
    cst.PowerAssign: ("**", operator.pow), cst.BitAndAssign: ("&", operator.and_), cst.BitOrAssign: ("|", operator.or_),
    cst.BitXorAssign: ("^", operator.xor), cst.LeftShiftAssign: ("<<", operator.lshift), cst.RightShiftAssign: (">>", operator.rshift),
    cst.MatrixMultiplyAssign: ("@", operator.matmul),
}  # fmt: skip


_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "@": "matmul", "|": "or", "&": "and", "^": "xor", ">>": "rshift", "<<": "lshift",
}  # fmt: skip


def _binary(engine: Interpreter, node: cst.BinaryOperation) -> Value:
    engine.expression_depth += 1
    try:
        if engine.expression_depth > MAX_EXPRESSION_DEPTH:
            return UNKNOWN
        left = evaluate(engine, node.left)
        right = evaluate(engine, node.right)
    finally:
        engine.expression_depth -= 1
    return binary(engine, type(node.operator), left, right, node, node.left, node.right)


def binary(
    engine: Interpreter, kind: type, left: Value, right: Value, node: Any, left_site: Any, right_site: Any
) -> Value:
    """``left ∘ right``."""
    symbol, function = _BINARY[kind]
    if isinstance(left, Const) and isinstance(right, Const):
        if too_large(symbol, left.value, right.value):
            return UNKNOWN
        return like(fold(function, left.value, right.value), left, right)
    if isinstance(left, Const) and isinstance(left.value, str) and isinstance(right, Data):
        engine.show(node, right)
        told.filled(engine, left.value, right, node)
    if (isinstance(left, Data) or isinstance(right, Data)) and not isinstance(left, Choice):
        return _row(engine, "operator.binary", node, left, Const(symbol), right, sites=(left_site, None, right_site))
    if isinstance(left, Choice) or isinstance(right, Choice):
        if len(options(left)) * len(options(right)) <= 12:
            return choice(
                binary(engine, kind, a, b, node, left_site, right_site) for a in options(left) for b in options(right)
            )
        return UNKNOWN
    if symbol == "|" and isinstance(left, Obj) and isinstance(right, Obj) and left.kind == right.kind == "dict":
        return _merged(engine, left, right, node)
    if isinstance(left, Obj) and isinstance(right, (Obj, Const)) and enums.plain(engine, left) is not left:
        return binary(engine, kind, enums.plain(engine, left), enums.plain(engine, right), node, left_site, right_site)
    if isinstance(left, Const) and isinstance(right, Obj) and enums.plain(engine, right) is not right:
        return binary(engine, kind, left, enums.plain(engine, right), node, left_site, right_site)
    if symbol == "%" and isinstance(left, Const) and isinstance(left.value, str):
        engine.show(node, *(right.items if isinstance(right, Tuple) else (right,)))
        told.filled(engine, left.value, right, node)
        return _percent(left, right)
    if symbol == "+":
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            return engine.new_tuple((*left.items, *right.items))
        if isinstance(left, Obj) and isinstance(right, Obj) and left.kind == right.kind == "list":
            a, b = engine.items(left), engine.items(right)
            if a is not None and b is not None:
                return engine.new_list(node, [*a, *b])
            joined = engine.new(
                "list",
                node,
                {"items": UNKNOWN, "element": choice((engine.element(left, node), engine.element(right, node)))},
            )
            engine.runs.extended(joined, left)
            engine.runs.extended(joined, right)
            return _filled_up(engine, joined, left, right)
        if left is UNKNOWN or right is UNKNOWN:
            unknown = engine.new("list", node, {"items": UNKNOWN, "element": UNKNOWN})
            filled = _filled_up(engine, unknown, left, right)
            return filled if engine.get(unknown, PADDING) is not None else UNKNOWN
    if symbol == "*":
        for sequence, count in ((left, right), (right, left)):
            items = engine.items(sequence) if isinstance(sequence, (Tuple, Obj)) else None
            if (
                items is not None
                and isinstance(count, Const)
                and isinstance(count.value, int)
                and len(items) * count.value <= MAX_ITEMS
            ):
                repeated = items * max(0, count.value) if items else []
                repeats.multiplied(engine, node, items, count)
                return Tuple(tuple(repeated)) if isinstance(sequence, Tuple) else engine.new_list(node, repeated)
            if items and isinstance(sequence, Obj) and sequence.kind == "list" and not isinstance(count, Const):
                many = engine.new("list", node, {"items": UNKNOWN, "element": choice(items)})
                repeats.multiplied(engine, node, items, count)
                engine.runs.set(many, tuple(items) if len(items) == 1 and isinstance(items[0], Const) else ())
                if len(items) == 1:
                    engine.set(many, FILL, items[0])
                return many
    for operand, other, swapped in ((left, right, False), (right, left, True)):
        if isinstance(operand, Obj) and operand.kind == "instance" and symbol in _OPERATORS:
            own = engine.class_attribute(operand, f"__{'r' if swapped else ''}{_OPERATORS[symbol]}__")
            if own is not None:
                return engine.call(own, (other,), {}, cast("Site", node))
        if isinstance(operand, Obj):
            entry, _ = find(engine, operand, "__binary__")
            if entry is not None:
                positional = ((Const(symbol), None), (other, None), (Const(swapped), None))
                return entry.bind(Call(engine, cast("Site", node), "__binary__", positional, {}, True), operand)
    return UNKNOWN


def _filled_up(engine: Interpreter, joined: Obj, left: Value, right: Value) -> Obj:
    """``ids + [0] * n``: where the number is not known, the length of the ids decides it."""
    for operand in (right, left):
        fill = engine.get(operand, FILL) if isinstance(operand, Obj) else None
        if fill is not None:
            engine.set(joined, PADDING, fill)
            break
    return joined


def _merged(engine: Interpreter, left: Obj, right: Obj, node: Any) -> Value:
    """``left | right`` of two dicts."""
    first, second = engine.mapping(left), engine.mapping(right)
    if first is None or second is None:
        return engine.new("dict", node, {"items": UNKNOWN})
    pairs = {**dict(first), **dict(second)}
    return engine.new("dict", node, {"items": Tuple(tuple(map(Tuple, pairs.items())))})


def _percent(template: Const, values: Value) -> Value:
    """``"%s_%d" % (a, b)``."""
    items = values.items if isinstance(values, Tuple) else (values,)
    plain = tuple(item.value for item in items if isinstance(item, Const))
    if len(plain) < len(items) or too_large("%", template.value, plain):
        return UNKNOWN
    return like(fold(operator.mod, template.value, plain), template, *items)


_COMPARE: dict[type[cst.CSTNode], tuple[str, Callable[[Any, Any], Any]]] = {
    cst.Equal: ("==", operator.eq), cst.NotEqual: ("!=", operator.ne), cst.LessThan: ("<", operator.lt), cst.GreaterThan: (">", operator.gt),
    cst.LessThanEqual: ("<=", operator.le), cst.GreaterThanEqual: (">=", operator.ge), cst.Is: ("is", operator.eq), cst.IsNot: ("is not", operator.ne),
    cst.In: ("in", lambda a, b: a in b), cst.NotIn: ("not in", lambda a, b: a not in b),
}  # fmt: skip


def _comparison(engine: Interpreter, node: cst.Comparison) -> Value:
    left = evaluate(engine, node.left)
    results: list[Value] = []
    left_site: Any = node.left
    for part in node.comparisons:
        right = evaluate(engine, part.comparator)
        results.append(_compare(engine, type(part.operator), left, right, node, left_site, part.comparator))
        left, left_site = right, part.comparator
    if len(results) == 1:
        return results[0]
    if any(r == FALSE for r in results):
        return FALSE
    return TRUE if all(r == TRUE for r in results) else UNKNOWN


def _compare(
    engine: Interpreter, kind: type, left: Value, right: Value, node: Any, left_site: Any, right_site: Any
) -> Value:
    symbol, function = _COMPARE.get(kind, ("", operator.eq))
    if symbol in ("is", "is not"):
        if right == NONE or left == NONE:
            other = left if right == NONE else right
            if isinstance(other, Choice):
                return UNKNOWN if NONE in other.options or Bound in map(type, other.options) else Const(symbol != "is")
            if other is UNKNOWN or isinstance(other, Bound):
                return UNKNOWN
            return like(Const((other == NONE) is (symbol == "is")), other)
        known = same(engine, left, right)
        return UNKNOWN if known is None else like(Const(known is (symbol == "is")), left, right)
    if symbol in ("in", "not in"):
        items = engine.items(right) if not isinstance(right, Const) else None
        if items is not None:
            found = _among(engine, left, items)
            if found is not None:
                return like(Const(found is (symbol == "in")), left)
        if isinstance(right, Obj) and (asked := table.METHODS.get((right.kind, "__contains__"))) is not None:
            asked.bind(
                Call(engine, cast("Site", node), f"{right.kind}.__contains__", ((left, left_site),), {}, True), right
            )
            return UNKNOWN
        return _fold_compare(function, left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        return _fold_compare(function, left, right)
    if any(isinstance(option, Data) for value in (left, right) for option in options(value)):
        return _row(engine, "operator.compare", node, left, Const(symbol), right, sites=(left_site, None, right_site))
    if symbol in ("==", "!="):
        known = same(engine, left, right)
        return UNKNOWN if known is None else like(Const(known is (symbol == "==")), left, right)
    plain = enums.plain(engine, left), enums.plain(engine, right)
    return _fold_compare(function, *plain)


def _among(engine: Interpreter, value: Value, items: list[Value]) -> bool | None:
    """Whether a value is one of these; None when that is not known."""
    known = [same(engine, value, item) for item in items]
    return True if True in known else None if None in known else False


def _fold_compare(function: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return like(Const(bool(function(left.value, right.value))), left, right)
        except TypeError:
            return UNKNOWN
    return UNKNOWN


def _slice_value(engine: Interpreter, node: cst.BaseSlice) -> Value:
    if isinstance(node, cst.Index):
        return evaluate(engine, node.value)
    if isinstance(node, cst.Slice):
        parts = [NONE if part is None else evaluate(engine, part) for part in (node.lower, node.upper, node.step)]
        return Slice(*parts)
    return UNKNOWN


def index_of(engine: Interpreter, node: cst.Subscript) -> tuple[Value, Any]:
    """A subscript's index value and its site."""
    if len(node.slice) == 1:
        element = node.slice[0].slice
        return _slice_value(engine, element), element.value if isinstance(element, cst.Index) else element
    return Tuple(tuple(_slice_value(engine, element.slice) for element in node.slice)), node


def _subscript(engine: Interpreter, node: cst.Subscript) -> Value:
    value = evaluate(engine, node.value)
    index, index_site = index_of(engine, node)
    if isinstance(value, Data) and index == Const(0):
        _watch_first(engine, node, value)
    return subscript(engine, value, index, node, index_site)


def _watch_first(engine: Interpreter, node: cst.Subscript, value: Data) -> None:
    """``loss.data[0]``: the value of a loss has no axis any more."""
    inner = node.value
    if (
        isinstance(inner, cst.Attribute)
        and inner.attr.value == "data"
        and isinstance(value.loss, Loss)
        and value.loss.framework == "torch"
    ):
        engine.watch("torch.Tensor.data[0]", "torch", node, None, True, node)


def subscript(engine: Interpreter, value: Value, index: Value, node: Any, index_site: Any) -> Value:
    """``value[index]``."""
    if isinstance(value, Choice):
        return choice(subscript(engine, option, index, node, index_site) for option in value.options if option != NONE)
    if isinstance(value, Obj) and value.kind in KEYED:
        if type(index) is Option and index.site is not None:
            engine.program.assumed[cast("Site", node)] = index.site
        factory = engine.get(value, FACTORY)
        if factory is not None:
            return _item_or_new(engine, value, index, factory, node)
        return _dict_item(engine, value, index)
    if isinstance(value, (Tuple, Const)) or (isinstance(value, Obj) and value.kind in ("list", "range")):
        found = _sequence_item(engine, value, index, node)
        if found is not None:
            return found
        if isinstance(value, Obj):
            element = windows.another(engine, engine.element(value, node), node)
            if not isinstance(index, Slice):
                return element
            fields: dict[str, Value] = {"items": UNKNOWN, "element": element}
            if value.kind == "range" or engine.get(value, lineage.PLACES) is not None:
                fields[lineage.PLACES] = TRUE
            return engine.new("list", node, fields)
    if isinstance(value, Obj) and value.kind == "instance":
        own = engine.class_attribute(value, "__getitem__")
        if own is not None:
            return engine.call(own, (index,), {}, node)
        content = engine.get(value, CONTENT)
        if isinstance(content, Obj):
            return _dict_item(engine, content, index)
        if (items := engine.items(value)) is not None:
            return subscript(engine, Tuple(tuple(items)), index, node, index_site)
    if isinstance(value, (Data, Obj, Layer, Tuple)):
        entry, kind = find(engine, value, "__getitem__")
        if entry is not None:
            asked = Call(engine, cast("Site", node), f"{kind}.__getitem__", ((index, index_site),), {}, True)
            result = entry.bind(asked, value)
            if isinstance(value, Data):
                result = windows.placed(engine, value, result, index, node)
            return windows.slid(engine, value, result, node)
    if isinstance(value, LocalClass):
        return value if enums.members(engine, value) is None else enums.look_up(engine, value, index, "_name_")
    if isinstance(value, Name) and value.path.endswith(".__dict__"):  # ``models.__dict__[arch]``
        return attribute_named(engine, Name(value.path.removesuffix(".__dict__")), index, cast("Site", node))
    if isinstance(value, Name):  # ``np.c_[a, b]``
        row = table.ROWS.get(table.canonical(value.path) + ".__getitem__")
        if row is not None:
            path = f"{value.path}.__getitem__"
            return row.bind(Call(engine, cast("Site", node), path, ((index, index_site),), {}, True))
    if value is UNKNOWN and "transformers" in engine.program.roots:
        return windows.of_unknown(engine, index, node)
    return UNKNOWN


def _item_or_new(engine: Interpreter, value: Obj, index: Value, factory: Value, node: Any) -> Value:
    """An item of a ``defaultdict``."""
    pairs = engine.mapping(value)
    if pairs is not None and is_key(engine, index):
        found = next((item for key, item in pairs if key == index), None)
        if found is not None:
            return found
        with engine.round(("missing", index)):
            made = engine.call(factory, (), {}, cast("Site", node))
        engine.set_item(value, index, made)
        return made
    known = _dict_item(engine, value, index)
    made = engine.call(factory, (), {}, cast("Site", node))
    if isinstance(made, Obj):  # which of the items it is, or a new one, is not known: nor is what becomes of any
        engine.touch([made, *(item for _, item in pairs or ())])
    engine.set_item(value, UNKNOWN, made)
    return made if pairs == [] or known is UNKNOWN else choice((known, made))


def _dict_item(engine: Interpreter, value: Obj, index: Value) -> Value:
    pairs = engine.mapping(value)
    if pairs is None:
        return engine.get(value, "element") or UNKNOWN
    if is_key(engine, index):
        return next((item for key, item in pairs if key == index), UNKNOWN)
    if isinstance(index, Choice):
        return choice(_dict_item(engine, value, option) for option in index.options)
    found = choice(item for _, item in pairs) if pairs else UNKNOWN
    if found is UNKNOWN and len(pairs) > LIMIT and all(isinstance(item, Const) for _, item in pairs):
        return lineage.any_of([cast("Const", item).value for _, item in pairs], value.site)
    return found


def _sequence_item(engine: Interpreter, value: Value, index: Value, node: Any) -> Value | None:
    if isinstance(value, Const):
        if isinstance(value.value, (str, bytes)) and isinstance(index, Const) and isinstance(index.value, int):
            try:
                return Const(value.value[index.value])
            except IndexError:
                return UNKNOWN
        return UNKNOWN
    items = engine.items(value)
    if isinstance(index, Const) and isinstance(index.value, int):
        if items is None:
            tail = engine.get(value, "tail") if isinstance(value, Obj) else None
            if isinstance(tail, Tuple) and index.value < 0 and -index.value <= len(tail.items):
                return tail.items[index.value]
            return None
        passed = items[: index.value + 1] if index.value >= 0 else items[index.value :]
        if UNKNOWN in passed and isinstance(value, Obj) and engine.get(value, "element") is not None:
            return engine.element(value, node)  # a list that a loop fills: the places are not known
        return items[index.value] if -len(items) <= index.value < len(items) else UNKNOWN
    if items is None:
        return None
    if isinstance(index, Slice):
        if UNKNOWN in items and isinstance(value, Obj) and engine.get(value, "element") is not None:
            return None  # a list that a loop fills
        bounds = [index.start, index.stop, index.step]
        if all(
            isinstance(b, Const) and (b.value is None or isinstance(b.value, int)) for b in bounds
        ) and index.step != Const(0):
            cut = items[slice(*(cast("Const", b).value for b in bounds))]
            return Tuple(tuple(cut)) if isinstance(value, Tuple) else engine.new_list(node, cut)
        return None
    return engine.element(value, node) if items else UNKNOWN


def _comprehension(engine: Interpreter, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
    kind = {cst.ListComp: "list", cst.SetComp: "set", cst.GeneratorExp: "list", cst.DictComp: "dict"}[type(node)]
    source: Value | None = None
    if kind in ("list", "set") and not isinstance(node, cst.DictComp) and _repeats_target(node):
        source = evaluate(engine, node.for_in.iter)
        names = names_in(source)
        if names is not None and isinstance(node.elt, cst.Name):
            return filtered(engine, names, node.elt.value, [each.test for each in node.for_in.ifs], node)
    saved = dict(engine.state.heap[engine.frame.number])
    named = len(engine.named)
    outer, engine.events, born = engine.events, [], engine.counter
    around, engine.comprehension = engine.comprehension, node.for_in
    complete, values = _comp_for(engine, node.for_in, node, source)
    engine.comprehension = around
    if kind == "list" and isinstance(node, (cst.ListComp, cst.GeneratorExp)) and (len(values) > 1 or not complete):
        repeats.comprehended(engine, node, values)
    inside, engine.events = engine.events, outer
    if inside:
        certain = engine.doubt == 0
        engine.events.append(
            Loop(
                cast("Site", node),
                "comprehension",
                tuple(inside),
                certain,
                born,
                path=engine.path,
                counts=_counts(node),
            )
        )
    fields = engine.state.writable(engine.frame.number)
    outlive = {name: fields[name] if complete else UNKNOWN for name in engine.named[named:] if name in fields}
    fields.clear()
    fields.update(saved)
    fields.update(outlive)
    if kind == "dict":
        items: Value = Tuple(tuple(values)) if complete else UNKNOWN
        element = choice(v.items[1] for v in values if isinstance(v, Tuple)) if values else UNKNOWN
        return engine.new("dict", cast("Site", node), {"items": items, "element": element})
    if complete:
        return engine.new_list(node, values, kind)
    element = choice(values) if values else UNKNOWN
    made = engine.new(kind, cast("Site", node), {"items": UNKNOWN, "element": element})
    if kind == "list" and len(values) == 1 and isinstance(node.for_in.iter, (cst.Name, cst.Attribute)):
        source = evaluate(engine, node.for_in.iter)
        engine.runs.set(made, engine.runs.order(source) if engine.runs.by_class(source) else ())
    return made


def _counts(node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> bool:
    """``[model(x) for _ in range(n)]``: all rounds do the same."""
    source, target = node.for_in.iter, node.for_in.target
    if isinstance(node, cst.DictComp) or not isinstance(source, cst.Call) or not isinstance(target, cst.Name):
        return False
    counted = isinstance(source.func, cst.Name) and source.func.value == "range"
    return counted and not mentions(node.elt, target.value)


def mentions(node: cst.CSTNode, name: str) -> bool:
    """Whether a name is written somewhere in a piece of code."""
    return (isinstance(node, cst.Name) and node.value == name) or any(mentions(each, name) for each in children(node))


def _repeats_target(node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> bool:
    """``[x for x in …]``: some of what there is, as it is."""
    target, element = node.for_in.target, node.elt
    plain = isinstance(target, cst.Name) and isinstance(element, cst.Name) and node.for_in.inner_for_in is None
    return plain and isinstance(target, cst.Name) and isinstance(element, cst.Name) and target.value == element.value


def _comp_for(
    engine: Interpreter, clause: cst.CompFor, node: Any, source: Value | None = None
) -> tuple[bool, list[Value]]:
    """Whether the values are all there are, and the values; ``source`` is what it runs over if that was read."""
    from mllint.reader.statements import bind_target

    source = evaluate(engine, clause.iter) if source is None else source
    items = engine.items(source)
    unrolled = items is not None and len(items) <= 32 and UNKNOWN not in items and engine.may_repeat(len(items))
    rounds = items if unrolled and items is not None else [engine.element(source, cast("Site", clause.iter))]
    complete = unrolled
    values: list[Value] = []
    outer, repeats = engine.rounds, engine.repeats
    engine.repeats *= max(1, len(rounds))
    for index, item in enumerate(rounds):
        engine.rounds = (*outer, index) if unrolled else outer
        bind_target(engine, clause.target, item)
        keep: bool | None = True
        for condition in clause.ifs:
            known = truth(engine, evaluate(engine, condition.test))
            keep = False if known is False else None if known is None and keep else keep
        if keep is False:
            continue
        if keep is None:
            complete = False
        if clause.inner_for_in is not None:
            inner, more = _comp_for(engine, clause.inner_for_in, node)
            complete = complete and inner
            values += more
        elif isinstance(node, cst.DictComp):
            values.append(Tuple((evaluate(engine, node.key), evaluate(engine, node.value))))
        else:
            values.append(evaluate(engine, node.elt))
    engine.rounds, engine.repeats = outer, repeats
    return complete, values


def _named(engine: Interpreter, node: cst.NamedExpr) -> Value:
    from mllint.reader.statements import bind_target

    value = evaluate(engine, node.value)
    bind_target(engine, node.target, value)
    if isinstance(node.target, cst.Name):
        engine.named.append(node.target.value)
    return value


def _await(engine: Interpreter, node: cst.Await) -> Value:
    return evaluate(engine, node.expression)


def _yield(engine: Interpreter, node: cst.Yield) -> Value:
    if isinstance(node.value, cst.From):
        engine.frame.yields.append(engine.element(evaluate(engine, node.value.item), cast("Site", node)))
    else:
        value = NONE if node.value is None else evaluate(engine, node.value)
        if engine.frame.at_yield is not None:
            engine.frame.at_yield(value)
        engine.frame.yields.append(value)
    return UNKNOWN


_HANDLERS: dict[type, Callable[[Interpreter, Any], Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.Ellipsis: lambda engine, node: Const(...),
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Tuple: _tuple,
    cst.List: _list,
    cst.Set: _list,
    cst.Dict: _dict,
    cst.Lambda: _lambda,
    cst.IfExp: _conditional,
    cst.BooleanOperation: _boolean,
    cst.UnaryOperation: _unary,
    cst.BinaryOperation: _binary,
    cst.Comparison: _comparison,
    cst.Subscript: _subscript,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _comprehension,
    cst.NamedExpr: _named,
    cst.Await: _await,
    cst.Yield: _yield,
}
