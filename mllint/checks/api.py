"""Names, methods and arguments that another version of a framework knows differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mllint.diagnostic import Severity
from mllint.facts import Site
from mllint.program import NEWEST, ApiChange, ApiUse, Argument, Program, Unpickling
from mllint.rule import (
    ERROR,
    INFO,
    WARNING,
    AddArgument,
    Edit,
    Finding,
    Fix,
    Remove,
    RenameArgument,
    Replace,
    Retext,
    hint,
    rule,
    safe,
    unsafe,
)
from mllint.values import Const, constant

_PACKAGES = {
    "keras": "Keras",
    "torch": "PyTorch",
    "lightning": "Lightning",
    "sklearn": "scikit-learn",
    "imblearn": "imbalanced-learn",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
}
_SEVERITIES: dict[str, Severity] = {"error": ERROR, "warning": WARNING, "info": INFO}
_LAST_KERAS_2 = (2, 15)


NOT_GIVEN = Argument()


@dataclass(frozen=True, slots=True)
class Hit:
    """A use that a change of the API concerns in the version in use."""

    use: ApiUse
    change: ApiChange
    effect: str
    """What happens, and in which versions."""
    name: str = ""
    """The argument, when one is concerned."""
    argument: Argument = NOT_GIVEN

    @property
    def site(self) -> Site:
        """The argument, else the name."""
        return self.argument.site or self.use.name_site or self.use.site

    @property
    def subject(self) -> str:
        """The call, as a reader would name it."""
        owner, _, last = self.use.path.rpartition(".")
        owner = owner.rpartition(".")[2]
        return f"{owner}.{last}" if owner[:1].isupper() else last

    @property
    def written(self) -> str:
        """The argument's value, where it matters."""
        value = constant(self.argument.value)
        return f"{self.name}={value!r}".replace("'", '"') if value is not None else f"{self.name}=…"

    def finding(self, message: str) -> Finding:
        """The finding, in the severity that the table gives."""
        return Finding(
            self.site,
            f"{self.change.message or message}: {self.effect}",
            fix=_fix(self),
            severity=_SEVERITIES.get(self.change.severity),
        )


@rule("ML801", ERROR)
def removed_api(program: Program) -> Iterator[Finding]:
    """A name, method or argument that is gone, with nothing in the same call in its place."""
    for hit in _hits(program, "ML801"):
        if hit.name:
            shown = hit.written if hit.change.values else hit.name
            yield hit.finding(f"`{hit.subject}` no longer takes `{shown}`")
        elif hit.change.module:
            yield hit.finding(f"the module `{hit.change.module}` was removed")
        else:
            yield hit.finding(f"`{_shown(hit.use.path)}` was removed")


@rule("ML802", ERROR)
def renamed_argument(program: Program) -> Iterator[Finding]:
    """An argument or value that has another spelling now."""
    for hit in _hits(program, "ML802"):
        new = _new_value(hit)
        if hit.change.rename:
            yield hit.finding(f"`{hit.subject}` takes `{hit.change.replacement}`, not `{hit.name}`")
        elif new:
            yield hit.finding(f'`{hit.subject}` spells `{hit.written}` as `{hit.name}="{new}"`')
        elif hit.change.values or hit.change.kind:
            yield hit.finding(f"`{hit.subject}` does not accept `{hit.written}`")
        else:
            yield hit.finding(f"`{hit.subject}` does not take `{hit.name}` any more")


@rule("ML803", WARNING)
def changed_meaning(program: Program) -> Iterator[Finding]:
    """Something that is still accepted and does something else, or nothing."""
    for hit in _hits(program, "ML803"):
        missing = hit.change.kind == "missing"
        call = f"`{hit.subject}` without `{hit.name}`" if missing else f"`{hit.subject}({hit.written})`"
        yield replace(hit.finding(""), message=f"{call} {hit.effect}")


@rule("ML804", INFO)
def deprecated_api(program: Program) -> Iterator[Finding]:
    """Something that still works and has a successor."""
    for hit in _hits(program, "ML804"):
        if hit.name:
            yield hit.finding(f"`{hit.name}` of `{hit.subject}` is deprecated")
        else:
            yield hit.finding(f"`{_shown(hit.use.path)}` is deprecated")


# -- which uses are concerned -----------------------------------------------------------------------------------------
def _hits(program: Program, code: str) -> Iterator[Hit]:
    imported = {use.path for use in program.api if use.form == "import"}
    only_keras_2 = any(use.namespace == "tf_keras" for use in program.api)
    modules: set[str] = set()
    for use in program.api:
        for change in use.changes:
            if change.code != code or not _comes_from(change.namespace, use, program):
                continue
            effect = _effect(program, change, use, only_keras_2)
            if effect is None:
                continue
            if change.argument is not None or change.positional is not None:
                yield from _arguments(use, change, effect)
            elif change.module in modules or (use.form == "name" and use.path in imported):
                continue
            else:
                if change.module:
                    modules.add(change.module)
                yield Hit(use, change, effect)


def is_written_for_older(program: Program, package: str) -> bool:
    """Whether it uses what the package's version in use does not have any more."""
    return any(hit.change.package == package for code in ("ML801", "ML802") for hit in _hits(program, code))


def _comes_from(namespace: str, use: ApiUse, program: Program) -> bool:
    """Whether the name is known to be imported from this root; any will do when the change names none."""
    return not namespace or (use.namespace == namespace and namespace in program.roots)


def _effect(program: Program, change: ApiChange, use: ApiUse, only_keras_2: bool) -> str | None:
    """What the change does in the version in use; None when nothing."""
    given = program.versions.given
    version = program.versions.of(change.package)
    if change.package == "keras":
        version = program.versions.keras
        if only_keras_2 and version >= (3,):
            version = _LAST_KERAS_2
        if change.standalone and ("keras" not in given or use.namespace != "keras"):
            return None
    for first, last, effect in change.effects:
        if version >= first and (not last or (version != NEWEST and version[: len(last)] <= last)):
            return f"{effect} {_range(change.package, first, last)}"
    return None


