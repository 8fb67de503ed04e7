"""What HubSpot answers, as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sightline.sources.base import Merged, Record
from sightline.sources.hubspot.client import Result

MERGED = ("hs_merged_object_ids", "hs_calculated_merged_vids")
"""Properties that list what was merged into a record: ids, or `id:moment` for contacts, separated by semicolons."""

STATE = ("createdAt", "updatedAt", "archived")
HISTORY = ("object_id", "property", "value", "at", "source", "source_id")


def record_of(result: Result, names: Sequence[str], associated: Mapping[str, str]) -> Record:
    """Return a record: its id, the named properties by their own names, its state, and joined ids of associations."""
    properties = result.get("properties") or {}
    return {
        "id": str(result["id"]),
        **{name: properties.get(name) for name in names},
        **{name: result.get(name) for name in STATE},
        **associated,
    }


def merges_in(result: Result) -> Iterator[Merged]:
    """Yield what was merged into a record, as far as it tells."""
    own, properties = str(result["id"]), result.get("properties") or {}
    lost = {part.split(":")[0].strip() for name in MERGED for part in (properties.get(name) or "").split(";")}
    yield from (Merged(lost=each, into=own) for each in sorted(lost - {own, ""}))


def history_of(result: Result) -> Iterator[Record]:
    """Yield the versions of a record's properties, one per moment."""
    for name, versions in (result.get("propertiesWithHistory") or {}).items():
        for at, version in {one["timestamp"]: one for one in reversed(versions)}.items():
            yield {
                "object_id": str(result["id"]),
                "property": name,
                "value": version.get("value"),
                "at": at,
                "source": version.get("sourceType"),
                "source_id": version.get("sourceId"),
            }


def milliseconds(moment: datetime) -> int:
    """Return a moment as HubSpot's searches take it."""
    return int(moment.timestamp() * 1000)


def moment_at(value: object) -> datetime:
    """Return the moment that HubSpot wrote."""
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
