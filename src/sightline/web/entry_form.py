"""The form by which one row is entered: a field per column of the dataset, with what the row holds now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Column, Dataset
from sightline.ingest.entries import masked_columns
from sightline.lake.rules import required_columns
from sightline.metrics.members import members
from sightline.metrics.warehouse import warehouse_of

KEY, VALUE, WAS = "k:", "v:", "w:"
"""How the names of inputs begin: the key, values, and what the values were when the form was shown."""
CHOICES = 200
HINTS = {
    "timestamp": "A moment such as 2026-02-10 14:30",
    "integer": "A whole number",
    "number": "A number such as 12.5",
    "decimal": "An amount such as 1200.50",
}


@dataclass(frozen=True)
class EntryField:
    """One input. `options` are values to choose from, `suggested` values that exist; `was` is what the row holds."""

    input: str
    was_input: str
    column: str
    label: str
    kind: str
    value: str
    was: str
    needed: bool
    hint: str
    options: tuple[tuple[str, str], ...] = ()
    suggested: tuple[tuple[str, str], ...] = ()
    is_hidden: bool = False

    @property
    def id(self) -> str:
        return f"f-{self.column}"


def key_fields(access: Access, dataset: Dataset, given: Mapping[str, str]) -> list[EntryField]:
    """Return the inputs that say which row."""
    return [
        _field(access, dataset, name, KEY, value=given.get(name, ""), was="", needed=True)
        for name in dataset.key_columns
    ]


def value_fields(
    access: Access, dataset: Dataset, *, now: Mapping[str, str | None] | None, typed: QueryDict | None = None
) -> list[EntryField]:
    """Return an input for every other column: with what was typed, else with what the row holds."""
    required, hidden = set(required_columns(dataset)), masked_columns(access, dataset)
    found = []
    for name in dataset.columns:
        if name in dataset.key_columns:
            continue
        was = (now or {}).get(name) or ""
        value = was
        if typed is not None and VALUE + name in typed:
            was, value = typed.get(WAS + name, was), typed.get(VALUE + name) or ""
        needed = name in required and not (name in hidden and now is not None)
        found.append(
            _field(access, dataset, name, VALUE, value=value, was=was, needed=needed, is_hidden=name in hidden)
        )
    return found


def typed_key(dataset: Dataset, form: QueryDict) -> dict[str, str]:
    """Return the key that a form or an address names: `k:<column>`, or just the column."""
    return {name: (form.get(KEY + name) or form.get(name) or "").strip() for name in dataset.key_columns}


def typed_row(dataset: Dataset, form: QueryDict, *, is_new: bool) -> dict[str, str | None]:
    """Return the row that the form says: its key, and the values that are not what they were when it was shown."""
    row: dict[str, str | None] = dict(typed_key(dataset, form))
    for name in dataset.columns:
        value, was = form.get(VALUE + name), form.get(WAS + name) or ""
        if name in dataset.key_columns or value is None:
            continue
        if value.strip() != was.strip() or (is_new and value.strip()):
            row[name] = value.strip() or None
    return row


def _field(
    access: Access,
    dataset: Dataset,
    name: str,
    prefix: str,
    *,
    value: str,
    was: str,
    needed: bool,
    is_hidden: bool = False,
) -> EntryField:
    column = dataset.columns[name]
    return EntryField(
        input=prefix + name,
        was_input=WAS + name if prefix == VALUE else "",
        column=name,
        label=label_of(name, column.label),
        kind=column.type,
        value=value,
        was=was,
        needed=needed,
        hint="Kept as it is unless you type: your role does not see it." if is_hidden else _hint(column),
        options=_options(column, value),
        suggested=() if is_hidden else _suggested(access, dataset, name),
        is_hidden=is_hidden,
    )


def _hint(column: Column) -> str:
    return column.description.replace("`", "") or HINTS.get(column.type, "")


def _options(column: Column, value: str) -> tuple[tuple[str, str], ...]:
    """Return what to choose from; a value that is none of the usual ones stays offered."""
    if column.type == "boolean":
        return (("", "Not said"), ("true", "Yes"), ("false", "No"))
    if not column.values:
        return ()
    usual = [(each, label_of(each)) for each in column.values]
    extra = [] if not value or value in column.values else [(value, value)]
    return (("", "Empty"), *usual, *extra)


def _suggested(access: Access, dataset: Dataset, name: str) -> tuple[tuple[str, str], ...]:
    """Return the members of the entity that a column names, as far as a list helps."""
    entity = next((each for each, spec in dataset.entities.items() if spec.column == name), None)
    homes = [each for each in access.folder.catalog.datasets.values() if each.primary and each.primary[0] == entity]
    if entity is None or not homes or homes[0].primary is None or homes[0].primary[1].label is None:
        return ()
    found = members(entity, access.viewer, warehouse=warehouse_of(access.folder), limit=CHOICES)
    return tuple((each.key, each.label) for each in found if each.key)
