"""Text whose columns are separated by runs of blanks, as old programs print tables: no quotes, no empty cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from sightline.sources.files.formats import (
    ROWS_PER_BATCH,
    Opened,
    UnreadableFile,
    named_columns,
    text_batch,
)

NAME = "blanks"
_RUN = re.compile(r"[ \t]{2,}|^[ \t]+\S")
_BLANKS = re.compile(r"[ \t]+")


def is_separated_by_blanks(lines: list[str]) -> bool:
    """Whether the first lines of a text are columns set apart by blanks: as many fields in each, two or more.

    Some line must begin with a blank or hold a run of them. Without one, a file of one column with two words in each
    row (a list of names) would be taken for two columns.
    """
    widths = {len(_fields(line)) for line in lines}
    return (
        len(lines) > 1
        and len(widths) == 1
        and widths.pop() > 1
        and not any('"' in line for line in lines)
        and any(_RUN.search(line.rstrip()) for line in lines)
    )


def open_blanks(path: Path, *, encoding: str, skipped_lines: int) -> Opened:
    """Return the file ready to be read; its first line that is not empty names the columns."""
    with path.open(encoding=encoding, errors="strict") as file:
        header = next(line for line in itertools.islice(file, skipped_lines, None) if line.strip())
    columns = named_columns(path, _fields(header))
    size = max(path.stat().st_size, 1)
    done = [0]

    def batches() -> Iterator[pa.RecordBatch]:
        for batch, characters in _batches(path, encoding, skipped_lines, len(columns)):
            done[0] += characters
            yield batch

    details = {"encoding": encoding, "delimiter": NAME}
    return Opened("csv", columns, details, batches, lambda: min(done[0] / size, 1.0))


def _batches(path: Path, encoding: str, skipped_lines: int, width: int) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield batches, each with how many characters it was read from."""
    first = 1
    try:
        with path.open(encoding=encoding) as file:
            filled = (line for line in itertools.islice(file, skipped_lines, None) if line.strip())
            next(filled, None)  # the header
            while lines := list(itertools.islice(filled, ROWS_PER_BATCH)):
                yield _batch(lines, first, width), sum(map(len, lines))
                first += len(lines)
    except UnicodeDecodeError as error:
        raise UnreadableFile(f'"{path.name}" cannot be read after row {first - 1}: {error}') from error


def _batch(lines: list[str], first: int, width: int) -> pa.RecordBatch:
    rows = [_fields(line) for line in lines]
    told = [
        None if len(row) == width else f"{len(row)} columns instead of {width}: {line.strip()}"
        for row, line in zip(rows, lines, strict=True)
    ]
    nothing: list[str | None] = [None] * width
    kept: list[list[str | None]] = [[*row] if len(row) == width else nothing for row in rows]
    columns = [list(column) for column in zip(*kept, strict=True)]
    return text_batch(columns, list(range(first, first + len(rows))), told)


def _fields(line: str) -> list[str]:
    """Return the fields between blanks. Other white space, such as a no-break space, belongs to its field."""
    return _BLANKS.split(line.strip(" \t\r\n"))
