"""From the form of a source to its specification, and where in the form a problem belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.errors import SightlineError
from sightline.ingest.models import Source
from sightline.ingest.spec import PUSHED, SourceSpec, spec_from
from sightline.sources.base import Stream
from sightline.sources.catalogue import CONNECTORS
from sightline.web.config_form import PREFIX, BadSetting, config_from, secrets_from

MOST_STREAMS = 200
SPARE_ROWS = 3
INPUTS = {
    "source": "name",
    "schedule › cron": "cron",
    "schedule › zone": "zone",
    "since": "since",
    "late_after": "late_after",
    "schema_changes": "schema_changes",
    "private_network": "private",
}
"""Part of a specification → the input that says it."""
Form = Mapping[str, str]


@dataclass(frozen=True)
class StreamRow:
    """A stream to choose: which dataset it fills, empty when it is not read. `gone`: the source lacks it now."""

    number: int
    name: str
    label: str
    dataset: str
    key: str
    columns: int
    is_typed: bool = False
    gone: bool = False


def spec_typed(form: Form, *, kind: str, name: str, known: Source | None, access: Access) -> SourceSpec:
    """Return the specification that the form says. Raises BadSource or BadSetting."""
    values: dict[str, Any] = {"source": name, "type": kind, "label": form.get("label", "").strip()}
    if kind != PUSHED:
        values["config"] = config_from(CONNECTORS[kind].config, form)
        values |= _reading(form)
    values["schema_changes"] = form.get("schema_changes") or "evolve"
    if late := form.get("late_after", "").strip():
        values["late_after"] = late
    if access.allows("manage_settings"):
        values["private_network"] = bool(form.get("private"))
    elif known is not None:
        values["private_network"] = bool(known.spec.get("private_network"))
    values["streams"] = _streams(form, known)
    return spec_from({key: value for key, value in values.items() if value not in (None, "")}, where=name or "source")


def spec_to_try(form: Form, *, kind: str, name: str, known: Source | None, access: Access) -> SourceSpec:
    """Return the specification as far as a trial needs it: whatever streams are chosen, a name if there is none."""
    chosen = {**form, "st-0-name": "any", "st-0-dataset": "any"}
    return spec_typed(chosen, kind=kind, name=name or "new_source", known=known, access=access)


def secrets_typed(form: Form, kind: str) -> dict[str, str]:
    """Return the secrets that were typed; what is empty stays as it is."""
    return {} if kind == PUSHED else secrets_from(CONNECTORS[kind].config, form)


def stream_rows(form: Form, *, known: Source | None, available: Sequence[Stream] | None, kind: str) -> list[StreamRow]:
    """Return the streams to choose from: what the source has now, else what was typed or is saved."""
    chosen = _chosen(form, known)
    if kind == PUSHED:
        names = [*chosen, *[""] * SPARE_ROWS]
        return [StreamRow(at, name, name, chosen.get(name, ""), "", 0, True) for at, name in enumerate(names)]
    if available is None:
        return [StreamRow(at, name, name, dataset, "", 0) for at, (name, dataset) in enumerate(chosen.items())]
    found = [
        StreamRow(at, each.name, each.label or label_of(each.name), chosen.get(each.name, ""), _key(each), _wide(each))
        for at, each in enumerate(available)
    ]
    there = {each.name for each in available}
    gone = [(name, dataset) for name, dataset in chosen.items() if name not in there]
    return found + [
        StreamRow(at, name, name, dataset, "", 0, gone=True) for at, (name, dataset) in enumerate(gone, len(found))
    ]


def problem_lines(error: SightlineError, name: str) -> list[tuple[str, str]]:
    """Return each problem with the input it belongs to (empty: none), the hint behind the last one."""
    if isinstance(error, BadSetting):
        return [(PREFIX + error.field, error.text)]
    lines = [_placed(line, name) for line in error.message.splitlines()]
    if error.hint and lines:
        lines[-1] = (lines[-1][0], f"{lines[-1][1].rstrip('.')}. {error.hint}")
    return lines


def _placed(line: str, name: str) -> tuple[str, str]:
    where, _, said = line.partition(": ")
    path = where.removeprefix(name or "source").strip(" ›")
    if not said:
        return "", line
    if path in INPUTS:
        return INPUTS[path], said[:1].upper() + said[1:]
    parts = path.split(" › ")
    if parts[0] == "config" and len(parts) > 1:
        rest = " › ".join(parts[2:])
        return PREFIX + parts[1], f"{rest}: {said}" if rest else said[:1].upper() + said[1:]
    if parts[0] == "streams" and len(parts) == 1:
        return "streams", "Choose a dataset for at least one stream."
    return ("streams" if parts[0] == "streams" else ""), line if parts[0] != "config" else said


def _reading(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {"since": form.get("since", "").strip() or None}
    if cron := form.get("cron", "").strip():
        found["schedule"] = {"cron": cron, **({"zone": zone} if (zone := form.get("zone", "").strip()) else {})}
    return found


def _chosen(form: Form, known: Source | None) -> dict[str, str]:
    """Return stream → dataset as typed, or as saved when nothing was typed."""
    if any(key.startswith("st-") for key in form):
        return {name: dataset for name, dataset in _typed_streams(form) if dataset}
    return {name: each["dataset"] for name, each in known.spec["streams"].items()} if known else {}


def _typed_streams(form: Form) -> list[tuple[str, str]]:
    numbers = range(MOST_STREAMS)
    pairs = [(form.get(f"st-{n}-name", "").strip(), form.get(f"st-{n}-dataset", "").strip()) for n in numbers]
    return [(name, dataset) for name, dataset in pairs if name]


def _streams(form: Form, known: Source | None) -> dict[str, Any]:
    """Return the chosen streams; one that fills the same dataset as before keeps its map."""
    before = known.spec["streams"] if known else {}
    found = {}
    for name, dataset in _typed_streams(form):
        if dataset:
            same = before.get(name, {}).get("dataset") == dataset
            found[name] = {**before[name], "dataset": dataset} if same else {"dataset": dataset}
    return found


def _key(stream: Stream) -> str:
    return ", ".join(stream.key)


def _wide(stream: Stream) -> int:
    return len(stream.columns)


def input_ids(kind: str, *, is_known: bool) -> list[str]:
    """Return the inputs of the form that may be told a problem."""
    own = ("schema_changes",) if kind == PUSHED else tuple(each for each in INPUTS.values() if each != "name")
    return ["streams", *own, *(() if is_known else ("name",)), *(() if kind == PUSHED else connector_fields(kind))]


def connector_fields(kind: str) -> tuple[str, ...]:
    """Return the inputs of a connector's settings."""
    return tuple(PREFIX + name for name in CONNECTORS[kind].config.model_fields)
