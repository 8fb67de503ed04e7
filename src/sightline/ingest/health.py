"""What every workspace can be asked about its own data: arrivals and volumes, summed up by day into the lake.

The worker sums up, not whoever brings rows: a thousand single events a second cost nothing here, and a snapshot is made
only when figures have changed. Days before the last time this was done stand as they were counted then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.enter_values import PREFIX as ENTRY
from sightline.ingest.held_counts import SYNC
from sightline.ingest.models import Source
from sightline.ingest.origins import EVENTS, ORIGIN
from sightline.ingest.spec import PUSHED
from sightline.ingest.volumes import DayVolume, day_volumes
from sightline.lake.arrivals import Arrived, arrived
from sightline.lake.schema import ARROW_TYPES
from sightline.lake.snapshot import Snapshot
from sightline.lake.write import write

ARRIVALS, VOLUMES = "data_arrivals", "data_volumes"
WAYS = {ENTRY: "by hand", "import-": "by file"}
"""How rows came that no source brought. No source is called so: names have no blanks."""
SENT, OTHER = "by events", "otherwise"

Row = dict[str, Any]


def sum_up(folder: WorkspaceFolder, *, now: datetime) -> Snapshot:
    """Return the snapshot that has the arrivals and volumes of all datasets up to now.

    Doing it again changes nothing; killed half-way it is done the next time.
    """
    snapshot = folder.lake.snapshot()
    _store(folder, ARRIVALS, _arrivals(folder, snapshot, now=now), now=now)
    return _store(folder, VOLUMES, _volumes(folder, snapshot, now=now), now=now)


def _arrivals(folder: WorkspaceFolder, snapshot: Snapshot, *, now: datetime) -> list[Row]:
    zone, published = ZoneInfo(folder.catalog.settings.zone), snapshot.datasets.get(ARRIVALS)
    since = published.loaded_at.astimezone(zone).date() if published else None
    known, sent, today = _known(folder, snapshot, since), _senders(folder.name), now.astimezone(zone).date()
    rows: list[Row] = []
    for dataset in folder.catalog.filled.values():
        found = arrived(folder.lake, dataset, snapshot, zone=zone.key, since=since, replays=ORIGIN, run="health")
        was = {key[1:]: row for key, row in known.items() if key[0] == dataset.name}
        rows += _rows_of(dataset, found, sent.get(dataset.name, ()), was, today=today)
    return rows


def _rows_of(
    dataset: Dataset, found: Arrived, sent: Sequence[str], was: Mapping[tuple[date, str], Row], *, today: date
) -> list[Row]:
    """Return a row for each day and source.

    A day that is over keeps what it had: a row that is written again later is one of the later day too. Of today counts
    what stands now, so a source whose rows another has written over has zeros.
    """
    rows: dict[tuple[date, str], Row] = {}

    def row(day: date, source: str) -> Row:
        new = {"day": day, "dataset_name": dataset.name, "source_name": source, "data_through": None}
        return rows.setdefault((day, source), {**new, **dict.fromkeys(_COUNTS, 0), "last_load_at": None})

    for (day, way), arrival in found.loaded.items():
        one = row(day, _source(way, sent))
        one["rows_loaded"] += arrival.rows
        one["fields"] += arrival.fields
        one["fields_filled"] += arrival.filled
        one["data_through"] = _later(one["data_through"], arrival.newest)
        one["last_load_at"] = _later(one["last_load_at"], arrival.loaded_at)
    for (day, way), count in found.held.items():
        row(day, _source(way, sent))["rows_held"] += count
    for (day, source), before in was.items():
        one = row(day, source)
        if day < today and before["rows_loaded"] > one["rows_loaded"]:
            one |= {name: before[name] for name in ("rows_loaded", "fields", "fields_filled")}
            one |= {name: _later(one[name], before[name]) for name in ("data_through", "last_load_at")}
    return list(rows.values())


_COUNTS = ("rows_loaded", "rows_held", "fields", "fields_filled")


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _source(way: str, sent: Sequence[str]) -> str:
    """Return what brought rows, by how the ids of its runs begin."""
    if way.startswith(SYNC):
        return way.removeprefix(SYNC)
    if f"{way}-" == EVENTS:
        return sent[0] if len(sent) == 1 else SENT
    return WAYS.get(f"{way}-", OTHER)


def _senders(workspace: str) -> Mapping[str, Sequence[str]]:
    """Return the sources that send to us by the dataset they fill."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in Source.objects.filter(workspace=workspace, kind=PUSHED).order_by("name"):
        for dataset in {str(stream["dataset"]) for stream in source.spec["streams"].values()}:
            found[dataset].append(source.name)
    return found


def _known(folder: WorkspaceFolder, snapshot: Snapshot, since: date | None) -> dict[tuple[str, date, str], Row]:
    """Return the rows that are counted anew, by dataset, day and source: those of the days from one on."""
    relation = folder.lake.relation(ARRIVALS, snapshot)
    if since is None or relation is None or not relation.files:
        return {}
    names = list(folder.catalog.dataset(ARRIVALS).columns)
    rows = pa.concat_tables(pq.read_table(file, columns=names) for file in relation.files).to_pylist()
    return {(row["dataset_name"], row["day"], row["source_name"]): row for row in rows if row["day"] >= since}


def _volumes(folder: WorkspaceFolder, snapshot: Snapshot, *, now: datetime) -> list[Row]:
    today = now.astimezone(ZoneInfo(folder.catalog.settings.zone)).date()
    return [
        _volume(dataset.name, volume)
        for dataset in folder.catalog.filled.values()
        for volume in day_volumes(folder, dataset, snapshot, today=today)
    ]


def _volume(dataset: str, volume: DayVolume) -> Row:
    least, most = volume.expected or (None, None)
    return {
        "day": volume.day,
        "dataset_name": dataset,
        "rows_dated": volume.rows,
        "rows_usual": volume.distance.usual if volume.distance else None,
        "rows_least": least,
        "rows_most": most,
        "is_unusual": volume.is_unusual,
    }


def _store(folder: WorkspaceFolder, name: str, rows: Sequence[Row], *, now: datetime) -> Snapshot:
    """Return the snapshot with these rows; when none differs from what is there, nothing is written."""
    dataset = folder.catalog.dataset(name)
    if not rows:
        return folder.lake.snapshot()
    table = pa.table(
        {
            column: pa.array([row[column] for row in rows], ARROW_TYPES[spec.type])
            for column, spec in dataset.columns.items()
        }
    )
    zone = folder.catalog.settings.zone
    run = f"health-{now.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%S%f}"
    return write(folder.lake, dataset, table.to_batches(), zone=zone, now=now, run=run, references={}).snapshot
