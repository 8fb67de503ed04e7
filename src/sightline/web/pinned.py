"""A workspace whose definitions stand still for one request: the page is of one version, files are read once."""

from __future__ import annotations

from dataclasses import replace

from sightline.accounts.access import Access
from sightline.definitions.loader import Loaded
from sightline.home import WorkspaceFolder


class PinnedFolder(WorkspaceFolder):
    """The same folder, with its definitions as they stood when it was opened."""

    def __init__(self, folder: WorkspaceFolder) -> None:
        folder.lake  # noqa: B018 - a cached property: made once there, not once per request here
        self.__dict__.update(vars(folder))  # one object per request: whatever the folder holds, this holds
        self._pinned = folder.loaded

    @property
    def loaded(self) -> Loaded:
        return self._pinned


def pinned(access: Access) -> Access:
    """Return the access with its definitions pinned."""
    return replace(access, folder=PinnedFolder(access.folder))
