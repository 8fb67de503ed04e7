"""The log of snapshots: one small immutable file each, numbered, published by whoever links the next number first."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock

from sightline.errors import NotFound
from sightline.lake.snapshot import EMPTY, DatasetVersion, Snapshot

_FILE = re.compile(r"(\d{8,})\.json")

Change = Callable[[Snapshot], Mapping[str, DatasetVersion]]
"""Given the newest snapshot, the datasets of the next one."""


class SnapshotGone(NotFound):
    """A snapshot that was never published or is no longer kept."""

    code = "SL-E202"


class SnapshotLog:
    """Numbered snapshot files in one folder. Safe for any number of processes and threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._newest: tuple[int, Snapshot] = (-1, EMPTY)  # (folder's modification time, snapshot)
        self._read: dict[int, Snapshot] = {}

    def newest(self) -> Snapshot:
        """Return the newest snapshot. When nothing changed this costs two `stat` calls and no lock.

        The folder's time tells of changes; the next number is probed as well, because two files made within one tick
        of the file system's clock leave the same time.
        """
        seen, snapshot = self._newest
        if seen == self._changed_at() and not self._path(snapshot.id + 1).exists():
            return snapshot
        with self._lock:
            changed_at = self._changed_at()
            snapshot = self._load(max(self.ids(), default=0))
            self._newest = (changed_at, snapshot)
        return snapshot

    def get(self, snapshot_id: int) -> Snapshot:
        """Return one snapshot. Raises SnapshotGone when it is not there any more."""
        try:
            return self._load(snapshot_id)
        except FileNotFoundError:
            raise SnapshotGone(
                f"snapshot {snapshot_id} is not kept", hint=f"The newest is {self.newest().id}; older ones are pruned."
            ) from None

    def ids(self) -> list[int]:
        """Return the numbers of all snapshots that are still there, oldest first."""
        if not self.folder.exists():
            return []
        return sorted(int(match[1]) for path in self.folder.iterdir() if (match := _FILE.fullmatch(path.name)))

    def publish(self, change: Change, *, now: datetime) -> Snapshot:
        """Put a new snapshot on top of the newest and return it; the newest itself when the change is nothing."""
        while True:
            newest = self.newest()
            datasets = change(newest)
            if datasets == newest.datasets:
                return newest
            snapshot = Snapshot(newest.id + 1, now, dict(datasets))
            if self._link(snapshot):
                return snapshot

    def keep(self, snapshot_id: int, reason: str) -> None:
        """Mark a snapshot as never to be removed, with the reason. Further reasons add up."""
        self.get(snapshot_id)
        path = self.folder / "kept" / f"{snapshot_id:08d}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(reason.replace("\n", " ") + "\n")
            file.flush()
            os.fsync(file.fileno())

    def kept(self) -> dict[int, str]:
        """Return the reasons of the snapshots that are kept, by number."""
        folder = self.folder / "kept"
        paths = sorted(folder.iterdir()) if folder.exists() else []
        return {int(path.name): path.read_text(encoding="utf-8").strip() for path in paths}

    def remove(self, snapshot_id: int) -> None:
        """Forget a snapshot that is neither kept nor the newest."""
        if snapshot_id in self.kept() or snapshot_id == self.newest().id:
            return
        with suppress(FileNotFoundError):
            self._path(snapshot_id).unlink()
        self._read.pop(snapshot_id, None)

    def _path(self, snapshot_id: int) -> Path:
        return self.folder / f"{snapshot_id:08d}.json"

    def _changed_at(self) -> int:
        try:
            return self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return -1

    def _load(self, snapshot_id: int) -> Snapshot:
        if snapshot_id == 0:
            return EMPTY
        if snapshot_id not in self._read:
            self._read[snapshot_id] = _parse(self._path(snapshot_id).read_text(encoding="utf-8"))
        return self._read[snapshot_id]

    def _link(self, snapshot: Snapshot) -> bool:
        """Write the file whole, then give it its number; False when another process took the number first."""
        drafts = self.folder / "drafts"
        drafts.mkdir(parents=True, exist_ok=True)
        draft = drafts / uuid.uuid4().hex
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(snapshot), file, default=datetime.isoformat)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._path(snapshot.id))
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True


def _parse(text: str) -> Snapshot:
    raw = json.loads(text)
    datasets = {name: _parse_version(version) for name, version in raw["datasets"].items()}
    return Snapshot(raw["id"], datetime.fromisoformat(raw["published_at"]), datasets)


def _parse_version(raw: dict[str, object]) -> DatasetVersion:
    through = raw["data_through"]
    return DatasetVersion(
        version=int(str(raw["version"])),
        rows=int(str(raw["rows"])),
        data_through=datetime.fromisoformat(str(through)) if through else None,
        loaded_at=datetime.fromisoformat(str(raw["loaded_at"])),
        zone=str(raw["zone"]),
        columns=tuple(raw["columns"]),  # type: ignore[arg-type]  # JSON list of names
        evolved=bool(raw["evolved"]),
    )
