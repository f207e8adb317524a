"""The shapes of what layers give: tests/shapes holds layers with the shapes that the frameworks themselves give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mllint.frameworks import shapes
from mllint.reader import read
from mllint.values import Applied

FOLDER = Path(__file__).parent / "shapes"
PROGRAMS = {
    "keras": "import keras\nfrom keras import layers\n{layer}(keras.Input(shape={shape}))\n",
    "torch": "import torch\nfrom torch import nn\n{layer}(torch.zeros({shape}))\n",
    "gluon": "from mxnet import nd\nfrom mxnet.gluon import nn\n{layer}(nd.zeros({shape}))\n",
}


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for framework in PROGRAMS:
        for line in (FOLDER / f"{framework}.txt").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                layer, shape, output = line.split(" | ")
                yield framework, layer, shape, output


ROWS = list(_rows())


@pytest.mark.parametrize(("framework", "layer", "shape", "output"), ROWS, ids=[row[1] for row in ROWS])
def test_as_the_framework_says(framework: str, layer: str, shape: str, output: str) -> None:
    program = read(PROGRAMS[framework].format(layer=layer, shape=shape)).program
    assert not program.limits
    assert program.applied[-1].shape == ast.literal_eval(output)


def _last(text: str) -> Applied:
    program = read(text).program
    assert not program.limits
    return program.applied[-1]


def test_old_positional_kernels_are_not_known() -> None:
    """``Conv2D(8, 3, 3)`` is a kernel of 3 by 3 for old Keras and a step of 3 for TensorFlow."""
    assert _last("from keras import *\nlayers.Conv2D(8, 3, 3)(Input((9, 9, 1)))\n").shape == (None, None, None, 8)


def test_the_layout_of_images_can_be_set() -> None:
    text = "import keras\n{0}keras.layers.Conv2D(8, 3)(keras.Input((3, 9, 11)))\n"
    first = 'keras.backend.set_image_data_format("channels_first")\n'
    assert _last(text.format(first)).shape == (None, 8, 7, 9)
    assert _last(text.format("keras.backend.set_image_data_format(LAYOUT)\n")).shape == (None, None, None, None)


def test_what_follows_a_size_that_cannot_be_is_not_known() -> None:
    text = "import torch\nfrom torch import nn\nnn.Sequential(nn.Conv2d(1, 8, 5), nn.Conv2d(8, 8, 1))(torch.zeros(2, 1, 4, 9))\n"
    shown = [step.shape for step in read(text).program.applied]
    assert shown == [(2, 8, 0, 5), (2, 8, None, 5)]


def test_several_inputs() -> None:
    assert shapes.concatenate([(None, 4, 2), (None, 4, 3)], -1) == (None, 4, 5)
    assert shapes.concatenate([(None, 4), None], -1) is None
    assert shapes.concatenate([(2, 4), (2, 4, 1)], 0) is None
    assert shapes.broadcast([(8, 1, 5), (3, 5)]) == (8, 3, 5)
    assert shapes.broadcast([(8, 2), (8, 3)]) is None
    assert shapes.reshape((4, 6), [-1, 3]) == (8, 3)
    assert shapes.reshape((None, 6), [-1, 3]) == (None, 3)
    assert shapes.text((None, 28, None)) == "(N, 28, ?)"
    assert shapes.text((3,)) == "(3,)"


def test_the_way_from_input_to_output_is_kept() -> None:
    text = "import keras\nfrom keras import layers\na = keras.Input((8,))\nb = layers.Dense(4)(a)\nlayers.Add()([b, layers.Dense(4)(b)])\n"
    step = _last(text)
    assert [each.applied.layer.type for each in step.inputs if each.applied and each.applied.layer] == ["Dense"] * 2
    assert step.inputs[1].applied is not None
    assert step.inputs[1].applied.inputs[0].applied is step.inputs[0].applied