def _range(package: str, first: tuple[int, ...], last: tuple[int, ...]) -> str:
    name = _PACKAGES.get(package, package)
    if not last:
        return f"since {name} {_dotted(first)}"
    if first in ((0,), last):
        return f"up to {name} {_dotted(last)}" if first == (0,) else f"in {name} {_dotted(first)}"
    return f"in {name} {_dotted(first)} to {_dotted(last)}"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _arguments(use: ApiUse, change: ApiChange, effect: str) -> Iterator[Hit]:
    """The arguments of the call that the change concerns."""
    if use.arguments is None:
        return
    if change.positional is not None:
        given = list(use.arguments.items())
        if use.complete and len(given) >= use.positional > change.positional:
            yield Hit(use, change, effect, *given[change.positional])
        return
    name = change.argument or ""
    found = use.arguments.get(name) or (use.arguments.get("0") if change.kind == "suffix" else None)
    if change.kind == "missing":
        if found is None and use.complete:
            yield Hit(use, change, effect, name, Argument(site=use.name_site))
    elif found is not None and found.given and _concerned(use, change, name, found):
        yield Hit(use, change, effect, name, found)


def _concerned(use: ApiUse, change: ApiChange, name: str, argument: Argument) -> bool:
    value = constant(argument.value)
    if change.code == "ML803" and type(value) in (int, float) and value == 0:
        return False  # an effect of nothing is not missed
    if change.kind == "str":
        return isinstance(value, str)
    if change.kind == "suffix":
        other = (use.arguments or {}).get(change.only_if, NOT_GIVEN)
        return constant(other.value) is True and isinstance(value, str) and not value.endswith(change.suffix)
    if change.values and not change.rename:
        return isinstance(value, str) and any(value == old for old, _ in change.values)
    return list(use.arguments or ()).index(name) >= use.positional


# -- words and edits --------------------------------------------------------------------------------------------------
def _shown(path: str) -> str:
    """A path as one says it: methods by their class, the rest in full."""
    parts = path.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else path


def _new_value(hit: Hit) -> str:
    """The successor of the argument's value; empty when there is none."""
    return dict(hit.change.values).get(str(constant(hit.argument.value)), "")


def _fix(hit: Hit) -> Fix:
    change = hit.change
    new = change.replacement or (f'{hit.name}="{_new_value(hit)}"' if _new_value(hit) else "")
    message = change.advice or (f"use `{new}`" if new else f"leave `{hit.name}` out")
    edits = tuple(_edits(hit))
    return safe(message, *edits) if edits else hint(message)


def _edits(hit: Hit) -> Iterator[Edit]:
    """The edits that are all there is to do; none when that is not certain."""
    change, site = hit.change, hit.argument.site
    if hit.use.spread:
        return
    if not hit.name:
        positional_is_same = change.replacement != "fit" or hit.use.positional <= 1
        if change.rename and hit.use.form == "dotted" and hit.use.name_site is not None and positional_is_same:
            yield Replace(hit.use.name_site, change.replacement)
    elif site is None or change.positional is not None:
        return
    elif change.rename:
        yield from _renaming(hit, site)
    elif change.drop:
        yield Remove(site)
    elif _new_value(hit):
        yield Retext(site, _new_value(hit))


def _renaming(hit: Hit, site: Site) -> Iterator[Edit]:
    arguments, new = hit.use.arguments or {}, hit.change.replacement
    if new in arguments and arguments[new].given:
        return
    if hit.change.values:
        value = _new_value(hit)
        if not value:
            return
        yield Retext(site, value) if isinstance(constant(hit.argument.value), str) else Replace(site, value)
    yield RenameArgument(site, new)


# -- files that may hold code -------------------------------------------------------------------------------------------
@rule("ML805", WARNING)
def unsafe_deserialisation(program: Program) -> Iterator[Finding]:
    """A file is read in a way that runs whatever code is in it."""
    old = program.versions.of("torch") < (2, 6)
    for each in program.unpicklings:
        own = isinstance(each.file, Const) and each.file in program.saved
        if own or (not each.argument and not old):
            continue
        yield Finding(each.argument_site or each.site, _RUNS[each.argument].format(by=each.by), fix=_safer(each))


_RUNS = {
    "": "`{by}` unpickles anything in this version of PyTorch: code in the file runs when it is read",
    "weights_only": "`{by}` unpickles anything with `weights_only=False`: code in the file runs when it is read",
    "allow_pickle": "`{by}` unpickles objects with `allow_pickle=True`: code in the file runs when it is read",
    "safe_mode": "`{by}` runs any function in the model with `safe_mode=False`: code in the file runs when it is read",
    "trust_remote_code": "`{by}` runs code that comes with the model or data set, whatever it becomes, with "
    "`trust_remote_code=True`",
    "file": "`{by}` reads a file out of the network: code in it runs when it is read",
}


def _safer(each: Unpickling) -> Fix:
    if each.argument == "weights_only" and each.argument_site is not None:
        return unsafe("read tensors and plain containers only", Replace(each.argument_site, "True"))
    if not each.argument:
        return unsafe("read tensors and plain containers only", AddArgument(each.site, "weights_only=True"))
    if each.argument == "trust_remote_code":
        return hint("read the code, and name the revision that was read: `revision=`")
    if each.argument == "file":
        return hint("use a format without code, such as safetensors, JSON or Parquet, or check the file's hash first")
    return hint(f"leave `{each.argument}` out, and store what needs it in another format")
