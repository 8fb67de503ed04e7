"""The map of a stream as a form: one line per column of the dataset, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.ingest.mapping import MapFile, map_from
from sightline.ingest.preview import Preview
from sightline.lake.rules import required_columns

Form = Mapping[str, str]
Scalar = str | int | float | bool


class BadMapLine(UserError):
    """A line of a value map is not `value in the source = value to store`."""

    code = "SL-E374"


@dataclass(frozen=True)
class Line:
    """A column of the dataset: what fills it, and how well the sample reads. `by_name`: found without the map."""

    name: str
    label: str
    type: str
    needed: bool
    source: str
    by_name: str
    default: str
    values: str
    filled: str = ""
    unreadable: str = ""
    example: str = ""
    problem: str = ""


def map_typed(form: Form, dataset: Dataset) -> MapFile:
    """Return the map that the form says. Raises BadMapping or BadMapLine."""
    names = list(dataset.columns)
    raw: dict[str, Any] = {
        "columns": {name: text for name in names if (text := form.get(f"map-{name}", "").strip())},
        "defaults": {name: scalar(text) for name in names if (text := form.get(f"default-{name}", "").strip())},
        "values": {name: found for name in names if (found := _values(name, form.get(f"values-{name}", "")))},
    }
    if zone := form.get("zone", "").strip():
        raw["zone"] = zone
    if first := form.get("day_first", ""):
        raw["day_first"] = first == "yes"
    return map_from(raw)


def lines_of(dataset: Dataset, mapping: MapFile, preview: Preview | None) -> list[Line]:
    """Return one line per column of the dataset, those that every row needs first."""
    needed = set(required_columns(dataset))
    covered = {each.column: each for each in preview.coverage} if preview else {}
    found = []
    for name, column in dataset.columns.items():
        seen, source = covered.get(name), mapping.columns.get(name, "")
        taken = preview.sources.get(name, "") if preview else ""
        empty = bool(preview) and name in needed and not taken and name not in mapping.defaults
        found.append(
            Line(
                name=name,
                label=label_of(name, column.label),
                type=column.type,
                needed=name in needed,
                source=source,
                by_name="" if source else taken,
                default=text_of_scalar(mapping.defaults.get(name, "")),
                values="\n".join(f"{old} = {text_of_scalar(new)}" for old, new in mapping.values.get(name, {}).items()),
                filled=f"{seen.filled:.0%}" if seen else "",
                unreadable=f"{seen.unreadable:.0%}" if seen and seen.unreadable else "",
                example=seen.example if seen else "",
                problem=_problem(source, preview, empty=empty),
            )
        )
    return sorted(found, key=lambda each: not each.needed)


def scalar(text: str) -> Scalar:
    """Return what was typed as the value it is: true, 3, 2.5, else the text itself."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text:
            return value
    return text


def text_of_scalar(value: Scalar) -> str:
    """Return a value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(name: str, text: str) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        old, sign, new = line.rpartition("=")
        if not sign or not new.strip():
            raise BadMapLine(
                f'values of {name}, line {number}: "{line.strip()[:60]}" has no value to store',
                hint="Write: value in the source = value to store.",
            )
        found[old.strip()] = scalar(new.strip())
    return found


def _problem(source: str, preview: Preview | None, *, empty: bool) -> str:
    if preview is None:
        return ""
    if source and source not in preview.columns:
        return f'The stream has no column "{source}".'
    return "Every row needs this: choose a column or a default." if empty else ""
