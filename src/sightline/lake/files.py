"""Writing Parquet files that a commit will name, and reading what their footers say."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sightline.lake.schema import NO_TIME, Layout
from sightline.lake.table import DataFile

ROWS_PER_FILE = 1_000_000
ROWS_PER_GROUP = 122_880
"""DuckDB's own size of a row group: one unit of parallel reading and of pruning."""

_ZONE = b"sightline.zone"


@dataclass(frozen=True)
class Facts:
    """What a set of files holds: columns of any of them, zone of the local days, whether some lack a column."""

    columns: tuple[str, ...]
    zone: str
    evolved: bool


def write_files(batches: Iterable[pa.RecordBatch], *, folder: Path, layout: Layout, zone: str) -> list[DataFile]:
    """Return the files written from rows that arrive ordered by partition.

    A file holds rows of one partition only and at most ROWS_PER_FILE of them; it is on disk before this returns.
    Without any row there is one empty file, because a table that lost its last row must still be scanned.
    """
    writer = _Writer(folder, layout, zone)
    try:
        for batch in batches:
            for partition, part in _by_partition(batch, layout):
                writer.write(partition, part)
        if not writer.open:
            writer.write(NO_TIME if layout.partition else None, _no_rows(layout))
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


def discard(folder: Path, files: Iterable[DataFile]) -> None:
    """Delete files that no commit names."""
    for file in files:
        with suppress(FileNotFoundError):
            (folder / file.path).unlink()


def facts_of(folder: Path, files: Sequence[DataFile]) -> Facts:
    """Return what the files hold. One footer is read per distinct schema, which the file names tell."""
    by_print = {fingerprint_in(file.path): file for file in files}
    schemas = [pq.read_schema(folder / file.path) for file in by_print.values()]
    columns = dict.fromkeys(name for schema in schemas for name in schema.names)
    evolved = any(len(schema.names) < len(columns) for schema in schemas)
    zones = {(schema.metadata or {}).get(_ZONE, b"UTC").decode() for schema in schemas}
    return Facts(tuple(columns), zones.pop() if zones else "UTC", evolved)


def fingerprint_in(path: str) -> str:
    """Return the part of a file's name that tells its schema and zone."""
    return Path(path).stem.rpartition("-")[2]


def _fingerprint(schema: pa.Schema, zone: str) -> str:
    text = repr([(field.name, str(field.type)) for field in schema] + [zone])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _no_rows(layout: Layout) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=layout.fields)


def _by_partition(batch: pa.RecordBatch, layout: Layout) -> Iterator[tuple[str | None, pa.RecordBatch]]:
    fields = batch.select(layout.fields.names).cast(layout.fields)
    if layout.partition is None:
        yield None, fields
        return
    runs = pc.run_end_encode(batch.column(layout.partition))
    start = 0
    for end, partition in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        yield partition, fields.slice(start, end - start)
        start = end


class _Writer:
    """Writes one file after the other."""

    def __init__(self, folder: Path, layout: Layout, zone: str) -> None:
        self.folder = folder
        self.partition_name = layout.partition
        self.schema = layout.fields.with_metadata({_ZONE: zone.encode()})
        self.print = _fingerprint(layout.fields, zone)
        self.done: list[DataFile] = []
        self.open: tuple[str | None, Path, pq.ParquetWriter] | None = None
        self.rows = 0

    def write(self, partition: str | None, rows: pa.RecordBatch) -> None:
        while True:
            writer = self._file_for(partition)
            part = rows.slice(0, ROWS_PER_FILE - self.rows)
            writer.write_batch(part.replace_schema_metadata(self.schema.metadata), row_group_size=ROWS_PER_GROUP)
            self.rows += part.num_rows
            rows = rows.slice(part.num_rows)
            if not rows.num_rows:
                return

    def finish(self) -> list[DataFile]:
        self._close()
        return self.done

    def abandon(self) -> None:
        if self.open:
            self.open[2].close()
            self.open[1].unlink(missing_ok=True)
        discard(self.folder, self.done)

    def _file_for(self, partition: str | None) -> pq.ParquetWriter:
        if self.open and (self.open[0] != partition or self.rows >= ROWS_PER_FILE):
            self._close()
        if not self.open:
            inside = f"{self.partition_name}={partition}" if self.partition_name else "."
            path = self.folder / inside / f"{uuid.uuid4().hex}-{self.print}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.open = (partition, path, pq.ParquetWriter(path, self.schema))
            self.rows = 0
        return self.open[2]

    def _close(self) -> None:
        if not self.open:
            return
        partition, path, writer = self.open
        writer.close()
        with path.open("rb") as file:
            os.fsync(file.fileno())
        relative = path.relative_to(self.folder).as_posix()
        self.done.append(DataFile(relative, path.stat().st_size, self.rows, partition))
        self.open = None
