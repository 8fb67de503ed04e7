"""Text whose columns are set apart by runs of blanks is read as a table; all other text is read as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sightline.sources.files.readers import open_file

File = Callable[[str, str | bytes], Path]


def read(path: Path) -> tuple[tuple[str, ...], list[list[str | None]]]:
    opened = open_file(path)
    rows = [row for batch in opened.batches() for row in batch.to_pylist()]
    assert [row["_row"] for row in rows] == list(range(1, len(rows) + 1))
    return opened.columns, [[row[f"c{number}"] for number in range(len(opened.columns))] for row in rows]


@pytest.mark.req("PLT-2")
def test_runs_of_blanks_leading_blanks_and_carriage_returns_are_no_part_of_a_value(file: File) -> None:
    text = " id  day number\r\n 00001 19970101  1\r\n\r\n 00002\t19970112  12\r\n"
    opened = open_file(file("f.txt", text))
    assert opened.details == {"encoding": "utf-8", "delimiter": "blanks"}
    assert read(file("f.txt", text)) == (
        ("id", "day", "number"),
        [["00001", "19970101", "1"], ["00002", "19970112", "12"]],
    )


def test_a_later_row_with_another_number_of_fields_is_kept_aside_with_its_number(file: File) -> None:
    text = "a  b\n" + "1  2\n" * 60 + "1 2 3\n4  5\n"
    rows = [row for batch in open_file(file("f.txt", text)).batches() for row in batch.to_pylist()]
    assert [(row["_row"], row["_malformed"]) for row in rows if row["_malformed"]] == [
        (61, "3 columns instead of 2: 1 2 3")
    ]
    assert (rows[61]["c0"], rows[61]["c1"]) == ("4", "5")


def test_how_much_was_read_is_told(file: File) -> None:
    opened = open_file(file("f.txt", "a  b\n1  2\n"))
    assert opened.fraction() == 0.0
    assert len(list(opened.batches())) == 1
    assert 0.4 < opened.fraction() <= 1.0


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("full name\nJane Doe\nJohn Roe\n", ("full name",)),  # single blanks: one column with two words
        ("name\nJane  Doe\nCher\n", ("name",)),  # not the same number in every line
        ("a b,c d\n1  2,3  4\n", ("a b", "c d")),  # a delimiter fits
        ("a;b\n 1  1; 2  2\n", ("a", "b")),
        ("note\n  one\n  two\n", ("note",)),  # one column, indented
        ('x  y\n"1  2"  3\n', ("x y",)),  # quotes: a cell may hold blanks
        ("one  line\n", ("one line",)),
    ],
)
def test_other_text_is_read_as_before(file: File, text: str, columns: tuple[str, ...]) -> None:
    opened = open_file(file("f.csv", text))
    assert opened.columns == columns
    assert opened.details["delimiter"] != "blanks"


@pytest.mark.req("PLT-2")
def test_the_real_file_of_cdnow_is_read_as_it_is(shared_data: Callable[[str], Path]) -> None:
    columns, rows = read(shared_data("cdnow/CDNOW_master.txt"))
    assert columns == ("customer_id", "date", "number_of_cds", "dollar_value")
    assert len(rows) == 69_659
    assert rows[0] == ["00001", "19970101", "1", "11.77"]
    assert sum(int(row[2] or 0) for row in rows) == 167_881
