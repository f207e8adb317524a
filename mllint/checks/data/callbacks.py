"""Callbacks that wait for a number that training logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.history import logged, may_be_logged, nearest
from mllint.facts import Site
from mllint.program import Callback, Program
from mllint.rule import ERROR, INFO, AddArgument, Finding, Fix, Note, Replace, Retext, hint, rule, safe, unsafe
from mllint.values import FALSE, Const, constant

_BEST_HIGH = {
    "acc", "accuracy", "auc", "auroc", "auprc", "f1", "fscore", "precision", "recall", "iou", "miou", "dice", "r2", "psnr", "ssim",
    "bleu", "kappa", "mcc",
}  # fmt: skip
_BEST_LOW = {"loss", "mae", "mse", "rmse", "error", "err", "perplexity", "ppl", "wer", "cer", "fid"}
AUTO = Const("auto")
_NEVER = {
    "EarlyStopping": "it never stops",
    "ModelCheckpoint": "nothing is saved",
    "ReduceLROnPlateau": "the rate is never lowered",
}


@rule("ML320", ERROR)
def monitor_mismatch(program: Program) -> Iterator[Finding]:
    """A callback waits for a number that training does not log, or takes the worst of it for the best."""
    reported: set[Site] = set()
    for callback in program.callbacks:
        monitor = constant(callback.monitor.value)
        if not callback.acts or not isinstance(monitor, str) or callback.site in reported:
            continue
        if _waits_for_validation(program, callback, monitor):
            if callback.fit_site not in reported:
                yield _without_validation(program, callback, monitor)
            reported |= {callback.fit_site, callback.site}
            continue
        finding = _not_logged(program, callback, monitor) or _wrong_way(program, callback, monitor)
        if finding is not None:
            reported.add(callback.site)
            yield finding


# -- no validation ----------------------------------------------------------------------------------------------------
def _waits_for_validation(program: Program, callback: Callback, monitor: str) -> bool:
    """Whether the number is one of validation, and training has none."""
    if callback.has_validation is not False:
        return False
    if callback.framework == "keras":
        return monitor.startswith("val_")
    by = [each for each in program.logged if each.module == callback.module]
    if any(each.name is None for each in by):
        return False
    return re.match(r"val(id|idation)?(?![a-z])", monitor) is not None and not any(
        each.name == monitor and each.stage == "training_step" for each in by
    )


def _without_validation(program: Program, callback: Callback, monitor: str) -> Finding:
    raises = callback.framework == "lightning"
    keras3 = program.versions.keras >= (3,) and monitor != "val_loss" and callback.mode.value == AUTO
    outcome = (
        "it raises"
        if raises or keras3
        else f"there is only a warning, and {_NEVER.get(callback.name, 'it never acts')}"
    )
    what = "no loader for validation" if raises else "no validation data"
    return Finding(
        callback.monitor.site or callback.site,
        f"`{callback.name}` waits for `{monitor}`, but training gets {what}: {outcome}",
        because=[*_given(callback), Note(callback.fit_site, "the model is trained here, without validation")],
        fix=hint(
            "give `fit` a loader for validation, or let the module have `val_dataloader`"
            if raises
            else "give `fit` `validation_data` (or `validation_split`), or monitor `loss`"
        ),
    )


def _given(callback: Callback) -> list[Note]:
    """Where the callback is made, where that is not the place of the finding."""
    return notes((callback.site, callback.monitor.site or callback.site, f"the `{callback.name}` is made here"))


# -- a number that is not logged --------------------------------------------------------------------------------------
def _not_logged(program: Program, callback: Callback, monitor: str) -> Finding | None:
    if callback.framework == "keras":
        return _not_in_history(program, callback, monitor)
    by = [each for each in program.logged if each.module == callback.module]
    names = {each.name for each in by if each.name is not None}
    if not by or any(each.name is None for each in by) or monitor in ("epoch", "step"):
        return None
    if any(re.fullmatch(rf"{re.escape(name)}(_step|_epoch)?(/dataloader_idx_\d+)?", monitor) for name in names):
        return None
    right = _alike(monitor, names)
    listed = ", ".join(f"`{name}`" for name in sorted(names))
    return Finding(
        callback.monitor.site or callback.site,
        f"`{callback.name}` waits for `{monitor}`, but the module logs {listed}: it raises",
        because=[*_given(callback), *(Note(each.site, "logged here") for each in by if each.name == right)],
        fix=hint(f"monitor one of {listed}") if right is None else _rename(callback, right),
    )


def _not_in_history(program: Program, callback: Callback, monitor: str) -> Finding | None:
    read = callback.read
    keys = None if read is None else logged(program.versions, read)
    plain = monitor.removeprefix("val_")
    if read is None or keys is None or plain in keys or monitor in read.extra or may_be_logged(plain, keys):
        return None
    right = nearest(plain, keys)
    keras3 = program.versions.keras >= (3,) and callback.mode.value == AUTO
    outcome = "it raises" if keras3 else f"there is only a warning, and {_NEVER.get(callback.name, 'it never acts')}"
    prefix = monitor[: len(monitor) - len(plain)]
    listed = ", ".join(f"`{prefix}{key}`" for key in sorted(keys))
    fix = hint(f"monitor one of {listed}") if right is None else _rename(callback, prefix + right)
    return Finding(
        callback.monitor.site or callback.site,
        f"`{callback.name}` waits for `{monitor}`, but this model logs {listed}: {outcome}",
        because=[
            *_given(callback),
            *notes(
                (read.compile_site, None, "the metrics are given here"), (callback.fit_site, None, "it is used here")
            ),
        ],
        fix=fix,
    )


def _alike(monitor: str, names: set[str]) -> str | None:
    """The one logged name that was meant: ``val/loss`` for ``val_loss``, ``val_accuracy`` for ``val_acc``."""
    same = [name for name in names if _plain(name) == _plain(monitor)]
    return same[0] if len(same) == 1 else None


def _plain(name: str) -> tuple[str, ...]:
    meant = {"valid": "val", "validation": "val", "acc": "accuracy", "avg": ""}
    words = [meant.get(word, word) for word in re.split(r"[^a-z0-9]+", name.lower())]
    return tuple(sorted(word for word in words if word))


def _rename(callback: Callback, right: str) -> Fix:
    if callback.monitor.site is None:
        return hint(f'monitor `{right}`: `monitor="{right}"`')
    return safe(f"monitor `{right}`", Retext(callback.monitor.site, right))


# -- the wrong direction ----------------------------------------------------------------------------------------------
def _wrong_way(program: Program, callback: Callback, monitor: str) -> Finding | None:
    better = _better(monitor)
    mode = _mode(program, callback, monitor)
    if better is None or mode not in ("min", "max") or mode == better:
        return None
    given = callback.mode.site is not None
    how = f"`mode={mode!r}`" if given else f"the default of `mode`, {mode!r} for it,"
    rises = "higher is better" if better == "max" else "lower is better"
    fix = (
        safe(f'`mode="{better}"`', Replace(callback.mode.site, f'"{better}"'))
        if callback.mode.site is not None
        else safe(f'say that {rises}: `mode="{better}"`', AddArgument(callback.site, f'mode="{better}"'))
    )
    return Finding(
        callback.mode.site or callback.site,
        f"`{callback.name}` takes the worst `{monitor}` for the best: {rises}, but {how} looks for the other end",
        because=notes(
            (callback.monitor.site, callback.mode.site, f"it waits for `{monitor}`"),
            (callback.fit_site, None, "it is used here"),
        ),
        fix=fix,
    )


def _better(monitor: str) -> str | None:
    """Which end of a number is the good one, told by its name."""
    words = set(re.split(r"[^a-z0-9]+", monitor.lower()))
    low, high = bool(words & _BEST_LOW), bool(words & _BEST_HIGH)
    return None if low == high else "min" if low else "max"


def _mode(program: Program, callback: Callback, monitor: str) -> str | None:
    """Which end the callback takes for the best; ``auto`` goes by the name before Keras 3."""
    mode = constant(callback.mode.value)
    if mode != "auto":
        return mode if isinstance(mode, str) else None
    if callback.framework != "keras" or program.versions.keras >= (3,):
        return None
    if callback.name == "EarlyStopping":
        return "max" if monitor.endswith(("acc", "accuracy", "auc")) else "min"
    return "max" if "acc" in monitor or monitor.startswith("fmeasure") else "min"


@rule("ML322", INFO, default=False)
def early_stopping_keeps_last_weights(program: Program) -> Iterator[Finding]:
    """Early stopping leaves the model with the weights of the last epoch, not of the best."""
    seen: set[Site] = set()
    for callback in program.callbacks:
        restores = callback.restores.value
        if (
            callback.framework != "keras"
            or callback.name != "EarlyStopping"
            or restores != FALSE
            or callback.site in seen
        ):
            continue
        if any(
            each.fit_site is callback.fit_site and each.name == "ModelCheckpoint" and each.acts
            for each in program.callbacks
        ):
            continue
        seen.add(callback.site)
        where = callback.restores.site
        edit = AddArgument(callback.site, "restore_best_weights=True") if where is None else Replace(where, "True")
        yield Finding(
            callback.site,
            "when `EarlyStopping` stops, the model keeps the weights of the last epoch, some epochs after the best",
            because=[Note(callback.fit_site, "the model is trained here")],
            fix=unsafe("keep the best ones: `restore_best_weights=True`", edit),
        )
