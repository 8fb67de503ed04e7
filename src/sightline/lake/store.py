"""The lake of one workspace: its snapshots and the files behind them."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sightline.lake.relation import Relation
from sightline.lake.snapshot import Snapshot
from sightline.lake.snapshots import SnapshotLog
from sightline.lake.table import Table, file_uris
from sightline.lake.turn import turn

_CACHED = 1000


class Lake:
    """A folder with one Delta table per dataset and a log of snapshots.

    Objects are cheap, may be shared by threads, and any number of processes may use one folder at once.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root).absolute()
        self.log = SnapshotLog(self.root / "_snapshots")
        self._relations: dict[tuple[str, int], Relation] = {}
        self._lock = Lock()

    def snapshot(self, id: int | None = None) -> Snapshot:  # noqa: A002 # the word of the contract
        """Return the newest snapshot, or the one with a number. Raises SnapshotGone when that is not kept."""
        return self.log.newest() if id is None else self.log.get(id)

    def snapshots(self) -> list[Snapshot]:
        """Return every snapshot that can still be read, oldest first."""
        return [self.log.get(number) for number in self.log.ids()]

    def keep(self, snapshot_id: int, reason: str) -> None:
        """Keep a snapshot and its files for good, saying why."""
        with turn(self.keep_lock):  # not while maintenance decides what may go
            self.log.keep(snapshot_id, reason)

    @property
    def keep_lock(self) -> Path:
        """Held while snapshots are being kept or let go."""
        return self.root / "_locks" / "_kept"

    def relation(self, dataset: str, snapshot: Snapshot) -> Relation | None:
        """Return the files of a dataset in a snapshot, or None when it was never published."""
        published = snapshot.datasets.get(dataset)
        if published is None:
            return None
        key = (dataset, published.version)
        known = self._relations.get(key)
        if known is None:  # a version never changes, so neither does what is cached
            files = file_uris(self.folder(dataset), published.version)
            columns = frozenset(published.columns)
            relation = Relation(dataset, published.version, files, columns, published.zone, published.evolved)
            with self._lock:
                if len(self._relations) >= _CACHED:
                    self._relations.clear()
                self._relations[key] = relation
            return relation
        return known

    def folder(self, dataset: str) -> Path:
        """Return the folder of a dataset's Delta table."""
        return self.root / dataset

    def table(self, dataset: str) -> Table:
        """Return a dataset's Delta table."""
        return Table(self.folder(dataset))

    def quarantine(self, dataset: str) -> Table:
        """Return the Delta table of the rows of a dataset that were held back."""
        return Table(self.root / "_quarantine" / dataset)

    def staging(self, run: str) -> Path:
        """Return the folder of one run's unfinished work."""
        return self.root / "_staging" / run
