"""Targets are scraped each on its own, and a server is read for one metric or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from behaviour import Clock, stored
from fake_server import Answer, Asked, FakeServer, serving

from sightline.sources.base import (
    Cursor,
    Page,
    ReadRequest,
    Source,
    SourceAnswer,
    SourceRefused,
    SourceUnavailable,
    Surroundings,
)
from sightline.sources.prometheus.config import PrometheusConfig
from sightline.sources.prometheus.exposition import BadExposition
from sightline.sources.prometheus.source import open_source

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]

OPENMETRICS = {"Content-Type": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
NEVER = "http://127.0.0.1:9/metrics"
"""Nobody listens on the discard port."""


@contextmanager
def opened(config: Mapping[str, Any], clock: Clock | None = None) -> Iterator[Source]:
    clock = clock or Clock()
    surroundings = Surroundings(allow_private=True, now=clock, sleep=clock.sleep, patience=2.0)
    source = open_source(PrometheusConfig.model_validate(config), surroundings)
    try:
        yield source
    finally:
        source.close()


def read(source: Source, stream: str = "samples", **options: Any) -> list[Page]:
    found = {each.name: each for each in source.streams()}
    return list(source.read(ReadRequest(stream=found[stream], **options)))


def scrape(*urls: str, **options: Any) -> dict[str, Any]:
    return {"mode": "scrape", "targets": [{"url": url, "job": "app"} for url in urls], **options}


class Exporter:
    """A target whose text a test changes."""

    def __init__(self, text: str, headers: Mapping[str, str] = OPENMETRICS) -> None:
        self.text = text
        self.headers = headers

    def __call__(self, asked: Asked) -> Answer:
        assert asked.path == "/metrics"
        return Answer(self.text.encode(), headers=self.headers)


def by_metric(pages: list[Page]) -> dict[str, Any]:
    return {f"{one['metric']} {one.get('label.instance', '')}": one for page in pages for one in page.records}


def test_increases_go_on_from_the_cursor_over_a_reset() -> None:
    text = "# TYPE hits counter\nhits_total {}\nhits_created {}\n# EOF\n"
    exporter, clock, cursor, found = Exporter(""), Clock(), None, []
    with serving(exporter) as server:
        for value, created in ((10, 5), (14, 5), (30, clock.now.timestamp() + 130), (36, clock.now.timestamp() + 130)):
            exporter.text = text.format(value, created)
            with opened(scrape(f"{server.url}/metrics"), clock) as source:
                (page,) = read(source, cursor=cursor)
            cursor = stored(page.cursor or {})
            found += [one["increase"] for one in page.records if one["metric"] == "hits_total"]
            clock.tick()
    assert found == [None, 4.0, 30.0, 6.0]


def test_a_counter_that_began_since_the_last_reading_counts_in_full() -> None:
    clock, exporter = Clock(), Exporter("# EOF\n")
    with serving(exporter) as server, opened(scrape(f"{server.url}/metrics"), clock) as source:
        (first,) = read(source)
        born = clock.tick().timestamp()
        exporter.text = f'# TYPE hits counter\nhits_total{{p="a"}} 7\nhits_created{{p="a"}} {born}\n# EOF\n'
        clock.tick()
        (second,) = read(source, cursor=first.cursor)
    assert [one["increase"] for one in second.records if one["metric"] == "hits_total"] == [7.0]


def test_a_target_that_is_down_does_not_keep_others_from_being_read() -> None:
    with serving(Exporter("# TYPE a gauge\na 1\n# EOF\n")) as server:
        with opened(scrape(NEVER, f"{server.url}/metrics")) as source:
            found = by_metric(read(source))
        host = server.url.removeprefix("http://")
    assert found["up 127.0.0.1:9"]["value"] == 0.0
    assert found[f"up {host}"]["value"] == 1.0
    assert found[f"a {host}"]["label.job"] == "app"


def test_when_every_target_is_down_they_are_told_down_and_the_sync_fails() -> None:
    with opened(scrape(NEVER)) as source:
        pages = source.read(ReadRequest(stream=source.streams()[0]))
        assert [(one["metric"], one["value"]) for one in next(pages).records] == [("up", 0.0)]
        with pytest.raises(SourceUnavailable):
            next(pages)


@pytest.mark.parametrize(
    ("fault", "error", "met"),
    [
        ("unavailable", SourceUnavailable, 3),
        ("cut off", SourceUnavailable, 3),
        ("refused", SourceRefused, 1),
        ("misunderstood", SourceAnswer, 1),
        ("not json", BadExposition, 1),
    ],
)
def test_failures_that_may_pass_are_tried_again(fault: str, error: type[Exception], met: int) -> None:
    with serving(Exporter("a 1\n", {"Content-Type": "text/plain"})) as server:
        failing = server.fail(fault, None)
        with opened(scrape(f"{server.url}/metrics")) as source, pytest.raises(error):
            read(source)
        assert failing.met == met
        server.recover()
        server.fail("broken", 2)
        with opened(scrape(f"{server.url}/metrics")) as source:
            assert "up" in {one["metric"] for one in read(source)[0].records}


def test_what_is_left_out_is_counted_in_a_record() -> None:
    text = "# TYPE a gauge\na NaN\n# TYPE b gauge\nb +Inf\n# TYPE c gauge\nc 1\n# EOF\n"
    with serving(Exporter(text)) as server, opened(scrape(f"{server.url}/metrics")) as source:
        records = [one for page in read(source) for one in page.records]
    counted = {one["label.reason"]: one["value"] for one in records if one["metric"] == "scrape_samples_left_out"}
    assert counted == {"nan": 1.0, "infinite": 1.0}
    assert {one["metric"] for one in records} == {"c", "up", "scrape_samples_left_out"}


def test_labels_of_the_target_do_not_hide_its_own() -> None:
    text = '# TYPE a gauge\na{job="batch",instance="x"} 1\n# EOF\n'
    with serving(Exporter(text)) as server, opened(scrape(f"{server.url}/metrics")) as source:
        (record, _) = read(source)[0].records
    assert (record["label.job"], record["label.exported_job"], record["label.exported_instance"]) == (
        "app",
        "batch",
        "x",
    )


def test_too_many_samples_are_refused() -> None:
    text = "".join(f"a{n} 1\n" for n in range(11))
    with (
        serving(Exporter(text, {"Content-Type": "text/plain"})) as server,
        opened(scrape(f"{server.url}/metrics", sample_limit=10)) as source,
        pytest.raises(BadExposition, match=r"shows 11 samples; allowed are 10. Raise sample_limit. \[SL-E341\]"),
    ):
        source.check()


def test_a_metric_has_a_stream_of_its_own() -> None:
    text = "# TYPE chom_a gauge\nchom_a 1\n# TYPE chom_b gauge\nchom_b 2\n# EOF\n"
    with serving(Exporter(text)) as server, opened(scrape(f"{server.url}/metrics", metrics=["chom_b"])) as source:
        assert [one.name for one in source.streams()] == ["samples", "chom_b"]
        assert [one["metric"] for one in read(source, "chom_b")[0].records] == ["b"]


def test_a_target_has_no_past() -> None:
    clock = Clock()
    with serving(Exporter("# EOF\n")) as server, opened(scrape(f"{server.url}/metrics"), clock) as source:
        assert not read(source, since=clock.now - timedelta(days=2), until=clock.now - timedelta(days=1))
        assert source.count(source.streams()[0], [clock.now.date()]) is None


class History:
    """A server with one counter, which a test fills: seconds since 1970 → value."""

    def __init__(self, values: Mapping[int, float], warnings: tuple[str, ...] = ()) -> None:
        self.values = values
        self.warnings = warnings

    def __call__(self, asked: Asked) -> Answer:
        data: Any = {}
        if asked.path.endswith("query_range"):
            form = asked.form()
            steps = range(int(form["start"]), int(form["end"]) + 1, int(form["step"]))
            pairs = [[at, str(self.values[at])] for at in steps if at in self.values]
            data = {"resultType": "matrix", "result": [{"metric": {"__name__": "hits_total"}, "values": pairs}]}
        return Answer({"status": "success", "data": data, "warnings": list(self.warnings)})


def server(url: str, **options: Any) -> dict[str, Any]:
    given = {"mode": "server", "url": url, "expressions": {"hits_total": "hits_total"}, "delay_seconds": 0}
    return {**given, **options}


MINUTE = int(datetime(2026, 3, 10, 11, 0, tzinfo=UTC).timestamp())


def test_a_backfill_knows_the_counter_before_its_first_step() -> None:
    values = {MINUTE + 60 * n: float(value) for n, value in enumerate((10, 14, 3, 8))}
    since, until = (datetime.fromtimestamp(MINUTE + 60 * n, UTC) for n in (1, 3))
    with serving(History(values)) as fake, opened(server(fake.url)) as source:
        (page,) = read(source, since=since, until=until)
    assert [(one["value"], one["increase"]) for one in page.records] == [(14.0, 4.0), (3.0, 3.0)]


def test_a_cursor_of_a_sync_does_not_shorten_a_backfill() -> None:
    values = {MINUTE + 60 * n: float(n) for n in range(60)}
    since, until = (datetime.fromtimestamp(MINUTE + 60 * n, UTC) for n in (1, 5))
    with serving(History(values)) as fake, opened(server(fake.url)) as source:
        cursor: Cursor | None = read(source)[-1].cursor
        (page,) = read(source, since=since, until=until, cursor=cursor)
        assert len(page.records) == 4
        assert not read(source, cursor=cursor)
        assert read(source, cursor=page.cursor)[0].cursor, "that of a backfill does not move a sync"


def test_values_that_are_no_numbers_are_left_out_and_counted() -> None:
    values = {MINUTE: 1.0, MINUTE + 60: float("nan"), MINUTE + 120: float("inf"), MINUTE + 180: 2.0}
    with serving(History(values)) as fake, opened(server(fake.url)) as source:
        pages = read(source, since=datetime.fromtimestamp(MINUTE, UTC))
    assert [one["increase"] for page in pages for one in page.records] == [None, 1.0]
    assert (pages[-1].cursor or {})["left_out"] == {"nan": 1, "infinite": 1}


def test_an_answer_in_part_is_not_taken_for_the_whole() -> None:
    with (
        serving(History({}, ("remote read failed",))) as fake,
        opened(server(fake.url)) as source,
        pytest.raises(SourceUnavailable, match="in part only: remote read failed"),
    ):
        read(source)
    with serving(History({}, ("PromQL warning: odd",))) as fake, opened(server(fake.url)) as source:
        read(source)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "error"},
        [],
        {"status": "success", "data": {"resultType": "vector", "result": []}},
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[1]]}]}},
    ],
)
def test_answers_of_something_else_are_named(answer: Any) -> None:
    with serving(lambda _: Answer(answer)) as fake, opened(server(fake.url)) as source, pytest.raises(SourceAnswer):
        read(source)


def test_a_server_stream_of_one_metric_asks_for_it_alone() -> None:
    history = History({})
    with FakeServer(history) as fake:
        config = server(fake.url, selectors=['{job="app"}', "other"], metrics=["hits_total", "other"])
        with opened(config) as source:
            read(source, "hits_total")
            read(source, "other")
        asked = {one.form()["query"] for one in fake.asked if one.path.endswith("query_range")}
    assert asked == {'{__name__="hits_total", job="app"}', "hits_total", '{__name__="other", job="app"}', "other"}
