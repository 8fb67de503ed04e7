"""When the source's columns change: evolve takes what fits, discard ignores it, freeze stops the stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sightline.ingest.models import DataEvent, Source, SyncRun
from toy_source import Toy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3")]
Sync = Callable[..., SyncRun]
Read = Callable[..., list[dict[str, Any]]]


def policy(source: Source, word: str) -> None:
    source.spec["schema_changes"] = word
    source.save()


def add_mobile(toy: Toy) -> None:
    toy.columns = (*toy.columns, "mobile")
    toy.put("c1", mobile="+49 30 1")


def phone(rows: list[dict[str, Any]]) -> Any:
    return next(row for row in rows if row["lead_id"] == "c1").get("phone")


def test_a_new_column_that_fits_is_taken_and_told(sync: Sync, toy: Toy, read: Read) -> None:
    sync()
    add_mobile(toy)
    done = sync()
    assert done.state == "done"
    assert done.streams["contacts"]["drift"] == "new: mobile"
    assert phone(read()) == "+49 30 1"
    assert "new: mobile" in DataEvent.objects.get(kind="schema_changed").message
    assert sync().streams["contacts"]["drift"] == ""


def test_discard_ignores_a_new_column_for_good(sync: Sync, toy: Toy, source: Source, read: Read) -> None:
    policy(source, "discard")
    sync()
    add_mobile(toy)
    for _ in range(2):
        assert sync().state == "done"
    assert phone(read()) is None


def test_freeze_stops_the_stream_and_says_what_changed(sync: Sync, toy: Toy, source: Source, read: Read) -> None:
    policy(source, "freeze")
    sync()
    add_mobile(toy)
    done = sync()
    assert done.state == "partial"  # the other stream is in
    assert "new: mobile" in done.problem
    assert phone(read()) is None


def test_values_stay_when_a_mapped_column_goes(sync: Sync, toy: Toy, read: Read) -> None:
    sync()
    toy.columns = tuple(name for name in toy.columns if name != "email")
    toy.put("c1", program="p2")
    done = sync()
    assert done.streams["contacts"]["drift"] == "gone: email"
    row = next(row for row in read() if row["lead_id"] == "c1")
    assert (row["program_id"], row["email"]) == ("p2", "c1@x.test")


def test_a_stream_that_loses_a_column_no_row_can_do_without_fails(sync: Sync, toy: Toy) -> None:
    sync()
    toy.columns = tuple(name for name in toy.columns if name != "program")
    toy.put("c1")
    done = sync()
    assert done.streams["contacts"]["problem"] or done.streams["contacts"]["rejected"] == 1
