"""A snapshot: one immutable version of all datasets of a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DatasetVersion:
    """One published version of a dataset.

    `version` is the Delta version; `rows` its row count; `data_through` the newest value of the time column (UTC),
    None when empty or timeless; `loaded_at` when it was published; `zone` the zone of the stored local days;
    `columns` the columns stored in its files; `evolved` whether older files lack some of them.
    """

    version: int
    rows: int
    data_through: datetime | None
    loaded_at: datetime
    zone: str
    columns: tuple[str, ...]
    evolved: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The published version of every dataset at one moment. `id` counts from 0 (nothing published yet)."""

    id: int
    published_at: datetime | None
    datasets: Mapping[str, DatasetVersion]

    def versions(self, names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """Return (dataset, version) for the named datasets, sorted; -1 for one never published."""
        return tuple(
            (name, self.datasets[name].version if name in self.datasets else -1) for name in sorted(set(names))
        )


EMPTY = Snapshot(id=0, published_at=None, datasets={})
