"""The snippets of docs/webhooks.md, run as they stand against a server."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import yaml
from served import Running, running, until

from event_home import SECRET, make_event_home
from sightline.ingest.spec import spec_from

pytestmark = [
    pytest.mark.req("AUT-8.2"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals differ there"),
]
DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"


def snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    home = make_event_home(tmp_path_factory.mktemp("webhooks") / "home", streams={"signup": "signups"})
    with running(home, "serve") as server:
        yield server, (home / "token").read_text()


def environment(server: Running, token: str) -> dict[str, str]:
    url = f"http://localhost:{server.port}/api/v1/workspaces/small/events/shop"
    return {"PATH": os.environ["PATH"], "SIGHTLINE_URL": url, "SIGNING_SECRET": SECRET, "SIGHTLINE_TOKEN": token}


def signups(server: Running, token: str) -> int:
    """Return the number of the metric, as the API answers it."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        path = "/api/v1/workspaces/small/query?metrics=signups"
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = orjson.loads(connection.getresponse().read())
    rows = answer.get("rows") or [[0]]
    return int(rows[0][0] or 0)


def test_the_documented_ways_to_send_work_and_their_events_are_counted_once(server: tuple[Running, str]) -> None:
    running_server, token = server
    ways = [[sys.executable, "-c", snippet("python")]]
    if shutil.which("curl"):
        ways.append(["sh", "-c", snippet("sh")])
    for way in ways * 2:
        done = subprocess.run(way, env=environment(running_server, token), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        assert '"accepted":1' in done.stdout
    until(lambda: signups(running_server, token) == len(ways))


def test_the_source_that_is_documented_is_one(server: tuple[Running, str]) -> None:

    assert spec_from(yaml.safe_load(snippet("yaml"))).streams["signup"].dataset == "signups"


@pytest.mark.parametrize("status", [401, 400, 409])
def test_the_lean_path_answers_problems_as_the_api_does(server: tuple[Running, str], status: int) -> None:
    running_server, token = server
    path = "/api/v1/workspaces/small/events/shop"
    headers = {"Authorization": f"Bearer {token}" if status != 401 else "Bearer x", "Idempotency-Key": "e-2"}
    body = b"{" if status == 400 else b'{"id": "other"}'
    if status == 409:
        headers |= {"Idempotency-Key": "e-9"}
    with closing(http.client.HTTPConnection("127.0.0.1", running_server.port, timeout=30)) as connection:
        if status == 409:
            connection.request("POST", path, b'{"id": "e-9"}', headers)
            assert connection.getresponse().read()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        found = orjson.loads(response.read())
    assert (response.status, found["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_another_host_is_not_served(server: tuple[Running, str]) -> None:
    running_server, token = server
    with closing(http.client.HTTPConnection("127.0.0.1", running_server.port, timeout=30)) as connection:
        headers = {"Authorization": f"Bearer {token}", "Host": "evil.example"}
        connection.request("POST", "/api/v1/workspaces/small/events/shop", b"{}", headers)
        assert connection.getresponse().status == 400
