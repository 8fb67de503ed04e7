"""Files put aside between upload and import: kept in the home's uploads folder with who put them there."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from sightline.errors import NotFound, UserError
from sightline.sources.files.formats import SUFFIXES

KEY = re.compile(r"^[0-9a-f]{32}$")
LARGEST = 2 * 1024**3


class UploadRefused(UserError):
    """The file is of no known kind, or too large."""

    code = "SL-E066"


@dataclass(frozen=True)
class Upload:
    """A file put aside. `key` is in the address; only the person who uploaded it may go on with it."""

    key: str
    workspace: str
    dataset: str
    file_name: str
    by: str
    path: Path


def put_aside(chunks: Iterable[bytes], *, file_name: str, workspace: str, dataset: str, by: str) -> Upload:
    """Return the upload of a stream of bytes, written in pieces."""
    suffix = Path(file_name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UploadRefused(
            f'"{file_name[:80]}" is of no kind that can be read', hint=f"Allowed: {', '.join(sorted(SUFFIXES))}"
        )
    key = secrets.token_hex(16)
    path = _folder() / f"{key}{suffix}"
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST:
                break
            file.write(chunk)
    if size > LARGEST:
        path.unlink()
        raise UploadRefused(f"the file is larger than {LARGEST // 1024**3} GB", hint="Use sightline import instead.")
    upload = Upload(key, workspace, dataset, Path(file_name).name[:255], by, path)
    (_folder() / f"{key}.upload").write_text(json.dumps({**asdict(upload), "path": str(path)}), encoding="utf-8")
    return upload


def upload_of(key: str, *, workspace: str, by: str) -> Upload:
    """Return an upload of this person in this workspace; anything else is not found."""
    note = _folder() / f"{key}.upload"
    if not KEY.match(key) or not note.is_file():
        raise NotFound("this upload is gone", hint="Upload the file again.")
    kept = json.loads(note.read_text(encoding="utf-8"))
    upload = Upload(**{**kept, "path": Path(kept["path"])})
    if upload.workspace != workspace or upload.by != by or not upload.path.is_file():
        raise NotFound("this upload is gone", hint="Upload the file again.")
    return upload


def forget(upload: Upload) -> None:
    """Delete the note of an upload whose file was handed to the import."""
    (_folder() / f"{upload.key}.upload").unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.SIGHTLINE_HOME) / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
