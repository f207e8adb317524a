"""Switches of a framework that belong together: attributes of its modules that are set, and functions that set them."""

from __future__ import annotations

from mllint.facts import Site
from mllint.frameworks.table import Call, Engine, canonical
from mllint.program import Setting
from mllint.values import NONE, UNKNOWN, Const, Obj, Value

STATE = Obj(-100, "switches")
"""Its fields say how the switches are now, and where each was set."""
SWITCHES = {
    "torch.backends.cudnn.benchmark": "benchmark",
    "torch.backends.cudnn.deterministic": "deterministic",
    "torch.use_deterministic_algorithms": "algorithms",
}


def turned(engine: Engine, path: str, value: Value, site: Site) -> None:
    """A switch is set."""
    name = SWITCHES.get(canonical(path))
    if name is None:
        return
    engine.set(STATE, name, value)
    engine.set(STATE, f"{name}@site", Const(site))
    engine.set(STATE, f"{name}@reached", Const(engine.reached))
    others = tuple((each, _value(engine, each), _site(engine, each)) for each in SWITCHES.values())
    engine.program.settings.append(Setting(site, name, value, others, engine.tick()))


def together(call: Call, *switches: tuple[str, Value, Site | None]) -> None:
    """Switches are set by one call."""
    name, value, _ = switches[0]
    call.program.settings.append(Setting(call.site, name, value, switches, call.tick()))


def _value(engine: Engine, name: str) -> Value:
    """How a switch is now; unknown in a function that nobody calls, where it was set outside of it."""
    if engine.get(STATE, f"{name}@reached") == Const(not engine.reached):
        return UNKNOWN
    return engine.get(STATE, name) or NONE


def _site(engine: Engine, name: str) -> Site | None:
    found = engine.get(STATE, f"{name}@site") or UNKNOWN
    return found.value if isinstance(found, Const) else None
