"""Files in a bucket of Amazon S3 or of a service that speaks like it (MinIO, Ceph, R2, Wasabi …)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx

from sightline.sources.base import SourceAnswer, Surroundings
from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.download import FileHttp
from sightline.sources.files.pattern import Entry, fixed_folder, matches
from sightline.sources.files.place import local_name, require_small
from sightline.sources.files.signature import Signer, encoded, query_of
from sightline.sources.http import TryAgain


class Bucket:
    """A bucket, addressed by path, which all services understand."""

    def __init__(self, config: PlaceConfig, surroundings: Surroundings) -> None:
        address = (config.address or f"https://s3.{config.region}.amazonaws.com").rstrip("/")
        secret = config.secret_key.get_secret_value() if config.secret_key else ""
        self._config, self._now = config, surroundings.now
        self._signer = Signer(config.access_key, secret, config.region)
        self._http = FileHttp(address, surroundings=surroundings)
        self._host = httpx.URL(address).netloc.decode()
        self._base = httpx.URL(address).path.rstrip("/")
        self._folder = f"{config.folder.strip('/')}/" if config.folder.strip("/") else ""
        self.name = f"bucket {config.bucket}/{self._folder} at {httpx.URL(address).host}"

    def find(self, pattern: str) -> Sequence[Entry]:
        found = self._objects(self._folder + fixed_folder(pattern))
        return sorted((entry for entry in found if matches(entry.name, pattern)), key=lambda entry: entry.name)

    def fetch(self, entry: Entry, into: Path) -> Path:
        require_small(entry, largest_mb=self._config.largest_mb)
        target, path = into / local_name(entry), encoded(f"/{self._config.bucket}/{self._folder}{entry.name}")
        signed = self._signer.headers(host=self._host, path=self._base + path, query="", now=self._now())
        self._http.download(path, target, entry=entry, largest_mb=self._config.largest_mb, headers=signed)
        return target

    def close(self) -> None:
        self._http.close()

    def _objects(self, prefix: str) -> Iterator[Entry]:
        token = ""
        while True:
            page = self._listed(prefix, token)
            for each in page.iterfind("{*}Contents"):
                name = _text(each, "Key").removeprefix(self._folder)
                if not name.endswith("/") and not {"", ".", ".."} & set(name.split("/")):
                    yield Entry(name, size=int(_text(each, "Size")), stamp=_text(each, "ETag").strip('"'))
            token = page.findtext("{*}NextContinuationToken") or ""
            if not token:
                return

    def _listed(self, prefix: str, token: str) -> ET.Element:
        values = {"list-type": "2", "prefix": prefix, "max-keys": "1000"}
        query = query_of(values | ({"continuation-token": token} if token else {}))
        path = encoded(f"/{self._config.bucket}")
        signed = self._signer.headers(host=self._host, path=self._base + path, query=query, now=self._now())
        return self._http.parsed(f"{path}?{query}", _tree, headers=signed)


def _tree(answer: httpx.Response) -> ET.Element:
    if b"<!" in answer.content:
        raise TryAgain("answered something else than a list of files")
    try:
        tree = ET.fromstring(answer.content)  # noqa: S314 - without declarations, of entities too: see above
    except ET.ParseError as error:
        raise TryAgain(f"answered something else than XML ({error})") from error
    if not tree.tag.endswith("ListBucketResult"):
        raise TryAgain("answered something else than a list of files")
    return tree


def _text(element: ET.Element, name: str) -> str:
    found = element.findtext(f"{{*}}{name}")
    if found is None:
        raise SourceAnswer(f"the list of files lacks {name}")
    return found
