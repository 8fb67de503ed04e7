"""Events with PostgreSQL as the application database: several at once, keys that are known, dead letters."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from served import running, until

from event_home import SECRET, make_event_home
from events_sender import signed
from postgres_server import PostgresServer, postgres
from sightline.home import Home

__all__ = ["postgres"]
pytestmark = [
    pytest.mark.req("PLT-2", "AUT-8.2"),
    pytest.mark.skipif(sys.platform == "win32", reason="no such server there"),
]
PATH = "/api/v1/workspaces/small/events/shop"


def post(port: int, body: bytes, more: Mapping[str, str]) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", PATH, body, {**signed(body, secret=SECRET), **more})
        response = connection.getresponse()
        return response.status, response.read()


def test_events_are_taken_stored_once_and_given_up_on_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    options = {"SIGHTLINE_DATABASE": postgres.create("events")}
    streams = {"signup": "signups", "click": "clicks", "gone": "nowhere"}
    home = make_event_home(tmp_path / "home", streams=streams, options=options)
    with running(home, "serve", options=options) as server, postgres.connect("events") as database:

        def send(number: int) -> int:
            kind = ("signup", "click")[number % 2]
            body = orjson.dumps([{"event": kind, "id": f"{number // 2}-{each}", "page": "/"} for each in range(3)])
            return post(server.port, body, {"Idempotency-Key": f"k{number}"})[0]

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(send, [*range(60), *range(60)])) == {202}
        assert post(server.port, b'{"event": "signup"}', {"Idempotency-Key": "k1"})[0] == 409
        assert post(server.port, b'{"event": "gone", "id": "g"}', {})[0] == 202

        def states() -> dict[object, object]:
            return dict(database.execute("SELECT state, count(*) FROM ingest_inboxbatch GROUP BY 1").fetchall())  # type: ignore[arg-type]  # rows of two

        until(lambda: states() == {"done": 60, "dead": 1})
        assert database.execute(
            "SELECT count(*) FROM ingest_inboxbatch WHERE state = 'done' AND body IS NULL"
        ).fetchone() == (60,)
    snapshot = Home(home).workspace("small").lake.snapshot()
    assert {name: version.rows for name, version in snapshot.datasets.items()} == {"signups": 90, "clicks": 90}
