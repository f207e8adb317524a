"""Modules, layers and models of the program's own classes: what they know of their parts and how they are run."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import TESTING
from mllint.facts import Site
from mllint.program import ModuleClass, Part, Program
from mllint.rule import (
    ERROR,
    WARNING,
    AddArgument,
    Finding,
    InsertBefore,
    Note,
    Unwrap,
    hint,
    rule,
    safe,
)

_REGISTERS = {
    "add_module",
    "register_module",
    "register_child",
    "setattr",
    "__setattr__",
    "_modules",
    "named_parameters",
}
"""Words of a class that registers modules in its own way."""
_REACHES = {
    "getattr",
    "children",
    "named_children",
    "_modules",
    "__dict__",
    "vars",
    "get_submodule",
    "eval",
    "__getattr__",
}
"""Words of a class that may reach its modules without naming them."""


@rule("ML413", WARNING)
def forward_called_directly(program: Program) -> Iterator[Finding]:
    """``model.forward(x)`` instead of ``model(x)``: hooks, and what wraps the model, do not run."""
    if program.roots & TESTING:
        return  # it is what is tested
    for call in program.forwards:
        yield Finding(
            call.site,
            "`forward` is called directly: hooks of the module, and whatever else runs when a module is called, are left out",
            fix=safe("call the module itself", Unwrap(call.site, call.model_site)),
        )


@rule("ML414", ERROR)
def unregistered_submodules(program: Program) -> Iterator[Finding]:
    """Modules in a plain list, tuple or dict: the module does not know of their parameters."""
    for cls in program.modules:
        if cls.framework == "keras" or not cls.known or cls.words & _REGISTERS or "parameters" in cls.methods:
            continue
        for part in cls.parts:
            if part.holder and part.trains and not part.registered:
                yield _unregistered(cls, part)


def _unregistered(cls: ModuleClass, part: Part) -> Finding:
    if cls.framework == "gluon":
        found, instead = "`collect_params()` and `initialize()`", "a `gluon.nn.Sequential`, or `register_child`"
    else:
        found, instead = (
            "`parameters()`, `to()` and `state_dict()`",
            "`nn.ModuleDict`" if part.holder == "dict" else "`nn.ModuleList`",
        )
    article = "a plain" if part.holder != "tuple" else "a"
    return Finding(
        part.site,
        f"`{part.name}` keeps its modules in {article} {part.holder}: {found} of `{cls.name}` do not find them, so they are not trained",
        because=[] if part.made is None else [Note(part.made, f"this `{part.title}` is not registered")],
        fix=hint(f"keep them in {instead}"),
    )


@rule("ML415", ERROR)
def missing_super_init(program: Program) -> Iterator[Finding]:
    """Modules are assigned before the framework's ``__init__`` has run, or it never runs."""
    seen: set[Site | None] = set()
    for attribute in program.attributes:
        cls = next((c for c in program.modules if c.module == attribute.target), None)
        if attribute.initialised is not False or cls is None or not cls.known or cls.site in seen or cls.init is None:
            continue
        seen.update((cls.site, cls.init))
        own = attribute.function is cls.init
        if cls.initialised:
            problem = f"before `{cls.super_call}` is called"
            fix = hint(f"call `{cls.super_call}` first")
        else:
            problem = "but `__init__` never calls the one of its base class"
            message = f"call `{cls.super_call}` first"
            fix = safe(message, InsertBefore(attribute.site, cls.super_call)) if own else hint(message)
        yield Finding(
            attribute.site,
            f"`{cls.name}` keeps a module in `{attribute.name}` {problem}: raises `{_raised(cls)}`",
            because=[Note(cls.init, "the `__init__` that is run")],
            fix=fix,
        )
    for cls in program.modules:
        if not cls.initialised and cls.known and cls.init is not None and not seen & {cls.site, cls.init}:
            seen.update((cls.site, cls.init))
            yield Finding(
                cls.init,
                f"`__init__` of `{cls.name}` never calls the one of its base class: using the module raises `{_raised(cls)}`",
                because=[Note(cls.site, "the class")],
                fix=hint(f"call `{cls.super_call}` first"),
            )


def _raised(cls: ModuleClass) -> str:
    return "RuntimeError" if cls.framework == "keras" else "AttributeError"


@rule("ML416", ERROR)
def dropout_always_on(program: Program) -> Iterator[Finding]:
    """Dropout that does not go by the module's mode: in evaluation it drops too, or in training it does not."""
    for use in program.dropouts:
        if use.training.given or not use.complete or use.guarded or use.on_purpose:
            continue
        never = "alpha" in use.name
        effect = "drops nothing, not even in training" if never else "also drops in evaluation"
        message = "say `training=self.training`"
        fix = (
            safe(message, AddArgument(use.site, f"training={use.receiver}.training")) if use.receiver else hint(message)
        )
        yield Finding(
            use.site,
            f"`{use.name}` does not know the module's mode and is called without `training`: it {effect}",
            because=[Note(use.owner, "the module that is run")],
            fix=fix,
        )
    for made in program.made_in_forward:
        if "Dropout" in made.name and made.used and not made.guarded:
            yield Finding(
                made.site,
                f"this `{made.name}` is made anew whenever the module is run, in training mode: it also drops in evaluation",
                because=[Note(made.function, "the method that runs the module")],
                fix=hint("make it in `__init__`"),
            )


@rule("ML417", ERROR)
def layer_created_in_forward(program: Program) -> Iterator[Finding]:
    """A layer with parameters is made whenever the module is run."""
    for made in program.made_in_forward:
        if "Dropout" in made.name or made.guarded:
            continue
        effect = (
            "its weights are new each time and no optimizer knows of them"
            if made.framework != "keras"
            else "its weights are new each time; in a compiled graph it raises `ValueError`"
        )
        yield Finding(
            made.site,
            f"this `{made.name}` is made whenever the module is run: {effect}",
            because=[Note(made.function, "the method that runs the module")],
            fix=hint("make it in `__init__`" + (" or `build`" if made.framework == "keras" else "")),
        )


@rule("ML418", WARNING)
def unused_layer(program: Program) -> Iterator[Finding]:
    """A layer is made and kept, and nothing ever uses it."""
    for cls in program.modules:
        runs = {"forward", "call", "hybrid_forward"} & cls.methods
        if cls.framework == "gluon" or not runs or not cls.known or cls.words & _REACHES or cls.shared:
            continue
        for part in cls.parts:
            if part.trains and not part.holder and not program.said.get(part.name) and part.made is not None:
                yield Finding(
                    part.site,
                    f"the layer `{part.name}` of `{cls.name}` is never used: its parameters are kept and never trained",
                    because=[Note(part.made, f"this `{part.title}`")] if part.made is not part.site else [],
                    fix=hint("use it in `" + sorted(runs)[0] + "`, or take it out"),
                )
