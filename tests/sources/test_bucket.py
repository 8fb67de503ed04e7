"""An S3-compatible service: requests signed as Amazon documents it, long lists, odd names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fake_bucket import ACCESS, BUCKET, REGION, SECRET, FakeBucket
from fake_server import Answer, Asked, FakeServer, serving
from utc_clock import utc_now

from sightline.sources.base import ReadRequest, Source, SourceUnavailable, Surroundings
from sightline.sources.files.config import FilesConfig
from sightline.sources.files.place import FileTooLarge
from sightline.sources.files.signature import Signer, query_of
from sightline.sources.files.source import FILES

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")

AMAZONS = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
HOST, NOW = "examplebucket.s3.amazonaws.com", datetime(2013, 5, 24, tzinfo=UTC)


def signature(**parts: Any) -> str:
    return AMAZONS.headers(host=HOST, now=NOW, **parts)["authorization"].rpartition("Signature=")[2]


def test_signatures_are_those_of_amazons_examples() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    file = signature(path="/test.txt", query="", more={"range": "bytes=0-9"})
    assert file == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    listed = signature(path="/", query=query_of({"prefix": "J", "max-keys": "2"}))
    assert listed == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"


@pytest.fixture
def bucket() -> FakeBucket:
    return FakeBucket()


@pytest.fixture
def server(bucket: FakeBucket) -> Iterator[FakeServer]:
    with serving(bucket) as found:
        yield found


def opened(server: FakeServer, *, pattern: str = "**/*.csv", **settings: Any) -> Source:
    place = {"place": "s3", "address": server.url, "bucket": BUCKET, "region": REGION}
    streams = [{"name": "leads", "pattern": pattern, "key": ["id"]}]
    config = {**place, "access_key": ACCESS, "secret_key": SECRET, "streams": streams, **settings}
    return FILES.open(
        FilesConfig.model_validate(config), Surroundings(now=utc_now, allow_private=True, sleep=lambda _: None)
    )


def read(source: Source) -> list[str]:
    found = [record["_file"] for page in source.read(ReadRequest(source.streams()[0])) for record in page.records]
    source.close()
    return found


@pytest.mark.parametrize(
    "name", ["a b+c.csv", "Zoë (1)/100%.csv", "a=b&c;d.csv", "x/~$'!*@.csv", "%41.csv", "a?b#c.csv"]
)
def test_odd_names_are_signed_and_fetched(server: FakeServer, bucket: FakeBucket, name: str) -> None:
    bucket.files = {name: b"id\n1\n"}
    assert read(opened(server)) == [name]


def test_a_list_of_many_pages_is_read_whole(server: FakeServer, bucket: FakeBucket) -> None:
    names = [f"2026/{number:03d}.csv" for number in range(9)]
    bucket.files = dict.fromkeys([*names, "2026/", "2025/1.csv", "2026/x.txt"], b"id\n1\n")
    assert read(opened(server, pattern="2026/*.csv")) == names
    assert all(asked.query["prefix"] == "2026/" for asked in server.asked if asked.query)


def test_names_that_lead_elsewhere_are_left_out(server: FakeServer, bucket: FakeBucket) -> None:
    bucket.files = dict.fromkeys(["../../x.csv", "a/../b.csv", "./c.csv", "d.csv"], b"id\n1\n")
    assert read(opened(server)) == ["d.csv"]


def test_large_files_are_not_fetched(server: FakeServer, bucket: FakeBucket) -> None:
    bucket.files = {"a.csv": b"id\n" + b"1\n" * 600_000}
    source = opened(server, largest_mb=1)
    with pytest.raises(FileTooLarge, match="at most 1 MB"):
        source.streams()
    source.close()
    assert all(asked.query for asked in server.asked), "only the list was asked for"


@pytest.mark.parametrize(
    "body", [b"<html></html>", b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>']
)
def test_what_is_no_list_is_not_taken_for_an_empty_bucket(body: bytes) -> None:
    def answer(_: Asked) -> Answer:
        return Answer(body, headers={"Content-Type": "application/xml"})

    with serving(answer) as server:
        source = opened(server)
        with pytest.raises(SourceUnavailable, match="list of files"):
            source.check()
        source.close()


def test_nothing_stays_behind_on_disk(
    server: FakeServer, bucket: FakeBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bucket.files = {f"{number}.csv": b"id\n1\n" for number in range(4)}
    source = opened(server)
    held = []
    for _ in source.read(ReadRequest(source.streams()[0])):
        held.append(len(list(tmp_path.glob("*/*.csv"))))
    assert max(held) == 1
    source.close()
    assert not list(tmp_path.iterdir())
