"""Keeping the lakes in shape: small files joined, what is past its retention removed."""

from __future__ import annotations

from datetime import datetime

from sightline.accounts.access import current_home
from sightline.lake.maintain import Maintained, maintain


def maintain_all(now: datetime) -> str:
    """Maintain the lake of every workspace; return what was done in one line."""
    home = current_home()
    done = []
    for name in home.workspaces():
        folder = home.workspace(name)
        done.append(_in_words(name, maintain(folder.lake, folder.catalog.datasets.values(), now=now)))
    return "; ".join(filter(None, done))


def _in_words(workspace: str, done: Maintained) -> str:
    parts = [
        f"joined small files of {', '.join(done.compacted)}" if done.compacted else "",
        f"removed old rows of {', '.join(done.expired)}" if done.expired else "",
        f"removed {done.files_removed} files" if done.files_removed else "",
        f"forgot {done.snapshots_removed} snapshots" if done.snapshots_removed else "",
    ]
    said = ", ".join(filter(None, parts))
    return f"{workspace}: {said}" if said else ""
