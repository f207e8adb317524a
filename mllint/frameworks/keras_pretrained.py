"""Keras' pretrained networks: the numbers that each wants for a picture, and what a program makes of its pictures."""

from __future__ import annotations

from mllint.facts import Site
from mllint.frameworks.table import Call, row
from mllint.frameworks.tensors import only_data
from mllint.program import Backbone, Preparation
from mllint.values import NONE, UNKNOWN, Const, Name, Value, constant

WANTS = {
    "vgg16": "caffe", "vgg19": "caffe", "resnet": "caffe", "resnet50": "caffe",
    "inception_v3": "tf", "xception": "tf", "mobilenet": "tf", "mobilenet_v2": "tf", "resnet_v2": "tf",
    "inception_resnet_v2": "tf", "nasnet": "tf", "densenet": "torch", "mobilenet_v3": "raw", "efficientnet": "raw",
    "efficientnet_v2": "raw", "convnext": "raw",
}  # fmt: skip
"""What the ``preprocess_input`` of a module makes of pixels from 0 to 255."""
_FAMILIES = (
    ("VGG16", "vgg16"), ("VGG19", "vgg19"), ("InceptionV3", "inception_v3"), ("InceptionResNetV2", "inception_resnet_v2"),
    ("Xception", "xception"), ("MobileNetV3", "mobilenet_v3"), ("MobileNetV2", "mobilenet_v2"), ("MobileNet", "mobilenet"),
    ("DenseNet", "densenet"), ("NASNet", "nasnet"), ("EfficientNetV2", "efficientnet_v2"), ("EfficientNet", "efficientnet"),
    ("ConvNeXt", "convnext"),
)  # fmt: skip
_ROOT = "keras.applications"


def family_of(name: str) -> str:
    """The module that a network is in."""
    if name.startswith("ResNet"):
        return "resnet_v2" if name.endswith("V2") else "resnet"
    return next((family for start, family in _FAMILIES if name.startswith(start)), "")


def backbone(call: Call, weights: Value, included: Value) -> None:
    """Record a network that is made with weights somebody else trained."""
    name = call.path.rpartition(".")[2]
    family = family_of(name)
    wants = WANTS.get(family, "")
    if wants == "raw" and included not in (NONE, Const(True)):
        wants = ""
    trained = weights == Const("imagenet") and call.complete
    call.program.backbones.append(Backbone(call.site, name, family, wants if trained else ""))


def prepared(call: Call, site: Site | None, how: str, name: str) -> None:
    """Record what is made of pictures."""
    call.program.preparations.append(Preparation(site or call.site, name, how))


def how(function: Value) -> tuple[str, str]:
    """What a function makes of pictures, and its name."""
    if isinstance(function, Name):
        module, _, name = function.path.rpartition(".")
        family = module.rpartition(".")[2]
        if name == "preprocess_input" and family in WANTS:
            return WANTS[family], f"{family}.{name}"
    return "", ""


@row(*(f"{_ROOT}.{family}.preprocess_input" for family in WANTS))
def preprocess_input(call: Call, x: Value = UNKNOWN, **rest: Value) -> Value:
    family = call.path.split(".")[-2]
    prepared(call, call.site, WANTS[family], f"{family}.preprocess_input")
    data = only_data(x)
    return UNKNOWN if data is None else data.with_(bounds=None, dtype="float32")


@row(f"{_ROOT}.imagenet_utils.preprocess_input")
def any_preprocess_input(
    call: Call, x: Value = UNKNOWN, data_format: Value = NONE, mode: Value = Const("caffe")
) -> Value:
    prepared(call, call.site, str(constant(mode) or ""), "imagenet_utils.preprocess_input")
    data = only_data(x)
    return UNKNOWN if data is None else data.with_(bounds=None, dtype="float32")


def by_generator(call: Call, rescale: Value, function: Value) -> None:
    """Record what an ``ImageDataGenerator`` makes of pictures."""
    if not call.complete or any(call.given(name) for name in ("featurewise_center", "samplewise_center")):
        prepared(call, None, "", "")
    elif function != NONE:
        if rescale == NONE:
            prepared(call, call.where("preprocessing_function"), *how(function))
        else:
            prepared(call, None, "", "")
    else:
        prepared(call, call.where("rescale"), *_divided(rescale))


def by_rescaling(call: Call, scale: Value, offset: Value) -> None:
    """Record what a ``Rescaling`` layer makes of pictures."""
    shifted = offset not in (NONE, UNKNOWN, Const(0), Const(0.0))
    if shifted or (offset is UNKNOWN and call.given("offset")):
        number = constant(scale)
        signed = isinstance(number, float) and abs(number * 127.5 - 1) < 1e-3
        prepared(call, None, "tf" if signed else "", "Rescaling")
    else:
        prepared(call, None, *_divided(scale))


def _divided(rescale: Value) -> tuple[str, str]:
    number = constant(rescale)
    if rescale in (NONE, Const(1), Const(1.0)):
        return "raw", "no preprocessing"
    if isinstance(number, float) and abs(number * 255 - 1) < 1e-2:
        return "divided", "1/255"
    return "", ""
