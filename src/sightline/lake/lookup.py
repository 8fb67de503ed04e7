"""Single rows by their key, as they are published in a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import sql
from sightline.lake.snapshot import Snapshot
from sightline.lake.staging import staging
from sightline.lake.store import Lake

Key = tuple[str | None, ...]


def rows_by_key(
    lake: Lake, dataset: Dataset, snapshot: Snapshot, keys: Sequence[Key], *, run: str
) -> dict[Key, Mapping[str, Any]]:
    """Return the rows that have one of these keys (as text), by key: declared columns, values as text.

    `run` names the scratch folder.
    """
    relation, names = lake.relation(dataset.name, snapshot), dataset.key_columns
    if relation is None or not relation.files or not names or not keys:
        return {}
    with staging(lake, f"{run}-lookup-{dataset.name}", memory="128MB") as scratch:
        bindings = sql.Bindings()
        stored = [name for name in dataset.columns if name in relation.columns]
        columns = [exp.alias_(_text(name), name, quoted=True) for name in stored]
        wanted = exp.and_(
            *[
                exp.In(this=_text(name), expressions=[bindings.value(value) for value in _distinct(keys, number)])
                for number, name in enumerate(names)
            ]
        )
        query = exp.select(*columns).from_(sql.scan(relation.files, bindings, "e")).where(wanted)
        rows = sql.run(scratch, query, bindings).to_arrow_table().to_pylist()
    found = {tuple(row[name] for name in names): row for row in rows}
    return {key: found[key] for key in keys if key in found}


def _text(name: str) -> exp.Expr:
    return sql.cast(sql.column(name, "e"), "VARCHAR")


def _distinct(keys: Sequence[Key], number: int) -> list[str | None]:
    return list(dict.fromkeys(key[number] for key in keys))
