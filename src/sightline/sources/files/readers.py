"""One reader per file format, and `open_file`, which picks it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sightline.registry import Registry
from sightline.sources.files.blanks import is_separated_by_blanks, open_blanks
from sightline.sources.files.formats import (
    ROWS_PER_BATCH,
    FileOptions,
    Opened,
    UnreadableFile,
    delimiter_of,
    encoding_of,
    format_of,
    in_chunks,
    named_columns,
    schema_of,
    sheet_named,
    text_batch,
)
from sightline.sources.text import text_of

CSV_BLOCK = 4 << 20
"""Bytes read at a time; a single row must fit into one block."""

Reader = Callable[[Path, FileOptions], Opened]


def open_file(path: Path, *, sheet: str | None = None, delimiter: str | None = None, skipped_lines: int = 0) -> Opened:
    """Return a file ready to be read. Raises UnreadableFile when it is empty, damaged or of another format.

    `sheet` of a workbook (default: the first), `delimiter` of a CSV file (default: found out), and how many lines
    stand above a CSV file's header.
    """
    return READERS[format_of(path)](path, FileOptions(sheet, delimiter, skipped_lines))


def first_lines(path: Path, encoding: str) -> list[str]:
    """Return the lines at the beginning of a text file, empty ones too."""
    with path.open(encoding=encoding, newline="") as file:
        head = re.split(r"\r\n|\r|\n", file.read(1 << 16))
    return (head[:-1] or head)[:200]


def _csv(path: Path, options: FileOptions) -> Opened:
    encoding = encoding_of(path)
    lines = [line for line in first_lines(path, encoding)[options.skipped_lines :] if line.strip()][:50]
    if not lines:
        raise UnreadableFile(f'"{path.name}" is empty')
    delimiter = options.delimiter or delimiter_of(lines)
    if delimiter is None and is_separated_by_blanks(lines):
        return open_blanks(path, encoding=encoding, skipped_lines=options.skipped_lines)
    delimiter = delimiter or ","
    skipped: list[tuple[int, str]] = []

    def keep_aside(row: pa_csv.InvalidRow) -> str:
        told = f"{row.actual_columns} columns instead of {row.expected_columns}: {row.text}"
        skipped.append((row.number or 0, told))
        return "skip"

    codec = encoding.removesuffix("-sig")
    stream = pa.OSFile(str(path))
    size = max(path.stat().st_size, 1)
    try:
        reading = pa_csv.ReadOptions(
            use_threads=False, block_size=CSV_BLOCK, encoding=codec, skip_rows=options.skipped_lines
        )
        names = _csv_names(path, reading, delimiter)
        reader = pa_csv.open_csv(
            stream,
            read_options=reading,
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep_aside
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UnreadableFile(f'"{path.name}" cannot be read as CSV: {error}') from error
    columns = named_columns(path, reader.schema.names)
    details = {"encoding": encoding, "delimiter": delimiter}
    return Opened(
        "csv", columns, details, lambda: _csv_batches(path, reader, skipped), lambda: min(stream.tell() / size, 1.0)
    )


def _csv_names(path: Path, reading: pa_csv.ReadOptions, delimiter: str) -> list[str]:
    """The header, read on its own because every column must be declared as text beforehand."""
    parse = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=lambda _: "skip")
    with pa_csv.open_csv(str(path), read_options=reading, parse_options=parse) as reader:
        names: list[str] = reader.schema.names
        return names


def _csv_batches(
    path: Path, reader: pa_csv.CSVStreamingReader, skipped: list[tuple[int, str]]
) -> Iterator[pa.RecordBatch]:
    width, done = len(reader.schema), 0
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            break
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise UnreadableFile(f'"{path.name}" cannot be read after row {done}: {error}') from error
        if batch.num_rows == 0 and not skipped:
            continue
        bad = [(number - 1, told) for number, told in skipped]  # the header is row 1 of the file
        skipped.clear()
        numbers: Sequence[int] = range(done + 1, done + 1 + batch.num_rows + len(bad))
        if bad:
            refused = {number for number, _ in bad}
            numbers = [number for number in numbers if number not in refused][: batch.num_rows]
        done += batch.num_rows + len(bad)
        arrays = [column.cast(pa.string()) for column in batch.columns]
        nothing = pa.nulls(batch.num_rows, pa.string())
        yield pa.RecordBatch.from_arrays([*arrays, pa.array(numbers, pa.int64()), nothing], schema=schema_of(width))
        if bad:
            empty: list[list[str | None]] = [[None] * len(bad)] * width
            yield text_batch(empty, [number for number, _ in bad], [told for _, told in bad])


def _xlsx(path: Path, options: FileOptions) -> Opened:
    import openpyxl  # heavy, and only for this format

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # whatever a damaged archive makes the library raise
        raise UnreadableFile(f'"{path.name}" cannot be read as XLSX: {error}') from error
    name = sheet_named(book.sheetnames, options.sheet, path)
    rows = book[name].iter_rows(values_only=True)
    header = next(rows, None)
    if header is None or all(value is None for value in header):
        raise UnreadableFile(f'sheet "{name}" of "{path.name}" is empty')
    while header and header[-1] is None:
        header = header[:-1]
    columns = named_columns(path, [text_of(value) or "" for value in header])
    texts = (tuple(text_of(value) for value in row) for row in rows)
    filled = (row for row in texts if any(value is not None for value in row))
    return Opened("xlsx", columns, {"sheet": name}, lambda: in_chunks(filled, len(columns)))


def _parquet(path: Path, _: FileOptions) -> Opened:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile(f'"{path.name}" cannot be read as Parquet: {error}') from error
    columns = named_columns(path, file.schema_arrow.names)

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in file.iter_batches(ROWS_PER_BATCH):
            arrays = [_as_text(column) for column in batch.columns]
            rows = pa.array(range(done + 1, done + 1 + batch.num_rows), pa.int64())
            nothing = pa.nulls(batch.num_rows, pa.string())
            yield pa.RecordBatch.from_arrays([*arrays, rows, nothing], schema=schema_of(len(columns)))
            done += batch.num_rows

    return Opened("parquet", columns, {}, batches)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
        return pa.array([text_of(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _jsonl(path: Path, _: FileOptions) -> Opened:
    names: dict[str, None] = {}
    for record, _told in _records(path):
        names.update(dict.fromkeys(record))
    if not names:
        raise UnreadableFile(f'"{path.name}" has no JSON object', hint="One object per line, or one list of objects.")
    columns = named_columns(path, list(names))
    return Opened("jsonl", columns, {}, lambda: _json_batches(path, list(names)))


def _json_batches(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    records: list[dict[str, Any]] = []
    told: list[str | None] = []
    done = 0

    def batch() -> pa.RecordBatch:
        columns = [[text_of(record.get(name)) for record in records] for name in names]
        return text_batch(columns, list(range(done + 1, done + 1 + len(records))), told)

    for record, problem in _records(path):
        records.append(record)
        told.append(problem)
        if len(records) == ROWS_PER_BATCH:
            yield batch()
            done += len(records)
            records, told = [], []
    if records:
        yield batch()


def _records(path: Path) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield each record, or an empty one with what is wrong with its line."""
    with path.open("rb") as file:
        start = file.read(3)
        if start[:1] == b"[":
            yield from ((item, None) if isinstance(item, dict) else ({}, "not an object") for item in _list_in(path))
            return
        file.seek(len(codecs.BOM_UTF8) if start == codecs.BOM_UTF8 else 0)
        for line in file:
            if not line.strip():
                continue
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                yield {}, f"not JSON ({error}): {line[:500].decode(errors='replace').strip()}"
                continue
            yield (value, None) if isinstance(value, dict) else ({}, "not an object")


def _list_in(path: Path) -> list[Any]:
    try:
        value = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f'"{path.name}" is not JSON: {error}') from error
    return value if isinstance(value, list) else [value]


READERS: Registry[Reader] = Registry("file format", {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "jsonl": _jsonl})
