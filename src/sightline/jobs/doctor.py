"""Whether an installation is sound: one finding per check."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import DatabaseError

from sightline.accounts import audit
from sightline.accounts.models import Membership
from sightline.errors import SightlineError
from sightline.home import Home, WorkspaceFolder
from sightline.jobs.models import DutyState, WorkerSeen
from sightline.jobs.upgrade import is_database_behind

Level = Literal["ok", "warning", "error"]
LITTLE_SPACE = 1_000_000_000
TOO_LITTLE_SPACE = 100_000_000
WORKER_SILENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; the hint names the next step."""

    check: str
    level: Level
    message: str
    hint: str = ""


def examine(home: Home, *, now: datetime) -> list[Finding]:
    """Return a finding for each check; a check that itself fails is a finding too."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("home", lambda: _home(home)),
        ("disk", lambda: _disk(home)),
        ("database", _database),
        ("audit log", _audit),
        ("worker", lambda: _worker(now)),
        ("safety", lambda: _safety(home)),
    ]
    checks += [(f"workspace {name}", lambda name=name: _workspace(home.workspace(name))) for name in home.workspaces()]  # type: ignore[misc]  # a default binds the loop's name
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings += check()
        except (SightlineError, DatabaseError, OSError) as error:
            findings.append(Finding(name, "error", str(error)))
    if not home.workspaces():
        findings.append(Finding("workspaces", "warning", "there are none", '"sightline init" makes one.'))
    return findings


def _home(home: Home) -> Iterator[Finding]:
    with tempfile.TemporaryFile(dir=home.path):
        yield Finding("home", "ok", f"{home.path} can be written")
    mode = (home.path / "config.toml").stat().st_mode & 0o077
    if mode and os.name == "posix":
        yield Finding(
            "home", "warning", "config.toml, which has the secret key, can be read by others", "chmod 600 it."
        )


def _disk(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.path).free
    level: Level = "ok" if free > LITTLE_SPACE else "warning" if free > TOO_LITTLE_SPACE else "error"
    yield Finding("disk", level, f"{free / 1e9:.1f} GB free", "" if level == "ok" else "Make room: imports need it.")


def _database() -> Iterator[Finding]:
    if is_database_behind():
        yield Finding("database", "error", "it is not up to date", '"sightline upgrade" brings it up to date.')
    else:
        yield Finding("database", "ok", "up to date")


def _audit() -> Iterator[Finding]:
    chain = audit.verify_chain()
    if chain.is_sound:
        yield Finding("audit log", "ok", f"{chain.entries:,} entries, unbroken, ending in {chain.head[:16]}")
    else:
        message = f"entry {chain.broken_at} does not fit: {chain.reason}"
        yield Finding("audit log", "error", message, "Compare with a backup: somebody changed the database by hand.")


def _worker(now: datetime) -> Iterator[Finding]:
    seen = WorkerSeen.objects.order_by("-at").first()
    if seen is None or now - seen.at > WORKER_SILENT:
        when = f"since {seen.at:%Y-%m-%d %H:%M} UTC" if seen else "yet"
        yield Finding("worker", "warning", f"no sign of it {when}", '"sightline serve" runs one.')
    else:
        yield Finding("worker", "ok", f"seen at {seen.at:%H:%M:%S} UTC")
    for duty in DutyState.objects.filter(failures__gt=0):
        yield Finding("worker", "warning", f"{duty.name} failed {duty.failures} times in a row: {duty.outcome}")


def _safety(home: Home) -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding("safety", "warning", "the option debug is on: errors show internals", "Turn it off.")
    if not settings.SIGHTLINE.secret_key:
        yield Finding(
            "safety", "error", "config.toml has no secret_key: every start signs everybody out", "Add a random one."
        )
    for name in home.workspaces():
        roles = home.workspace(name).catalog.roles
        gone = [
            m.user.email
            for m in Membership.objects.filter(workspace=name).select_related("user")
            if m.role not in roles
        ]
        if gone:
            yield Finding(
                "members", "warning", f"{name}: no such role any more for {', '.join(gone)}: they see nothing"
            )


def _workspace(folder: WorkspaceFolder) -> Iterator[Finding]:
    name = f"workspace {folder.name}"
    errors = [issue for issue in folder.issues if issue.level == "error"]
    if errors:
        message = f"{len(errors)} problems in the definitions, first: {errors[0]}".replace("\n", " ")
        yield Finding(name, "error", message, '"sightline check" lists all.')
    snapshot = folder.lake.snapshot()
    gone = [d for d in snapshot.datasets if folder.lake.relation(d, snapshot) is None]
    if gone:
        yield Finding(name, "error", f"the files of {', '.join(gone)} cannot be read", "Restore a backup.")
    elif not errors:
        rows = sum(version.rows for version in snapshot.datasets.values())
        yield Finding(
            name, "ok", f"{len(folder.catalog.metrics)} metrics, {len(snapshot.datasets)} datasets, {rows:,} rows"
        )
