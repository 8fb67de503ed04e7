"""Restoring a backup: every file is checked before anything of it can be seen, and it is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.models import Membership
from sightline.definitions.folders import shipped_packs
from sightline.definitions.schema.pack import Settings
from sightline.home import Home, WorkspaceFolder
from sightline.home.files import only_writer
from sightline.home.home import NAME, NameTaken
from sightline.home.workspace import read_settings, save_moved_settings
from sightline.jobs.backup.archive import BadBackup, digest_of, unpack
from sightline.jobs.backup.rows import restore_rows


@dataclass(frozen=True)
class Restored:
    """A workspace that is back: its name, what came back, and the digest of the file it came from."""

    workspace: str
    files: int
    rows: int
    database_rows: int
    snapshot: int
    digest: str


def restore(*, home: Home, source: Path, workspace: str | None, by: str, now: datetime) -> Restored:
    """Bring a backed-up workspace into this home, under its own name or another.

    Raises BadBackup when a single byte differs from what was written, NameTaken when there is such a workspace.
    """
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.path / "workspaces") as temporary:
        unpacked = Path(temporary)
        manifest = unpack(source, unpacked)
        name = workspace or str(manifest["workspace"])
        target = home.path / "workspaces" / name
        if not NAME.match(name):
            raise BadBackup(f'"{name}" cannot name a workspace')
        _settle(unpacked / "workspace", target, name=name, packs=manifest["packs"])
        with only_writer(home.path), transaction.atomic():
            if target.exists() or Membership.objects.filter(workspace=name).exists():
                raise NameTaken(f'there is a workspace "{name}" already', hint="Give another name with --workspace.")
            count = restore_rows(unpacked / "rows", workspace=name)
            digest = digest_of(source)
            _tell(name, manifest, digest, by, now)
            (unpacked / "workspace").replace(target)  # last: what is visible is whole
    folder = home.workspace(name)
    return Restored(name, len(manifest["files"]), _verified(folder), count, folder.lake.snapshot().id, digest)


def _settle(unpacked: Path, target: Path, *, name: str, packs: list[str]) -> None:
    """Let settings say the new name, and where the packs that came along are now. The old audit log is kept to read."""
    settings: Settings = read_settings(unpacked / "settings.yaml")
    shipped = [pack for pack in settings.packs if pack in shipped_packs()]
    moved = settings.model_copy(
        update={"workspace": name, "packs": [*shipped, *(str(target / "packs" / pack) for pack in packs)]}
    )
    save_moved_settings(unpacked, moved)
    (unpacked / "definitions").mkdir(exist_ok=True)
    history = unpacked / "history"
    history.mkdir(exist_ok=True)
    shutil.copyfile(unpacked.parent / "rows" / "audit.jsonl", history / "audit-before-restore.jsonl")


def _tell(name: str, manifest: dict[str, Any], digest: str, by: str, now: datetime) -> None:
    detail = {"sha256": digest, "written at": manifest["written_at"], "was": manifest["workspace"]}
    audit.record(workspace=name, actor=by, verb="restored", object=name, detail=detail, now=now)


def _verified(folder: WorkspaceFolder) -> int:
    """Return the rows of the newest snapshot, whose files are all there. Raises BadBackup otherwise."""
    snapshot = folder.lake.snapshot()
    for name in snapshot.datasets:
        relation = folder.lake.relation(name, snapshot)
        if relation is None or not all(Path(file).is_file() for file in relation.files):
            raise BadBackup(f'the files of dataset "{name}" are not all there')
    return sum(version.rows for version in snapshot.datasets.values())
