"""Keys that people write, as the lake has them: 3 pm in the workspace's zone and the same moment in UTC are one key."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.convert import Reading, typed_rows
from sightline.ingest.mapping import MapFile, Mapped
from sightline.lake import sql
from sightline.lake.lookup import Key
from sightline.sources.files.formats import text_batch


def stored_keys(dataset: Dataset, keys: Sequence[Key], *, zone: str) -> list[Key]:
    """Return the keys as text in the form in which the lake gives them back. What cannot be read stays as it is."""
    names = dataset.key_columns
    if not keys or all(dataset.columns[name].type == "string" for name in names):
        return list(keys)
    found = _converted(dataset, keys, Reading(zone=dataset.zone or zone))
    return [
        tuple(text if text is not None else written for text, written in zip(row, key, strict=True))
        for row, key in zip(found, keys, strict=True)
    ]


def _converted(dataset: Dataset, keys: Sequence[Key], reading: Reading) -> list[tuple[str | None, ...]]:
    names, bindings = dataset.key_columns, sql.Bindings()
    mapped = Mapped({name: number for number, name in enumerate(names)}, {}, (), (), MapFile())
    typed = typed_rows(dataset, mapped, reading, source="written", bindings=bindings)
    texts = [exp.alias_(sql.cast(sql.column(name), "VARCHAR"), name, quoted=True) for name in names]
    query = exp.select(*texts).from_(typed.subquery("typed_")).order_by("_row")
    columns = [list(column) for column in zip(*keys, strict=True)]
    batch = text_batch(columns, list(range(len(keys))), [None] * len(keys))
    with duckdb.connect() as scratch:
        scratch.execute("SET TimeZone = 'UTC'")
        scratch.register("written", pa.Table.from_batches([batch]))
        return sql.run(scratch, query, bindings).fetchall()
