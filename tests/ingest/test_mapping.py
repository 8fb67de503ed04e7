"""Which column of a file fills which column of a dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.mapping import BadMapping, MapFile, map_from, read_map, resolve

File = Callable[[str, str | bytes], Path]

DATASET = Dataset.model_validate(
    {
        "dataset": "leads",
        "entities": {"lead": {"type": "primary", "column": "lead_id"}},
        "columns": {
            "lead_id": {"type": "string", "arrives_as": ["Record ID", "mql_id"]},
            "email": {"type": "string", "arrives_as": ["E-Mail Address"]},
            "created_at": {"type": "timestamp", "arrives_as": ["Create Date"]},
            "note": {"type": "string"},
        },
        "checks": [{"not_null": "created_at"}],
    }
)


@pytest.mark.req("PLT-2")
def test_a_known_file_needs_no_map() -> None:
    mapped = resolve(DATASET, ["record_id", "E-MAIL ADDRESS", "Create Date", "extra"], MapFile())
    assert mapped.sources == {"lead_id": "record_id", "email": "E-MAIL ADDRESS", "created_at": "Create Date"}
    assert mapped.unused == ("extra",)
    assert mapped.missing == ("note",)


def test_a_column_of_the_same_name_wins_over_one_it_usually_arrives_as() -> None:
    mapped = resolve(DATASET, ["mql_id", "lead_id", "created_at"], MapFile())
    assert mapped.sources["lead_id"] == "lead_id"
    assert mapped.unused == ("mql_id",)


def test_the_map_wins_over_everything() -> None:
    file = MapFile(columns={"lead_id": "key", "note": "lead_id"}, defaults={"created_at": "2026-01-01"})
    mapped = resolve(DATASET, ["lead_id", "key"], file)
    assert mapped.positions == {"lead_id": 1, "created_at": None, "note": 0}


def test_a_required_column_without_source_names_the_columns_of_the_file() -> None:
    with pytest.raises(BadMapping, match=r'needs "created_at".*it has: lead_id, creatd_at.*did you mean "creatd_at"'):
        resolve(DATASET, ["lead_id", "creatd_at"], MapFile())


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (MapFile(columns={"lead_idd": "a"}), r'no column "lead_idd".*did you mean "lead_id"'),
        (MapFile(columns={"lead_id": "Recrd"}), r'the file has no column "Recrd".*did you mean "Record"'),
        (MapFile(defaults={"nope": 1}), 'defaults: dataset "leads" has no column "nope"'),
    ],
)
def test_a_map_that_does_not_fit_is_refused(file: MapFile, told: str) -> None:
    with pytest.raises(BadMapping, match=told):
        resolve(DATASET, ["Record", "created_at"], file)


def test_a_map_is_read_from_yaml(file: File) -> None:
    path = file("map.yaml", "columns: {lead_id: key}\nvalues: {note: {a: b}}\nday_first: true\nzone: UTC\n")
    assert read_map(path) == MapFile(
        columns={"lead_id": "key"}, values={"note": {"a": "b"}}, day_first=True, zone="UTC"
    )


@pytest.mark.parametrize(
    ("content", "told"), [("colums: {a: b}", r"map.yaml › colums.*Allowed: columns"), ("a: [", "cannot be read")]
)
def test_a_map_with_a_mistake_says_where(file: File, content: str, told: str) -> None:
    with pytest.raises(BadMapping, match=told):
        read_map(file("map.yaml", content))


def test_a_map_may_come_as_plain_values() -> None:
    assert map_from({"defaults": {"note": "x"}}).defaults == {"note": "x"}
