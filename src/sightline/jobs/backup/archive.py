"""The file: a gzipped tar that ends with a manifest of every member's SHA-256. Reading checks each of them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sightline.errors import UserError

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20


class BadBackup(UserError):
    """A file that is no backup, is damaged, or was changed after it was written."""

    code = "SL-E390"


@dataclass
class Writer:
    """Adds members and remembers their digests."""

    tar: tarfile.TarFile
    now: datetime
    digests: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def add_file(self, path: Path, name: str) -> None:
        """Add a file of the disk, which must not change meanwhile."""
        with path.open("rb") as file:
            self.digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            self._add(name, file, path.stat().st_size)

    def add_bytes(self, content: bytes, name: str) -> None:
        """Add content made now."""
        self.digests[name] = hashlib.sha256(content).hexdigest()
        self._add(name, io.BytesIO(content), len(content))

    def _add(self, name: str, file: Any, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self.now.timestamp())
        self.tar.addfile(info, file)
        self.size += size


@contextmanager
def writing(target: Path, *, about: dict[str, Any], now: datetime) -> Iterator[Writer]:
    """Give a writer of a new file, readable by its owner only; it is there only when it is whole."""
    draft = target.with_name(f".{target.name}.part")
    draft.touch(mode=0o600)
    try:
        with tarfile.open(draft, "w:gz", compresslevel=5) as tar:
            writer = Writer(tar, now)
            yield writer
            manifest = {"format": FORMAT, **about, "files": dict(writer.digests)}
            writer.add_bytes(json.dumps(manifest, indent=1, sort_keys=True).encode(), MANIFEST)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and return its manifest.

    Raises BadBackup when a member is missing, is not in the manifest, has another content, or would lie elsewhere.
    """
    digests: dict[str, str] = {}
    try:
        with tarfile.open(source, "r:gz") as tar:
            for member in tar:
                digests[member.name] = _unpack_one(tar, member, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadBackup(f"{source.name} cannot be read as a backup: {error}") from error
    if MANIFEST not in digests:
        raise BadBackup(f"{source.name} has no {MANIFEST}: it is no backup, or was cut off")
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise BadBackup(f"{source.name} has format {manifest.get('format')}, this version reads {FORMAT}")
    _compare(source.name, manifest["files"], {name: each for name, each in digests.items() if name != MANIFEST})
    return manifest


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    path = PurePosixPath(member.name)
    if not member.isfile() or path.is_absolute() or ".." in path.parts:
        raise BadBackup(f'"{member.name}" is nothing that a backup holds')
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, content = hashlib.sha256(), tar.extractfile(member)
    if content is None:
        raise BadBackup(f'"{member.name}" cannot be read')
    with target.open("xb") as file:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _compare(name: str, wanted: dict[str, str], found: dict[str, str]) -> None:
    problems = [f"{each} is missing" for each in wanted if each not in found]
    problems += [f"{each} is not in the manifest" for each in found if each not in wanted]
    problems += [f"{each} was changed" for each in wanted if each in found and wanted[each] != found[each]]
    if problems:
        more = f", and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise BadBackup(f"{name} is damaged: {'; '.join(problems[:5])}{more}", hint="Nothing was restored.")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file: what to note down beside a backup."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
