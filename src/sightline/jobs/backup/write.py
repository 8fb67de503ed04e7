"""Writing a backup while everything goes on: what it holds is the state of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.catalog import Location
from sightline.definitions.folders import find_packs, shipped_packs
from sightline.errors import UserError
from sightline.home import WorkspaceFolder
from sightline.jobs.backup.archive import Writer, digest_of, writing
from sightline.jobs.backup.lake_files import lake_files
from sightline.jobs.backup.rows import as_lines, audit_of, hold_inbox, tables
from sightline.lake.snapshot import Snapshot

OWN_FOLDERS = ("definitions", "history", "branding")


class TargetExists(UserError):
    """There is a file where the backup should go."""

    code = "SL-E391"


@dataclass(frozen=True)
class BackedUp:
    """A backup that was written: where, how large, what it holds, and its SHA-256 to note down."""

    path: Path
    bytes: int
    files: int
    rows: int
    snapshot: int
    digest: str


def back_up(*, access: Access, target: Path, now: datetime) -> BackedUp:
    """Write a workspace into a file. Raises TargetExists; needs the right to change settings."""
    access.require("manage_settings")
    if target.exists():
        raise TargetExists(f"{target} exists already", hint="Choose another name; backups are not overwritten.")
    folder = access.folder
    lines, snapshot = _moment(folder, now)
    about = {
        "workspace": folder.name,
        "label": folder.settings.label,
        "written_at": now.isoformat(),
        "snapshot": snapshot.id,
        "packs": [name for name, _ in _folder_packs(folder)],
    }
    with writing(target, about=about, now=now) as writer:
        for name, content in lines.items():
            writer.add_bytes(content, f"rows/{name}.jsonl")
        for path, name in (*_own_files(folder), *_pack_files(folder)):
            writer.add_file(path, name)
        _add_lake(writer, folder, snapshot)
    done = BackedUp(
        path=target,
        bytes=target.stat().st_size,
        files=len(writer.digests) - 1,  # without the manifest
        rows=sum(version.rows for version in snapshot.datasets.values()),
        snapshot=snapshot.id,
        digest=digest_of(target),
    )
    detail = {"file": target.name, "sha256": done.digest, "snapshot": snapshot.id}
    audit.record(
        workspace=folder.name, actor=access.actor, verb="backed up", object=folder.name, detail=detail, now=now
    )
    return done


def _moment(folder: WorkspaceFolder, now: datetime) -> tuple[dict[str, bytes], Snapshot]:
    """Return the rows and the snapshot of one moment, which is kept until somebody lets it go.

    Events are marked as being stored before they go into the lake, and cursors move after what they stand for is there:
    so with the rows read while nobody may begin, what the rows call open is either not in the snapshot or known there.
    """
    with transaction.atomic():
        hold_inbox()
        lines = {name: as_lines(rows) for name, rows in tables(folder.name)}
        lines["audit"] = audit_of(folder.name)
        snapshot = folder.lake.snapshot()
        if snapshot.id:
            folder.lake.keep(snapshot.id, f"backup of {now:%Y-%m-%d %H:%M} UTC")
    return lines, snapshot


def _add_lake(writer: Writer, folder: WorkspaceFolder, snapshot: Snapshot) -> None:
    root = folder.lake.root
    seen: set[Path] = set()
    for path in lake_files(folder.lake, snapshot):
        if path not in seen:
            seen.add(path)
            writer.add_file(path, f"workspace/lake/{path.relative_to(root).as_posix()}")


def _own_files(folder: WorkspaceFolder) -> Iterator[tuple[Path, str]]:
    yield folder.path / "settings.yaml", "workspace/settings.yaml"
    for name in OWN_FOLDERS:
        yield from _all_in(folder.path / name, f"workspace/{name}")


def _pack_files(folder: WorkspaceFolder) -> Iterator[tuple[Path, str]]:
    for name, path in _folder_packs(folder):
        yield from _all_in(path, f"workspace/packs/{name}")


def _folder_packs(folder: WorkspaceFolder) -> list[tuple[str, Path]]:
    """Return the packs that are folders of somebody's own: shipped ones are there wherever Sightline is."""
    own = [pack for pack in folder.settings.packs if pack not in shipped_packs()]
    found, _ = find_packs(own, relative_to=folder.path, named_in=Location("settings.yaml"))
    return [(path.name, path) for path in found]


def _all_in(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path, f"{name}/{path.relative_to(folder).as_posix()}"
