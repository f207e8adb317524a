"""seaborn: the frames that ``load_dataset`` gives, with the columns that hold classes."""

from __future__ import annotations

from collections.abc import Mapping

from mllint.facts import known
from mllint.frameworks import lineage
from mllint.frameworks.table import Call, row
from mllint.values import FALSE, TRUE, UNKNOWN, Encoding, Value, constant

TEXT, NUMBERS = "text", "integer"
FRAMES: Mapping[str, tuple[str, Mapping[str, tuple[str, int]]]] = {
    "iris": ("sepal_length sepal_width petal_length petal_width species", {"species": (TEXT, 3)}),
    "penguins": (
        "species island bill_length_mm bill_depth_mm flipper_length_mm body_mass_g sex",
        {"species": (TEXT, 3), "island": (TEXT, 3)},
    ),
    "titanic": (
        "survived pclass sex age sibsp parch fare embarked class who adult_male deck embark_town alive alone",
        {"survived": (NUMBERS, 2), "sex": (TEXT, 2), "class": (TEXT, 3), "alive": (TEXT, 2)},
    ),
    "mpg": (
        "mpg cylinders displacement horsepower weight acceleration model_year origin name",
        {"origin": (TEXT, 3)},
    ),
    "diamonds": (
        "carat cut color clarity depth table price x y z",
        {"cut": (TEXT, 5), "color": (TEXT, 7), "clarity": (TEXT, 8)},
    ),
    "tips": (
        "total_bill tip sex smoker day time size",
        {"sex": (TEXT, 2), "smoker": (TEXT, 2), "day": (TEXT, 4), "time": (TEXT, 2)},
    ),
}
"""Columns of each frame, and those that hold classes: how they are written and how many there are."""


@row("seaborn.load_dataset")
def load_dataset(call: Call, name: Value, cache: Value = TRUE, data_home: Value = FALSE, **rest: Value) -> Value:
    found = FRAMES.get(str(constant(name)))
    base = lineage.fresh(call, tags=frozenset({"frame"}), shape=(None, None)).did("read", call.site)
    if found is None or rest:
        return base.with_(columns=known("both", call.site))
    names, classes = found
    columns = []
    for column, (kind, count) in classes.items():
        low, high = (0, count - 1) if kind == NUMBERS else (None, None)
        labels = known(Encoding(kind, low, high, count), call.site)
        dtype = "int64" if kind == NUMBERS else None
        columns.append((column, base.with_(labels=labels, names=(column,), shape=(None,), dtype=dtype, space=UNKNOWN)))
    listed = tuple(names.split())
    return base.with_(columns=known("both", call.site), names=listed, made=tuple(columns), shape=(None, len(listed)))
