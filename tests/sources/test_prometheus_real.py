"""The real Prometheus server scrapes a small exporter; we read it and receive from it what the exporter showed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_server import Answer, Asked, FakeServer, serving

from prometheus_server import PrometheusServer, StartPrometheus, prometheus_binary, start_prometheus
from sightline.sources.base import Page, ReadRequest, Source, SourceAnswer, Surroundings
from sightline.sources.prometheus.config import PrometheusConfig
from sightline.sources.prometheus.records import Naming
from sightline.sources.prometheus.remote_write import Write, decode, records_of
from sightline.sources.prometheus.source import open_source

__all__ = ["prometheus_binary", "start_prometheus"]

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]

TEXT = """\
# TYPE chom_revenue_mrr gauge
# HELP chom_revenue_mrr Monthly recurring revenue.
chom_revenue_mrr{{tier="pro"}} 1250.5
chom_revenue_mrr{{tier="free",note="ü \\"x\\""}} 0
# TYPE chom_visits_total counter
chom_visits_total{{page="home"}} {visits}
# TYPE chom_wait_seconds histogram
chom_wait_seconds_bucket{{le="0.5"}} 3
chom_wait_seconds_bucket{{le="+Inf"}} {visits}
chom_wait_seconds_sum 9.25
chom_wait_seconds_count {visits}
# TYPE chom_gap gauge
chom_gap NaN
# TYPE chom_limit gauge
chom_limit +Inf
"""
SERIES = 7
"""Series of the text with plain numbers."""


class Exporter:
    """A target that has counted some visits."""

    visits = 10

    def __call__(self, _: Asked) -> Answer:
        text = TEXT.format(visits=self.visits)
        return Answer(text.encode(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


@contextmanager
def opened(config: dict[str, Any]) -> Iterator[Source]:
    surroundings = Surroundings(allow_private=True, now=lambda: datetime.now(UTC))
    source = open_source(PrometheusConfig.model_validate(config), surroundings)
    try:
        yield source
    finally:
        source.close()


def read(source: Source, stream: str = "samples", **options: Any) -> tuple[list[dict[str, Any]], Page]:
    found = {each.name: each for each in source.streams()}
    pages = list(source.read(ReadRequest(stream=found[stream], **options)))
    return [dict(record) for page in pages for record in page.records], pages[-1]


def wait_for(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def count_visits(prometheus: PrometheusServer, exporter: Exporter, visits: int) -> None:
    """Let the exporter count, and wait until the server has seen it and a step has passed."""
    exporter.visits = visits
    prometheus.wait_for("chom_visits_total", [visits])
    time.sleep(1.1)


def shown(records: list[dict[str, Any]]) -> dict[tuple[str, str], set[float]]:
    """Return the values of every series, told by metric and its own labels."""
    found: dict[tuple[str, str], set[float]] = {}
    for record in records:
        own = {name: value for name, value in record.items() if name.startswith("label.")}
        own = {name: value for name, value in own.items() if name not in ("label.job", "label.instance")}
        found.setdefault((record["metric"], str(sorted(own.items()))), set()).add(record["value"])
    return found


EXPECTED = {
    ("revenue_mrr", "[('label.tier', 'pro')]"): {1250.5},
    ("revenue_mrr", "[('label.note', 'ü \"x\"'), ('label.tier', 'free')]"): {0.0},
    ("visits_total", "[('label.page', 'home')]"): {10.0, 15.0, 2.0},
    ("wait_seconds_bucket", "[('label.le', '0.5')]"): {3.0},
    ("wait_seconds_bucket", "[('label.le', '+Inf')]"): {10.0, 15.0, 2.0},
    ("wait_seconds_sum", "[]"): {9.25},
    ("wait_seconds_count", "[]"): {10.0, 15.0, 2.0},
}
"""What the exporter shows while its visits go from 10 to 15 and, after a restart, to 2."""


def grown(records: list[dict[str, Any]], metric: str) -> float:
    return sum(one["increase"] or 0 for one in records if one["metric"] == metric)


def test_a_server_is_read_as_its_targets_were_scraped(start_prometheus: StartPrometheus) -> None:
    exporter = Exporter()
    with serving(exporter) as target:
        instance = target.url.removeprefix("http://")
        prometheus = start_prometheus(targets=[instance])
        config = {
            "mode": "server",
            "url": prometheus.url,
            "selectors": [f'{{__name__=~"chom_.*",instance="{instance}"}}'],
            "step_seconds": 1,
            "delay_seconds": 0,
            "metrics": ["chom_revenue_mrr"],
        }
        count_visits(prometheus, exporter, 10)
        with opened(config) as source:
            assert source.check().details == {config["selectors"][0]: f"{SERIES + 2} series"}
            first, last = read(source)
            count_visits(prometheus, exporter, 15)
            second, last = read(source, cursor=last.cursor)
            count_visits(prometheus, exporter, 2)
            third, last = read(source, cursor=last.cursor)
            again, _ = read(source)
            alone, _ = read(source, "chom_revenue_mrr")
            columns = set(source.streams()[0].columns)
            until = datetime.fromisoformat(again[-1]["at"])
            bounded, _ = read(source, since=until - timedelta(seconds=2), until=until)
            samples = source.streams()[0]
            days = sorted({datetime.fromisoformat(one["at"]).date() for one in again})
            counted = source.count(samples, days)

    records = first + second + third
    assert shown(records) == EXPECTED
    assert grown(second, "visits_total") == 5
    assert grown(third, "visits_total") == 2
    assert grown(second + third, "wait_seconds_count") == 7
    assert {one["type"] for one in records if one["metric"].startswith("wait")} == {"histogram"}
    assert {one["type"] for one in records if one["metric"] == "revenue_mrr"} == {"gauge"}
    keys = [(one["series"], one["at"]) for one in records]
    assert len(keys) == len(set(keys)), "windows do not overlap"
    assert set(keys) <= {(one["series"], one["at"]) for one in again}, "reading anew meets the same moments"
    assert shown(alone) == {key: values for key, values in EXPECTED.items() if key[0] == "revenue_mrr"}
    assert {name for one in records for name in one} <= columns
    assert {one["at"] for one in bounded} == {
        (until - timedelta(seconds=n)).isoformat(timespec="milliseconds") for n in (1, 2)
    }
    assert last.cursor
    assert last.cursor["left_out"]["nan"] > 0
    assert last.cursor["left_out"]["infinite"] > 0
    assert counted is not None
    assert sum(counted.values()) >= len(again), "the server has gone on since"


def test_expressions_are_read_under_their_name_and_ranges_are_refused(start_prometheus: StartPrometheus) -> None:
    exporter = Exporter()
    with serving(exporter) as target:
        prometheus = start_prometheus(targets=[target.url.removeprefix("http://")])
        count_visits(prometheus, exporter, 10)
        config = {"mode": "server", "url": prometheus.url, "step_seconds": 1, "delay_seconds": 0, "selectors": ["up"]}
        promql = {"chom_customers": "sum by (job) (chom_revenue_mrr) / 1250.5"}
        with opened({**config, "expressions": promql}) as source:
            records, _ = read(source)
            counted = source.count(source.streams()[0], [datetime.now(UTC).date()])
        with opened({**config, "expressions": {"visits": "chom_visits_total[5m]"}}) as source:
            with pytest.raises(SourceAnswer):
                source.check()
            with pytest.raises(SourceAnswer, match="invalid expression type"):
                read(source)
    assert shown([one for one in records if one["metric"] == "customers"]) == {("customers", "[]"): {1.0}}
    assert shown([one for one in records if one["metric"] == "up"]) == {("up", "[]"): {1.0}}
    assert counted is not None
    assert sum(counted.values()) >= len(records)


class Receiver:
    """Takes remote writes as an endpoint does: decodes them, and keeps the state of their counters."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.records: list[dict[str, Any]] = []
        self.state: Any = None

    def __call__(self, asked: Asked) -> Answer:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        write = decode(asked.body, content_encoding=headers["content-encoding"], content_type=headers["content-type"])
        made = records_of(write, Naming(), self.state)
        self.state = made.state
        self.writes.append(write)
        self.records += [dict(one) for one in made.records]
        return Answer(status=204)

    def visits(self) -> float:
        return next((one["value"] for one in reversed(self.records) if one["metric"] == "visits_total"), 0.0)


