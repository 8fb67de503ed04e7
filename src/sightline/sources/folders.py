"""Local files only from the folders that an admin allowed, however a path is written or linked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sightline.sources.base import SourceError


class OutsideFolders(SourceError):
    """A local path that does not lie below a folder from which files may be read."""

    code = "SL-E330"


def allowed_path(path: str | Path, folders: Sequence[Path]) -> Path:
    """Return where a path really is, links followed. A relative one is taken below the first folder.

    Raises OutsideFolders when that is not below one of the folders.
    """
    if not folders:
        raise OutsideFolders("no local folder may be read", hint='An admin names them in "source_folders".')
    given = Path(path)
    real = (given if given.is_absolute() else folders[0] / given).resolve()
    if not any(real.is_relative_to(folder.resolve()) for folder in folders):
        allowed = ", ".join(f'"{folder}"' for folder in folders)
        raise OutsideFolders(
            f'"{path}" is not below a folder from which files may be read', hint=f"Allowed: {allowed}."
        )
    return real
