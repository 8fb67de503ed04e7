"""REST sources as their settings describe them: what is asked, what is lost to nobody, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from behaviour import Case, Clock, HttpWorld, Trial
from fake_server import Answer, Asked, serving
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sightline.sources.base import SourceAnswer, SourceError
from sightline.sources.flat import flattened, found_at
from sightline.sources.rest.config import RestConfig
from sightline.sources.rest.moments import earlier, moment_of, written
from sightline.sources.rest.source import REST

pytestmark = pytest.mark.req("PRG-1.1", "PRG-1.2")

STREAM: Mapping[str, Any] = {"name": "items", "path": "items", "key": ["id"]}


@contextmanager
def trial_of(answer: Callable[[Asked], Answer], **stream: Any) -> Iterator[Trial]:
    """Run a server and a trial of one stream of it."""
    world = HttpWorld()
    world.clock, world.stream = Clock(), "items"
    with serving(answer, world.clock) as server:
        world.server = server
        world.config = {"base_url": f"{server.url}/v2", "streams": [{**STREAM, **stream}]}
        yield Trial(Case("rest", REST, lambda *_: world), world)


def test_the_lower_bound_is_the_greatest_value_as_the_source_wrote_it() -> None:
    rows = [{"id": 1, "at": "2026-03-01T10:00:00.123456+01:00"}, {"id": 2, "at": "2026-03-01T08:00:00Z"}]
    with trial_of(lambda _: Answer(rows), cursor={"column": "at", "param": "since"}) as trial:
        first = trial.read()
        trial.read(first.last)
        assert trial.world.server.asked[-1].query == {"since": "2026-03-01T10:00:00.123456+01:00"}


@pytest.mark.parametrize(
    ("how", "value", "asked"),
    [
        ("epoch", 1772359200, "1772359140"),
        ("epoch_ms", 1772359200000, "1772359140000"),
        ("iso", "2026-03-01T10:00:00Z", "2026-03-01T09:59:00Z"),
        ("date", "2026-03-01", "2026-02-28"),
        ("raw", 17, "17"),
    ],
)
def test_an_overlap_is_read_again(how: str, value: object, asked: str) -> None:
    cursor = {"column": "at", "param": "since", "format": how, "overlap": 60}
    with trial_of(lambda _: Answer([{"id": 1, "at": value}]), cursor=cursor) as trial:
        trial.read(trial.read().last)
        assert trial.world.server.asked[-1].query["since"] == asked


def test_a_record_changed_on_a_page_already_read_is_found_by_the_next_sync() -> None:
    """Not sorted: record 1 changes behind us, then record 2 before us, later. The next bound lies before both."""
    clock = Clock()
    rows = {1: "2026-03-10T11:00:00Z", 2: "2026-03-10T11:00:00Z"}

    def answer(asked: Asked) -> Answer:
        page = int(asked.query["page"])
        bound = asked.query.get("since", "")
        chosen = [{"id": number, "at": at} for number, at in rows.items() if at >= bound]
        if page == 1 and not bound:
            rows.update({1: "2026-03-10T12:00:10Z", 2: "2026-03-10T12:00:20Z"})
        return Answer(chosen[page - 1 : page], headers={"Date": "Tue, 10 Mar 2026 12:00:00 GMT"})

    paging = {"kind": "page", "param": "page", "size_param": "size", "size": 1}
    with trial_of(answer, cursor={"column": "at", "param": "since"}, paging=paging) as trial:
        trial.world.clock = clock
        second = trial.read(trial.read().last)
    assert {("1",), ("2",)} <= set(second.keys())


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(1, 5))
def test_sorted_numbered_pages_give_every_record_once_however_many_share_a_moment(steps: list[int], size: int) -> None:
    moments = [sum(steps[: number + 1]) for number in range(len(steps))]
    rows = [{"id": number, "at": 1772359200 + moment} for number, moment in enumerate(moments)]

    def answer(asked: Asked) -> Answer:
        at = int(asked.query["skip"])
        chosen = [row for row in rows if row["at"] >= int(asked.query.get("since", 0))]
        return Answer(chosen[at : at + size])

    cursor = {"column": "at", "param": "since", "format": "epoch", "sorted": True}
    paging = {"kind": "offset", "param": "skip", "size_param": "size", "size": size}
    with trial_of(answer, cursor=cursor, paging=paging) as trial:
        assert sorted(record["id"] for record in trial.read().records) == list(range(len(rows)))


def test_a_page_that_names_itself_as_the_next_ends_in_an_error() -> None:
    body = {"items": [{"id": 1}], "next": "same"}
    paging = {"kind": "cursor", "param": "after", "next": "next"}
    with trial_of(lambda _: Answer(body), records="items", paging=paging) as trial:
        with pytest.raises(SourceAnswer, match="again and again"):
            trial.read()
        assert len(trial.world.server.asked) == 2


def test_a_link_to_another_host_is_refused() -> None:
    body = {"items": [{"id": 1}], "next": "http://169.254.169.254/latest/meta-data"}
    running = trial_of(lambda _: Answer(body), records="items", paging={"kind": "link", "next": "next"})
    with running as trial, pytest.raises(SourceAnswer, match="another address"):
        trial.read()


@pytest.mark.parametrize("body", [{"rows": []}, {"items": {"id": 1}}, {"items": ["text"]}, "text", None])
def test_an_answer_without_a_list_of_records_is_told(body: Any) -> None:
    running = trial_of(lambda _: Answer(body if body is not None else b"null"), records="items")
    with running as trial, pytest.raises(SourceAnswer, match="`records`"):
        trial.read()


def test_a_record_without_its_key_is_told() -> None:
    running = trial_of(lambda _: Answer([{"number": 1, "name": "x"}]))
    with running as trial, pytest.raises(SourceError, match="has no id; it has name, number"):
        trial.read()


def test_only_wanted_columns_are_kept() -> None:
    with trial_of(lambda _: Answer([{"id": 1, "a": {"b": 2}, "c": 3}])) as trial:
        assert trial.read(columns=("a.b",)).records == [{"id": 1, "a.b": 2}]


def test_a_stream_without_a_cursor_is_read_whole_and_bounded_by_creation() -> None:
    rows = [{"id": 1, "made": "2026-01-31T23:59:59Z"}, {"id": 2, "made": "2026-02-01T00:00:00Z"}]
    with trial_of(lambda _: Answer(rows), created="made") as trial:
        whole = trial.read()
        assert [page.cursor for page in whole.pages] == [None]
        bounded = trial.read(since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 3, 1, tzinfo=UTC))
    assert bounded.keys() == [("2",)]


def test_counts_ask_for_one_day_each() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer({"meta": {"total": 3}} if asked.path.endswith("/count") else [])

    count = {"total": "meta.total", "path": "count", "from_param": "from", "until_param": "to", "format": "date"}
    with trial_of(answer, created="made", count=count) as trial, trial.opened() as source:
        assert source.count(trial.stream(source), [date(2026, 2, 28)]) == {date(2026, 2, 28): 3}
    assert trial.world.server.asked[-1].query == {"from": "2026-02-28", "to": "2026-03-01"}


def test_a_source_that_does_not_count_says_so() -> None:
    with trial_of(lambda _: Answer([])) as trial, trial.opened() as source:
        assert source.count(trial.stream(source), [date(2026, 2, 28)]) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_url": "ftp://example.org"}, "base_url"),
        ({"base_url": "https://me:pw@example.org"}, "base_url"),
        ({"auth": "bearer"}, "needs token"),
        ({"auth": "oauth2", "client_id": "x"}, "needs token_url, client_secret"),
        ({"streams": [{**STREAM, "path": "https://evil.example/"}]}, "behind the base_url"),
        ({"streams": [STREAM, STREAM]}, "same name"),
        ({"streams": [{**STREAM, "paging": {"kind": "page"}}]}, "needs `param`"),
        ({"streams": [{**STREAM, "paging": {"kind": "link"}}]}, "needs `next`"),
        ({"streams": [{**STREAM, "columns": ["a"]}]}, "lack id"),
        ({"streams": [{**STREAM, "count": {"total": "t", "from_param": "f", "until_param": "u"}}]}, "needs `created`"),
    ],
)
def test_unsound_settings_are_refused(change: dict[str, Any], said: str) -> None:
    values = {"base_url": "https://example.org", "streams": [STREAM], **change}
    with pytest.raises(ValidationError, match=said):
        RestConfig.model_validate(values)


def test_nested_values_are_flattened_and_lists_are_text() -> None:
    nested = {"a": {"b": {"c": 1}, "d": None}, "e": [1, {"f": "ü"}], "g": [], "h": {}}
    assert flattened(nested) == {"a.b.c": 1, "a.d": None, "e": '[1,{"f":"ü"}]', "g": None, "h": None}
    assert found_at(nested, "a.b.c") == 1
    assert found_at(nested, "a.x.c") is None
    assert found_at(nested, "") is nested


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)), st.sampled_from(["epoch", "iso"]))  # noqa: DTZ001 - bounds of a strategy, UTC is put on below
def test_a_written_moment_is_read_back(moment: datetime, how: Any) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert moment_of(written(whole, how), how) == whole
    assert earlier(written(whole, how), how, 0) == written(whole, how)
