"""Keys of JAX's random numbers: each gives the same numbers again."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.facts import Site
from mllint.program import KeyUse, Loop, Program
from mllint.rule import ERROR, Finding, Fix, Note, hint, rule
from mllint.values import Obj

ORDERS = ("permutation", "shuffle", "choice")
"""Samplers that say which rows come next."""


@rule("ML423", ERROR)
def prng_key_reuse(program: Program) -> Iterator[Finding]:
    """A key is used up twice: what is drawn is the same, or goes together, where it should be independent."""
    loops: dict[Site, list[Loop]] = {}
    for loop in program.loops():
        loops.setdefault(loop.site, []).append(loop)
    for use in program.key_uses:
        if not use.certain or not isinstance(use.key, Obj):
            continue
        around = _same_every_round(use, loops)
        if around is not None:
            yield Finding(use.site, _every_round(use), because=_made(use, around, "the loop"), fix=_advice(use))
        elif use.earlier is not None and use.how != "rngs" and _counts(use):
            same = use.earlier is use.site
            yield Finding(
                use.calls[0] if same and use.calls and not use.again else use.site,
                f"the key is used up by `{use.by}` a second time: {_result(use)}",
                because=_made(use, use.earlier, "used up here first"),
                fix=_advice(use),
            )


def _counts(use: KeyUse) -> bool:
    """Whether using the key twice in a row is likely a mistake: not one function that is compared with itself."""
    return use.earlier is not use.site or use.how == "split" or use.again


def _same_every_round(use: KeyUse, loops: dict[Site, list[Loop]]) -> Site | None:
    """The loop that uses up a key in every round which is not made in it; a loop may have been read several times."""
    for site in use.loops:
        readings = loops.get(site, [])
        if not readings or not all(
            loop.repeats and loop.rounds is None and loop.length not in (0, 1) for loop in readings
        ):
            continue
        outside = isinstance(use.key, Obj) and all(use.key.id not in loop.made for loop in readings)
        if outside and (_is_written_in(use, readings[0]) or _is_training(use)):
            return site
    return None


def _is_written_in(use: KeyUse, loop: Loop) -> bool:
    """Whether the key is used up in the loop itself, not in a function that it calls: that may be on purpose."""
    return use.how != "rngs" and loop.body is use.body


def _is_training(use: KeyUse) -> bool:
    return use.trains or (use.how == "sample" and use.by in ORDERS)


def _every_round(use: KeyUse) -> str:
    if use.how == "split":
        return "the same key is split in every round: the keys that come out are the same each time"
    if use.how == "rngs":
        return f"the same key is given for `{use.by}` in every round: each step drops the same units"
    if use.by in ORDERS:
        return f"`{use.by}` gets the same key in every round: it gives the same rows in the same order each time"
    return f"`{use.by}` gets the same key in every round: it draws the same numbers each time"


def _result(use: KeyUse) -> str:
    return (
        "the keys that come out are the same" if use.how == "split" else "what is drawn is not independent of the first"
    )


def _made(use: KeyUse, site: Site, what: str) -> list[Note]:
    key = use.key.site if isinstance(use.key, Obj) else None
    found = [] if key is None else [Note(key, "the key")]
    return found if site is use.site else [*found, Note(site, what)]


def _advice(use: KeyUse) -> Fix:
    return hint("split it before each use: `key, subkey = jax.random.split(key)`, or `jax.random.fold_in(key, step)`")
