"""The stored form of rows, as SQL: declared columns, local days, where a row came from, and its partition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.relation import DAY_SUFFIX
from sightline.lake.schema import NO_TIME, Layout, sql_type

PARTITION_FORMATS = {"_month": "%Y-%m", "_year": "%Y"}


@dataclass(frozen=True)
class Origin:
    """What the system columns of new rows say, and the zone of their local days."""

    run: str
    loaded_at: datetime
    zone: str


def new_rows(
    layout: Layout, origin: Origin, *, provided: Collection[str], old: str | None, bindings: sql.Bindings
) -> list[exp.Expr]:
    """Return the stored columns of incoming rows (alias `i`).

    A column that the source does not provide keeps the value of the row being replaced (alias `old`), if there is one.
    """
    system: dict[str, exp.Expr] = {
        "_run": bindings.value(origin.run),
        "_row": sql.column("_row", "i"),
        "_loaded_at": bindings.value(origin.loaded_at),
    }

    def value(field: pa.Field) -> exp.Expr:
        name = field.name
        if name in system:
            return system[name]
        if (moment := moment_of(name, layout)) is not None:
            at = sql.cast(value(layout.fields.field(moment)), "TIMESTAMPTZ")
            return sql.local_day(at, bindings.value(origin.zone))
        if name in provided:
            return sql.column(name, "i")
        return sql.column(name, old) if old else exp.null()

    return [_typed(value(field), field) for field in layout.fields]


def stored_rows(layout: Layout, *, columns: Collection[str], zone: exp.Expr | None = None) -> list[exp.Expr]:
    """Return the stored columns of rows already in files (alias `e`); with a zone their local days are made again."""

    def value(field: pa.Field) -> exp.Expr:
        moment = moment_of(field.name, layout)
        if zone is not None and moment in columns:
            return sql.local_day(sql.column(str(moment), "e"), zone)
        return sql.column(field.name, "e") if field.name in columns else exp.null()

    return [_typed(value(field), field) for field in layout.fields]


def moment_of(name: str, layout: Layout) -> str | None:
    """Return the timestamp column whose local day a column holds, or None when it is not such a column."""
    base = name.removesuffix(DAY_SUFFIX)
    if base == name or base not in layout.fields.names:
        return None
    return base if pa.types.is_timestamp(layout.fields.field(base).type) else None


def in_file_order(rows: exp.Expr, dataset: Dataset, layout: Layout) -> exp.Select:
    """Return the rows with their partition, ordered by it and then as the definition sorts them."""
    query = exp.select(*[sql.column(name) for name in layout.fields.names]).from_(
        exp.Subquery(this=rows, alias="rows_")
    )
    if layout.partition:
        query = query.select(exp.alias_(_partition(dataset, layout), layout.partition, quoted=True))
    wanted = dataset.sort or ([dataset.time] if dataset.time else [])
    order = [layout.partition] if layout.partition else []
    order += [name for name in wanted if name in layout.fields.names]
    if not order:
        return query
    return query.order_by(*[exp.Ordered(this=sql.column(name), nulls_first=False) for name in order])


def _partition(dataset: Dataset, layout: Layout) -> exp.Expr:
    time = dataset.time or ""
    day = time + DAY_SUFFIX if time + DAY_SUFFIX in layout.fields.names else time
    if day not in layout.fields.names:
        return exp.Literal.string(NO_TIME)
    text = exp.TimeToStr(this=sql.column(day), format=exp.Literal.string(PARTITION_FORMATS[str(layout.partition)]))
    return exp.Coalesce(this=text, expressions=[exp.Literal.string(NO_TIME)])


def _typed(value: exp.Expr, field: pa.Field) -> exp.Expr:
    return exp.alias_(sql.cast(value, sql_type(field.type)), field.name, quoted=True)


def keys_equal(keys: Sequence[str], left: str, right: str) -> exp.Expr:
    """Return the condition that two rows have the same key."""
    return sql.all_of(exp.EQ(this=sql.column(key, left), expression=sql.column(key, right)) for key in keys)
