"""Which random generators are seeded, and which decide what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mllint.checks.api import is_written_for_older
from mllint.program import Program, Randomness, Seeding, Setting
from mllint.rule import INFO, WARNING, AddArgument, Finding, Fix, InsertBefore, Note, Remove, hint, rule, safe, unsafe
from mllint.values import Const, Value

NAMES = {
    "torch": "PyTorch's",
    "torch.cuda": "the GPU's",
    "numpy": "numpy's",
    "random": "Python's",
    "tensorflow": "TensorFlow's",
    "keras": "Keras'",
}
"""Whose generator it is."""


@dataclass(frozen=True, slots=True)
class _Driver:
    """A generator that decides what is trained."""

    generator: str
    by: Sequence[str]
    """Seeding one of these is enough."""
    uses: Sequence[Randomness]
    calls: Sequence[tuple[str, str]]
    """Modules, and the calls on them that would seed it."""


@rule("ML702", WARNING)
def partial_seeding(program: Program) -> Iterator[Finding]:
    """Some generators are seeded on purpose, but not the one that training draws from."""
    seedings = program.seedings
    if any("any" in seeding.generators for seeding in seedings):
        return
    meant = [each for each in seedings if each.reached and _is_meant(each) and not _repeats_draws(each, seedings)]
    if not meant:
        return
    seeded = {generator for seeding in seedings for generator in seeding.generators}
    for driver in _drivers(program):
        if driver.uses and not seeded & set(driver.by):
            yield _unseeded(meant[-1], driver)
            return
    yield from _seeded_late(program)


def _is_meant(seeding: Seeding) -> bool:
    """Whether it makes runs repeat: a constant, or something that has a name."""
    return bool(seeding.text) if not isinstance(seeding.seed, Const) else isinstance(seeding.seed.value, int)


def _repeats_draws(seeding: Seeding, seedings: Sequence[Seeding]) -> bool:
    """Whether the same seed is set elsewhere, to draw the same numbers again: for rows and their labels."""
    return any(
        each.site is not seeding.site
        and each.generators == seeding.generators
        and each.seed == seeding.seed
        and isinstance(each.seed, Const)
        for each in seedings
    )


def _drivers(program: Program) -> Iterator[_Driver]:
    uses = [use for use in program.randomness if use.reached]
    restored = any(use.what == "restored" for use in uses)
    if any(use.framework == "torch" and use.training for use in program.losses) and _learns(program):
        wanted = ("order",) if restored else ("weights", "order")
        found = [use for use in uses if use.generator == "torch" and use.what in wanted]
        yield _Driver("torch", ("torch",), found, (("torch", "manual_seed"),))
    found = [use for use in uses if use.what == "training"]
    if program.versions.keras >= (2, 4) and not is_written_for_older(program, "keras"):  # before, from numpy's
        by = ("tensorflow", "keras", "random", "torch")
        calls = (("keras", "utils.set_random_seed"), ("tensorflow", "keras.utils.set_random_seed"))
        yield _Driver("keras", by, found, calls)
    found = [use for use in uses if use.what == "estimator"]
    yield _Driver("numpy", ("numpy",), found, (("numpy", "random.seed"),))


def _learns(program: Program) -> bool:
    kinds = {event.kind for event in program.events()}
    return kinds >= {"backward", "step"}


def _unseeded(seeding: Seeding, driver: _Driver) -> Finding:
    whose = NAMES[driver.generator]
    decided = list(dict.fromkeys(_WHAT[use.what] for use in driver.uses))
    first = driver.uses[0]
    seeds = " and ".join(NAMES[each] for each in seeding.generators)
    return Finding(
        seeding.site,
        f"this seeds {seeds} generator, but nothing seeds {whose}, which decides {' and '.join(decided)}: "
        "each run trains something else",
        because=[Note(first.site, f"drawn from {whose} generator: {_WHAT[first.what]}")],
        fix=_seed(seeding, driver),
    )


_WHAT = {
    "weights": "the first weights",
    "order": "the order of the batches",
    "estimator": "what the estimator draws",
    "training": "the first weights and the order of the rows",
}


def _seed(seeding: Seeding, driver: _Driver) -> Fix:
    modules = dict(seeding.modules)
    for module, name in driver.calls:
        if module in modules and seeding.text:
            call = f"{modules[module]}.{name}({seeding.text})"
            return safe(f"seed {NAMES[driver.generator]} generator too", InsertBefore(seeding.site, call))
    module, name = driver.calls[0]
    return hint(f"seed {NAMES[driver.generator]} generator too: `{module}.{name}({seeding.text or 'seed'})`")


def _seeded_late(program: Program) -> Iterator[Finding]:
    """PyTorch's generator is seeded when the weights are there already."""
    seedings = [seeding for seeding in program.seedings if "torch" in seeding.generators]
    weights = [use for use in program.randomness if (use.generator, use.what) == ("torch", "weights")]
    if not seedings or not weights or any(use.what == "restored" for use in program.randomness):
        return
    first = min(seedings, key=lambda seeding: seeding.order)
    reached = all(seeding.reached for seeding in seedings) and all(use.reached for use in weights)
    if not reached or first.order < max(use.order for use in weights) or not _is_meant(first):
        return
    trained = {
        use.prediction.layer.site
        for use in program.losses
        if use.training and use.prediction is not None and use.prediction.layer is not None
    }
    for use in weights:
        if use.site in trained:
            yield Finding(
                first.site,
                "PyTorch's generator is seeded after the model was made: its first weights differ from run to run",
                because=[Note(use.site, "weights drawn before the seed is set")],
                fix=hint("set the seed before the model is made"),
            )
            return


@rule("ML701", INFO, default=False)
def unseeded_training(program: Program) -> Iterator[Finding]:
    """Nothing seeds a generator that training draws from."""
    if any(seeding.reached or "any" in seeding.generators for seeding in program.seedings):
        return
    for driver in _drivers(program):
        if not driver.uses:
            continue
        first = driver.uses[0]
        whose = NAMES[driver.generator]
        module, name = driver.calls[0]
        yield Finding(
            first.site,
            f"nothing seeds {whose} generator, which decides {_WHAT[first.what]}: each run trains something else",
            fix=unsafe("give it a seed of its own", AddArgument(first.site, "random_state=0"))
            if first.what == "estimator"
            else hint(f"seed it before anything is made: `{module}.{name}(0)`"),
        )


@rule("ML706", WARNING)
def benchmark_with_determinism(program: Program) -> Iterator[Finding]:
    """cuDNN may pick its algorithms by timing them, and only deterministic ones are to be used."""
    for setting in program.settings:
        state = {name: (value, site) for name, value, site in setting.others}
        benchmark, site = state["benchmark"]
        strict = next((state[each] for each in ("deterministic", "algorithms") if _is_on(state[each][0])), None)
        if strict is None or site is None or not _is_on(benchmark) or _is_undone(program, setting):
            continue
        yield Finding(
            site,
            "`cudnn.benchmark = True` picks algorithms by timing them, so that runs may use different ones although "
            "only deterministic ones are asked for",
            because=[] if strict[1] is None else [Note(strict[1], "deterministic algorithms are asked for here")],
            fix=safe("leave benchmarking off", Remove(site)),
        )
        return


def _is_on(value: Value) -> bool:
    return type(value) is Const and value.value is True


def _is_undone(program: Program, setting: Setting) -> bool:
    """Whether one of the switches is set to something else later."""
    return any(each.order > setting.order and not _is_on(each.value) for each in program.settings)
