"""Records of many requests as if each had come alone.

Storing them together must not change what becomes of one: senders that spell a field differently, versions of one
thing that follow one another, and records that bring only some of the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.mapping import MapFile, match
from sightline.ingest.records import columns_of
from sightline.sources.text import text_of

Record = dict[str, Any]
EVENT_ID = "_event_id"
RECEIVED_AT = "_received_at"
WHOLE = "all"


def aligned(records: Sequence[Record], dataset: Dataset, mapping: MapFile) -> list[Record]:
    """Return the records with one spelling per field: that of the first record that has it."""
    whole = match(dataset, columns_of(records, dataset, mapping), mapping).sources
    renamings: dict[tuple[str, ...], dict[str, str]] = {}
    found = []
    for record in records:
        names = tuple(record)
        if names not in renamings:
            own = match(dataset, columns_of([record], dataset, mapping), mapping).sources
            renamings[names] = {
                own[column]: source
                for column, source in whole.items()
                if own.get(column) in record and own[column] != source and source not in record
            }
        renaming = renamings[names]
        found.append({renaming.get(name, name): value for name, value in record.items()} if renaming else record)
    return found


def one_per_key(records: Iterable[Record], dataset: Dataset, mapping: MapFile) -> list[Record]:
    """Return one record per row of the dataset: later ones add to earlier ones and win over them."""
    records = list(records)
    sources = match(dataset, columns_of(records, dataset, mapping), mapping).sources
    key = [sources[column] for column in dataset.key_columns if column in sources]
    if not key or len(key) < len(dataset.key_columns):
        return records
    found: dict[tuple[str | None, ...], Record] = {}
    unnamed = []
    for record in records:
        name = tuple(text_of(record.get(column)) for column in key)
        if None in name:
            unnamed.append(record)  # held back later, with a reason
        else:
            found[name] = {**found.pop(name, {}), **record}
    return [*found.values(), *unnamed]


def by_fields(records: Sequence[Record], dataset: Dataset, mapping: MapFile) -> dict[str, list[Record]]:
    """Return the records parted by the columns they fill, as what a record lacks keeps its value in the row.

    A part's name is made of those columns. Rows that are events of their own are not parted: there is nothing before
    them that could be kept.
    """
    sources = match(dataset, columns_of(records, dataset, mapping), mapping).sources
    if not dataset.key_columns or any(sources.get(column) == EVENT_ID for column in dataset.key_columns):
        return {WHOLE: list(records)}
    columns = {source: column for column, source in sources.items()}
    names_of: dict[tuple[str, ...], str] = {}
    parts: dict[str, list[Record]] = {}
    for record in records:
        fields = tuple(record)
        if fields not in names_of:
            filled = sorted(columns[name] for name in fields if name in columns)
            names_of[fields] = sha256(" ".join(filled).encode()).hexdigest()[:8]
        parts.setdefault(names_of[fields], []).append(record)
    return parts


def with_own_fields(records: Sequence[Mapping[str, Any]], *, key: str, received_at: str) -> list[Record]:
    """Return the records with `_event_id`, their own `id` or `event_id` or else their place, and `_received_at`."""
    return [
        {**record, EVENT_ID: own_id(record) or f"{key}/{number}", RECEIVED_AT: received_at}
        for number, record in enumerate(records)
    ]


def own_id(record: Mapping[str, Any]) -> str:
    """Return the id that a record brings, empty when it has none."""
    for name in ("id", "event_id"):
        value = record.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""
