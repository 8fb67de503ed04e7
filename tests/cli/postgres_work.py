"""Work that a test does in a process of its own, over the database that SIGHTLINE_DATABASE names. Reports as JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

from sightline.accounts import audit
from sightline.accounts.access import current_home
from sightline.accounts.actions.sign_in import SignInRefused, sign_in
from sightline.accounts.lockout import SignInLocked
from sightline.ingest.actions.upload import queue_import, run_queued
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import ImportRun
from sightline.jobs.imports import run_waiting

THREADS = 8


def at_once(work: Callable[[int], str], times: int) -> dict[str, int]:
    """Return how often each outcome came of work done by many threads, each with a connection of its own."""

    def one(number: int) -> str:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        return dict(Counter(threads.map(one, range(times))))


def entries() -> dict[str, object]:
    """Write entries of the audit log from many threads; return the state of the chain."""

    def write(number: int) -> str:
        detail = {"number": number, "share": 1e16, "least": 1e-7, "none": -0.0, "text": "ü\0"}
        audit.record(workspace="main", actor="a@b.test", verb="exported", object="x\0", detail=detail, now=now())
        return "written"

    done = at_once(write, 80)
    chain = audit.verify_chain()
    return {**done, "sound": chain.is_sound, "reason": chain.reason}


def attempts(email: str) -> dict[str, int]:
    """Try wrong passwords from many threads at the same moment; return how many were compared at all."""

    def one(number: int) -> str:
        try:
            sign_in(email=email, password=f"wrong {number}", address=f"10.0.0.{number}", now=now())
        except SignInRefused:
            return "compared"
        except SignInLocked:
            return "locked"
        return "let in"

    return at_once(one, 24)


def claims(file: str) -> dict[str, object]:
    """Let many workers claim one upload, and a worker find what another one left running."""
    folder = current_home().workspace("main")
    run = queued(file)
    many = at_once(lambda _: "done" if run_queued(run=run.pk, folder=folder, now=now()) else "not mine", THREADS)
    left = queued(file)
    ImportRun.objects.filter(pk=left.pk).update(state=ImportRun.State.RUNNING)
    said = run_waiting(now())
    states = sorted(ImportRun.objects.filter(pk__in=[run.pk, left.pk]).values_list("state", flat=True))
    return {**many, "said": said, "states": states}


def queued(file: str) -> ImportRun:
    path = current_home().path / "uploads" / f"{now().timestamp()}.csv"
    path.write_bytes(Path(file).read_bytes())
    return queue_import(
        workspace="main", dataset="leads", path=path, file_name="x.csv", mapping=MapFile(), by="operator", now=now()
    )


def undo() -> dict[str, object]:
    """Undo the migration that makes the log append-only, and do it again."""

    def triggers() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'accounts_auditentry%%no%%'")
            return int(cursor.fetchone()[0])

    found = [triggers()]
    for target in ("0001", None):
        call_command("migrate", "accounts", *([target] if target else []), verbosity=0)
        found.append(triggers())
    return {"triggers": found}


def now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    work = {"entries": entries, "attempts": attempts, "claims": claims, "undo": undo}[name]
    print(json.dumps(work(*arguments)))  # noqa: T201 # the report
