"""Which rows somebody may enter: all of a dataset, or those that the own row policy lets through, before and after.

A row is judged by the rule that every number is read by, never by a copy of it: as it is published through the person's
own view of the dataset, and as it would be through the same view of a file that holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.accounts.access import Access
from sightline.definitions.dimensions import UnknownDimension
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.convert import Reading, day_first_in, typed_rows
from sightline.ingest.mapping import MapFile, Mapped
from sightline.lake import sql
from sightline.lake.lookup import Key
from sightline.lake.relation import Relation
from sightline.lake.schema import SQL_TYPES
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, statement_for
from sightline.metrics.warehouse import warehouse_of
from sightline.sources.files.formats import text_batch

Rows = Sequence[Mapping[str, str | None]]


def may_enter(access: Access, dataset: str) -> bool:
    """Return whether somebody may enter values of a dataset: of all its rows, or of those of the own row policy."""
    policy = access.viewer.policy
    definition = access.folder.catalog.dataset(dataset)
    is_meant = policy.enters is None or definition.name in policy.enters
    sees_any = policy.rows_of(definition.name) is not None
    is_kept = definition.name not in access.folder.catalog.filled
    if is_kept or not (access.allows("edit_data") and definition.key_columns and is_meant and sees_any):
        return False
    return not _decides(access, definition.name)


def may_archive(access: Access, dataset: str) -> bool:
    """Return whether somebody may archive members of a dataset: those who may change every one of its rows."""
    return sees_every_row(access, dataset) and may_enter(access, dataset)


def sees_every_row(access: Access, dataset: str) -> bool:
    return access.viewer.policy.rows_of(access.folder.catalog.dataset(dataset).name) == "all"


def _decides(access: Access, dataset: str) -> bool:
    """Whether rows of another dataset are somebody's own by this one: to change it would move them in or out."""
    policy, joins = access.viewer.policy, warehouse_of(access.folder).joins
    for name in access.folder.catalog.datasets:
        rule = policy.rows_of(name)
        if rule in (None, "all") or name == dataset:
            continue
        for column in columns_in(parse_expression(rule)):
            try:
                path = joins.column(name, column).path
            except UnknownDimension:  # the rule is never met there
                continue
            if any(step.target == dataset for step in path):
                return True
    return False


def own_keys(access: Access, dataset: Dataset, keys: Sequence[Key], *, at: Snapshot) -> set[Key]:
    """Return those of the keys (as the lake has them) whose published rows the person may see."""
    if sees_every_row(access, dataset.name):
        return set(keys)
    statement = statement_for(access.viewer, warehouse=warehouse_of(access.folder), snapshot=at)
    return _seen(access, statement, dataset, keys)


def own_after(access: Access, dataset: Dataset, groups: Sequence[Rows], *, at: Snapshot, run: str) -> set[Key]:
    """Return the keys of the rows that the person would see once they are entered. A group has one set of columns."""
    keys = [tuple(row.get(name) for name in dataset.key_columns) for group in groups for row in group]
    if sees_every_row(access, dataset.name):
        return set(keys)
    lake = access.folder.lake
    folder = lake.staging(f"{run}-own")
    with staging(lake, f"{run}-own", memory="128MB") as scratch:
        files = [_written(access, dataset, group, scratch, folder, at) for group in groups]
        made = Relation(dataset.name, 0, tuple(map(str, files)), frozenset(dataset.columns), _zone(access, dataset))
        statement = statement_for(access.viewer, warehouse=warehouse_of(access.folder), snapshot=at)
        judged = replace(statement, relations={**statement.relations, dataset.name: made})
        return _seen(access, judged, dataset, keys)


def _seen(access: Access, statement: Statement, dataset: Dataset, keys: Collection[Key]) -> set[Key]:
    frame, names, warehouse = Frame(statement, dataset.name), dataset.key_columns, warehouse_of(access.folder)
    texts = [
        exp.Cast(this=frame.own(statement.stored_name(dataset.name, name)), to=exp.DataType.build("text"))
        for name in names
    ]
    wanted: list[exp.Expr] = [
        exp.In(this=text.copy(), expressions=[statement.bind(value) for value in dict.fromkeys(values)])
        for text, values in zip(texts, zip(*keys, strict=True), strict=True)
    ]
    query = frame.select([alias_of(text, f"k{number}") for number, text in enumerate(texts)], wanted)
    query.set("with_", exp.With(expressions=statement.scans()))
    written = query.sql(dialect=warehouse.engine.capabilities.dialect, copy=False)
    found = warehouse.engine.run(written, statement.bound(warehouse)).to_pylist()
    return {tuple(row[f"k{number}"] for number in range(len(names))) for row in found}


def _written(
    access: Access, dataset: Dataset, rows: Rows, scratch: duckdb.DuckDBPyConnection, folder: Path, at: Snapshot
) -> Path:
    """Write the rows as they would be stored, columns that are left out as they are published, and return the file."""
    names, source = list(rows[0]), f"written_{uuid4().hex}"
    batch = text_batch([[row[name] for row in rows] for name in names], list(range(len(rows))), [None] * len(rows))
    scratch.register(source, pa.Table.from_batches([batch]))
    mapped = Mapped({name: number for number, name in enumerate(names)}, {}, (), (), MapFile())
    is_day_first = day_first_in(scratch, source, dataset, mapped)
    reading, bindings = Reading(zone=_zone(access, dataset), day_first=is_day_first), sql.Bindings()
    typed = typed_rows(dataset, mapped, reading, source=source, bindings=bindings).subquery("t")
    relation = access.folder.lake.relation(dataset.name, at)
    kept = relation.columns if relation is not None and relation.files else frozenset()
    columns = [exp.alias_(_column(dataset, name, names, kept), name, quoted=True) for name in dataset.columns]
    query = exp.select(*columns).from_(typed)
    if relation is not None and relation.files:
        same = [exp.EQ(this=sql.column(name, "e"), expression=sql.column(name, "t")) for name in dataset.key_columns]
        query = query.join(sql.scan(relation.files, bindings, "e"), on=exp.and_(*same), join_type="left")
    path = folder / f"{source}.parquet"
    copied = f"COPY ({query.sql(dialect=sql.DIALECT)}) TO {sql.path_of(path)} (FORMAT parquet)"
    scratch.execute(copied, bindings.values)
    return path


def _column(dataset: Dataset, name: str, entered: Collection[str], kept: Collection[str]) -> exp.Expr:
    kind = SQL_TYPES[dataset.columns[name].type]
    if name in entered:
        return sql.cast(sql.column(name, "t"), kind)
    return sql.cast(sql.column(name, "e"), kind) if name in kept else sql.cast(exp.null(), kind)


def _zone(access: Access, dataset: Dataset) -> str:
    return dataset.zone or access.folder.catalog.settings.zone
