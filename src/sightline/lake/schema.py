"""What the files of a dataset hold: its declared columns, local days, and where each row came from."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sightline.definitions.schema.dataset import ColumnType, Dataset
from sightline.errors import UserError
from sightline.lake.relation import DAY_SUFFIX

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "decimal": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}
SQL_TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "decimal": "DECIMAL(18, 4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}
_NAMES = {arrow: name for name, arrow in ARROW_TYPES.items()}
SYSTEM_FIELDS = (
    pa.field("_run", pa.string()),
    pa.field("_row", pa.int64()),
    pa.field("_loaded_at", pa.timestamp("us", "UTC")),
)
NO_TIME = "none"
"""The partition of rows without a time."""


class SchemaChange(UserError):
    """A column's type was changed in a way that the stored values do not survive."""

    code = "SL-E201"


@dataclass(frozen=True)
class Layout:
    """How a dataset is stored: the fields in each file, and the partition column kept in folder names only."""

    fields: pa.Schema
    partition: str | None = None

    @property
    def table(self) -> pa.Schema:
        """The schema of the Delta table: the files' fields and the partition."""
        return self.fields.append(pa.field(self.partition, pa.string())) if self.partition else self.fields


@dataclass(frozen=True)
class Evolution:
    """The layout to write next, and how it differs from the stored one."""

    layout: Layout
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()


def layout_of(dataset: Dataset) -> Layout:
    """Return how a dataset is stored, as its definition says."""
    fields = []
    for name, column in dataset.columns.items():
        fields.append(pa.field(name, ARROW_TYPES[column.type]))
        if column.type == "timestamp":
            fields.append(pa.field(name + DAY_SUFFIX, pa.date32()))
    return Layout(pa.schema([*fields, *SYSTEM_FIELDS]), _partition_of(dataset))


def _partition_of(dataset: Dataset) -> str | None:
    if dataset.partition == "none" or dataset.time is None:
        return None
    return f"_{dataset.partition}"


def evolve(*, dataset: str, stored: Layout, wanted: Layout) -> Evolution:
    """Return the layout that holds both what is stored and what the definition wants.

    New columns are added; columns no longer declared are kept; an integer may become a number. The partition
    stays the one the table began with. Raises SchemaChange for any other change of type.
    """
    fields, widened = [], []
    for field in stored.fields:
        new = wanted.fields.field(field.name).type if field.name in wanted.fields.names else field.type
        if new != field.type:
            _require_widening(dataset, field, new)
            widened.append(field.name)
        fields.append(pa.field(field.name, new))
    added = [field for field in wanted.fields if field.name not in stored.fields.names]
    layout = Layout(pa.schema([*fields, *added]), stored.partition)
    return Evolution(layout, tuple(field.name for field in added), tuple(widened))


def _require_widening(dataset: str, field: pa.Field, new: pa.DataType) -> None:
    if field.type == pa.int64() and new == pa.float64():
        return
    before, after = type_name(field.type), type_name(new)
    raise SchemaChange(
        f'dataset "{dataset}" › column "{field.name}" is stored as {before} and the definition now says {after}; '
        "only integer → number can be changed in place.",
        hint=f"Keep {before}, or declare a new column and import it.",
    )


def type_name(arrow: pa.DataType) -> str:
    """Return the name our definitions have for a stored type."""
    return _NAMES.get(arrow, str(arrow))


def sql_type(arrow: pa.DataType) -> str:
    """Return DuckDB's name of a stored type."""
    return SQL_TYPES[_NAMES[arrow]]
