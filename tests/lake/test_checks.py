"""Each kind of check against an independent computation in plain Python, over seeded random rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from lake_samples import NOW, batch

from sightline.definitions.schema.dataset import Dataset
from sightline.errors import InternalError
from sightline.lake.audit import MissingColumns
from sightline.lake.rules import Reference
from sightline.lake.store import Lake
from sightline.lake.write import Written, publish_table, write

Row = dict[str, Any]
Make = Callable[..., Dataset]
Read = Callable[..., list[Row]]


def load(lake: Lake, dataset: Dataset, rows: Sequence[Row], **options: Any) -> Written:
    given = {"zone": "UTC", "now": NOW, "run": "run", "references": {}, **options}
    return write(lake, dataset, [batch(list(rows), dataset)], **given)


def accepted_ids(read: Read) -> list[str]:
    return sorted(row["lead_id"] for row in read())


def random_leads(count: int, seed: int = 5) -> list[Row]:
    rng = random.Random(seed)  # noqa: S311 # test rows
    start = NOW - timedelta(days=90)
    return [
        {
            "lead_id": f"l{number:04d}",
            "program_id": rng.choice(["p1", "p2", "p3", None]),
            "email": rng.choice(["a@x", "b@x", "c@x", None]),
            "amount": rng.choice([None, *range(-3, 9)]),
            "score": rng.choice([None, rng.uniform(-1, 2)]),
            "created_at": rng.choice([None, *[start + timedelta(hours=rng.randrange(0, 24 * 100))] * 9]),
            "due": rng.choice([None, NOW.date() + timedelta(days=rng.randrange(-3, 4))]),
        }
        for number in range(count)
    ]


def keep(rows: Sequence[Row], good: Callable[[Row], bool]) -> list[str]:
    return sorted(row["lead_id"] for row in rows if good(row))


@pytest.mark.req("PRG-1.3")
@pytest.mark.parametrize(
    ("check", "good"),
    [
        ({"not_null": "email"}, lambda row: row["email"] is not None),
        ({"not_null": ["email", "amount"]}, lambda row: row["email"] is not None and row["amount"] is not None),
        ({"not_future": "created_at"}, lambda row: row["created_at"] is None or row["created_at"] <= NOW),
        ({"not_future": "due"}, lambda row: row["due"] is None or row["due"] <= NOW.date()),
        ({"not_negative": ["amount", "score"]}, lambda row: (row["amount"] or 0) >= 0 and (row["score"] or 0) >= 0),
        ({"accepted": "email", "values": ["a@x", "c@x"]}, lambda row: row["email"] in (None, "a@x", "c@x")),
        ({"condition": "amount > 2 or score < 1"}, lambda row: condition_holds(row)),
    ],
)
def test_a_rule_about_one_row_keeps_exactly_the_rows_that_meet_it(
    lake: Lake, make_dataset: Make, read: Read, check: Row, good: Callable[[Row], bool]
) -> None:
    rows = random_leads(400)
    expected = keep(rows, good)
    assert 0 < len(expected) < len(rows)
    result = load(lake, make_dataset(checks=[check]), rows)
    assert accepted_ids(read) == expected
    assert (result.received, result.accepted, result.rejected) == (400, len(expected), 400 - len(expected))
    assert result.inserted == result.accepted


def condition_holds(row: Row) -> bool:
    """Three-valued logic: unknown passes."""
    left = None if row["amount"] is None else row["amount"] > 2
    right = None if row["score"] is None else row["score"] < 1
    return True in (left, right) or None in (left, right)


@pytest.mark.req("PRG-1.3")
def test_of_rows_with_one_key_the_first_is_accepted(lake: Lake, leads: Dataset, read: Read) -> None:
    rows = [{"lead_id": "a", "visits": 1}, {"lead_id": "b", "visits": 2}, {"lead_id": "a", "visits": 3}]
    result = load(lake, leads, rows)
    assert [(row["lead_id"], row["visits"]) for row in read()] == [("a", 1), ("b", 2)]
    assert [(reason.kind, reason.count, reason.example) for reason in result.reasons] == [("unique", 1, "a")]


def test_a_broken_row_does_not_make_a_sound_one_a_duplicate(lake: Lake, make_dataset: Make, read: Read) -> None:
    rows = [{"lead_id": "a", "email": None}, {"lead_id": "a", "email": "x"}]
    load(lake, make_dataset(checks=[{"not_null": "email"}]), rows)
    assert [(row["lead_id"], row["email"]) for row in read()] == [("a", "x")]


def test_a_published_key_is_an_update_not_a_duplicate(lake: Lake, leads: Dataset, read: Read) -> None:
    load(lake, leads, [{"lead_id": "a", "visits": 1}, {"lead_id": "b", "visits": 1}])
    rows = [{"lead_id": "a", "visits": 2}, {"lead_id": "b", "visits": 1}, {"lead_id": "c", "visits": 9}]
    result = load(lake, leads, rows, run="second")
    assert (result.inserted, result.updated, result.unchanged) == (1, 1, 1)
    assert [(row["lead_id"], row["visits"], row["_run"]) for row in read()] == [
        ("a", 2, "second"),
        ("b", 1, "run"),
        ("c", 9, "second"),
    ]


def test_a_unique_column_is_checked_against_what_is_published(lake: Lake, make_dataset: Make, read: Read) -> None:
    dataset = make_dataset(checks=[{"unique": "email"}])
    load(lake, dataset, [{"lead_id": "a", "email": "x"}, {"lead_id": "n", "email": None}])
    rows = [
        {"lead_id": "b", "email": "x"},  # published under another key
        {"lead_id": "a", "email": "x"},  # the same row again
        {"lead_id": "c", "email": "y"},
        {"lead_id": "d", "email": "y"},  # twice in this batch
        {"lead_id": "m", "email": None},  # no value is never a duplicate
    ]
    result = load(lake, dataset, rows, run="second")
    assert accepted_ids(read) == ["a", "c", "m", "n"]
    assert [reason.count for reason in result.reasons] == [1, 1]


@pytest.mark.req("PRG-1.3")
def test_a_reference_must_exist_in_the_other_dataset(lake: Lake, make_dataset: Make, read: Read) -> None:
    programs = Dataset.model_validate(
        {
            "dataset": "programs",
            "entities": {"program": {"type": "primary", "column": "id"}},
            "columns": {"id": {"type": "string"}},
        }
    )
    snapshot = publish_table(lake, programs, pa.table({"id": ["p1", "p3"]}), zone="UTC", now=NOW, run="p")
    references = {"program": Reference("programs", "id", lake.relation("programs", snapshot))}
    rows = random_leads(200)
    result = load(lake, make_dataset(checks=[{"references": "program"}]), rows, references=references)
    assert accepted_ids(read) == keep(rows, lambda row: row["program_id"] in (None, "p1", "p3"))
    (reason,) = result.reasons
    assert (reason.text, reason.example) == ("Unknown program: not among programs", "p2")


def test_a_reference_to_a_dataset_without_rows_says_so(lake: Lake, make_dataset: Make) -> None:
    references = {"program": Reference("programs", "id", None)}
    rows = [{"lead_id": "a", "program_id": "p1"}, {"lead_id": "b", "program_id": None}]
    result = load(lake, make_dataset(checks=[{"references": "program"}]), rows, references=references)
    assert result.accepted == 1
    assert result.reasons[0].text == "Unknown program: programs has no rows yet"


def test_a_reference_nobody_resolved_is_an_internal_error(lake: Lake, make_dataset: Make) -> None:
    with pytest.raises(InternalError, match="program"):
        load(lake, make_dataset(checks=[{"references": "program"}]), [{"lead_id": "a", "program_id": "p"}])


@pytest.mark.req("PRG-1.3")
def test_the_same_person_again_within_thirty_days_is_a_duplicate(lake: Lake, make_dataset: Make, read: Read) -> None:
    check = {"no_duplicate": {"columns": ["email", "program_id"], "within": "30 days", "time": "created_at"}}
    dataset = make_dataset(checks=[check])
    rows = random_leads(60, seed=8)
    load(lake, dataset, rows)
    expected = []
    for row in rows:
        earlier = [other for other in rows if same_person(row, other) and sort_key(other) < sort_key(row)]
        if not any(row["created_at"] - other["created_at"] <= timedelta(days=30) for other in earlier):
            expected.append(row["lead_id"])
    assert 0 < len(expected) < 60
    assert accepted_ids(read) == sorted(expected)


def sort_key(row: Row) -> tuple[datetime, str]:
    return (row["created_at"], row["lead_id"])


def same_person(row: Row, other: Row) -> bool:
    keys = ("email", "program_id", "created_at")
    filled = all(row[key] is not None and other[key] is not None for key in keys)
    return filled and all(row[key] == other[key] for key in keys[:2]) and row is not other


def test_a_duplicate_of_a_published_row_is_found_on_both_sides_in_time(
    lake: Lake, make_dataset: Make, read: Read
) -> None:
    check = {"no_duplicate": {"columns": ["email"], "within": "1 month", "time": "created_at"}}
    dataset = make_dataset(checks=[check])
    published = datetime(2026, 1, 31, tzinfo=UTC)
    load(lake, dataset, [{"lead_id": "p", "email": "x", "created_at": published}])
    rows = [
        {"lead_id": "a", "email": "x", "created_at": datetime(2026, 2, 28, tzinfo=UTC)},
        {"lead_id": "b", "email": "y", "created_at": published},
        {"lead_id": "c", "email": "x", "created_at": datetime(2025, 12, 31, tzinfo=UTC)},
        {"lead_id": "d", "email": "x", "created_at": datetime(2025, 12, 30, tzinfo=UTC)},
        {"lead_id": "p", "email": "x", "created_at": published + timedelta(days=1)},
    ]
    result = load(lake, make_dataset(checks=[check]), rows[:2] + rows[3:4], run="second")
    assert accepted_ids(read) == ["b", "d", "p"]
    assert result.reasons[0].text == "Duplicate: the same Email within 1 month is published already"


STAGES = ["inquiry", "opportunity", "application", "enrollment"]


@pytest.fixture
def stages() -> Dataset:
    return Dataset.model_validate(
        {
            "dataset": "stages",
            "entities": {"lead": {"type": "foreign", "column": "lead_id"}},
            "key": ["lead_id", "stage"],
            "time": "at",
            "columns": {"lead_id": {"type": "string"}, "stage": {"type": "string"}, "at": {"type": "date"}},
            "checks": [{"stage_order": {"entity": "lead", "stage": "stage", "time": "at", "stages": STAGES}}],
        }
    )


@pytest.mark.req("PRG-1.3")
def test_a_stage_dated_before_an_earlier_one_is_held_back(lake: Lake, stages: Dataset, read: Read) -> None:
    rng = random.Random(3)  # noqa: S311 # test rows
    rows = [
        {"lead_id": f"l{lead}", "stage": stage, "at": date(2026, 1, 1 + rng.randrange(0, 9) + 2 * place)}
        for lead in range(60)
        for place, stage in enumerate([*STAGES, "other"])
        if rng.random() < 0.8
    ]
    rng.shuffle(rows)
    load(lake, stages, rows)
    expected = {
        (row["lead_id"], row["stage"])
        for row in rows
        if not any(
            other["lead_id"] == row["lead_id"] and place_of(other) < place_of(row) < 9 and other["at"] > row["at"]
            for other in rows
        )
    }
    assert 0 < len(expected) < len(rows)
    assert {(row["lead_id"], row["stage"]) for row in read("stages")} == expected


def place_of(row: Row) -> int:
    return STAGES.index(row["stage"]) if row["stage"] in STAGES else 9


def test_stage_order_holds_against_published_stages_unless_they_are_replaced(
    lake: Lake, stages: Dataset, read: Read
) -> None:
    load(lake, stages, [{"lead_id": "a", "stage": "opportunity", "at": date(2026, 1, 9)}])
    early = {"lead_id": "a", "stage": "application", "at": date(2026, 1, 5)}
    assert load(lake, stages, [early], run="2").rejected == 1
    late = {"lead_id": "a", "stage": "inquiry", "at": date(2026, 1, 10)}
    assert load(lake, stages, [late], run="3").rejected == 1
    corrected = {"lead_id": "a", "stage": "opportunity", "at": date(2026, 1, 4)}
    assert load(lake, stages, [early, corrected], run="4").rejected == 0
    assert len(read("stages")) == 2


def test_a_warning_counts_and_lets_the_row_in(lake: Lake, make_dataset: Make, read: Read) -> None:
    dataset = make_dataset(checks=[{"not_negative": "amount", "severity": "warn", "message": "A refund?"}])
    result = load(lake, dataset, [{"lead_id": "a", "amount": -1}, {"lead_id": "b", "amount": 1}])
    assert accepted_ids(read) == ["a", "b"]
    assert [(reason.text, reason.count, reason.example) for reason in result.warnings] == [("A refund?", 1, "-1.0000")]
    assert result.reasons == ()


def test_two_checks_of_one_kind_do_not_disturb_each_other(lake: Lake, make_dataset: Make, read: Read) -> None:
    dataset = make_dataset(checks=[{"unique": "email"}, {"unique": "score"}])
    rows = [
        {"lead_id": "a", "email": "x", "score": 1.0},
        {"lead_id": "b", "email": "y", "score": 1.0},
        {"lead_id": "c", "email": "x", "score": 2.0},
        {"lead_id": "d", "email": "z", "score": 3.0},
    ]
    load(lake, dataset, rows)
    assert accepted_ids(read) == ["a", "d"]


def test_rows_without_a_required_column_are_refused_as_a_whole(lake: Lake, make_dataset: Make) -> None:
    with pytest.raises(MissingColumns, match='needs "email", which the rows do not have'):
        load(lake, make_dataset(checks=[{"not_null": "email"}]), [{"lead_id": "a"}])
    with pytest.raises(MissingColumns, match='needs "lead_id"'):
        load(lake, make_dataset(), [{"email": "a"}])


def test_division_by_zero_in_a_condition_is_unknown_and_passes(lake: Lake, make_dataset: Make, read: Read) -> None:
    dataset = make_dataset(checks=[{"condition": "score / visits < 2"}])
    rows = [
        {"lead_id": "a", "score": 1.0, "visits": 0},
        {"lead_id": "b", "score": 9.0, "visits": 2},
        {"lead_id": "c", "score": 1.0, "visits": 2},
    ]
    load(lake, dataset, rows)
    assert accepted_ids(read) == ["a", "c"]
