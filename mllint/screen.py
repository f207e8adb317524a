"""Cheap textual tests that spare or forbid the reading of a program."""

from __future__ import annotations

import re

_FRAMEWORKS = {
    "keras", "tensorflow", "tf", "tf_keras", "torch", "torchvision", "mxnet", "gluon", "sklearn", "imblearn", "pandas",
    "numpy", "lightning", "pytorch_lightning", "jax", "flax", "optax", "xgboost", "lightgbm", "catboost", "transformers",
    "jnp", "nnx", "haiku", "hk", "equinox", "eqx", "xgb", "lgb",
    "datasets", "accelerate", "trl", "peft",
}  # fmt: skip

_EVERYDAY = {
    "np", "pd", "nn", "mx", "nd", "F", "autograd", "optim", "Sequential", "Model", "Module", "Dense", "Linear", "fit",
    "to_categorical", "get_dummies", "train_test_split", "Pipeline", "make_pipeline", "LabelBinarizer",
    "MultiLabelBinarizer", "DataLoader", "ImageDataGenerator", "backward", "zero_grad", "softmax", "sigmoid", "one_hot",
    "predict_classes", "history",
}  # fmt: skip
"""Names that pasted fragments use without importing them."""

_ENDINGS = (
    "Loss", "loss", "entropy", "Encoder", "Scaler", "Classifier", "Regressor", "Regression", "SVC", "KFold", "SearchCV",
    "_score", "_generator", "Tokenizer", "TokenizerFast", "ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "pad_sequences",
)  # fmt: skip

_NAMES = _FRAMEWORKS | _EVERYDAY
_WORD = re.compile(r"\w+")


def may_matter(text: str) -> bool:
    """Whether the text names anything of a framework; when not, no rule can fire and it need not be read."""
    words = set(_WORD.findall(text))
    return not _NAMES.isdisjoint(words) or any(word.endswith(_ENDINGS) for word in words)


MAX_NESTING = 200
"""Brackets inside brackets: Python's own limit, and far below what exhausts the parser's stack."""

_LEXEME = re.compile(
    r"""(?x) \#[^\r\n]* | '{3}(?:[^\\]|\\.)*?'{3} | \"{3}(?:[^\\]|\\.)*?\"{3} | '(?:[^'\\\r\n]|\\.)*' | "(?:[^"\\\r\n]|\\.)*"
    | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<line>\r\n|\n|\r)""",
    re.DOTALL,
)


def nested_too_deeply(text: str) -> tuple[int, int] | None:
    """Row and column of the first bracket that is nested deeper than Python allows."""
    depth = 0
    for line in text.splitlines():
        opened = line.count("(") + line.count("[") + line.count("{")
        if depth + opened > MAX_NESTING:
            return _exact_place(text)
        depth = max(0, depth + opened - line.count(")") - line.count("]") - line.count("}"))
    return None


def _exact_place(text: str) -> tuple[int, int] | None:
    """The same without counting brackets in strings and comments, which is slower."""
    depth, row, start = 0, 1, 0
    for found in _LEXEME.finditer(text):
        if found["open"]:
            depth += 1
            if depth > MAX_NESTING:
                return row, found.start() - start + 1
        elif found["close"]:
            depth = max(0, depth - 1)
        else:
            breaks = [*re.finditer(r"\r\n|\n|\r", found[0])]
            if breaks:
                row, start = row + len(breaks), found.start() + breaks[-1].end()
    return None
