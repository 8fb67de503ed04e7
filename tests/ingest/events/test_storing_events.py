"""From waiting to the lake: once each, whatever fails or is killed in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from events_sender import NOW, prometheus_body
from sightline.errors import Conflict, UserError
from sightline.home import WorkspaceFolder
from sightline.ingest.events import flush, groups
from sightline.ingest.events.body import content_of
from sightline.ingest.events.flush import flush_all
from sightline.ingest.events.receive import keep
from sightline.ingest.events.remote_write import written
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import DataEvent, InboxBatch, Source, StreamState
from sightline.ingest.records import store_records
from sightline.lake import commit, sql
from sightline.lake.quarantine import browse

pytestmark = [pytest.mark.req("PLT-2", "AUT-8.2"), pytest.mark.django_db]
Make = Callable[..., Source]
Rows = Callable[..., list[dict[str, Any]]]


class Killed(BaseException):
    """What no `except Exception` catches, as a kill."""


def arrive(source: Source, body: Any, key: str = "") -> str:
    content = content_of(orjson.dumps(body), content_type="application/json", encoding="")
    return keep(content, source=source.pk, key=key, now=NOW).id


def states() -> list[str]:
    return list(InboxBatch.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes the next call of a function end as a kill would, before or after its work."""

    def arm(where: Any, name: str, *, after: bool) -> None:
        original = getattr(where, name)

        def dies(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(where, name, original)
            if after:
                original(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(where, name, dies)

    return arm


def test_events_are_stored_once_with_their_ids_and_their_bodies_are_dropped(source: Make, rows: Rows) -> None:
    shop = source()
    arrive(shop, [{"id": "a", "email": "a@x.test", "amount": 5}, {"event_id": 7, "amount": 2.5}, {"amount": 1}], "k")
    [done] = flush_all(now=NOW)
    assert (done.batches, done.records, done.datasets) == (1, 3, ("signups",))
    assert [(row["event_id"], row["amount"]) for row in rows("signups")] == [("7", 2.5), ("a", 5.0), ("k/2", 1.0)]
    assert {row["received_at"] for row in rows("signups")} == {NOW}
    batch = InboxBatch.objects.get()
    assert (batch.state, batch.body, batch.done_at) == ("done", None, NOW)
    assert flush_all(now=NOW) == []


def test_waiting_requests_are_stored_together_in_bounded_groups(
    source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source()
    monkeypatch.setattr(groups, "MOST_ROWS", 10)
    for number in range(12):
        arrive(shop, [{"id": f"{number}-{each}"} for each in range(3)])
    assert [done.batches for done in flush_all(now=NOW)] == [3, 3, 3, 3]
    assert len(rows("signups")) == 36


MOMENTS = [
    (flush, "store_records", False),
    (commit, "_write", False),
    (commit, "_write", True),
    (commit, "publish", True),
    (flush, "store_records", True),
    (flush, "finish", False),
    (flush, "finish", True),
]


@pytest.mark.parametrize("dataset", ["signups", "clicks", "contacts"])
@pytest.mark.parametrize(
    ("where", "name", "after"), MOMENTS, ids=[f"{n}-{'after' if a else 'before'}" for _, n, a in MOMENTS]
)
def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    source: Make, rows: Rows, dying: Callable[..., None], dataset: str, where: Any, name: str, after: bool
) -> None:
    shop = source("shop", some=dataset)
    arrive(shop, [{"id": f"a{number}", "contact_id": f"a{number}", "page": "/"} for number in range(5)])
    dying(where, name, after=after)
    with pytest.raises(Killed):
        flush_all(now=NOW)
    arrive(shop, {"id": "late", "contact_id": "late", "page": "/"})
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows(dataset)] == [f"a{number}" for number in range(5)] + ["late"]
    assert states() == ["done", "done"]


def test_what_was_stored_before_a_kill_does_not_undo_what_came_since(
    source: Make, rows: Rows, dying: Callable[..., None], folder: WorkspaceFolder
) -> None:
    shop = source("shop", some="contacts")
    arrive(shop, {"contact_id": "c", "name": "first"})
    dying(flush, "finish", after=False)
    with pytest.raises(Killed):
        flush_all(now=NOW)
    dataset = folder.catalog.dataset("contacts")
    newer = [{"contact_id": "c", "name": "second"}]
    store_records(folder=folder, dataset=dataset, records=newer, mapping=MapFile(), run="by somebody else", now=NOW)
    flush_all(now=NOW)
    assert [row["name"] for row in rows("contacts")] == ["second"]


def test_records_go_to_the_stream_they_name_and_others_are_held(source: Make, rows: Rows) -> None:
    shop = source("shop", signup="signups", contact="contacts")
    arrive(
        shop,
        [
            {"event": "signup", "id": "s1"},
            {"type": "contact", "contact_id": "c1"},
            {"event": "refund", "id": "r1"},
            {"id": "x"},
        ],
        "mixed",
    )
    arrive(shop, {"event": "refund", "id": "r2"}, "alone")
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows("signups")] == ["s1"]
    assert [row["contact_id"] for row in rows("contacts")] == ["c1"]
    alone = InboxBatch.objects.get(key="alone")
    held = InboxBatch.objects.get(key__startswith="held-")
    assert (InboxBatch.objects.get(key="mixed").state, alone.state, held.state) == ("done", "dead", "dead")
    assert 'no stream "refund"' in alone.problem
    assert [record["_event_id"] for record in orjson.loads(bytes(held.body or b""))] == ["r1", "x"]
    assert DataEvent.objects.get(kind="dead_letter", ended_at=None).detail == {"dead_letters": 2}