def test_what_a_server_writes_to_us_is_what_its_target_showed(start_prometheus: StartPrometheus) -> None:
    exporter, receiver = Exporter(), Receiver()
    with serving(exporter) as target, FakeServer(receiver) as ours:
        start_prometheus(targets=[target.url.removeprefix("http://")], remote_write=f"{ours.url}/write")
        for visits in (10, 15, 2):
            exporter.visits = visits
            wait_for(lambda wanted=float(visits): receiver.visits() == wanted, f"{visits} visits were not sent")
        wait_for(lambda: "chom_visits_total" in receiver.state["families"], "types were not sent")
        headers = {name.lower(): value for name, value in ours.asked[0].headers.items()}

    own = [one for one in receiver.records if one["metric"].split("_")[0] in ("revenue", "visits", "wait")]
    assert headers["x-prometheus-remote-write-version"] == "0.1.0"
    assert shown(own) == EXPECTED
    assert grown(receiver.records, "visits_total") == 7
    assert grown(receiver.records, "wait_seconds_count") <= 7, "its first samples come before its type is known"
    assert receiver.state["left_out"]["nan"] > 0
    assert receiver.state["left_out"]["infinite"] > 0
    assert receiver.state["families"]["chom_wait_seconds"] == ["histogram", ""]
    assert not [problem for write in receiver.writes for problem in write.problems]
    assert {one["value"] for one in receiver.records if one["metric"] == "up"} == {1.0}
