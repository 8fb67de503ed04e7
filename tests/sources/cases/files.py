"""Cases of the files connector: the same files in every kind of place."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from behaviour import Case, Clock, HttpWorld, Key, World
from fake_bucket import ACCESS, BUCKET, REGION, SECRET, FakeBucket
from fake_server import Answer, Asked, FakeServer, serving
from fake_sftp import PASSWORD, USER, serving_sftp

from sightline.sources.files.source import FILES

IN_A_FILE = 5
TOKEN = "tok-f1les"


class FilesWorld(World):
    """Three files of leads, and more with every change."""

    stream = "leads"
    page = IN_A_FILE

    def __init__(self, clock: Clock, write: Callable[[str, bytes], None]) -> None:
        self.clock, self.write = clock, write
        self.columns = ["id", "name", "made"]
        self.files: dict[str, list[int]] = {}
        for number in range(3):
            self.add([number * IN_A_FILE + each for each in range(1, IN_A_FILE + 1)])

    def settings(self, **place: Any) -> dict[str, Any]:
        stream = {"name": "leads", "pattern": "2026/leads-*.csv", "key": ["id"]}
        return {"streams": [stream], "page_rows": IN_A_FILE, **place}

    def add(self, ids: list[int]) -> None:
        self.files[f"2026/leads-{len(self.files):03d}.csv"] = ids
        self.store(list(self.files)[-1])

    def store(self, name: str) -> None:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.columns)
        for number in self.files[name]:
            row = {"id": number, "name": f"Lead {number}, 'the' \"one\"", "made": "2026-03-01", "phone": "+49"}
            writer.writerow([row[column] for column in self.columns])
        self.write(name, text.getvalue().encode())

    def keys(self) -> set[Key]:
        return {(str(number),) for ids in self.files.values() for number in ids}

    def change(self, number: int) -> set[Key]:
        self.clock.tick()
        first = 1 + max(each for ids in self.files.values() for each in ids)
        self.add(list(range(first, first + number)))
        return {(str(each),) for each in range(first, first + number)}

    def add_column(self) -> str:
        self.columns.append("phone")
        for name in self.files:
            self.store(name)
        return "phone"

    def drop_column(self) -> str:
        self.columns.remove("name")
        for name in self.files:
            self.store(name)
        return "name"


class OneFileWorld(FilesWorld):
    """One file that grows."""

    page = 100

    def __init__(self, clock: Clock, write: Callable[[str, bytes], None]) -> None:
        super().__init__(clock, write)
        self.files = {"leads.csv": list(range(1, 14))}
        self.store("leads.csv")

    def add(self, ids: list[int]) -> None:
        self.files = {"leads.csv": [*self.files.get("leads.csv", []), *ids]}
        self.store("leads.csv")


class BucketWorld(FilesWorld, HttpWorld):
    """Files in a bucket."""

    def __init__(self, clock: Clock, bucket: FakeBucket, server: FakeServer) -> None:
        self.server = server
        super().__init__(clock, lambda name, content: bucket.files.update({f"crm/{name}": content}))


def _written(root: Path) -> Callable[[str, bytes], None]:
    def write(name: str, content: bytes) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)

    return write


@contextmanager
def _folder(folder: Path, clock: Clock) -> Iterator[World]:
    world = FilesWorld(clock, _written(folder / "drop"))
    world.folders = (folder,)
    world.config = world.settings(place="folder", folder="drop") | {"page_rows": 2}
    yield world


@contextmanager
def _bucket(_: Path, clock: Clock) -> Iterator[World]:
    bucket = FakeBucket()
    bucket.files = {"crm/2025/leads-000.csv": b"id\n99\n", "other/2026/leads-000.csv": b"id\n98\n"}
    with serving(bucket) as server:
        world = BucketWorld(clock, bucket, server)
        place = {"place": "s3", "address": server.url, "bucket": BUCKET, "region": REGION, "folder": "/crm/"}
        world.config = world.settings(**place, access_key=ACCESS, secret_key=SECRET)
        world.wrong = {**world.config, "secret_key": "another one"}
        world.secrets = (SECRET,)
        yield world


@contextmanager
def _sftp(folder: Path, clock: Clock) -> Iterator[World]:
    with serving_sftp(folder) as server:
        world = FilesWorld(clock, _written(folder / "drop"))
        place = {"place": "sftp", "host": "127.0.0.1", "port": server.port, "host_key": server.fingerprint}
        world.config = world.settings(**place, user=USER, password=PASSWORD, folder="/drop") | {"page_rows": 3}
        world.wrong = {**world.config, "password": "another one"}
        world.secrets = (PASSWORD,)
        yield world


@contextmanager
def _web(_: Path, clock: Clock) -> Iterator[World]:
    files: dict[str, bytes] = {}

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer({"message": "who are you?"}, 401)
        content = files[asked.path.removeprefix("/exports/")]
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        return Answer(content if asked.method == "GET" else b"", headers={"ETag": etag})

    with serving(answer) as server:
        world = OneFileWorld(clock, files.__setitem__)
        stream = {"name": "leads", "pattern": "leads.csv", "key": ["id"]}
        place = {"place": "http", "address": f"{server.url}/exports", "token": TOKEN, "page_rows": 4}
        world.config = {**place, "streams": [stream]}
        world.wrong = {**world.config, "token": "another one"}
        world.secrets = (TOKEN,)
        yield world


FILES_CANNOT = {
    "bounds": "when a file was written says nothing of its rows: a backfill reads all files",
    "remove": "a row that is gone from a file is not told",
    "merge": "files do not tell of merges",
    "count": "files do not tell when rows were made",
    "renewal": "passwords and keys do not expire",
}
LOCAL = {"credentials": "a folder has none", "network": "a folder", "faults": "a folder"}
OTHER_FAULTS = "not HTTP; test_sftp.py makes the server fail"
ANY_TEXT = "a page instead of a file cannot be told apart; test_files_over_http.py makes the server fail"
CASES = (
    Case("files: folder", FILES, _folder, {**FILES_CANNOT, **LOCAL}),
    Case("files: S3", FILES, _bucket, FILES_CANNOT),
    Case("files: SFTP", FILES, _sftp, {**FILES_CANNOT, "faults": OTHER_FAULTS}),
    Case("files: HTTP", FILES, _web, {**FILES_CANNOT, "faults": ANY_TEXT}),
)
