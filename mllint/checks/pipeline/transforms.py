"""What is done to pictures before a network sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mllint.program import Composition, ImageStep, Program
from mllint.rule import ERROR, WARNING, Finding, Fix, Note, Remove, Swap, hint, rule, safe

TO_TENSOR = ("ToTensor", "PILToTensor")
TENSORS_ONLY = {
    "v1": ("Normalize", "RandomErasing", "ConvertImageDtype", "LinearTransformation"),
    "v2": ("Normalize",),
}
"""Transforms that raise for a picture that is no tensor."""
BYTES_ONLY = ("RandAugment", "AutoAugment", "TrivialAugmentWide", "AugMix", "RandomPosterize", "RandomEqualize")
"""Transforms that raise for tensors of floats."""
KEEPING = frozenset(
    {
        "Resize", "CenterCrop", "Pad", "Grayscale", "RandomCrop", "RandomResizedCrop", "RandomHorizontalFlip", "RandomVerticalFlip",
        "RandomRotation", "RandomAffine", "RandomPerspective", "RandomGrayscale", "RandomInvert", "RandomPosterize", "RandomSolarize",
        "RandomAdjustSharpness", "RandomAutocontrast", "RandomEqualize", "ColorJitter", "GaussianBlur", "ElasticTransform",
        "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "Normalize", "RandomErasing",
    }
)  # fmt: skip
"""Transforms that give a tensor for a tensor and a picture for a picture."""


@rule("ML708", ERROR)
def transform_order(program: Program) -> Iterator[Finding]:
    """A transform is given what it cannot take."""
    for composition in program.compositions:
        places = {step.site: step.movable for step in composition.steps}
        for found in _clash(composition):
            if places.get(found.site):
                yield found
            else:  # made elsewhere, perhaps for several lists
                yield replace(found, site=composition.site, because=[Note(found.site, "made here"), *found.because])


def _clash(composition: Composition) -> Iterator[Finding]:
    """The first transform that raises."""
    tensor: ImageStep | None = None  # what made a tensor of the picture
    parts: ImageStep | None = None
    whole: ImageStep | None = None  # what made a tensor of bytes
    early: ImageStep | None = None  # what only takes tensors, and may have got one
    picture, floats = composition.image, False
    for step in composition.steps:
        if not step.name or step.name == "Lambda":
            tensor = parts = early = whole = None
            picture = floats = False
            continue
        if parts is not None and step.family == "v1":
            yield _after_crops(step, parts)
            return
        if step.name in TENSORS_ONLY.get(step.family, ()):
            if picture:
                yield _missing(composition, step)
                return
            early = early or (step if tensor is None else None)
        if step.name == "Normalize" and whole is not None:
            yield _of_bytes(step, whole)
            return
        if step.name in TO_TENSOR and step.family == "v1":
            if tensor is not None:
                yield _twice(step, tensor)
                return
            if early is not None:
                yield _too_early(early, step)
                return
        if step.name in BYTES_ONLY and step.family == "v1" and floats and tensor is not None:
            yield _of_floats(step, tensor)
            return
        if step.name in (*TO_TENSOR, "ToImage"):
            in_bytes = step.name == "PILToTensor" or (step.name == "ToImage" and picture)
            whole = step if in_bytes else None
            tensor, picture, early = step, False, None
            floats = step.name == "ToTensor"
        elif step.name == "ToPILImage":
            tensor, picture, floats, early, whole = None, True, False, None, None
        elif step.name in ("FiveCrop", "TenCrop"):
            parts = step
        elif step.name in ("ConvertImageDtype", "ToDtype"):
            floats, whole = False, None
        elif step.name not in KEEPING and not (step.inner and KEEPING.issuperset(step.inner)):
            tensor = parts = early = whole = None
            picture = floats = False


def _missing(composition: Composition, step: ImageStep) -> Finding:
    later = next((each for each in composition.steps if each.name in TO_TENSOR), None)
    if later is not None:
        return _too_early(step, later)
    return Finding(
        step.site,
        f"`{step.name}` takes tensors only, but nothing makes a tensor of the picture before it: it raises",
        because=[Note(composition.site, "applied to the data set's pictures")] if step.movable else [],
        fix=hint(f"put `ToTensor()` before `{step.name}`"),
    )


def _too_early(step: ImageStep, later: ImageStep) -> Finding:
    message = f"put `{later.name}` before `{step.name}`"
    return Finding(
        step.site,
        f"`{step.name}` takes tensors only, but `{later.name}`, which makes them of pictures, comes after it: it raises",
        because=[Note(later.site, "the tensor is made here")],
        fix=safe(message, Swap(step.site, later.site)) if step.movable and later.movable else hint(message),
    )


def _twice(step: ImageStep, first: ImageStep) -> Finding:
    return Finding(
        step.site,
        f"`{step.name}` takes pictures and arrays, but `{first.name}` has made a tensor already: it raises",
        because=[Note(first.site, "the tensor is made here")],
        fix=_without(step),
    )


def _without(step: ImageStep) -> Fix:
    message = f"leave the second `{step.name}` out"
    return safe(message, Remove(step.site)) if step.movable else hint(message)


def _of_floats(step: ImageStep, tensor: ImageStep) -> Finding:
    message = f"put `{step.name}` before `{tensor.name}`"
    return Finding(
        step.site,
        f"`{step.name}` takes pictures or tensors of bytes, but `{tensor.name}` has made floats of them: it raises",
        because=[Note(tensor.site, "the tensor of floats is made here")],
        fix=safe(message, Swap(tensor.site, step.site)) if step.movable and tensor.movable else hint(message),
    )


def _of_bytes(step: ImageStep, tensor: ImageStep) -> Finding:
    convert = "ToDtype(torch.float32, scale=True)" if step.family == "v2" else "ConvertImageDtype(torch.float32)"
    return Finding(
        step.site,
        f"`{step.name}` takes tensors of floats, but `{tensor.name}` makes one of bytes: it raises",
        because=[Note(tensor.site, "the tensor of bytes is made here")],
        fix=hint(f"put `{convert}` before it"),
    )


def _after_crops(step: ImageStep, parts: ImageStep) -> Finding:
    return Finding(
        step.site,
        f"`{parts.name}` gives a tuple of pictures, which `{step.name}` does not take: it raises",
        because=[Note(parts.site, "several pictures are made of one here")],
        fix=hint("apply it to each: `Lambda(lambda crops: torch.stack([ToTensor()(crop) for crop in crops]))`"),
    )


# -- pretrained networks ------------------------------------------------------------------------------------------------
SCALES = {
    "caffe": "pixels of 0 to 255 less the mean of each channel, in the order BGR",
    "tf": "pixels from -1 to 1",
    "torch": "pixels from 0 to 1, standardised by ImageNet's mean and deviation",
    "raw": "pixels from 0 to 255, which they scale themselves",
    "divided": "pixels from 0 to 1",
}


@rule("ML709", WARNING)
def preprocessing_vs_weights(program: Program) -> Iterator[Finding]:
    """Pretrained weights get numbers of another range than they were trained on."""
    wanted = {backbone.wants for backbone in program.backbones}
    given = {preparation.how for preparation in program.preparations}
    if len(wanted) != 1 or len(given) != 1:
        return
    (wants,), (gives,) = wanted, given
    backbone = program.backbones[0]
    if not _clashes(wants, gives):
        return
    first, *others = program.preparations
    yield Finding(
        first.site,
        f"`{first.name}` gives {SCALES[gives]}, but the weights of `{backbone.name}` were trained on {SCALES[wants]}",
        because=[
            Note(backbone.site, "the pretrained network"),
            *(Note(each.site, "here too") for each in others if each.site is not first.site),
        ],
        fix=hint(f"use `keras.applications.{backbone.family}.preprocess_input` and nothing else"),
    )


def _clashes(wants: str, gives: str) -> bool:
    """Whether numbers that are made in one way are far from those that are wanted."""
    if not wants or not gives or wants == gives:
        return False
    if gives == "raw":  # no preprocessing that can be seen is no proof that there is none
        return False
    return gives != "divided" or wants in ("raw", "caffe")
