"""A look at a file or at records before they come in: their first rows as they stand and as they would be stored."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.convert import Reading, day_first_in, typed_rows
from sightline.ingest.mapping import BadMapping, MapFile, Mapped, match, read_map, resolve
from sightline.ingest.records import Records, record_batches
from sightline.lake import sql
from sightline.lake.rules import BAD_PREFIX, required_columns
from sightline.sources.files.formats import Opened
from sightline.sources.files.readers import open_file


@dataclass(frozen=True)
class Coverage:
    """Of the first rows of a file: the part with a value in a column, and the part whose value could not be read."""

    column: str
    source: str
    filled: float
    unreadable: float
    example: str


@dataclass(frozen=True)
class Preview:
    """The first rows. `problem` says why the file cannot be imported with this map (empty: it can)."""

    format: str
    details: dict[str, str]
    columns: tuple[str, ...]
    raw: tuple[tuple[str | None, ...], ...]
    converted_columns: tuple[str, ...]
    converted: tuple[tuple[Any, ...], ...]
    coverage: tuple[Coverage, ...]
    sources: dict[str, str]
    unused_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    rows_looked_at: int
    problem: str


def preview(
    *, folder: WorkspaceFolder, dataset: str, path: Path, mapping: MapFile | Path | None = None, rows: int = 20
) -> Preview:
    """Return the first rows of a file, raw and converted. Raises UserError when the file cannot be read at all."""
    file = read_map(mapping) if isinstance(mapping, Path) else mapping or MapFile()
    definition = folder.catalog.dataset(dataset)
    opened = open_file(path, sheet=file.sheet)
    return _looked_at(folder, definition, opened, file, rows=rows, problem=_problem(definition, opened, file))


def preview_records(
    *,
    folder: WorkspaceFolder,
    dataset: str,
    records: Records,
    columns: Sequence[str],
    mapping: MapFile,
    rows: int = 20,
) -> Preview:
    """Return the first of some records, raw and converted. `columns` are those that the records' stream has.

    A map that names a column which the stream does not have is told as the problem, and looked at without it.
    """
    definition = folder.catalog.dataset(dataset)
    opened = Opened("records", tuple(columns), {}, lambda: record_batches(records, columns))
    gone = {name: source for name, source in mapping.columns.items() if source not in columns}
    left = {name: source for name, source in mapping.columns.items() if name not in gone}
    fitting = mapping.model_copy(update={"columns": left}) if gone else mapping
    told = [f'The stream has no column "{source}", which is to fill {name}.' for name, source in gone.items()]
    found = match(definition, opened.columns, fitting)
    lacking = [name for name in required_columns(definition) if name not in found.positions]
    told += [f"Nothing fills {name}, which every row needs: choose a column or a default." for name in lacking]
    return _looked_at(folder, definition, opened, fitting, rows=rows, problem=" ".join(told))


def _looked_at(
    folder: WorkspaceFolder, definition: Dataset, opened: Opened, file: MapFile, *, rows: int, problem: str
) -> Preview:
    sample = next(opened.batches(), pa.RecordBatch.from_pylist([], schema=opened.schema))
    mapped = match(definition, opened.columns, file)
    reading = Reading(file.zone or definition.zone or folder.catalog.settings.zone, bool(file.day_first))
    typed = _typed(definition, mapped, reading, sample)
    return _preview(opened, mapped, sample, typed, rows, problem)


def _problem(dataset: Dataset, opened: Opened, file: MapFile) -> str:
    try:
        resolve(dataset, opened.columns, file)
    except BadMapping as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def _typed(dataset: Dataset, mapped: Mapped, reading: Reading, sample: pa.RecordBatch) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder, sql.scratch(Path(folder), memory="128MB") as scratch:
        scratch.register("text_", pa.Table.from_batches([sample]))
        if mapped.file.day_first is None:
            reading = Reading(reading.zone, day_first_in(scratch, "text_", dataset, mapped))
        bindings = sql.Bindings()
        query = typed_rows(dataset, mapped, reading, source="text_", bindings=bindings)
        return sql.run(scratch, query.order_by(exp.column("_row")), bindings).to_arrow_table()


def _preview(
    opened: Opened, mapped: Mapped, sample: pa.RecordBatch, typed: pa.Table, rows: int, problem: str
) -> Preview:
    names = tuple(mapped.positions)
    raw = sample.slice(0, rows).select([f"c{number}" for number in range(len(opened.columns))])
    converted = typed.slice(0, rows).select(list(names))
    return Preview(
        format=opened.format,
        details=opened.details,
        columns=opened.columns,
        raw=_as_rows(raw.to_pydict(), raw.num_rows),
        converted_columns=names,
        converted=_as_rows(converted.to_pydict(), converted.num_rows),
        coverage=tuple(_coverage(name, mapped.sources.get(name, ""), typed) for name in names),
        sources=dict(mapped.sources),
        unused_columns=mapped.unused,
        missing_columns=mapped.missing,
        rows_looked_at=typed.num_rows,
        problem=problem,
    )


def _as_rows(columns: dict[str, list[Any]], count: int) -> tuple[tuple[Any, ...], ...]:
    return tuple(zip(*columns.values(), strict=True)) if columns else ((),) * count


def _coverage(name: str, source: str, typed: pa.Table) -> Coverage:
    rows = max(typed.num_rows, 1)
    bad = typed.column(BAD_PREFIX + name).drop_null() if BAD_PREFIX + name in typed.column_names else pa.array([])
    filled = typed.num_rows - typed.column(name).null_count
    return Coverage(name, source, filled / rows, len(bad) / rows, str(bad[0].as_py()) if len(bad) else "")
