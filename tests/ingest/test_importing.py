"""Importing files into a workspace: counts, reasons, dry runs, history, audit, real data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sightline.accounts.models import AuditEntry
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.actions.upload import queue_import, run_queued
from sightline.ingest.mapping import BadMapping, MapFile
from sightline.ingest.models import ImportRun
from sightline.ingest.preview import preview
from sightline.ingest.result import ImportResult
from sightline.ingest.staged import Progress
from sightline.lake import sql
from sightline.lake.quarantine import HeldPage, browse
from sightline.sources.files.formats import UnreadableFile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
File = Callable[[str, str | bytes], Path]
Read = Callable[..., list[dict[str, Any]]]

CSV = """Record ID,program_id,E-Mail,amount,visits,created_at
a,p1,a@x.org,"1,200.50",3,2026-02-01 10:00:00
b,p9,b@x.org,5,1,2026-02-02 10:00:00
c,p1,c@x.org,-5,many,2026-02-03 10:00:00
d,p2,d@x.org,5,1,2027-01-01 10:00:00
e,p2,,-5,,2026-02-04 10:00:00
a,p1,again@x.org,5,1,2026-02-05 10:00:00
,p1,f@x.org,5,1,2026-02-05 10:00:00
g,p1,g@x.org,5,1,2026-02-05 10:00:00,surplus
"""
PROGRAMS = "program_id,name\np1,One\np2,Two\n"


def bring(folder: WorkspaceFolder, path: Path, dataset: str = "leads", **options: Any) -> ImportResult:
    return import_file(folder=folder, dataset=dataset, path=path, **{"now": NOW, "by": "me@x.org", **options})


def held(folder: WorkspaceFolder, tmp_path: Path) -> HeldPage:
    with sql.scratch(tmp_path / "held", memory="64MB") as scratch:
        return browse(folder.lake, "leads", scratch, page=1, page_size=50)


@pytest.fixture
def loaded(folder: WorkspaceFolder, file: File) -> WorkspaceFolder:
    """Return the workspace with two programs in it."""
    bring(folder, file("programs.csv", PROGRAMS), "programs")
    return folder


@pytest.mark.req("PLT-2", "PRG-1.1", "PRG-1.3")
def test_good_rows_are_published_and_bad_ones_held_with_reason_and_record(
    loaded: WorkspaceFolder, file: File, read: Read, tmp_path: Path
) -> None:
    result = bring(loaded, file("leads.csv", CSV))
    assert (result.received, result.accepted, result.inserted, result.rejected) == (8, 2, 2, 6)
    assert {(reason.text, reason.count, reason.example) for reason in result.reasons} == {
        ("Unknown program: not among programs", 1, "p9"),
        ("Visits is not an integer", 1, "many"),
        ("Created at is in the future", 1, "2027-01-01 09:00:00+00"),
        ("Duplicate: the same Lead id is in an earlier row of this batch", 1, "a"),
        ("Lead id is empty", 1, ""),
        ("The row cannot be read", 1, "7 columns instead of 6: g,p1,g@x.org,5,1,2026-02-05 10:00:00,surplus"),
    }
    assert [(reason.text, reason.count) for reason in result.warnings] == [("Amount is negative", 2)]
    first, second = read()
    assert (first["lead_id"], first["email"], first["amount"]) == ("a", "a@x.org", Decimal("1200.5"))
    assert first["created_at"] == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert (second["lead_id"], second["email"], second["visits"]) == ("e", None, None)
    page = held(loaded, tmp_path)
    assert sorted(row.row for row in page.rows) == [2, 3, 4, 6, 7, 8]
    many = next(row for row in page.rows if row.row == 3)
    assert (many.columns, many.value) == ("visits", "many")
    assert json.loads(many.record)["Record ID"] == "c"
    assert json.loads(next(row for row in page.rows if row.row == 8).record)["line"].endswith("surplus")


@pytest.mark.req("PLT-2")
def test_a_dry_run_says_the_same_and_writes_nothing(loaded: WorkspaceFolder, file: File, tmp_path: Path) -> None:
    path = file("leads.csv", CSV)
    before = loaded.lake.snapshot()
    dry = bring(loaded, path, dry_run=True)
    assert loaded.lake.snapshot() == before
    assert not (loaded.lake.root / "leads").exists()
    assert held(loaded, tmp_path).total == 0
    assert not ImportRun.objects.filter(dataset="leads").exists()
    assert not any(loaded.lake.root.glob("_staging/*"))
    real = bring(loaded, path)
    assert replace(dry, dry_run=False, snapshot_id=real.snapshot_id, seconds=real.seconds) == real
    assert bring(loaded, path, dry_run=True).unchanged == 2


def test_importing_the_same_file_again_changes_nothing(loaded: WorkspaceFolder, file: File, tmp_path: Path) -> None:
    path = file("leads.csv", CSV)
    first, second = bring(loaded, path), bring(loaded, path)
    assert (second.run_id, second.snapshot_id) == (first.run_id, first.snapshot_id)
    assert (second.inserted, second.updated, second.unchanged, second.rejected) == (0, 0, 2, 6)
    assert held(loaded, tmp_path).total == 6


def test_a_corrected_file_updates_by_key_and_leaves_other_columns_alone(
    loaded: WorkspaceFolder, file: File, read: Read
) -> None:
    bring(loaded, file("leads.csv", CSV))
    corrected = "lead_id,created_at,visits\na,2026-01-01 00:00:00,9\nb,2026-02-02,1\n"
    result = bring(loaded, file("corrected.csv", corrected))
    assert (result.inserted, result.updated) == (1, 1)
    assert result.missing_columns == ("program_id", "email", "amount", "score", "won", "due")
    row = read()[0]
    assert (row["visits"], row["email"], row["created_at"]) == (9, "a@x.org", datetime(2025, 12, 31, 23, tzinfo=UTC))
    assert len(read()) == 3


@pytest.mark.parametrize("format_", ["xlsx", "parquet", "jsonl"])
def test_other_formats_give_the_same_rows(
    loaded: WorkspaceFolder, file: File, read: Read, tmp_path: Path, format_: str
) -> None:
    rows = [
        {"lead_id": "a", "program_id": "p1", "amount": 1.5, "visits": 3, "won": True, "created_at": "2026-02-01 10:00"},
        {"lead_id": "b", "program_id": None, "amount": 2, "visits": None, "won": False, "created_at": "2026-02-02"},
    ]
    bring(loaded, written_as(format_, rows, tmp_path))
    found = [{name: row[name] for name in ("lead_id", "program_id", "amount", "visits", "won")} for row in read()]
    assert found == [
        {"lead_id": "a", "program_id": "p1", "amount": Decimal("1.5"), "visits": 3, "won": True},
        {"lead_id": "b", "program_id": None, "amount": Decimal(2), "visits": None, "won": False},
    ]


def written_as(format_: str, rows: list[dict[str, Any]], folder: Path) -> Path:
    path = folder / f"rows.{format_}"
    if format_ == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    elif format_ == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        book = openpyxl.Workbook()
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    return path


def test_progress_is_told_and_kept(loaded: WorkspaceFolder, file: File) -> None:
    seen: list[Progress] = []
    result = bring(loaded, file("leads.csv", CSV), progress=seen.append)
    assert [step.doing for step in seen] == ["reading", "reading", "checking", "done"] or seen[-1].fraction == 1
    run = ImportRun.objects.get(dataset="leads")
    assert (run.state, run.progress, run.snapshot, run.by) == ("done", 100, result.snapshot_id, "me@x.org")
    assert run.counts["rejected"] == 6
    assert run.file_name == "leads.csv"
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.verb, entry.object, entry.actor) == ("imported", "leads", "me@x.org")
    assert entry.detail["inserted"] == 2


def test_a_file_that_does_not_fit_is_refused_before_anything_happens(loaded: WorkspaceFolder, file: File) -> None:
    with pytest.raises(BadMapping, match=r'needs "lead_id", "created_at".*it has: x, y'):
        bring(loaded, file("other.csv", "x,y\n1,2\n"))
    with pytest.raises(UnreadableFile, match="is empty"):
        bring(loaded, file("empty.csv", ""))
    assert not ImportRun.objects.filter(dataset="leads").exists()


def test_a_header_without_rows_imports_nothing(loaded: WorkspaceFolder, file: File) -> None:
    assert bring(loaded, file("leads.csv", CSV.splitlines()[0] + "\n")).received == 0


def test_an_interrupted_import_is_marked_when_the_same_file_starts_again(loaded: WorkspaceFolder, file: File) -> None:
    path = file("leads.csv", CSV)
    run_id = bring(loaded, path, dry_run=True).run_id
    dead = ImportRun.objects.create(
        workspace="small", dataset="leads", file_name="leads.csv", run_id=run_id, state="running", by="x", queued_at=NOW
    )
    bring(loaded, path)
    dead.refresh_from_db()
    assert (dead.state, dead.is_over) == ("failed", True)


def test_a_failed_import_tells_people_why(loaded: WorkspaceFolder, file: File) -> None:
    bad = file("leads.csv", "lead_id,created_at,note\na,2026-01-01,y\n" * 200_000 + "b,2026-01-01," + "x" * 15_000_000)
    with pytest.raises(UnreadableFile):
        bring(loaded, bad)
    run = ImportRun.objects.get(dataset="leads")
    assert run.state == "failed"
    assert "cannot be read" in run.problem


def test_a_queued_upload_is_carried_out_once_and_its_file_removed(loaded: WorkspaceFolder, file: File) -> None:
    path = file("upload-123.csv", CSV)
    run = queue_import(
        workspace="small", dataset="leads", path=path, file_name="leads.csv", mapping=MapFile(), by="me", now=NOW
    )
    assert run.state == "queued"
    result = run_queued(run=run.pk, folder=loaded, now=NOW)
    assert result is not None
    assert result.inserted == 2
    assert run_queued(run=run.pk, folder=loaded, now=NOW) is None
    run.refresh_from_db()
    assert (run.state, run.file_name, path.exists()) == ("done", "leads.csv", False)


def test_a_queued_upload_that_cannot_be_read_fails_with_its_reason(loaded: WorkspaceFolder, file: File) -> None:
    run = queue_import(
        workspace="small",
        dataset="leads",
        path=file("upload.csv", "x\n1\n"),
        file_name="mine.csv",
        mapping=MapFile(),
        by="me",
        now=NOW,
    )
    with pytest.raises(BadMapping):
        run_queued(run=run.pk, folder=loaded, now=NOW)
    run.refresh_from_db()
    assert run.state == "failed"
    assert 'needs "lead_id"' in run.problem


def test_a_preview_shows_real_rows_raw_and_converted_with_coverage(loaded: WorkspaceFolder, file: File) -> None:
    seen = preview(folder=loaded, dataset="leads", path=file("leads.csv", CSV), rows=2)
    assert seen.columns == ("Record ID", "program_id", "E-Mail", "amount", "visits", "created_at")
    assert seen.raw[0] == ("a", "p1", "a@x.org", "1,200.50", "3", "2026-02-01 10:00:00")
    assert seen.converted_columns == ("lead_id", "program_id", "email", "amount", "visits", "created_at")
    assert seen.converted[0][3:5] == (Decimal("1200.5000"), 3)
    coverage = {column.column: column for column in seen.coverage}
    assert (coverage["visits"].source, coverage["visits"].filled) == ("visits", 5 / 7)
    assert (coverage["visits"].unreadable, coverage["visits"].example) == (1 / 7, "many")
    assert (seen.problem, len(seen.raw), len(seen.converted)) == ("", 2, 2)


def test_a_preview_of_a_file_without_a_required_column_says_so_and_still_shows_it(
    loaded: WorkspaceFolder, file: File
) -> None:
    seen = preview(folder=loaded, dataset="leads", path=file("x.csv", "x,email\n1,2\n"))
    assert 'needs "lead_id", "created_at"' in seen.problem
    assert seen.raw == (("1", "2"),)
    assert seen.sources == {"email": "email"}


@pytest.mark.req("PLT-2")
def test_the_real_marketing_funnel_comes_in_whole(
    tmp_path: Path, repository: Path, shared_data: Callable[[str], Path]
) -> None:
    leads = shared_data("olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv")
    deals = shared_data("olist_marketing_funnel/olist_closed_deals_dataset.csv")
    home = Home.create(tmp_path / "olist")
    folder = home.create_workspace("olist", packs=[str(repository / "examples" / "olist")], label="Olist")
    first = bring(folder, leads, "leads", now=datetime(2026, 3, 1, tzinfo=UTC))
    second = bring(folder, deals, "closed_deals", now=datetime(2026, 3, 1, tzinfo=UTC))
    assert (first.received, first.inserted, first.rejected) == (8000, 8000, 0)
    assert (second.received, second.inserted, second.rejected) == (842, 842, 0)
    snapshot = folder.lake.snapshot()
    assert {name: version.rows for name, version in snapshot.datasets.items()} == {"leads": 8000, "closed_deals": 842}
