"""The reader: a small abstract interpreter for training programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.program import Loop, Program, Versions
from mllint.reader import classes, stacks, training
from mllint.reader.calls import Arguments, call
from mllint.reader.engine import FOREIGN_LIBRARY, FOREIGN_UNCALLED, Interpreter
from mllint.reader.local import BoundFunction, LocalClass, LocalFunction
from mllint.reader.modules import SourceFile, Sources, Surroundings, Trees
from mllint.reader.resolver import Resolver
from mllint.reader.statements import execute_body
from mllint.values import EVALUATED, Obj, Value

RECURSION = 10_000
"""Long ``elif`` chains and deep expressions are read by recursion."""


class SyntaxProblem(Exception):
    """The text is not Python. ``row`` and ``column`` count from 1."""

    def __init__(self, message: str, row: int, column: int) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


class Reading:
    """What came of reading one file."""

    def __init__(self, program: Program, files: Sequence[SourceFile]) -> None:
        self.program = program
        self._files = files

    @property
    def own(self) -> SourceFile:
        """The program's own file."""
        return self._files[0]

    def resolver(self) -> Resolver:
        """Places in the program's own file; costs a pass over it."""
        return self._files[0].resolver

    def home(self, site: Site) -> SourceFile:
        """The file that a site is in: the program's own or a module that it imports."""
        return next((each for each in self._files if each.resolver.has(site)), self._files[0])

    def is_own(self, file: SourceFile) -> bool:
        """Whether it is the program's own file."""
        return file is self._files[0]


def read(text: str, versions: Mapping[str, str] | None = None, around: Surroundings | None = None) -> Reading:
    """Read a program, and of its project's modules what it imports and uses.

    Raises: SyntaxProblem, RecursionError for code nested beyond what the parser takes.
    """
    try:
        trees, name = (Trees(), "") if around is None else (around.trees, around.file)
        file = trees.parse(name, text)
    except cst.ParserSyntaxError as error:
        raise _problem(error) from error
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)
    table.load_always()
    program = Program(Versions(dict(versions or {})))
    engine = Interpreter(program, file, around)
    _read_module(engine, file.module)
    program.said = classes.Said([scope.file.text for scope in engine.scopes.values()])
    training.complete_schedules(engine, program)
    training.last_batch_reads(engine, program)
    _finish(program)
    program.freeze()
    return Reading(program, [scope.file for scope in engine.scopes.values()])


_PLACE = re.compile(r"parser error: error at (\d+):(\d+): ")


def _problem(error: cst.ParserSyntaxError) -> SyntaxProblem:
    reason = error.message.partition(" @ ")[0].strip().rstrip(".")
    place = _PLACE.match(reason)
    if place is None:
        return SyntaxProblem(reason, error.editor_line, error.editor_column)
    return SyntaxProblem(reason[place.end() :], int(place[1]), max(1, int(place[2])))


def _read_module(engine: Interpreter, module: cst.Module) -> None:
    execute_body(engine, module)
    stacks.apply_unused(engine, 0)
    site = cast("Site", module)
    engine.program.bodies.append(Loop(site, "module", tuple(engine.events)))
    engine.reached = False
    _read_uncalled(engine)
    if engine.exhausted:
        engine.limit("the file is larger than the reading budget")


_TRAINS = re.compile(r"\b(?:\w*loss\w*|criterion|fit|backward|compile|\w+_score|[Tt]rainer|evaluate|predict)\b")
"""What a file that trains or evaluates speaks of."""


def _read_uncalled(engine: Interpreter) -> None:
    """Functions and methods that nobody called are read once, with parameters that can be anything."""
    base = engine.state
    trains = _TRAINS.search(engine.scope.file.text) is not None
    engine.foreign = min(engine.foreign, FOREIGN_UNCALLED if trains else FOREIGN_LIBRARY)
    called = set(engine.readings)
    for owner in reversed(engine.classes):  # the derived class first: it has what its base's methods call
        inherited = [f for f in _inherited(engine, owner) if f.node not in called]
        unread = [*(f for f in _methods(engine, owner) if f.node not in engine.readings), *inherited]
        if not unread or engine.exhausted:
            continue
        engine.state = state = base.fork()
        engine.events = []
        instance = engine.instances.get(owner)
        if instance is None or instance.id not in state.heap:
            init = engine.found_in_class(owner, "__init__")
            engine.alone = init.node if isinstance(init, LocalFunction) else None
            made = call(engine, owner, _unknown_arguments(), cast("Site", owner.node))
            engine.alone = None
            if not isinstance(made, Obj):
                continue
            instance = made
        base_after = engine.state
        for function in sorted(unread, key=lambda f: f.name not in ("forward", "call", "hybrid_forward")):
            if function.node in engine.readings and function not in inherited:
                continue
            engine.state = base_after.fork()
            _read_alone(
                engine,
                BoundFunction(function, owner if function.kind == "class" else instance)
                if function.kind != "static"
                else function,
                function,
            )
    for function in list(engine.functions):
        if function.node not in engine.readings and not engine.exhausted:
            engine.state = base.fork()
            for number in function.closure:
                engine.state.heap.setdefault(number, {})
            _read_alone(engine, function, function)
    engine.state = base


def _methods(engine: Interpreter, owner: LocalClass) -> list[LocalFunction]:
    return [value for value in engine.state.heap.get(owner.number, {}).values() if isinstance(value, LocalFunction)]


def _inherited(engine: Interpreter, owner: LocalClass) -> list[LocalFunction]:
    """The methods that it has from the local classes it derives from."""
    names = set(engine.state.heap.get(owner.number, {}))
    found: list[LocalFunction] = []
    for each in engine.mro(owner)[1:]:
        found += [f for f in _methods(engine, each) if f.name not in names]
        names |= set(engine.state.heap.get(each.number, {}))
    return found


def _read_alone(engine: Interpreter, callee: BoundFunction | LocalFunction, function: LocalFunction) -> None:
    site = cast("Site", function.node)
    engine.events = []
    engine.alone = function.node
    made = len(engine.program.stacks)
    call(engine, callee, _unknown_arguments(), site)
    stacks.apply_unused(engine, made)
    engine.alone = None
    if engine.events:
        engine.program.bodies.append(Loop(site, "function", tuple(engine.events)))


def _unknown_arguments() -> Arguments:
    return Arguments([], {}, False)


def _finish(program: Program) -> None:
    """Drop what a fuller record of the same thing replaces."""
    for index, use in enumerate(program.losses):
        if use.framework == "torch" and use.prediction is not None and EVALUATED in use.prediction.tags:
            program.losses[index] = replace(use, training=False)
    fitted = {use.site for use in program.losses if use.fit_site is not None}
    models = {use.model for use in program.losses if use.framework == "keras"}
    used = _used_inside_others(program) if len(models) > 1 else set()
    program.losses[:] = [
        use
        for use in program.losses
        if use.framework != "keras"
        or use.fit_site is not None
        or use.target_site is not None  # a loss that was called
        or (use.site not in fitted and use.model not in used)
    ]


def _used_inside_others(program: Program) -> set[Value]:
    """Models that are called: what a generator was compiled with is not what the model around it trains with."""
    events = (event for body in program.bodies for event in body.walk())
    return {event.target for event in events if event.kind == "forward" and event.framework == "keras"}


__all__ = ["Reading", "Resolver", "SourceFile", "Sources", "Surroundings", "SyntaxProblem", "Trees", "read"]