def test_a_batch_at_fault_is_found_and_the_others_go_on(
    source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source("shop", some="clicks")
    keys = [arrive(shop, {"id": str(number), "page": "bad" if number == 5 else "/"}) for number in range(9)]

    def picky(*, records: Any, **more: Any) -> Any:
        if any(record["page"] == "bad" for record in records):
            raise UserError("I do not like it")
        return store_records(records=records, **more)

    monkeypatch.setattr(flush, "store_records", picky)
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows("clicks")] == [str(number) for number in range(9) if number != 5]
    dead = InboxBatch.objects.get(state="dead")
    assert (dead.key, dead.problem) == (keys[5], "I do not like it [SL-E001]")


def test_splitting_does_not_store_again_what_another_stream_stored(
    source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source("shop", click="clicks", contact="contacts")
    for number in range(4):
        arrive(shop, [{"event": "click", "id": f"e{number}"}, {"event": "contact", "contact_id": f"c{number}"}])

    def picky(*, dataset: Any, records: Any, **more: Any) -> Any:
        if dataset.name == "contacts" and any(record["contact_id"] == "c2" for record in records):
            raise UserError("not c2")
        return store_records(dataset=dataset, records=records, **more)

    monkeypatch.setattr(flush, "store_records", picky)
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows("clicks")] == ["e0", "e1", "e2", "e3"]
    assert [row["contact_id"] for row in rows("contacts", "contact_id")] == ["c0", "c1", "c3"]
    monkeypatch.setattr(flush, "store_records", store_records)
    InboxBatch.objects.filter(state="dead").update(state="waiting")  # as when it is replayed
    flush_all(now=NOW)
    assert [row["event_id"] for row in rows("clicks")] == ["e0", "e1", "e2", "e3"]
    assert [row["contact_id"] for row in rows("contacts", "contact_id")] == ["c0", "c1", "c2", "c3"]


