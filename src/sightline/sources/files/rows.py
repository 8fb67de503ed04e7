"""The rows of a file as records of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from sightline.sources.base import Record
from sightline.sources.files.config import FILE, MALFORMED, ROW, FileStream
from sightline.sources.files.readers import open_file

Rows = Callable[[Path, str], Iterator[Record]]
"""Yields the records of a file that lies at a path and has a name. The same file always yields the same ones."""


def columns_of(path: Path, stream: FileStream) -> tuple[str, ...]:
    """Return the columns that the records of a file have."""
    opened = open_file(path, sheet=stream.sheet, delimiter=stream.delimiter, skipped_lines=stream.skipped_lines)
    return (*opened.columns, FILE, ROW, MALFORMED)


def rows_of(path: Path, name: str, stream: FileStream) -> Iterator[Record]:
    """Yield every row. One that could not be split into columns has only its place and what is wrong with it."""
    opened = open_file(path, sheet=stream.sheet, delimiter=stream.delimiter, skipped_lines=stream.skipped_lines)
    for batch in opened.batches():
        yield from _records(batch, opened.columns, name)


def _records(batch: pa.RecordBatch, columns: tuple[str, ...], name: str) -> Iterator[Record]:
    *values, rows, malformed = (column.to_pylist() for column in batch.columns)
    for number, row in enumerate(rows):
        if malformed[number] is not None:
            yield {FILE: name, ROW: str(row), MALFORMED: malformed[number]}
            continue
        record: dict[str, Any] = {column: value[number] for column, value in zip(columns, values, strict=True)}
        yield {**record, FILE: name, ROW: str(row)}
