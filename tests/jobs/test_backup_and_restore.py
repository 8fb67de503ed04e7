"""A workspace in one file comes back the same, byte for byte, or not at all."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from cast import Cast, cast, home
from sightline.accounts.access import open_workspace
from sightline.accounts.models import AuditEntry, Membership, SavedFilter, User
from sightline.home import Home
from sightline.home.home import NameTaken
from sightline.ingest.models import InboxBatch, Source, SourceSecret, StreamState
from sightline.jobs.backup.archive import BadBackup
from sightline.jobs.backup.restore import restore
from sightline.jobs.backup.write import BackedUp, TargetExists, back_up
from sightline.lake.lookup import rows_by_key
from sightline.lake.remove import remove_rows
from sightline.lake.write import publish_table
from sightline.metrics.ask import ask
from sightline.metrics.question import Period, Question
from sightline.metrics.warehouse import warehouse_of

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8", "PLT-11")]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROGRAMS = {"p1": "business", "p2": "business", "p3": "health"}
ROWS: dict[str, list[dict[str, object]]] = {
    "schools": [{"school_id": "business", "name": "Business"}, {"school_id": "health", "name": "Health"}],
    "programs": [
        {"program_id": key, "name": key.upper(), "school_id": school, "level": "degree"}
        for key, school in PROGRAMS.items()
    ],
    "leads": [
        {"lead_id": f"l{n}", "program_id": f"p{1 + n % 3}", "created_at": NOW - timedelta(days=n)} for n in range(60)
    ],
    "spend": [
        {"program_id": key, "channel": "search", "spent_on": date(2026, 2, 1), "amount": 100.0 + index}
        for index, key in enumerate(PROGRAMS)
    ],
}


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Return the cast's workspace with some data, a source with a secret and a cursor, and an event that waits."""
    for dataset, rows in ROWS.items():
        table, definition = pa.Table.from_pylist(rows), cast.folder.catalog.dataset(dataset)
        publish_table(cast.folder.lake, definition, table, zone="UTC", now=NOW, run=f"first-{dataset}")
    spec = {"source": "crm", "type": "sql", "streams": {"leads": {"dataset": "leads"}}}
    source = Source.objects.create(
        workspace="programs", name="crm", kind="sql", spec=spec, created_at=NOW, changed_at=NOW
    )
    SourceSecret.objects.create(source=source, field="password", sealed="sealed", changed_at=NOW)
    StreamState.objects.create(source=source, stream="leads", cursor={"after": 7}, changed_at=NOW)
    InboxBatch.objects.create(
        source=source, key="k", digest=b"d" * 32, format="json", body=b'{"a": 1}', records=1, received_at=NOW
    )
    SavedFilter.objects.create(
        user=cast.owner, workspace="programs", dashboard="shelf", name="mine", query="level=degree"
    )
    return cast


@pytest.fixture
def backup(filled: Cast, tmp_path: Path) -> BackedUp:
    return back_up(access=filled.access(filled.owner), target=tmp_path / "programs.tar.gz", now=NOW)


def figures(cast: Cast, user: User, workspace: str) -> list[list[object]]:
    access = open_workspace(user, workspace)
    question = Question(("inquiries", "cpl", "roi"), group_by=("program",), period=Period(None, None, "all_time"))
    answer = ask(question, access.viewer, warehouse=warehouse_of(access.folder), now=NOW)
    return [answer.data[name] for name in ("program", "inquiries", "cpl", "roi")]


def test_it_comes_back_under_another_name_with_the_same_numbers_people_and_sources(
    filled: Cast, backup: BackedUp, home: Home
) -> None:
    done = restore(home=home, source=backup.path, workspace="copy", by="operator", now=NOW)
    assert (done.files, done.rows, done.snapshot, done.digest) == (
        backup.files,
        backup.rows,
        backup.snapshot,
        backup.digest,
    )
    for person in (filled.owner, filled.partner):  # the same figures, each within the same rights
        assert figures(filled, person, "copy") == figures(filled, person, "programs")
    source = Source.objects.get(workspace="copy")
    assert (source.secrets.get().sealed, source.streams.get().cursor) == ("sealed", {"after": 7})
    assert bytes(source.inbox.get().body or b"") == b'{"a": 1}'
    assert (
        Membership.objects.filter(workspace="copy").count() == Membership.objects.filter(workspace="programs").count()
    )
    assert SavedFilter.objects.get(workspace="copy").query == "level=degree"


