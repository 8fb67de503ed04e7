"""Files of every format become the same rows of text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sightline.sources.files.formats import Opened, UnreadableFile
from sightline.sources.files.readers import CSV_BLOCK, open_file

File = Callable[[str, str | bytes], Path]


def rows_of(opened: Opened) -> list[tuple[str | None, ...]]:
    """Return rows of text in the order of their numbers, which must be 1, 2, 3, …"""
    rows = [row for batch in opened.batches() for row in batch.to_pylist()]
    rows.sort(key=lambda row: row["_row"])
    assert [row["_row"] for row in rows] == list(range(1, len(rows) + 1))
    return [tuple(row[f"c{number}"] for number in range(len(opened.columns))) for row in rows]


@pytest.mark.req("PLT-2")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found_out(file: File, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["name", "note"], ["a", '"x, y; z"'], ["b", ""]))
    opened = open_file(file("f.csv", text))
    assert opened.columns == ("name", "note")
    assert opened.details["delimiter"] == delimiter
    assert rows_of(opened) == [("a", "x, y; z"), ("b", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_the_encoding_of_a_csv_is_found_out(file: File, encoding: str) -> None:
    opened = open_file(file("f.csv", "name,city\nZoë,Köln\n".encode(encoding)))
    assert opened.columns == ("name", "city")
    assert rows_of(opened) == [("Zoë", "Köln")]


def test_quoted_line_breaks_belong_to_their_cell(file: File) -> None:
    opened = open_file(file("f.csv", 'a,b\n"one\ntwo",2\n"say ""hi""",3\n'))
    assert rows_of(opened) == [("one\ntwo", "2"), ('say "hi"', "3")]


def test_numbers_and_dates_of_a_csv_stay_text(file: File) -> None:
    opened = open_file(file("f.csv", "id,day,big\n007,2026-02-28,12345678901234567890\n"))
    assert rows_of(opened) == [("007", "2026-02-28", "12345678901234567890")]


@pytest.mark.req("PRG-1.3")
def test_rows_with_another_number_of_columns_are_kept_aside_with_their_number(file: File) -> None:
    opened = open_file(file("f.csv", "a,b\n1,2\n3\n4,5\n6,7,8\n9,0\n"))
    rows = sorted((row for batch in opened.batches() for row in batch.to_pylist()), key=lambda row: row["_row"])
    assert [(row["_row"], row["c0"]) for row in rows] == [(1, "1"), (2, None), (3, "4"), (4, None), (5, "9")]
    assert rows[1]["_malformed"] == "1 columns instead of 2: 3"
    assert rows[3]["_malformed"] == "3 columns instead of 2: 6,7,8"


def test_a_header_without_rows_is_an_empty_file_of_known_columns(file: File) -> None:
    opened = open_file(file("f.csv", "a,b\n"))
    assert opened.columns == ("a", "b")
    assert rows_of(opened) == []


def test_a_very_large_cell_is_read_or_refused_with_a_reason(file: File) -> None:
    assert len(rows_of(open_file(file("f.csv", f"a,b\n{'x' * 1_000_000},1\n")))[0][0] or "") == 1_000_000
    with pytest.raises(UnreadableFile, match=r'"g.csv" cannot be read'):
        rows_of(open_file(file("g.csv", f"a,b\n1,2\n{'x' * (3 * CSV_BLOCK)},1\n")))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n\n\n", "is empty"),
        ("picture.png", b"\x89PNG", r'ends in "\.png".*Allowed: \.csv'),
        ("really.csv", b"PK\x03\x04zip", "looks like xlsx"),
        ("damaged.xlsx", b"PK\x03\x04nonsense", "cannot be read as XLSX"),
        ("wrong.xlsx", b"a,b\n1,2\n", "is not xlsx"),
        ("damaged.parquet", b"PAR1 and then nothing", "cannot be read as Parquet"),
        ("none.jsonl", b"\n", "no JSON object"),
        ("broken.json", b"[{]", "is not JSON"),
        ("twice.csv", b"a,a\n1,2\n", 'two columns named "a"'),
    ],
)
def test_a_file_that_cannot_be_read_says_why(file: File, name: str, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        rows_of(open_file(file(name, content)))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no file"):
        open_file(tmp_path / "nothing.csv")


def test_a_workbook_is_read_from_its_first_or_a_named_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.append(["id", "amount", "at", "won", "note", None])
    first.append([7, 12.5, datetime(2026, 2, 28, 9, 30), True, None])  # noqa: DTZ001 # cells have no zone
    first.append([None, None, None, None, None])
    first.append([8, 3.0, date(2026, 3, 1), False, "=1+1"])
    second = book.create_sheet("Other")
    second.append(["x"])
    second.append(["y"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    opened = open_file(path)
    assert opened.columns == ("id", "amount", "at", "won", "note")
    rows = rows_of(opened)
    assert rows[0] == ("7", "12.5", "2026-02-28 09:30:00", "true", None)
    assert rows[1][:4] == ("8", "3", "2026-03-01 00:00:00", "false")
    assert rows_of(open_file(path, sheet="Other")) == [("y",)]
    with pytest.raises(UnreadableFile, match=r'no sheet "Othr".*did you mean "Other"'):
        open_file(path, sheet="Othr")


def test_parquet_values_are_written_so_that_they_convert_back(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": [1, None],
            "f": [0.1, 3.0],
            "d": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "t": pa.array([datetime(2026, 2, 28, 23, 30, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "day": [date(2026, 2, 28), None],
            "ok": [True, None],
            "tags": [["a", "b"], None],
            "kind": pa.array(["x", "x"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "f.parquet")
    first, second = rows_of(open_file(tmp_path / "f.parquet"))
    assert first[:3] == ("1", "0.1", "1.50")
    assert first[3] is not None
    assert first[3].startswith("2026-02-28 23:30:00")
    assert first[4:] == ("2026-02-28", "true", '["a", "b"]', "x")
    assert second == (None, "3", None, None, None, None, None, "x")


def test_json_lines_may_differ_in_their_keys_and_bad_lines_are_kept_aside(file: File) -> None:
    lines = [json.dumps({"a": 1, "b": {"c": [1, 2]}}), "not json", json.dumps({"a": "x", "d": None, "e": True}), "[1]"]
    opened = open_file(file("f.jsonl", "\n".join(lines) + "\n"))
    assert opened.columns == ("a", "b", "d", "e")
    rows = [row for batch in opened.batches() for row in batch.to_pylist()]
    assert [row["c0"] for row in rows] == ["1", None, "x", None]
    assert rows[0]["c1"] == '{"c": [1, 2]}'
    assert rows[2]["c3"] == "true"
    assert rows[1]["_malformed"].endswith("not json")
    assert rows[3]["_malformed"] == "not an object"


def test_a_json_list_of_objects_is_read_too(file: File) -> None:
    assert rows_of(open_file(file("f.json", '[{"a": 1}, {"a": 2}]'))) == [("1",), ("2",)]
