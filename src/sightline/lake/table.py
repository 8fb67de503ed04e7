"""One Delta table, used as a log of which files make up each version. Reading rows is DuckDB's work, not this module's.

Each change is one commit that must directly follow the version it was planned on: otherwise the table refuses it and
the plan is made again. So two writers of one key can never both insert it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from sightline.errors import Conflict
from sightline.lake.schema import Layout

_CONFIGURATION = {
    # Versions are removed by our own vacuum, which knows the kept snapshots; the log must outlive it.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}


class CommitConflict(Conflict):
    """Another writer changed the table after the plan was made."""

    code = "SL-E203"


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table: its path inside the table's folder, size in bytes, rows and partition value."""

    path: str
    size: int
    rows: int
    partition: str | None = None


@dataclass(frozen=True)
class State:
    """One version of a table: how it is stored and the files it is made of."""

    version: int
    layout: Layout
    files: tuple[DataFile, ...]


@dataclass(frozen=True)
class Commit:
    """What one commit does. `reset` replaces every file and the schema; `run` marks the run as done."""

    add: Sequence[DataFile]
    remove: Sequence[DataFile] = ()
    layout: Layout | None = None
    reset: bool = False
    run: str | None = None
    notes: Mapping[str, object] | None = None
    changes_data: bool = True


class Table:
    """A folder with a Delta log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self, version: int | None = None) -> State | None:
        """Return a version (default: the newest), or None when the table does not exist yet."""
        table = self._open(version)
        return _state_of(table) if table else None

    def create(self, layout: Layout) -> State:
        """Return the new empty table, or the one that another process made meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partition_by = [layout.partition] if layout.partition else None
        try:
            table = DeltaTable.create(
                self.folder, layout.table, mode="ignore", partition_by=partition_by, configuration=_CONFIGURATION
            )
        except CommitFailedError as error:
            raise CommitConflict(f"{self.folder.name} was created by somebody else at the same moment") from error
        return _state_of(table)

    def add_columns(self, base: State, layout: Layout) -> State:
        """Return the state after declaring the columns that `layout` has more than `base`."""
        known = set(base.layout.fields.names)
        fields = [field for field in Schema.from_arrow(layout.fields).fields if field.name not in known]
        table = DeltaTable(self.folder, version=base.version)
        try:
            table.alter.add_columns(fields, commit_properties=CommitProperties(max_commit_retries=0))
        except CommitFailedError as error:
            raise CommitConflict(str(error)) from error
        state = self.state()
        if state is None or state.version != base.version + 1:
            raise CommitConflict(f"{self.folder.name} changed while columns were added")
        return state

    def commit(self, base: State, commit: Commit, *, now_ms: int) -> State:
        """Return the state after the commit. Raises CommitConflict when the table is not at `base` any more."""
        layout = commit.layout or base.layout
        actions: list[AddAction | RemoveAction] = [
            _added(file, layout, commit.changes_data, now_ms) for file in commit.add
        ]
        if not commit.reset:
            actions += [_removed(file, layout, commit.changes_data, now_ms) for file in commit.remove]
        try:
            DeltaTable(self.folder, version=base.version).create_write_transaction(
                actions,
                mode="overwrite" if commit.reset else "append",
                schema=Schema.from_arrow(layout.table),
                partition_by=[layout.partition] if layout.partition else None,
                commit_properties=_properties(commit),
            )
        except CommitFailedError as error:
            raise CommitConflict(f"{self.folder.name} is not at version {base.version} any more") from error
        state = self.state(base.version + 1)
        assert state is not None  # noqa: S101 # the commit above made it
        return state

    def is_done(self, run: str) -> bool:
        """Return whether a run was committed, at any time."""
        table = self._open(None)
        return table is not None and table.transaction_version(run) is not None

    def notes_of(self, run: str, *, since: int) -> tuple[int, dict[str, object]] | None:
        """Return the version and notes of a run committed after version `since`, or None."""
        table = self._open(None)
        if table is None or table.version() <= since:
            return None
        for entry in table.history(limit=table.version() - since):
            if entry.get("run") == run:
                return int(entry["version"]), json.loads(entry.get("notes") or "{}")
        return None

    def _open(self, version: int | None) -> DeltaTable | None:
        try:
            return DeltaTable(self.folder, version=version)
        except TableNotFoundError:
            return None


def file_uris(folder: Path, version: int) -> tuple[str, ...]:
    """Return the absolute paths of the files of one version."""
    return tuple(DeltaTable(folder, version=version).file_uris())


def _state_of(table: DeltaTable) -> State:
    partitions = table.metadata().partition_columns
    partition = partitions[0] if partitions else None
    stored = pa.schema(table.schema().to_arrow())
    fields = pa.schema([pa.field(field.name, _plain(field.type)) for field in stored if field.name != partition])
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    files = tuple(
        DataFile(row["path"], row["size_bytes"], row["num_records"], row.get(f"partition.{partition}"))
        for row in actions
    )
    return State(table.version(), Layout(fields, partition), files)


def _plain(arrow: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow) else arrow


def _properties(commit: Commit) -> CommitProperties:
    metadata = {"notes": json.dumps(dict(commit.notes or {}))}
    transactions = []
    if commit.run:
        metadata["run"] = commit.run
        transactions = [Transaction(commit.run, 1)]
    return CommitProperties(custom_metadata=metadata, max_commit_retries=0, app_transactions=transactions or None)


def _added(file: DataFile, layout: Layout, changes_data: bool, now_ms: int) -> AddAction:
    values = {layout.partition: file.partition} if layout.partition else {}
    stats = json.dumps({"numRecords": file.rows})
    return AddAction(file.path, file.size, values, now_ms, changes_data, stats)


def _removed(file: DataFile, layout: Layout, changes_data: bool, now_ms: int) -> RemoveAction:
    values = {layout.partition: file.partition} if layout.partition else {}
    return RemoveAction(file.path, changes_data, now_ms, size=file.size, partition_values=values)
