"""A file behind a web address: known by what the server says of its version, fetched whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from behaviour import stored
from fake_server import Answer, Asked, FakeServer, serving
from utc_clock import utc_now

from sightline.sources.base import ReadRequest, Source, SourceAnswer, SourceUnavailable, Surroundings
from sightline.sources.files.config import FilesConfig
from sightline.sources.files.place import FileTooLarge
from sightline.sources.files.source import FILES

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")

CONTENT = b"id\n1\n2\n"


def opened(server: FakeServer, pattern: str = "leads.csv", *, largest_mb: int = 10, **stream: Any) -> Source:
    streams = [{"name": "leads", "pattern": pattern, "key": ["id"], **stream}]
    settings = {"place": "http", "address": server.url, "streams": streams, "largest_mb": largest_mb}
    surroundings = Surroundings(now=utc_now, allow_private=True, sleep=lambda _: None, patience=1.0)
    return FILES.open(FilesConfig.model_validate(settings), surroundings)


def ids(source: Source, cursor: Any = None) -> list[str]:
    pages = source.read(ReadRequest(source.streams()[0], cursor=cursor))
    return [record["id"] for page in pages for record in page.records]


def always(content: bytes, **headers: str) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(content if asked.method == "GET" else b"", headers=headers)


def test_a_server_that_tells_no_version_is_judged_by_the_content() -> None:
    contents = [CONTENT]

    def answer(asked: Asked) -> Answer:
        return Answer(contents[0]) if asked.method == "GET" else Answer({"message": "only GET"}, 405)

    with serving(answer) as server:
        source = opened(server)
        *_, last = source.read(ReadRequest(source.streams()[0]))
        assert last.cursor is not None
        assert not ids(source, stored(last.cursor))
        contents[0] += b"3\n"
        assert ids(source, stored(last.cursor)) == ["1", "2", "3"]
        source.close()


@pytest.mark.parametrize("kind", ["cut off", "unavailable", "slow"])
def test_a_download_that_breaks_off_is_begun_again(kind: str) -> None:
    with serving(always(CONTENT, ETag='"1"')) as server:
        source = opened(server)
        stream = source.streams()[0]
        source._files._clear()  # type: ignore[attr-defined] # the next download meets the fault
        source._files.place._seen = lambda entry: entry  # type: ignore[attr-defined] # and not the question before it
        fault = server.fail(kind, 2)
        assert [record["id"] for page in source.read(ReadRequest(stream)) for record in page.records] == ["1", "2"]
        assert fault.met == 2
        server.fail(kind, None)
        source._files._clear()  # type: ignore[attr-defined] # as above
        with pytest.raises(SourceUnavailable):
            list(source.read(ReadRequest(stream)))
        source.close()


def test_more_than_is_allowed_is_not_taken() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(b"id\n" + b"1\n" * 1_000_000) if asked.method == "GET" else Answer({}, 405)

    with serving(answer) as server:
        source = opened(server, largest_mb=1)
        with pytest.raises(FileTooLarge):
            source.streams()
        source.close()


def test_an_address_may_need_its_format_told() -> None:
    with serving(always(CONTENT, ETag='"1"')) as server:
        source = opened(server, "export?format=csv&sheet=1", format="csv")
        assert ids(source) == ["1", "2"]
        assert server.asked[0].query == {"format": "csv", "sheet": "1"}
        source.close()


def test_a_web_address_has_no_wildcards() -> None:
    with serving(always(CONTENT)) as server:
        source = opened(server, "*.csv")
        with pytest.raises(SourceAnswer, match="cannot be listed"):
            source.check()
        source.close()


def test_redirects_are_not_followed() -> None:
    with serving(lambda _: Answer(b"", 302, {"Location": "http://169.254.169.254/"})) as server:
        source = opened(server)
        with pytest.raises(SourceAnswer, match="302"):
            source.streams()
        source.close()
