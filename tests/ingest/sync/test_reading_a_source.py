"""A source is read once, then only what changed; what breaks in between is read again and is never there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sightline.ingest.models import DataEvent, Source, StreamState, SyncRun
from sightline.ingest.sync import chunks, stream
from toy_source import Toy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.1", "PRG-1.2")]
Sync = Callable[..., SyncRun]
Read = Callable[..., list[dict[str, Any]]]


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["lead_id"] for row in rows)


def cursor(source: Source, name: str = "contacts") -> Any:
    return StreamState.objects.get(source=source, stream=name).cursor


def test_the_first_sync_reads_everything_and_the_next_only_what_changed(
    sync: Sync, toy: Toy, source: Source, read: Read
) -> None:
    first = sync()
    assert (first.state, first.received, first.accepted) == ("done", 7, 7)
    assert keys(read()) == [f"c{n}" for n in range(1, 8)]
    toy.put("c3", email="new@x.test")
    toy.put("c9", day=9)
    second = sync()
    assert (second.received, second.streams["contacts"]["updated"], second.streams["contacts"]["inserted"]) == (2, 1, 1)
    assert cursor(source) == {"after": toy.clock}
    assert next(row for row in read() if row["lead_id"] == "c3")["email"] == "new@x.test"
    assert sync().received == 0


def test_only_mapped_columns_are_asked_for(sync: Sync, toy: Toy) -> None:
    toy.columns = (*toy.columns, "shoe_size")
    sync()
    assert set(toy.read[0].columns) == {"id", "program", "email", "created", "version"}


def test_what_was_stored_before_a_failure_stays_and_the_next_sync_goes_on(
    sync: Sync, toy: Toy, source: Source, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MOST_RECORDS", 1)  # a chunk for each page
    toy.fail_after = 2
    broken = sync()
    assert broken.state == "partial"  # the stages are in
    assert "the toy is tired" in broken.problem
    assert cursor(source) == {"after": 6}
    assert len(read()) == 6
    assert DataEvent.objects.get(kind="sync_failed").ended_at is None
    toy.fail_after = None
    mended = sync()
    assert (mended.state, mended.received) == ("done", 1)
    assert len(read()) == 7
    assert DataEvent.objects.get(kind="sync_failed").ended_at is not None


def test_a_page_stored_but_not_remembered_is_read_again_and_is_not_there_twice(
    sync: Sync, toy: Toy, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed between lake and cursor")

    with monkeypatch.context() as patch:
        patch.setattr(stream, "move_cursor", killed)
        assert sync().state == "partial"
    assert len(read()) == 7
    again = sync()
    assert again.state == "done"
    assert (again.received, again.streams["contacts"]["unchanged"]) == (7, 7)
    assert len(read()) == 7


def test_records_that_break_a_check_are_held_and_the_rest_is_in(sync: Sync, toy: Toy, read: Read) -> None:
    toy.put("c8", program=None, day=8)
    done = sync()
    assert (done.state, done.accepted, done.rejected) == ("done", 7, 1)
    assert list(done.streams["contacts"]["reasons"].values()) == [1]
    assert "c8" not in keys(read())


def test_one_stream_that_fails_leaves_the_others_in_peace(sync: Sync, toy: Toy, source: Source, read: Read) -> None:
    toy.stage("c1", "won", day=3)
    source.spec["streams"]["deals"] = {"dataset": "leads"}
    source.save()
    done = sync()
    assert done.state == "partial"
    assert 'has no stream "deals"' in done.problem
    assert len(read()) == 7
    assert len(read("lead_stages")) == 1


@pytest.mark.req("PRG-1.3")
def test_deletes_and_merges_are_followed_also_where_the_record_is_referred_to(sync: Sync, toy: Toy, read: Read) -> None:
    for key, stage in (("c1", "new"), ("c2", "new"), ("c2", "won"), ("c5", "new")):
        toy.stage(key, stage, day=3)
    sync()
    toy.remove("c1")
    toy.merge("c2", "c5")
    done = sync()
    assert done.state == "done"
    assert keys(read()) == ["c3", "c4", "c5", "c6", "c7"]
    assert sorted((row["lead_id"], row["stage"]) for row in read("lead_stages")) == [("c5", "new"), ("c5", "won")]
    assert (done.streams["contacts"]["removed"], done.streams["contacts"]["reassigned"]) == (1, 1)


def test_rows_of_deleted_records_may_be_kept(sync: Sync, toy: Toy, source: Source, read: Read) -> None:
    source.spec["streams"]["contacts"]["deletes"] = "keep"
    source.save()
    sync()
    toy.remove("c1")
    sync()
    assert "c1" in keys(read())


def test_counts_are_compared_with_the_source_day_by_day(sync: Sync, toy: Toy) -> None:
    good = sync()
    assert good.streams["contacts"]["compared_days"] > 0
    assert good.streams["contacts"]["differing"] == []
    toy.miscount = 2
    toy.put("c7", email="again@x.test")
    bad = sync()
    told = [day["told"] for day in bad.streams["contacts"]["differing"]]
    assert "2026-02-07: the source has 3, the lake 1" in told
    event = DataEvent.objects.get(kind="count_differs")
    assert "the source has 3, the lake 1" in event.message
    toy.miscount = 0
    sync()
    event.refresh_from_db()
    assert event.ended_at is not None


def test_held_records_count_as_known(sync: Sync, toy: Toy) -> None:
    toy.put("c8", program=None, day=8)
    assert sync().streams["contacts"]["differing"] == []
