"""Random generators: seeding them, drawing from them, and what they decide about training."""

from __future__ import annotations

import re

from mllint.facts import Site
from mllint.frameworks.table import Call, Engine
from mllint.program import Draw, Randomness, Seeding
from mllint.values import TRUE, Obj, Value

MODULES = ("torch", "keras", "tensorflow", "numpy", "random")
ROWS = ("__getitem__", "__getitems__", "__iter__")
"""Methods of a data set that worker processes run."""
MADE_IN_WORKER = "@worker"
"""Field of a generator that a data set makes where it gives its rows."""

_SEEDS = re.compile(r"seed|determinis|reproduc|repeatab", re.I)
_MAY_SEED = re.compile(
    rf"{_SEEDS.pattern}|random|rng|setup|set_up|init|environ|prepare|config|start|main|run|fix", re.I
)


def seeded(call: Call, generators: tuple[str, ...], argument: str = "seed") -> None:
    """Record that global generators are seeded."""
    given = call.argument(argument)
    if not given.given and call.positional:
        given_value, given_site = call.positional[0]
    else:
        given_value, given_site = given.value, given.site
    engine = call.engine
    names = tuple((module, name) for module in MODULES if (name := engine.spelling(module)))
    text = engine.text_of(given_site)
    call.program.seedings.append(Seeding(call.site, generators, given_value, text, names, call.tick(), engine.reached))


def may_seed(engine: Engine, site: Site, name: str, library: bool) -> None:
    """Code that cannot be seen may seed any generator, where its name does not say something else."""
    if not name or (_SEEDS if library else _MAY_SEED).search(name):
        engine.program.seedings.append(Seeding(site, ("any",), order=engine.tick(), reached=engine.reached))


def decided(call: Call, generator: str, what: str, name: str = "", site: Site | None = None) -> None:
    """Record that a global generator decides something."""
    call.program.randomness.append(
        Randomness(site or call.site, generator, what, name, call.tick(), call.engine.reached)
    )


def made_generator(call: Call, generator: Value) -> None:
    """Remember whether a generator object is made where a data set gives its rows."""
    if any(name in ROWS for name, _ in call.engine.readers):
        call.set(generator, MADE_IN_WORKER, TRUE)


def drawn_from(call: Call, generator: Value) -> None:
    """Record that numbers are drawn from a generator while methods of the program run."""
    readers = tuple(call.engine.readers)
    if (
        any(name in ROWS for name, _ in readers)
        and isinstance(generator, Obj)
        and call.get(generator, MADE_IN_WORKER) is None
    ):
        call.program.draws.append(Draw(call.site, generator, readers))
