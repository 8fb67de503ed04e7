"""Text becomes typed values as people would read it, and what cannot be read is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.convert import Reading, day_first_in, typed_rows
from sightline.ingest.mapping import MapFile, resolve
from sightline.lake import sql

BERLIN = "Europe/Berlin"


@pytest.fixture(scope="module")
def spill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spill")


def convert(
    spill: Path, kind: str, texts: Sequence[str | None], *, zone: str = BERLIN, file: MapFile | None = None
) -> tuple[list[Any], list[str | None]]:
    """Return values and unreadable texts of one column."""
    dataset = Dataset.model_validate({"dataset": "d", "columns": {"x": {"type": kind}}})
    mapped = resolve(dataset, ["x"], file or MapFile())
    raw = pa.table({"c0": pa.array(texts, pa.string()), "_row": range(len(texts)), "_malformed": [None] * len(texts)})
    with sql.scratch(spill, memory="64MB") as scratch:
        scratch.register("text_", raw)
        reading = Reading(zone, day_first_in(scratch, "text_", dataset, mapped))
        bindings = sql.Bindings()
        query = typed_rows(dataset, mapped, reading, source="text_", bindings=bindings).order_by("_row")
        found = sql.run(scratch, query, bindings).to_arrow_table()
    bad = found["_bad_x"].to_pylist() if "_bad_x" in found.column_names else []
    return found["x"].to_pylist(), bad


@pytest.mark.req("PLT-2")
@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "  padded  ", "padded"),
        ("string", "NULL", "NULL"),
        ("string", "", None),
        ("integer", "42", 42),
        ("integer", " -7 ", -7),
        ("integer", "1,234,567", 1234567),
        ("integer", "1 234", 1234),
        ("integer", "12.0", 12),
        ("integer", "n/a", None),
        ("number", "0.1", 0.1),
        ("number", "1e3", 1000.0),
        ("number", ".5", 0.5),
        ("number", "-", None),
        ("decimal", "1,234.56", Decimal("1234.5600")),
        ("decimal", "1.234,56", Decimal("1234.5600")),
        ("decimal", "12,50", Decimal("12.5000")),
        ("decimal", "$1,234.50", Decimal("1234.5000")),
        ("decimal", "R$ 99.90", Decimal("99.9000")),
        ("decimal", "1.234,50 EUR", Decimal("1234.5000")),
        ("decimal", "€ -3", Decimal("-3.0000")),
        ("decimal", "(12.50)", Decimal("-12.5000")),
        ("decimal", "1'234.50", Decimal("1234.5000")),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "f", False),
        ("boolean", "None", None),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("date", "2026/2/8", date(2026, 2, 8)),
        ("date", "28.02.2026", date(2026, 2, 28)),
        ("date", "20260228", date(2026, 2, 28)),
        ("date", "28 Feb 2026", date(2026, 2, 28)),
        ("date", "February 28, 2026", date(2026, 2, 28)),
        ("date", "2026-02-28 23:59:59", date(2026, 2, 28)),
        ("date", "2026-02-28T23:30:00Z", date(2026, 3, 1)),
        ("date", "02/03/2026", date(2026, 2, 3)),
        ("date", "28/02/2026", date(2026, 2, 28)),
        ("timestamp", "2026-02-28 12:00:00", datetime(2026, 2, 28, 11, tzinfo=UTC)),
        ("timestamp", "2026-07-01T12:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("timestamp", "2026-02-28T12:00:00Z", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("timestamp", "2026-02-28 12:00:00.250+05:30", datetime(2026, 2, 28, 6, 30, 0, 250000, tzinfo=UTC)),
        ("timestamp", "2026-02-28", datetime(2026, 2, 27, 23, tzinfo=UTC)),
        ("timestamp", "28.02.2026 12:30", datetime(2026, 2, 28, 11, 30, tzinfo=UTC)),
        ("timestamp", "02/28/2026 01:30 PM", datetime(2026, 2, 28, 12, 30, tzinfo=UTC)),
        ("timestamp", "1772280000", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("timestamp", "1772280000500", datetime(2026, 2, 28, 12, 0, 0, 500000, tzinfo=UTC)),
    ],
)
def test_common_ways_of_writing_a_value_are_read(spill: Path, kind: str, text: str, value: object) -> None:
    values, bad = convert(spill, kind, [text])
    assert values == [value]
    assert not any(bad)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "12.6"),
        ("integer", "many"),
        ("integer", "99999999999999999999"),
        ("number", "nan."),
        ("number", "inf"),
        ("number", "1.2.3"),
        ("decimal", "1,23,456.0.1"),
        ("decimal", "1e30"),
        ("boolean", "maybe"),
        ("boolean", "2"),
        ("date", "2026-02-30"),
        ("date", "tomorrow"),
        ("date", "infinity"),
        ("timestamp", "2026-02-28 25:00:00"),
        ("timestamp", "epoch"),
        ("timestamp", "soon"),
    ],
)
def test_a_value_that_cannot_be_read_is_left_empty_and_told(spill: Path, kind: str, text: str) -> None:
    assert convert(spill, kind, [text]) == ([None], [text])


@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Asia/Kolkata", "UTC"])
def test_a_time_without_zone_is_local_also_around_clock_changes(spill: Path, zone: str) -> None:
    start = datetime(2026, 3, 8, 0, 30)  # noqa: DTZ001 # a clock on a wall
    walls = [start + timedelta(minutes=30 * step) for step in range(48 * 30)]
    walls += [datetime(2026, 10, 24, 22) + timedelta(minutes=30 * step) for step in range(48 * 9)]  # noqa: DTZ001 # the same
    values, bad = convert(spill, "timestamp", [f"{wall:%Y-%m-%d %H:%M:%S}" for wall in walls], zone=zone)
    assert not any(bad)
    local = ZoneInfo(zone)
    for wall, value in zip(walls, values, strict=True):
        second = wall.replace(tzinfo=local, fold=1).astimezone(UTC)
        first = wall.replace(tzinfo=local, fold=0).astimezone(UTC)
        exists = first.astimezone(local).replace(tzinfo=None) == wall
        # twice: the later one; skipped: moved on by the hour that is missing, which Python calls the first
        assert value == (second if exists else first), (wall, value)


def test_whether_the_day_comes_first_is_found_out_from_the_whole_column(spill: Path) -> None:
    assert convert(spill, "date", ["03/04/2026", "28/02/2026"])[0] == [date(2026, 4, 3), date(2026, 2, 28)]
    assert convert(spill, "date", ["03/04/2026", "02/28/2026"])[0] == [date(2026, 3, 4), date(2026, 2, 28)]


def test_values_are_replaced_and_defaults_filled_in_as_the_map_says(spill: Path) -> None:
    file = MapFile(values={"x": {"gewonnen": True, "verloren": "no"}}, defaults={"x": False})
    assert convert(spill, "boolean", ["gewonnen", "verloren", "", None, "yes"], file=file) == (
        [True, False, False, False, True],
        [None] * 5,
    )


@given(st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1), min_size=1, max_size=50))
def test_any_integer_survives_with_and_without_separators(spill: Path, numbers: list[int]) -> None:
    assert convert(spill, "integer", [str(number) for number in numbers])[0] == numbers
    assert convert(spill, "integer", [f"{number:,}" for number in numbers])[0] == numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_any_number_survives(spill: Path, numbers: list[float]) -> None:
    assert convert(spill, "number", [repr(number) for number in numbers])[0] == numbers


@given(st.lists(st.decimals(min_value=-(10**13), max_value=10**13, places=4), min_size=1, max_size=50))
def test_any_amount_survives_in_both_ways_of_writing(spill: Path, amounts: list[Decimal]) -> None:
    english = [f"{amount:,}" for amount in amounts]
    continental = [text.translate(str.maketrans(",.", ".,")) for text in english]
    assert convert(spill, "decimal", english)[0] == amounts
    assert convert(spill, "decimal", continental)[0] == amounts


@given(st.lists(st.text(max_size=30), min_size=1, max_size=30), st.sampled_from(["integer", "date", "timestamp"]))
def test_no_text_whatever_makes_a_conversion_fail(spill: Path, texts: list[str], kind: str) -> None:
    clean = [text.replace("\x00", "") for text in texts]
    values, bad = convert(spill, kind, clean)
    for text, value, unread in zip(clean, values, bad, strict=True):
        assert value is None or unread is None, text
