"""A held record, field by field: which column of the dataset each fills, which one offends, what mending would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, UserError
from sightline.ingest.mapping import MapFile, match
from sightline.ingest.origins import map_of_run, root_run
from sightline.ingest.quarantine import held_row, sees_personal_data
from sightline.ingest.records import columns_of, store_records
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import RowId
from sightline.sources.text import text_of


@dataclass(frozen=True)
class RecordField:
    """One field of a raw record. `column` is the dataset's column it fills, empty for none.

    `text` None is an empty value; `is_nested` one that is a list or an object, which no form mends.
    """

    name: str
    text: str | None
    column: str
    label: str
    type: str
    offends: bool
    is_nested: bool


@dataclass(frozen=True)
class Verdict:
    """What would become of a mended row: published, or held again for these reasons."""

    passes: bool
    reasons: tuple[str, ...] = ()


def fields_of(row: HeldRow, dataset: Dataset, mapping: MapFile) -> tuple[RecordField, ...]:
    """Return the fields of a held record, the offending ones first; none when the record is hidden."""
    if not row.record:
        return ()
    record = orjson.loads(row.record)
    blamed = {name.strip() for part in row.columns.split(";") for name in part.split(",")}
    try:
        columns = columns_of([record], dataset, mapping)
        column_of = {source: name for name, source in match(dataset, columns, mapping).sources.items()}
    except UserError:  # a map that no longer fits is told by whoever tries the row again
        columns, column_of = tuple(record), {}
    found = [_field(name, record.get(name), column_of.get(name, ""), dataset, blamed) for name in columns]
    return tuple(sorted(found, key=lambda field: (not field.offends, not field.column)))


def _field(name: str, value: object, column: str, dataset: Dataset, blamed: set[str]) -> RecordField:
    spec = dataset.columns.get(column)
    return RecordField(
        name=name,
        text=text_of(value),
        column=column,
        label=label_of(column, spec.label) if spec else "",
        type=spec.type if spec else "",
        offends=bool(column) and column in blamed,
        is_nested=isinstance(value, dict | list),
    )


def name_of_row(row: HeldRow, dataset: Dataset, mapping: MapFile) -> str:
    """Return what the record says of the key of its row, empty where it says nothing."""
    texts = {field.column: field.text for field in fields_of(row, dataset, mapping)}
    return ", ".join(text for name in dataset.key_columns if (text := texts.get(name)))


def try_fix(*, access: Access, dataset: str, row: RowId, values: Mapping[str, str | None], now: datetime) -> Verdict:
    """Return what would become of a row with other values; nothing is written. Needs what mending it needs."""
    access.require("edit_data")
    definition = access.folder.catalog.dataset(dataset)
    held = held_row(access=access, dataset=dataset, row=row)
    if not sees_personal_data(access.viewer.policy, definition):
        raise NotAllowed("A record is mended by those who may see all of it.")
    written = store_records(
        folder=access.folder,
        dataset=definition,
        records=[{**orjson.loads(held.record), **values}],
        mapping=map_of_run(access.workspace, row.run),
        run=f"try-{root_run(row.run)}-{row.row}",
        now=now,
        dry_run=True,
    )
    return Verdict(not written.rejected, tuple(reason.text for reason in written.reasons))
