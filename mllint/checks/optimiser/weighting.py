"""How much rare classes count."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Fit, LossUse, Program
from mllint.rule import INFO, WARNING, Finding, hint, rule
from mllint.values import BALANCED, COPIED, NONE, UNKNOWN, Const, Data, Loss, Obj, Step, Value

_RESAMPLERS = (
    "ADASYN", "BorderlineSMOTE", "KMeansSMOTE", "RandomOverSampler", "SMOTE", "SMOTEN", "SMOTENC", "SVMSMOTE", "SMOTEENN", "SMOTETomek",
    "RandomUnderSampler", "ClusterCentroids",
)  # fmt: skip
"""Samplers that make all classes equally frequent."""


@rule("ML509", WARNING)
def double_class_weighting(program: Program) -> Iterator[Finding]:
    """Rare classes are drawn more often and weigh more besides."""
    for use in program.losses:
        step = _drawn(program, use)
        weight = _loss_weight(use.loss) if use.training else None
        if step is not None and weight is not None:
            yield _twice(weight, step, f"`{use.loss.name}` weights the classes", step.site, use.site)
    for fit in program.fits:
        step = _balanced(fit)
        weights = _fit_weights(fit)
        if step is not None and weights is not None:
            name, value = weights
            if value == Const("balanced"):
                yield Finding(
                    fit.site,
                    f'`{name}="balanced"` does nothing here: it counts the classes of rows that {_shown(step)} has made equally many',
                    because=notes((step.site, fit.site, "the rows are balanced here")),
                    fix=hint("weight the classes or resample the rows, not both"),
                    severity=INFO,
                )
            else:
                yield _twice(
                    fit.class_weight.site or fit.site, step, f"`{name}` weights the classes", step.site, fit.site
                )


def _drawn(program: Program, use: LossUse) -> Step | None:
    """The sampler that drew the rows of a loss: of its target, or of the loader that the loop goes through."""
    step = None if use.target is None else use.target.last(BALANCED)
    if step is not None or (use.target is not None and use.target.source.known):
        return step
    for each in program.passes:
        loader = next((loader for loader in program.loaders if loader.value == each.over), None)
        if loader is not None and loader.balanced is not None and each.loop is not None and each.loop.site in use.loops:
            return Step(BALANCED, loader.balanced, "WeightedRandomSampler")
    return None


def _twice(site: Site, step: Step, weighting: str, *places: Site | None) -> Finding:
    return Finding(
        site,
        f"{weighting}, and {_shown(step)} has balanced the rows already: rare classes count twice, false alarms multiply",
        because=notes(
            *(
                (place, site, what)
                for place, what in zip(places, ("the rows are balanced here", "both meet here"), strict=False)
            )
        ),
        fix=hint("weight the classes or resample the rows, not both"),
    )


def _loss_weight(loss: Loss) -> Site | None:
    """Where a loss is given weights of the classes."""
    for name in ("weight", "pos_weight"):
        value = loss.arg(name)
        if value is not None and value != NONE and value is not UNKNOWN and not isinstance(value, Const):
            return _site(loss, name)
        if value is UNKNOWN:
            return _site(loss, name)
    return None


def _site(loss: Loss, name: str) -> Site | None:
    found = loss.arg(f"{name}_site")
    return found.value if isinstance(found, Const) else loss.site


def _balanced(fit: Fit) -> Step | None:
    """What made the classes of the training rows equally frequent."""
    part = next((part for part in fit.estimators if part in _RESAMPLERS), None)
    if part is not None:
        return Step("resampled", None, part)
    step = fit.y.last(COPIED, "resampled", BALANCED) if isinstance(fit.y, Data) else None
    return step if step is not None and _name(step.by) in (*_RESAMPLERS, "WeightedRandomSampler") else None


def _fit_weights(fit: Fit) -> tuple[str, Value] | None:
    """The weights of the classes that a model is trained with."""
    given = fit.class_weight
    if given.given and given.value != NONE:
        return "class_weight", given.value
    for name, value in fit.settings:
        off = (NONE, UNKNOWN, Const(False), Const(1), Const(1.0))
        if name in ("class_weight", "scale_pos_weight", "is_unbalance", "auto_class_weights") and value not in off:
            return name, value
    return None


def _name(by: Value | str | None) -> str:
    return by.kind.rpartition(".")[2] if isinstance(by, Obj) else str(by)


def _shown(step: Step) -> str:
    return f"`{_name(step.by)}`"
