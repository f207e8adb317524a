"""The parameters of scikit-learn's estimators by their names: what ``set_params`` and searches may ask for.

The names are in ``sklearn_parameters.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mllint.facts import Site
from mllint.frameworks.table import Call
from mllint.frameworks.toml import load_toml
from mllint.program import ParameterUse
from mllint.values import UNKNOWN, Const, Obj, Tuple, Value, constant

_TABLE: dict[str, list[str]] = load_toml("sklearn_parameters.toml")
_OLD = {
    "min_impurity_split",
    "presort",
    "normalize",
    "n_iter",
    "precompute_distances",
    "iid",
    "categorical_features",
    "n_values",
    "sparse",
}
"""Names that some class had before the versions of the table."""
_LISTS = {"Pipeline": "steps", "ColumnTransformer": "transformers", "FeatureUnion": "transformer_list"}


@dataclass(frozen=True, slots=True)
class _Owner:
    """What has parameters: their names, and the estimators that are reached through some of them."""

    name: str
    names: tuple[str, ...]
    inner: dict[str, Value] = field(default_factory=dict)
    steps: tuple[str, ...] = ()


def asked(call: Call, estimator: Value, key: str, site: Site | None, replaced: frozenset[str] = frozenset()) -> None:
    """Record a key that an estimator is proven not to know; steps that are ``replaced`` are not looked into."""
    found = _first_unknown(call, estimator, key, "", replaced)
    if found is None:
        return
    owner, name, prefix = found
    rest = key[len(prefix) :]
    wanted = rest.rpartition("__")[2]
    places = tuple(
        f"{prefix}{step}__{wanted}"
        for step in owner.steps
        if (inner := _owner(call, owner.inner.get(step, UNKNOWN))) is not None and wanted in inner.names
    )
    if (
        not owner.steps and wanted != name and wanted in owner.names
    ):  # a step's name before the parameter of a bare estimator
        places = (f"{prefix}{wanted}",)
    is_key = getattr(site, "quote", None) is not None
    call.program.parameters.append(
        ParameterUse(site or call.site, key, owner.name, name, prefix, owner.names, owner.steps, places, is_key)
    )


def searched(call: Call, estimator: Value, grid: Value, site: Site | None) -> None:
    """Check the names in a parameter grid, or in several."""
    pairs = call.mapping(grid) if isinstance(grid, Obj) and grid.kind == "dict" else None
    if pairs is None:
        for inner in (call.items(grid) or ()) if isinstance(grid, (Obj, Tuple)) else ():
            if isinstance(inner, Obj) and inner.kind == "dict":
                searched(call, estimator, inner, site)
        return
    keys = [key for key, _ in pairs if isinstance(constant(key), str)]
    texts = frozenset(str(constant(key)) for key in keys)
    for text in sorted(texts):
        asked(call, estimator, text, call.engine.key_site(grid, text) or site, texts)


def _first_unknown(
    call: Call, value: Value, key: str, prefix: str, replaced: frozenset[str]
) -> tuple[_Owner, str, str] | None:
    """The first piece of a key that its owner does not have."""
    owner = _owner(call, value)
    head, separator, rest = key.partition("__")
    if owner is None or head in _OLD:
        return None
    if head not in owner.names:
        return owner, head, prefix
    if not separator or prefix + head in replaced:
        return None
    return _first_unknown(call, owner.inner.get(head, UNKNOWN), rest, f"{prefix}{head}__", replaced)


def _owner(call: Call, value: Value) -> _Owner | None:
    """An estimator whose parameters are all known."""
    name = value.kind.rpartition(".")[2] if isinstance(value, Obj) else ""
    names = _TABLE.get(name)
    if names is None or not isinstance(value, Obj) or not value.kind.startswith("sklearn."):
        return None
    if name in _LISTS:
        parts, called = call.get(value, "steps"), call.get(value, "names")
        if not isinstance(parts, Tuple) or not isinstance(called, Tuple):
            return None
        texts = tuple(str(constant(each)) for each in called.items if isinstance(each, Const))
        if len(texts) != len(called.items) or len(parts.items) != len(texts):
            return None
        return _Owner(name, (*texts, *names), dict(zip(texts, parts.items, strict=True)), texts)
    if "estimators" in names or "transformers" in names:  # their parts are reached by names of their own
        return None
    inner = {each: found for each in names if (found := call.get(value, each)) is not None}
    first = call.get(value, "0")
    if first is not None:
        inner.setdefault(names[0], first)
    return _Owner(name, tuple(names), inner)


def made_names(call: Call, steps: tuple[Value, ...]) -> Value:
    """The names that ``make_pipeline`` and its like give: the classes', in small letters, with numbers where several are alike."""
    plain: list[str] = []
    for step in steps:
        if not isinstance(step, Obj) or step.kind in ("list", "dict", "set", "instance"):
            return UNKNOWN
        plain.append(step.kind.rpartition(".")[2].lower())
    counted: dict[str, int] = {}
    names: list[Value] = []
    for name in plain:
        counted[name] = counted.get(name, 0) + 1
        names.append(Const(f"{name}-{counted[name]}" if plain.count(name) > 1 else name))
    return Tuple(tuple(names))