def test_an_error_that_may_pass_is_tried_five_times(source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = source()
    arrive(shop, {"id": "a"})

    def broken(**_: Any) -> Any:
        raise Conflict("not now")

    monkeypatch.setattr(flush, "store_records", broken)
    for _ in range(4):
        [tried] = flush_all(now=NOW)
        assert "not now" in tried.failed
    assert states() == ["taken"]
    flush_all(now=NOW)
    assert states() == ["dead"]
    monkeypatch.setattr(flush, "store_records", store_records)
    InboxBatch.objects.update(state="waiting", attempts=0)
    flush_all(now=NOW)
    assert (states(), len(rows("signups"))) == (["done"], 1)


def test_an_outage_gives_up_no_batch_that_is_not_at_fault(
    source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source("shop", some="clicks")
    for number in range(9):
        arrive(shop, {"id": str(number), "page": "bad" if number == 5 else "/"})

    def out(**_: Any) -> Any:
        raise OSError("no space left")

    def picky(*, records: Any, **more: Any) -> Any:
        if any(record["page"] == "bad" for record in records):
            raise ValueError("an error of ours that only this one meets")
        return store_records(records=records, **more)

    monkeypatch.setattr(flush, "store_records", out)
    for _ in range(15):
        flush_all(now=NOW)
    assert set(states()) == {"taken"}
    monkeypatch.setattr(flush, "store_records", picky)
    for _ in range(10):
        flush_all(now=NOW)
    assert len(rows("clicks")) == 8
    assert "ValueError" in InboxBatch.objects.get(state="dead").problem


def test_a_batch_that_brings_the_process_down_is_given_up_at_last(
    source: Make, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source()
    arrive(shop, {"id": "good"})
    arrive(shop, {"id": "deadly"})

    def deadly(*, records: Any, **more: Any) -> Any:
        if any(record["id"] == "deadly" for record in records):
            raise Killed
        return store_records(records=records, **more)

    monkeypatch.setattr(flush, "store_records", deadly)
    for _ in range(flush.MOST_INTERRUPTIONS + 10):
        try:
            flush_all(now=NOW)
        except Killed:
            continue
    assert ([row["event_id"] for row in rows("signups")], states()) == (["good"], ["done", "dead"])


def test_a_dataset_that_is_not_there_makes_dead_letters_at_once(source: Make, rows: Rows) -> None:
    shop = source("shop", signup="signups", gone="nowhere")
    arrive(shop, {"event": "signup", "id": "a"})
    arrive(shop, {"event": "gone", "id": "b"})
    arrive(shop, {"event": "signup", "id": "c"})
    flush_all(now=NOW)
    assert ([row["event_id"] for row in rows("signups")], states()) == (["a", "c"], ["done", "dead", "done"])
    assert "nowhere" in InboxBatch.objects.get(state="dead").problem


def test_rows_that_fail_a_check_are_in_quarantine_and_not_dead(
    source: Make, rows: Rows, folder: WorkspaceFolder, tmp_path: Any
) -> None:
    shop = source("shop", contact="contacts")
    arrive(shop, [{"contact_id": "a", "score": "high"}, {"contact_id": "b", "score": 3}, {"name": "nobody"}])
    flush_all(now=NOW)
    assert [row["contact_id"] for row in rows("contacts")] == ["b"]
    with sql.scratch(tmp_path, memory="64MB") as scratch:
        assert browse(folder.lake, "contacts", scratch, run=None, page=1, page_size=10).total == 2
    assert states() == ["done"]


def test_stored_together_or_alone_events_end_the_same(source: Make, rows: Rows) -> None:
    """Partial records, spellings and repeated keys: grouping must not show in the result."""
    events: list[dict[str, Any]] = [
        {"contact_id": "a", "name": "Ann", "score": 1},
        {"contact_id": "b", "Name": "Bob"},
        {"Contact ID": "a", "score": 2},
        {"contact_id": "b", "score": 5},
        {"contact_id": "a", "name": "Anna"},
    ]
    together, alone = source("together", c="contacts"), source("alone", c="contacts")
    for event in events:
        arrive(together, event)
    flush_all(now=NOW)
    found = [(row["contact_id"], row["name"], row["score"]) for row in rows("contacts", "contact_id")]
    assert found == [("a", "Anna", 2.0), ("b", "Bob", 5.0)]
    for event in events:
        arrive(alone, {name: f"{value}2" if "ontact" in name else value for name, value in event.items()})
        flush_all(now=NOW)
    again = [(row["contact_id"][0], row["name"], row["score"]) for row in rows("contacts", "contact_id")]
    assert again == [each for each in found for _ in range(2)]


def test_text_that_databases_dislike_arrives_whole(source: Make, rows: Rows) -> None:
    shop = source("shop", some="clicks")
    texts = ["", "nul \x00 inside", "emoji 🎉", "a'b\"c", "line\nbreak", "𝒳" * 10_000, "null"]
    arrive(shop, [{"id": f"{number}", "page": text} for number, text in enumerate(texts)])
    arrive(shop, {"id": "n", "page": {"deep": [1, None]}})
    flush_all(now=NOW)
    assert states() == ["done", "done"]
    found = {row["event_id"]: row["page"] for row in rows("clicks")}
    assert len(found) == len(texts) + 1
    assert found["n"] == '{"deep": [1, null]}'
    assert (found["2"], found["3"]) == ("emoji 🎉", "a'b\"c")


def test_a_paused_source_keeps_its_events_waiting(source: Make, rows: Rows) -> None:
    shop = source()
    arrive(shop, {"id": "a"})
    Source.objects.update(is_paused=True)
    assert flush_all(now=NOW) == []
    Source.objects.update(is_paused=False)
    flush_all(now=NOW)
    assert states() == ["done"]


def test_keys_are_forgotten_after_a_week(source: Make) -> None:
    shop = source()
    arrive(shop, {"id": "a"}, "k")
    flush_all(now=NOW)
    assert groups.forget_stored(before=NOW - timedelta(days=7)) == 0
    assert groups.forget_stored(before=NOW + timedelta(seconds=1)) == 1


def test_counters_of_remote_writes_go_on_from_where_they_were(
    source: Make, rows: Rows, dying: Callable[..., None]
) -> None:
    metrics = source("metrics", samples={"dataset": "samples", "map": {"columns": {"sample": "_event_id"}}})

    def write(*samples: tuple[float, float]) -> None:
        body = prometheus_body({"orders_total": samples})
        content, _ = written(body, content_type="application/x-protobuf", encoding="snappy")
        keep(content, source=metrics.pk, key="", now=NOW)

    write((1, 5.0), (2, 9.0))
    flush_all(now=NOW)
    write((3, 12.0))
    dying(flush, "finish", after=False)
    with pytest.raises(Killed):
        flush_all(now=NOW)
    write((4, 2.0))
    flush_all(now=NOW)
    assert [row["increase"] for row in rows("samples", "sample")] == [None, 4.0, 3.0, 2.0]
    assert {row["metric"] for row in rows("samples")} == {"orders_total"}
    assert StreamState.objects.get().stream == groups.COUNTERS
