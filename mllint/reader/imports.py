"""Imports of the project's own modules: each is read once, when something of it is asked for first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import cast

import libcst as cst

from mllint.frameworks import table
from mllint.reader.engine import Frame, Interpreter
from mllint.reader.local import Imported, LocalModule
from mllint.reader.modules import Scope, SourceFile
from mllint.reader.state import State
from mllint.values import Name, Value, choice, options

MAX_MODULES = 40
"""Modules read for one program."""
MAX_CHAIN = 8
"""Modules that wait for a module they import."""
MAX_CHARACTERS = 300_000
"""Longer modules are tables, not programs."""


def find(engine: Interpreter, level: int, path: str) -> LocalModule | None:
    """The project's module of this name; None for what the frameworks and Python itself are known to bring."""
    if engine.around is None:
        return None
    root = path.partition(".")[0]
    if level == 0 and (root in table.ROOTS or root in sys.stdlib_module_names):
        return None
    file = engine.around.sources.find(engine.scope.file.name, level, path)
    return None if file is None else LocalModule(file, "." * level + path)


def bind(engine: Interpreter, alias: cst.ImportAlias, module: LocalModule) -> None:
    """``import package.module`` and ``import package.module as name``."""
    if alias.asname is not None:
        engine.assign(cast("cst.Name", alias.asname.name).value, module)
        return
    root = module.path.partition(".")[0]
    package = find(engine, 0, root)
    if package is not None:
        engine.assign(root, package)


def bind_names(engine: Interpreter, names: Sequence[cst.ImportAlias] | cst.ImportStar, module: LocalModule) -> None:
    """``from module import name``."""
    if isinstance(names, cst.ImportStar):
        engine.scope.stars.append(module)
        return
    for alias in names:
        name = cast("cst.Name", alias.name).value
        target = cast("cst.Name", alias.asname.name).value if alias.asname is not None else name
        engine.assign(target, Imported(module, name))


def resolved(engine: Interpreter, value: Value) -> Value:
    """The value with imported names looked up."""
    if not any(isinstance(option, Imported) for option in options(value)):
        return value
    return choice(_looked_up(engine, o) if isinstance(o, Imported) else o for o in options(value))


def _looked_up(engine: Interpreter, imported: Imported) -> Value:
    found = member(engine, imported.module, imported.name)
    return Name(f"{imported.module.path}.{imported.name}") if found is None else found


def member(engine: Interpreter, module: LocalModule, name: str) -> Value | None:
    """What a module calls by this name: a global name of it, or a module inside the package."""
    wanted = (module.file, name)
    if wanted in engine.looking:  # modules that import a name from each other
        return None
    engine.looking.add(wanted)
    try:
        return _member(engine, module, name)
    finally:
        engine.looking.discard(wanted)


def _member(engine: Interpreter, module: LocalModule, name: str) -> Value | None:
    scope = load(engine, module)
    if scope is not None and scope.number in engine.state.heap:
        found = engine.state.heap[scope.number].get(name)
        if found is not None:
            return resolved(engine, found)
        for star in scope.stars:
            found = engine.star(star, name)
            if found is not None:
                return found
    inside = None if engine.around is None else engine.around.sources.find(module.file, 1, name)
    return None if inside is None or inside == module.file else LocalModule(inside, f"{module.path}.{name}")


def load(engine: Interpreter, module: LocalModule) -> Scope | None:
    """The module's global names, read when they are asked for first; None when it cannot be read."""
    if engine.around is None:
        return None
    if module.file == engine.around.file:
        return engine.scopes[0]
    if module.file not in engine.modules:
        engine.modules[module.file] = None
        file = _parsed(engine, module)
        if file is not None:
            scope = Scope(engine.number(0, module.file, "module"), file)
            engine.modules[module.file] = engine.scopes[scope.number] = scope
            _read(engine, scope)
    scope_found = engine.modules[module.file]
    if scope_found is not None and scope_found.heap:
        engine.adopt(scope_found.number)
    return scope_found


def _parsed(engine: Interpreter, module: LocalModule) -> SourceFile | None:
    if engine.around is None or len(engine.modules) > MAX_MODULES or engine.importing >= MAX_CHAIN:
        engine.limit(f"the module {module.path} was not read: too many imports")
        return None
    known = engine.around.trees.known(module.file)
    if known is not None:
        return known
    text = engine.around.sources.text(module.file)
    if text is None or len(text) > MAX_CHARACTERS:
        engine.limit(f"the module {module.path} was not read")
        return None
    try:
        return engine.around.trees.parse(module.file, text)
    except (cst.ParserSyntaxError, RecursionError):
        engine.limit(f"the module {module.path} is not valid Python")
        return None


def _read(engine: Interpreter, scope: Scope) -> None:
    """Read a module's body on a path of its own. What it trains or finds is its own file's business."""
    from mllint.reader.statements import execute_body

    engine.budget += 12 * scope.file.text.count("\n")
    with engine.apart(State(), Frame(scope.number, globals=scope.number)):
        engine.state.put(scope.number, {})
        engine.importing += 1
        try:
            execute_body(engine, scope.file.module)
        finally:
            engine.importing -= 1
        scope.heap = engine.state.heap
