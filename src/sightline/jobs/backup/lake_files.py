"""The files of a lake as of one snapshot: what is published up to then, and what is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake
from sightline.lake.table import file_uris

_VERSION = re.compile(r"^(\d{20})\.")


def lake_files(lake: Lake, newest: Snapshot) -> Iterator[Path]:
    """Yield the absolute paths of the files that snapshots up to this one need. The snapshot must be kept meanwhile."""
    snapshots = [lake.snapshot(number) for number in lake.log.ids() if number <= newest.id]
    yield from (lake.log.folder / f"{snapshot.id:08d}.json" for snapshot in snapshots)
    kept = lake.log.folder / "kept"
    yield from sorted(kept.iterdir()) if kept.is_dir() else ()
    for name, version in newest.datasets.items():
        folder = lake.folder(name)
        yield from _log_files(folder, upto=version.version)
        versions = {each.datasets[name].version for each in snapshots if name in each.datasets}
        yield from sorted({Path(file) for number in versions for file in file_uris(folder, number)})
        yield from _held_files(lake, name)


def _log_files(folder: Path, *, upto: int) -> Iterator[Path]:
    """Yield the Delta log's files of versions up to one: later commits are not part of the snapshot."""
    for path in sorted((folder / "_delta_log").iterdir()):
        version = _VERSION.match(path.name)
        if version and int(version[1]) <= upto:
            yield path


def _held_files(lake: Lake, dataset: str) -> Iterator[Path]:
    table = lake.quarantine(dataset)
    state = table.state()
    if state is not None:
        yield from _log_files(table.folder, upto=state.version)
        yield from (table.folder / file.path for file in state.files)
