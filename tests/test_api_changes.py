"""The table of API changes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mllint.frameworks import api
from mllint.frameworks.toml import load_toml
from mllint.program import ApiChange

ROWS = load_toml("api_changes.toml")["change"]
KEYS = {
    "code", "package", "api", "effects", "arguments", "values", "kind", "missing", "positional", "suffix", "only_if", "replacement",
    "rename", "advice", "namespace", "standalone", "underscore", "drop", "message", "severity",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['api'][0][:40]}-{row['code']}")
def test_rows_have_their_form(row: dict[str, object]) -> None:
    assert set(row) <= KEYS
    assert row["code"] in ("ML801", "ML802", "ML803", "ML804")
    if row["code"] == "ML803":
        assert "arguments" in row or "missing" in row
    if row.get("rename"):
        assert "replacement" in row or "underscore" in row


def _all_changes() -> list[ApiChange]:
    exact, below = api._table()
    return [change for table in (exact, below) for changes in table.values() for change in changes]


@pytest.mark.parametrize("change", _all_changes(), ids=lambda change: f"{change.code}-{change.argument}")
def test_version_ranges_do_not_overlap(change: ApiChange) -> None:
    ranges = [(first, last) for first, last, _ in change.effects]
    assert all(not last or first[: len(last)] <= last for first, last in ranges)
    assert all(last and last < first for (_, last), (first, _) in pairwise(ranges))


def test_no_argument_has_two_changes_in_one_version() -> None:
    exact, _ = api._table()
    for path, changes in exact.items():
        for version in ((0, 19), (1, 3), (1, 8), (2, 2), (2, 4), (2, 10), (2, 11), (2, 15), (3,), (9999,)):
            found = [
                (change.argument, change.values, change.namespace)
                for change in changes
                for first, last, _ in change.effects
                if not change.standalone and version >= first and (not last or version[: len(last)] <= last)
            ]
            assert len(found) == len({str(each) for each in found}), (path, version, found)


@pytest.mark.parametrize(
    ("path", "written", "watched"),
    [
        ("keras.optimizers.Adam", "keras.optimizers.Adam", True),
        ("keras.optimizers.Adam", "tensorflow.keras.optimizers.legacy.Adam", True),
        ("keras.layers.Dense", "keras.layers.core.Dense", True),
        ("sklearn.model_selection", "sklearn.cross_validation", True),
        ("keras.Model.predict_classes", "keras.Model", True),
        ("keras.optimizers.Adam.minimize", "keras.optimizers.Adam", False),
        ("keras.layers.Rescaling", "keras.layers.Rescaling", False),
    ],
)
def test_what_is_watched(path: str, written: str, watched: bool) -> None:
    assert bool(api.changes(path, written)) is watched


def test_legacy_optimizers_keep_their_own_rules() -> None:
    changes = api.changes("keras.optimizers.Adam", "tensorflow.keras.optimizers.legacy.Adam")
    assert {change.argument for change in changes} == {None}
