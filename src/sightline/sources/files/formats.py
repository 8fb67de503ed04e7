"""Files as streams of text: each row with its number, every value as it stood in the file.

A batch has the columns `c0`, `c1`, … (the file's own names may clash, see `Opened.columns`), `_row` counted from 1
without the header, and `_malformed`: what is wrong with a row that could not be split into columns.
"""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from sightline.definitions.catalog import did_you_mean
from sightline.errors import UserError

ROWS_PER_BATCH = 20_000
MAX_COLUMNS = 2_000
ZIP, PARQUET = b"PK\x03\x04", b"PAR1"
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


class UnreadableFile(UserError):
    """A file that is empty, damaged, or not of the format its name says."""

    code = "SL-E210"


@dataclass(frozen=True)
class FileOptions:
    """How a file is to be read, where the file itself does not tell."""

    sheet: str | None = None
    delimiter: str | None = None
    skipped_lines: int = 0


@dataclass(frozen=True)
class Opened:
    """A file ready to be read: its format, its columns by position, how it was understood, and its rows.

    `batches` may be called once. `fraction` tells how much of the file was read so far, from 0 to 1.
    """

    format: str
    columns: tuple[str, ...]
    details: dict[str, str]
    batches: Callable[[], Iterator[pa.RecordBatch]]
    fraction: Callable[[], float] = field(default=lambda: 0.0)

    @property
    def schema(self) -> pa.Schema:
        return schema_of(len(self.columns))


def schema_of(columns: int) -> pa.Schema:
    """Return the schema of the batches of a file with so many columns."""
    texts = [pa.field(f"c{number}", pa.string()) for number in range(columns)]
    return pa.schema([*texts, pa.field("_row", pa.int64()), pa.field("_malformed", pa.string())])


def format_of(path: Path) -> str:
    """Return `csv`, `xlsx`, `parquet` or `jsonl` after the file's name, which must fit its first bytes."""
    if not path.is_file():
        raise UnreadableFile(f'there is no file "{path}"')
    wanted = SUFFIXES.get(path.suffix.lower())
    if wanted is None:
        raise UnreadableFile(
            f'"{path.name}" ends in "{path.suffix}"', hint="Allowed: " + ", ".join(sorted(SUFFIXES)) + "."
        )
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise UnreadableFile(f'"{path.name}" is empty')
    found = {ZIP: "xlsx", PARQUET: "parquet"}.get(start, wanted)
    if found != wanted or (wanted == "xlsx" and start != ZIP) or (wanted == "parquet" and start != PARQUET):
        shown = found if found != wanted else "something else"
        raise UnreadableFile(
            f'"{path.name}" is not {wanted}: it looks like {shown}', hint="Save it again, or rename it."
        )
    return wanted


def named_columns(path: Path, names: list[str]) -> tuple[str, ...]:
    """Return the header's names, trimmed; unnamed columns are called by their position. Names may not repeat."""
    trimmed = [" ".join(name.split()) or f"column {number}" for number, name in enumerate(names, 1)]
    repeated = sorted({name for name in trimmed if trimmed.count(name) > 1}) if len(trimmed) <= MAX_COLUMNS else []
    if repeated:
        raise UnreadableFile(f'"{path.name}" has two columns named "{repeated[0]}"', hint="Rename one of them.")
    if len(trimmed) > MAX_COLUMNS:
        raise UnreadableFile(f'"{path.name}" has {len(trimmed)} columns; at most {MAX_COLUMNS} are read')
    return tuple(trimmed)


def text_batch(columns: list[list[str | None]], rows: list[int], malformed: list[str | None]) -> pa.RecordBatch:
    """Return a batch from columns of text."""
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(
        [*arrays, pa.array(rows, pa.int64()), pa.array(malformed, pa.string())], schema=schema_of(len(columns))
    )


def in_chunks(rows: Iterator[tuple[str | None, ...]], width: int, *, first_row: int = 1) -> Iterator[pa.RecordBatch]:
    """Yield batches from rows of text, cut or filled up to a width."""
    number = first_row
    while chunk := list(itertools.islice(rows, ROWS_PER_BATCH)):
        columns = [list(column) for column in zip(*((row + (None,) * width)[:width] for row in chunk), strict=True)]
        yield text_batch(columns, list(range(number, number + len(chunk))), [None] * len(chunk))
        number += len(chunk)


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: as its byte order mark says, UTF-8 if it is that, else Latin-1."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if start.startswith(mark):
                return name
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def delimiter_of(lines: list[str]) -> str | None:
    """Return the delimiter that splits the first lines into the most columns, the same number in each; None: no one."""
    best: tuple[float, str | None] = (0.0, None)
    for delimiter in (",", ";", "\t", "|"):
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        width = widths[0] if widths else 0
        agreeing = sum(found == width for found in widths) / max(len(widths), 1)
        if width > 1 and agreeing > 0.6 and width * agreeing > best[0]:
            best = (width * agreeing, delimiter)
    return best[1]


def sheet_named(names: list[str], wanted: str | None, path: Path) -> str:
    """Return the sheet to read: the named one, else the first."""
    if wanted is None:
        return names[0]
    if wanted in names:
        return wanted
    raise UnreadableFile(f'"{path.name}" has no sheet "{wanted}"', hint=did_you_mean(wanted, names))
