"""Files are read by name, go on in the middle, are read again when changed, and never from outside of their folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from behaviour import stored
from hypothesis import given
from hypothesis import strategies as st
from utc_clock import utc_now

from sightline.sources.base import Cursor, Page, ReadRequest, Source, SourceError, Surroundings
from sightline.sources.files.config import FilesConfig
from sightline.sources.files.pattern import fixed_folder, matches, problem_of
from sightline.sources.files.reading import UnreadableFiles
from sightline.sources.files.source import FILES, UnknownColumn
from sightline.sources.folders import OutsideFolders

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")


def opened(folder: Path, *, page_rows: int = 3, **stream: Any) -> Source:
    streams = [{"name": "leads", "pattern": "*.csv", "key": ["id"], **stream}]
    settings = {"place": "folder", "folder": ".", "streams": streams, "page_rows": page_rows}
    return FILES.open(FilesConfig.model_validate(settings), Surroundings(now=utc_now, folders=(folder,)))


def pages(folder: Path, cursor: Cursor | None = None, **settings: Any) -> list[Page]:
    source = opened(folder, **settings)
    try:
        return list(source.read(ReadRequest(source.streams()[0], cursor=cursor)))
    finally:
        source.close()


def ids(found: list[Page]) -> list[str]:
    return [record["id"] for page in found for record in page.records]


def cursor_of(page: Page) -> Cursor:
    assert page.cursor is not None
    return stored(page.cursor)


def write(path: Path, *numbers: int) -> None:
    path.write_text("id,name\n" + "".join(f"{number},Lead {number}\n" for number in numbers))


def test_reading_goes_on_in_the_middle_of_a_file(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", *range(1, 8))
    write(tmp_path / "b.csv", *range(8, 11))
    found = pages(tmp_path)
    assert ids(found) == [str(number) for number in range(1, 11)]
    for number, page in enumerate(found, 1):
        assert pages(tmp_path, cursor_of(page)) == found[number:]
    assert found[0].records[0] == {"id": "1", "name": "Lead 1", "_file": "a.csv", "_row": "1"}


def test_a_file_that_changed_is_read_from_its_beginning(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", *range(1, 8))
    write(tmp_path / "b.csv", 8)
    found = pages(tmp_path)
    write(tmp_path / "a.csv", 21, 22, 23, 24, 25)
    assert ids(pages(tmp_path, cursor_of(found[0]))) == ["21", "22", "23", "24", "25", "8"]
    assert ids(pages(tmp_path, cursor_of(found[-1]))) == ["21", "22", "23", "24", "25"]
    state = (tmp_path / "b.csv").stat()
    os.utime(tmp_path / "b.csv", ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert ids(pages(tmp_path, cursor_of(found[-1]))) == ["21", "22", "23", "24", "25", "8"]


def test_a_file_that_went_and_came_back_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", 1)
    write(tmp_path / "b.csv", 2)
    first = pages(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "a.txt")
    write(tmp_path / "c.csv", 3)
    second = pages(tmp_path, cursor_of(first[-1]))
    assert ids(second) == ["3"]
    (tmp_path / "a.txt").rename(tmp_path / "a.csv")
    assert ids(pages(tmp_path, cursor_of(second[-1]))) == ["1"]


def test_every_format_gives_records_of_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("above\n\nid;name\n1;Zoë\n", encoding="utf-16")
    (tmp_path / "a.jsonl").write_text('{"id": 1, "name": "Zoë"}\n')
    pq.write_table(pa.table({"id": [1], "name": ["Zoë"]}), tmp_path / "a.parquet")
    book = openpyxl.Workbook()
    book.create_sheet("Leads").append(["id", "name"])
    book["Leads"].append([1, "Zoë"])
    book.save(tmp_path / "a.xlsx")
    how: Mapping[str, Mapping[str, Any]] = {"csv": {"skipped_lines": 2}, "xlsx": {"sheet": "Leads"}}
    for suffix in ("csv", "jsonl", "parquet", "xlsx"):
        [page] = pages(tmp_path, pattern=f"*.{suffix}", **how.get(suffix, {}))
        expected = {"id": "1", "name": "Zoë", "_file": f"a.{suffix}", "_row": "1"}
        assert page.records == [expected], suffix


def test_without_a_key_rows_are_known_by_file_and_number(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", 1, 1)
    settings = {"place": "folder", "folder": ".", "streams": [{"name": "leads", "pattern": "*.csv"}]}
    source = FILES.open(FilesConfig.model_validate(settings), Surroundings(now=utc_now, folders=(tmp_path,)))
    [stream] = source.streams()
    assert stream.key == ("_file", "_row")
    [page] = source.read(ReadRequest(stream))
    assert [(record["_file"], record["_row"]) for record in page.records] == [("a.csv", "1"), ("a.csv", "2")]
    source.close()


def test_a_row_that_cannot_be_split_is_told_and_not_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,x\n2,y,z\n3,w\n")
    found = [record for page in pages(tmp_path) for record in page.records]
    assert [record.get("id") for record in found if "id" in record] == ["1", "3"]
    [bad] = [record for record in found if "id" not in record]
    assert (bad["_file"], bad["_row"]) == ("a.csv", "2")
    assert "3 columns instead of 2: 2,y,z" in bad["_malformed"]


def test_a_damaged_file_does_not_keep_the_others_out(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", 1)
    (tmp_path / "b.csv").write_bytes(b"")
    write(tmp_path / "c.csv", 2)
    source = opened(tmp_path)
    found: list[Page] = []
    reading = source.read(ReadRequest(source.streams()[0]))
    with pytest.raises(UnreadableFiles, match=r'1 of 3 files .* "b\.csv" is empty'):
        found.extend(reading)
    assert ids(found) == ["1", "2"]
    write(tmp_path / "b.csv", 3)
    assert ids(pages(tmp_path, cursor_of(found[-1]))) == ["3"]
    source.close()


def test_an_empty_table_is_done(tmp_path: Path) -> None:
    write(tmp_path / "a.csv")
    [page] = pages(tmp_path)
    assert not page.records
    assert not pages(tmp_path, cursor_of(page))
    (tmp_path / "a.csv").unlink()
    assert not pages(tmp_path)


def test_the_key_must_be_a_column(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", 1)
    with pytest.raises(UnknownColumn, match=r'"a\.csv" has no column "nme"; did you mean "name"\?'):
        pages(tmp_path, key=["nme"])


def test_files_outside_of_the_folder_are_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "deep").mkdir(parents=True)
    outside.mkdir()
    write(outside / "secret.csv", 1)
    write(inside / "deep" / "b.csv", 2)
    (inside / "linked").symlink_to(outside)
    assert ids(pages(inside, pattern="**/*.csv")) == ["2"], "a link to a folder is not followed"
    (inside / "own.csv").symlink_to(inside / "deep" / "b.csv")
    assert ids(pages(inside)) == ["2"], "a link that stays inside is"
    (inside / "a.csv").symlink_to(outside / "secret.csv")
    with pytest.raises(OutsideFolders, match="not below"):
        pages(inside)
    settings = {"place": "folder", "folder": str(outside), "streams": [{"name": "x", "pattern": "*.csv"}]}
    source = FILES.open(FilesConfig.model_validate(settings), Surroundings(now=utc_now, folders=(inside,)))
    with pytest.raises(OutsideFolders):
        source.check()
    source.close()
    source = FILES.open(FilesConfig.model_validate(settings), Surroundings(now=utc_now))
    with pytest.raises(OutsideFolders, match="no local folder"):
        source.check()
    source.close()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = {"place": "folder", "folder": "nowhere", "streams": [{"name": "x", "pattern": "*.csv"}]}
    source = FILES.open(FilesConfig.model_validate(settings), Surroundings(now=utc_now, folders=(tmp_path,)))
    with pytest.raises(SourceError, match='no folder "nowhere"'):
        source.check()
    source.close()


@pytest.mark.parametrize("pattern", ["../x.csv", "/etc/passwd", "a/../../x", "a//b", "**", "a/**b/c", "a\\b", "./x"])
def test_a_pattern_stays_below_its_folder(pattern: str) -> None:
    assert problem_of(pattern)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*.csv", ["a.csv"], ["x/a.csv", "a.csv.gz", "a.xlsx"]),
        ("2026/*/l-?.csv", ["2026/01/l-1.csv"], ["2026/l-1.csv", "2026/01/02/l-1.csv", "2026/01/l-12.csv"]),
        ("**/a.csv", ["a.csv", "x/a.csv", "x/y/a.csv"], ["x/b.csv"]),
        ("x/**/a.csv", ["x/a.csv", "x/y/z/a.csv"], ["a.csv", "y/x/a.csv"]),
    ],
)
def test_patterns(pattern: str, fitting: list[str], others: list[str], tmp_path: Path) -> None:
    for name in (*fitting, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, 1) if name.endswith((".csv", ".gz")) else (tmp_path / name).touch()
    assert [name for name in (*fitting, *others) if matches(name, pattern)] == fitting
    found = pages(tmp_path, pattern=pattern, key=["_file", "_row"])
    assert sorted(record["_file"] for page in found for record in page.records) == sorted(fitting)
    assert all(name.startswith(fixed_folder(pattern)) for name in fitting)


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 5))
def test_any_split_into_pages_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], rows: int
) -> None:
    folder = tmp_path_factory.mktemp("split")
    expected = []
    for number, size in enumerate(sizes):
        own = [number * 10 + each for each in range(size)]
        write(folder / f"{number}.csv", *own)
        expected += [str(each) for each in own]
    found = pages(folder, page_rows=rows)
    assert ids(found) == expected
    assert len(found) == sum(max(1, -(-size // rows)) for size in sizes)
