"""The application database is PostgreSQL: commands, pages, the worker, and what must hold when many come at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from served import SLOW, Running, running, signed_in, until

from postgres_server import PostgresServer, postgres
from sightline.bench.home import PACK
from sightline.bench.leads import programs, write_csv

__all__ = ["postgres"]

pytestmark = [pytest.mark.req("PLT-1"), pytest.mark.skipif(sys.platform == "win32", reason="no such server there")]
ROWS = 300
SCRIPT = Path(__file__).with_name("postgres_work.py")
WORK = f"import django, runpy; django.setup(); runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
EMAIL, PASSWORD = "ann@example.org", "a long enough phrase"


@dataclass(frozen=True)
class Installed:
    """A home whose people, tokens, imports and audit log are in a database of the server."""

    home: Path
    server: PostgresServer
    database: str
    file: Path

    @property
    def options(self) -> dict[str, str]:
        return {"SIGHTLINE_DATABASE": self.server.address(self.database)}

    def run(self, *arguments: str, given: str = "", module: bool = True) -> str:
        """Run a command, or the script beside this test, to its end."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
        line = ["-m", "sightline.cli.main", "--home", str(self.home)]
        if not module:
            kept |= {"SIGHTLINE_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "sightline.config.settings"}
            line = ["-c", WORK]
        done = subprocess.run(
            [sys.executable, *line, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=SLOW,
            env=kept | self.options,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def work(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*arguments, module=False))
        return found

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.server.connect(self.database) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type] # our own texts


@pytest.fixture(scope="module")
def installed(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return an installation made by commands alone: a workspace, an admin, leads and their programs."""
    folder = tmp_path_factory.mktemp("postgres")
    postgres.create(folder.name)  # a new one each time: in another order of tests this is made more than once
    made = Installed(folder / "home", postgres, folder.name, folder / "leads.csv")
    write_csv(made.file, rows=ROWS)
    names = programs().to_pylist()
    table = "\n".join([",".join(names[0]), *(",".join(row.values()) for row in names), ""])
    (folder / "programs.csv").write_text(table)
    made.run("init", "--pack", str(PACK))
    made.run("user", "add", EMAIL, "--role", "admin", "--password-stdin", given=f"{PASSWORD}\n")
    made.run("import", "programs", str(folder / "programs.csv"))
    report = json.loads(made.run("import", "leads", str(made.file), "--json"))
    assert report["accepted"] == ROWS
    return made


def test_commands_keep_everything_in_the_named_database(installed: Installed) -> None:
    assert not list(installed.home.glob("*.sqlite3"))
    asked = json.loads(installed.run("query", "--metrics", "leads", "--period", "all_time", "--json"))
    assert asked["rows"] == [[ROWS]]
    assert installed.rows("SELECT email FROM accounts_user") == [(EMAIL,)]
    assert set(installed.rows("SELECT state FROM ingest_importrun")) == {("done",)}
    assert "unbroken" in installed.run("doctor")


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditentry SET actor = 'somebody else'",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
    ],
)
def test_the_audit_log_can_only_grow(installed: Installed, change: str) -> None:
    before = installed.rows("SELECT count(*) FROM accounts_auditentry")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
        installed.rows(change)
    assert installed.rows("SELECT count(*) FROM accounts_auditentry") == before


@pytest.mark.req("PLT-8")
def test_entries_of_many_writers_make_one_sound_chain(installed: Installed) -> None:
    assert installed.work("entries") == {"written": 80, "sound": True, "reason": ""}


@pytest.mark.req("PLT-8")
def test_guesses_that_come_at_the_same_moment_are_counted_before_they_are_compared(installed: Installed) -> None:
    found = installed.work("attempts", "guessed@example.org")
    assert found == {"compared": 5, "locked": 19}


@pytest.mark.req("PLT-2")
def test_one_of_many_workers_carries_out_an_upload(installed: Installed) -> None:
    found = installed.work("claims", str(installed.file))
    assert (found["done"], found["not mine"]) == (1, 7)
    assert f"{ROWS:,} rows accepted" in found["said"]
    assert found["states"] == ["done", "done"]


def test_the_migration_of_the_audit_log_can_be_undone_and_done_again(
    installed: Installed, postgres: PostgresServer
) -> None:
    postgres.create("undone")
    other = Installed(installed.home, postgres, "undone", installed.file)
    other.run("upgrade")
    assert other.work("undo") == {"triggers": [2, 0, 2]}


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[Running]:
    with running(installed.home, "serve", options=installed.options) as server:
        yield server


@pytest.mark.req("PRG-4.2")
def test_people_sign_in_and_see_a_dashboard(server: Running, installed: Installed) -> None:
    counted = "SELECT count(*) FROM accounts_auditentry WHERE verb = 'signed_in'"
    before = installed.rows(counted)
    browser, page = signed_in(server, EMAIL, PASSWORD)
    assert "Main" in page
    with browser.open(f"http://localhost:{server.port}/w/main/d/bench", timeout=SLOW) as response:
        assert "<h1" in response.read().decode()
    assert installed.rows("SELECT count(*) FROM django_session") != [(0,)]
    assert installed.rows(counted) > before


def test_the_worker_of_the_server_carries_out_what_waits(server: Running, installed: Installed) -> None:
    path = installed.home / "uploads" / "waiting.csv"
    path.write_bytes(installed.file.read_bytes())
    with installed.server.connect(installed.database) as connection:
        connection.execute(
            "INSERT INTO ingest_importrun SELECT (jsonb_populate_record(r, jsonb_build_object("
            " 'id', nextval(pg_get_serial_sequence('ingest_importrun', 'id')), 'state', 'queued', 'path', %s::text,"
            " 'by', 'waiting'))).* FROM ingest_importrun r WHERE dataset = 'leads' LIMIT 1",
            [str(path)],
        )
    until(lambda: installed.rows("SELECT state FROM ingest_importrun WHERE by = 'waiting'") == [("done",)])
    assert not path.exists()


def test_a_token_asks_until_it_is_revoked(server: Running, installed: Installed) -> None:
    secret = installed.run("token", "add", EMAIL, "--scope", "read").strip()
    url = f"http://localhost:{server.port}/api/v1/workspaces/main/dashboards"
    script = urllib.request.build_opener()
    script.addheaders = [("Authorization", f"Bearer {secret}")]
    with script.open(url, timeout=SLOW) as response:
        assert response.status == 200
    prefix = installed.run("token", "list").split("\t")[0]
    installed.run("token", "revoke", prefix)
    with pytest.raises(urllib.error.HTTPError) as refused:
        script.open(url, timeout=SLOW)
    with refused.value as response:
        assert response.code == 401


@pytest.mark.parametrize("path", ["/w/a%00b/", "/w/main/d/bench?source=%00", "/w/main/metrics?q=%00"])
def test_characters_that_the_database_refuses_are_no_error_of_ours(server: Running, path: str) -> None:
    browser, _ = signed_in(server, EMAIL, PASSWORD)
    try:
        with browser.open(f"http://localhost:{server.port}{path}", timeout=SLOW) as response:
            status = response.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    assert status == 400
