"""Files behind web addresses. There is no list of them, so a pattern is one address."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from sightline.sources.base import SourceAnswer, Surroundings
from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.download import FileHttp
from sightline.sources.files.pattern import WILD, Entry
from sightline.sources.files.place import local_name, require_small
from sightline.sources.http import Credentials, Nobody, Token


class Web:
    """Addresses below one address."""

    def __init__(self, config: PlaceConfig, surroundings: Surroundings) -> None:
        self._most = config.largest_mb
        self._http = FileHttp(config.address.rstrip("/"), surroundings=surroundings, credentials=_credentials(config))
        self.name = str(httpx.URL(config.address).copy_with(query=None, userinfo=b""))

    def find(self, pattern: str) -> Sequence[Entry]:
        if any(sign in pattern.partition("?")[0] for sign in WILD):
            raise SourceAnswer(f'files behind a web address cannot be listed, so "{pattern}" cannot be a pattern')
        return [self._seen(Entry(pattern))]

    def fetch(self, entry: Entry, into: Path) -> Path:
        require_small(entry, largest_mb=self._most)
        target = into / local_name(Entry(entry.name.partition("?")[0]))
        self._http.download(f"/{entry.name}", target, entry=entry, largest_mb=self._most)
        return target

    def close(self) -> None:
        self._http.close()

    def _seen(self, entry: Entry) -> Entry:
        """Return a file with its stamp: what the server says of its version, else a digest of its content."""
        try:
            said = self._http.send("HEAD", f"/{entry.name}").headers
        except SourceAnswer:  # some answer to GET only
            said = httpx.Headers()
        size = int(said.get("Content-Length") or 0)
        stamp = said.get("ETag") or said.get("Last-Modified")
        return Entry(entry.name, size=size, stamp=f"{size}-{stamp}" if stamp else self._digest(entry))

    def _digest(self, entry: Entry) -> str:
        with TemporaryDirectory(prefix="sightline-") as folder, self.fetch(entry, Path(folder)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _credentials(config: PlaceConfig) -> Credentials:
    if config.token:
        return Token(config.token.get_secret_value())
    if config.password:
        pair = f"{config.user}:{config.password.get_secret_value()}".encode()
        return Token(base64.b64encode(pair).decode(), prefix="Basic ")
    return Nobody()
