"""A source whose events cannot be stored keeps its own waiting, in order, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from cast import Cast
from sightline.ingest.events import flush
from sightline.ingest.events.body import content_of
from sightline.ingest.events.groups import sources_with_events
from sightline.ingest.events.receive import keep
from sightline.ingest.models import InboxBatch, Source
from sightline.ingest.records import store_records
from sightline.jobs import events, inbox
from sightline.jobs.own_process import DutyFailed

pytestmark = [pytest.mark.req("PLT-2", "AUT-8.2"), pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Stored = list[tuple[str, str]]


@pytest.fixture
def sources(cast: Cast) -> dict[str, Source]:
    """Return two sources of schools: `bad` was made first, so it would be the first in any order but ours."""
    spec = {"type": "webhook", "streams": {"school": {"dataset": "schools"}}}
    made = {"workspace": "programs", "kind": "webhook", "created_at": NOW, "changed_at": NOW}
    return {name: Source.objects.create(name=name, spec={"source": name, **spec}, **made) for name in ("bad", "good")}


@pytest.fixture
def stored(sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch) -> Stored:
    """Return which (source, school) was stored, in order; those of `bad` fail until twelve of `good` are.

    After six of `good` have been stored, others come: of `good`, and of `bad` behind those that fail.
    """
    found: Stored = []

    def store(*, records: Any, **more: Any) -> Any:
        names = [(record["source"], record["school_id"]) for record in records]
        if names[0][0] == "bad" and len(found) < 12:
            raise OSError("not now")
        done = store_records(records=records, **more)
        found.extend(names)
        if len(found) == 6:
            arrive(sources["bad"], "b4")
            for number in range(6, 12):
                arrive(sources["good"], f"g{number}")
        return done

    monkeypatch.setattr(flush, "store_records", store)
    monkeypatch.setattr(inbox, "FIRST_WAIT_SECONDS", 0.05)
    return found


def arrive(source: Source, school: str) -> None:
    body = orjson.dumps({"school_id": school, "name": school, "source": source.name})
    keep(content_of(body, content_type="", encoding=""), source=source.pk, key=school, now=NOW)


def test_others_go_on_and_the_own_ones_follow_in_order(sources: dict[str, Source], stored: Stored) -> None:
    for number in range(4):
        arrive(sources["bad"], f"b{number}")
    for number in range(6):
        arrive(sources["good"], f"g{number}")
    inbox.run_until_idle(threading.Event(), linger=1.0)
    assert stored[:12] == [("good", f"g{number}") for number in range(12)]
    assert stored[12:] == [("bad", f"b{number}") for number in range(5)]
    assert not InboxBatch.objects.exclude(state="done").exists()


def test_a_source_that_fails_comes_last_else_who_waits_longest_is_first(sources: dict[str, Source]) -> None:
    arrive(sources["good"], "g1")
    arrive(sources["bad"], "b1")
    assert [source.name for source in sources_with_events()] == ["good", "bad"]
    InboxBatch.objects.filter(source=sources["good"]).update(state="taken", run="in-1", attempts=1)
    assert [source.name for source in sources_with_events()] == ["bad", "good"]
    Source.objects.filter(name="bad").update(is_paused=True)
    assert [source.name for source in sources_with_events()] == ["good"]


def test_a_process_that_dies_again_and_again_but_stores_what_others_send_is_started_again(
    sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 0

    def dies(_: str) -> Callable[[datetime], str]:
        def run(now: datetime) -> str:
            nonlocal number
            number += 1
            arrive(sources["good"], f"g{number}")
            if stores:
                InboxBatch.objects.filter(source=sources["good"]).update(state="done", done_at=now)
            raise DutyFailed("inbox ended with -9")

        return run

    monkeypatch.setattr(events, "in_own_process", dies)
    monkeypatch.setattr(events, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(events, "_deaths_in_a_row", 0)
    stores = True
    for minute in range(3 * events.MOST_DEATHS):
        assert "started again" in events.store_in_own_process(NOW + timedelta(minutes=minute))
    stores = False
    later = NOW + timedelta(days=1)
    for _ in range(events.MOST_DEATHS - 2):
        assert "started again" in events.store_in_own_process(later)
    with pytest.raises(DutyFailed):
        events.store_in_own_process(later)
