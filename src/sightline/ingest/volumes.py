"""How many rows each day has, by the rows' own time, against the same weekday of the weeks before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from sightline.definitions.schema.dataset import Dataset
from sightline.home import WorkspaceFolder
from sightline.lake.counts import rows_by_local_day
from sightline.lake.snapshot import Snapshot
from sightline.stats.outlier import Distance, distance_from

WEEKS = 8
FEWEST_WEEKS = 4
FEWEST_ROWS = 20
"""With fewer rows on a usual day, chance alone makes days look unusual."""
FAR = 0.25
"""A day that differs by less than this part of a usual one is not unusual, however steady the days were."""

DAYS = 28
"""So many days are judged anew each time: rows may arrive late, and late ones may be corrected."""


@dataclass(frozen=True)
class DayVolume:
    """The rows of one whole day. `distance` is None where there is too little to judge by."""

    day: date
    rows: int
    distance: Distance | None

    @property
    def expected(self) -> tuple[int, int] | None:
        """The fewest and the most rows that would not be unusual."""
        if self.distance is None:
            return None
        (low, high), usual = self.distance.expected, self.distance.usual
        return max(0, ceil(min(low, usual * (1 - FAR)))), floor(max(high, usual * (1 + FAR)))

    @property
    def is_unusual(self) -> bool:
        return self.expected is not None and not self.expected[0] <= self.rows <= self.expected[1]


def day_volumes(folder: WorkspaceFolder, dataset: Dataset, snapshot: Snapshot, *, today: date) -> list[DayVolume]:
    """Return the last whole days that have data, oldest first; the last one is the one people are told of."""
    last = _last_whole_day(dataset, snapshot, today, folder.catalog.settings.zone)
    if last is None:
        return []
    since = last - timedelta(days=DAYS - 1, weeks=WEEKS)
    until = last + timedelta(days=1)
    found = rows_by_local_day(folder.lake, dataset, snapshot, since=since, until=until, run="watch")
    first = min(found, default=last)
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    return [DayVolume(day, found.get(day, 0), _distance(found, day, first)) for day in days if day >= first]


def _last_whole_day(dataset: Dataset, snapshot: Snapshot, today: date, zone: str) -> date | None:
    version = snapshot.datasets.get(dataset.name)
    if version is None or dataset.time is None or version.data_through is None:
        return None
    newest = version.data_through.astimezone(ZoneInfo(zone)).date()
    return min(newest, today) - timedelta(days=1)


def _distance(counts: Mapping[date, int], day: date, first: date) -> Distance | None:
    before = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    history = [counts.get(each, 0) for each in before if each >= first]
    if len(history) < FEWEST_WEEKS:
        return None
    distance = distance_from(history, counts.get(day, 0))
    return distance if max(distance.usual, distance.value) >= FEWEST_ROWS else None
