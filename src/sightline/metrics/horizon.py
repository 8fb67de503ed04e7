"""Up to which day the data is known: what has not arrived yet is unknown, which is not the same as absent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sightline.lake.snapshot import DatasetVersion, Snapshot
from sightline.metrics.calendar import DAY


@dataclass(frozen=True)
class Horizon:
    """The last day that each dataset of a snapshot tells of, as seen from `today`: never later than today.

    `days` has two entries for a dataset: by its own time column, and (`published`) by the day it was published. They
    are the same for every viewer: a cohort has had its time or not, whoever looks at it.
    """

    today: date
    days: tuple[tuple[str, date], ...] = ()

    def last_day(self, sources: Collection[str]) -> date:
        """Return the last day of which all of these tell."""
        return min((day for name, day in self.days if name in sources), default=self.today)

    def end(self, sources: Collection[str]) -> date:
        """Return the day before which everything has happened and is known. Today itself is still under way."""
        return min(self.today, self.last_day(sources) + DAY)

    def of(self, sources: Collection[str]) -> Horizon:
        """Return what bounds these alone."""
        return Horizon(self.today, tuple((name, day) for name, day in self.days if name in sources))


def horizon_of(snapshot: Snapshot, *, today: date) -> Horizon:
    """Return up to which day each dataset of the snapshot is known. One never published holds nothing up."""
    days: list[tuple[str, date]] = []
    for name, version in snapshot.datasets.items():
        loaded = version.loaded_at
        days.append((name, _local(min(version.data_through or loaded, loaded), version)))
        days.append((published(name), _local(loaded, version)))
    return Horizon(today, tuple(sorted((name, min(today, day)) for name, day in days)))


def published(dataset: str) -> str:
    """Return under which name a horizon holds the day of the publish.

    It bounds what is known of another time column than the dataset's own, whose newest row is not recorded.
    """
    return f"{dataset} published"


def _local(moment: datetime, version: DatasetVersion) -> date:
    return moment.astimezone(ZoneInfo(version.zone)).date()