def test_it_comes_back_into_an_empty_installation(filled: Cast, backup: BackedUp, tmp_path: Path) -> None:
    before = figures(filled, filled.owner, "programs")
    User.objects.all().delete()
    Source.objects.all().delete()
    other = Home.create(tmp_path / "other")
    restore(home=other, source=backup.path, workspace=None, by="operator", now=NOW)
    person = User.objects.get(email="owner@cast.test")
    assert person.check_password("a long enough phrase")
    folder = other.workspace("programs")
    access = filled.access  # the cast's own door still leads to the first home
    del access
    question = Question(("inquiries", "cpl", "roi"), group_by=("program",), period=Period(None, None, "all_time"))
    viewer = open_workspace(person, "programs").viewer
    answer = ask(question, viewer, warehouse=warehouse_of(folder), now=NOW)
    assert [answer.data[name] for name in ("program", "inquiries", "cpl", "roi")] == before


def test_what_is_published_after_the_moment_is_not_in_it(filled: Cast, tmp_path: Path, home: Home) -> None:
    folder = filled.folder
    target = tmp_path / "b.tar.gz"
    back_up(access=filled.access(filled.owner), target=target, now=NOW)
    programs = folder.catalog.dataset("programs")
    some = next(iter(figures(filled, filled.owner, "programs")[0]))
    remove_rows(folder.lake, programs, column="program_id", values=[str(some)], run="r", now=NOW)
    restore(home=home, source=target, workspace="copy", by="operator", now=NOW)
    copy = home.workspace("copy")
    assert rows_by_key(copy.lake, programs, copy.lake.snapshot(), [(str(some),)], run="look")
    assert not rows_by_key(folder.lake, programs, folder.lake.snapshot(), [(str(some),)], run="look")


def _changed(path: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None]) -> Path:
    """Write the archive anew with a member's content changed, or without it (None)."""
    target = path.with_name("changed.tar.gz")
    with tarfile.open(path) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            file = old.extractfile(member)
            content = change(member, file.read() if file else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def _flip(ending: str) -> Callable[[tarfile.TarInfo, bytes], bytes | None]:
    return lambda member, content: content[:-1] + bytes([content[-1] ^ 1]) if member.name.endswith(ending) else content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_flip(".parquet"), "was changed"),
        (_flip("membership.jsonl"), "was changed"),
        (lambda member, content: None if member.name.endswith("source.jsonl") else content, "source.jsonl is missing"),
        (lambda member, content: None if member.name == "manifest.json" else content, "has no manifest.json"),
    ],
)
def test_a_single_changed_byte_is_noticed_and_nothing_is_restored(
    backup: BackedUp, home: Home, change: Callable[[tarfile.TarInfo, bytes], bytes | None], told: str
) -> None:
    with pytest.raises(BadBackup, match=told):
        restore(home=home, source=_changed(backup.path, change), workspace="copy", by="operator", now=NOW)
    assert home.workspaces() == ["programs"]
    assert not Membership.objects.filter(workspace="copy").exists()
    assert [path.name for path in (home.path / "workspaces").iterdir()] == ["programs"]


def test_a_cut_off_file_is_noticed(backup: BackedUp, home: Home) -> None:
    cut = backup.path.with_name("cut.tar.gz")
    cut.write_bytes(backup.path.read_bytes()[: backup.bytes // 2])
    with pytest.raises(BadBackup):
        restore(home=home, source=cut, workspace="copy", by="operator", now=NOW)


def test_members_that_would_lie_elsewhere_are_refused(tmp_path: Path, home: Home) -> None:
    evil = tmp_path / "evil.tar.gz"
    with gzip.open(evil, "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("../../outside")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(BadBackup, match="nothing that a backup holds"):
        restore(home=home, source=evil, workspace="copy", by="operator", now=NOW)
    assert not (tmp_path / "outside").exists()


def test_neither_a_file_nor_a_workspace_is_overwritten(filled: Cast, backup: BackedUp, home: Home) -> None:
    with pytest.raises(TargetExists):
        back_up(access=filled.access(filled.owner), target=backup.path, now=NOW)
    with pytest.raises(NameTaken):
        restore(home=home, source=backup.path, workspace=None, by="operator", now=NOW)


def test_both_are_on_record_and_the_file_is_its_owners(filled: Cast, backup: BackedUp, home: Home) -> None:
    restore(home=home, source=backup.path, workspace="copy", by="operator", now=NOW)
    assert AuditEntry.objects.get(verb="backed up").detail["sha256"] == backup.digest
    assert AuditEntry.objects.get(verb="restored", workspace="copy").detail["sha256"] == backup.digest
    assert backup.path.stat().st_mode & 0o077 == 0
    assert (home.path / "workspaces" / "copy" / "history" / "audit-before-restore.jsonl").is_file()
