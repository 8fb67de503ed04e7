"""Backfills go on where they stopped; a source is read by one process at a time; schedules keep local time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sightline.accounts.access import Access
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.actions.start_sync import pause_source, start_sync, stop_sync
from sightline.ingest.models import Source, StreamState, SyncRun
from sightline.ingest.spec import Schedule, spec_from
from sightline.ingest.sync import chunks
from sightline.ingest.sync.claims import LEASE, MOST_ATTEMPTS, claim_run, has_syncs, keep_lease
from sightline.ingest.sync.run import carry_out
from sightline.ingest.sync.schedule import SyncRuns, queue_due, queue_run
from toy_source import Toy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.2")]
Sync = Callable[..., SyncRun]
Read = Callable[..., list[dict[str, Any]]]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.req("PRG-1.4")
def test_a_backfill_reads_a_stretch_and_leaves_the_ordinary_cursor_alone(
    sync: Sync, toy: Toy, source: Source, read: Read
) -> None:
    sync(since=datetime(2026, 2, 3, tzinfo=UTC), until=datetime(2026, 2, 6, tzinfo=UTC))
    assert sorted(row["lead_id"] for row in read()) == ["c3", "c4", "c5"]
    state = StreamState.objects.get(source=source, stream="contacts")
    assert (state.cursor, state.backfill) == (None, None)


@pytest.mark.req("PRG-1.4")
def test_an_interrupted_backfill_goes_on_in_the_window_where_it_stopped(
    sync: Sync, toy: Toy, source: Source, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MOST_RECORDS", 1)
    for number in range(10, 20):
        toy.put(f"d{number}", month=1, day=number)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    toy.fail_after = 2
    assert sync(since=since).state == "partial"  # the stages are in
    kept = StreamState.objects.get(source=source, stream="contacts").backfill
    assert kept["since"] == since.isoformat()
    assert kept["cursor"] is not None
    before = len(read())
    toy.fail_after = None
    done = sync(since=since)
    assert done.state == "done"
    assert done.received == 17 - before
    assert len(read()) == 17
    assert StreamState.objects.get(source=source, stream="contacts").backfill is None


def test_a_source_is_read_once_at_a_time(access: Access, source: Source) -> None:
    start_sync(access=access, name="crm", now=NOW)
    with pytest.raises(SyncRuns, match="is being read already"):
        start_sync(access=access, name="crm", now=NOW)


def test_a_run_is_taken_over_only_when_its_lease_has_run_out(source: Source) -> None:
    run = queue_run(source, trigger="person", by="t", now=NOW)
    assert claim_run(run.pk, worker="a", now=NOW) is not None
    assert claim_run(run.pk, worker="b", now=NOW + LEASE - timedelta(seconds=1)) is None
    assert keep_lease(run.pk, worker="a", now=NOW + LEASE / 2)
    assert claim_run(run.pk, worker="b", now=NOW + LEASE) is None
    assert claim_run(run.pk, worker="b", now=NOW + LEASE * 2) is not None
    assert not keep_lease(run.pk, worker="a", now=NOW + LEASE * 2)


def test_a_run_that_is_killed_again_and_again_is_given_up(
    source: Source, folder: WorkspaceFolder, clock: Callable[[], datetime]
) -> None:
    run = queue_run(source, trigger="person", by="t", now=NOW)
    SyncRun.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS)
    done = carry_out(run.pk, folder=folder, worker="w", clock=clock)
    assert done is not None
    assert done.state == "failed"
    assert "interrupted too often" in done.problem


def test_a_waiting_run_can_be_stopped(access: Access, source: Source) -> None:
    run = start_sync(access=access, name="crm", now=NOW)
    assert stop_sync(access=access, name="crm", now=NOW)
    run.refresh_from_db()
    assert run.state == "failed"
    assert not stop_sync(access=access, name="crm", now=NOW)


def test_due_sources_are_queued_once_also_by_two_workers(access: Access, source: Source) -> None:
    spec = spec_from({**source.spec, "schedule": {"cron": "0 5 * * *", "zone": "Europe/Berlin"}})
    save_source(access=access, spec=spec, secrets={}, now=NOW)
    source.refresh_from_db()
    assert source.next_run_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
    due = datetime(2026, 3, 2, 4, 0, 1, tzinfo=UTC)
    assert not has_syncs(due - timedelta(seconds=2))
    assert has_syncs(due)
    assert len(queue_due(zones={"small": "UTC"}, now=due)) == 1
    assert queue_due(zones={"small": "UTC"}, now=due) == []
    source.refresh_from_db()
    assert source.next_run_at == datetime(2026, 3, 3, 4, tzinfo=UTC)


def test_a_paused_source_is_not_queued(access: Access, source: Source) -> None:
    spec = spec_from({**source.spec, "schedule": {"cron": "0 5 * * *"}})
    save_source(access=access, spec=spec, secrets={}, now=NOW)
    pause_source(access=access, name="crm", paused=True, now=NOW)
    assert queue_due(zones={"small": "UTC"}, now=NOW + timedelta(days=2)) == []


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        # Berlin, 29 March 2026: 02:00 becomes 03:00, so 02:30 does not exist
        ("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("0 5 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 3, tzinfo=UTC)),
        # 25 October 2026: 03:00 becomes 02:00, so 02:30 is there twice and taken once
        ("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("30 2 * * *", datetime(2026, 10, 25, 0, 31, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_schedules_keep_local_time_over_changes_to_summer_time(cron: str, after: datetime, expected: datetime) -> None:
    assert Schedule(cron=cron, zone="Europe/Berlin").next_after(after, zone="UTC") == expected
