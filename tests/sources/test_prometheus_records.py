"""Samples become records that are the same however they came, and settings are checked before anything is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sightline.sources.prometheus.config import PrometheusConfig
from sightline.sources.prometheus.range_api import MOST_POINTS, SAMPLES_PER_PAGE, Window, next_points, next_window
from sightline.sources.prometheus.records import Made, Naming, records_of, series_id
from sightline.sources.prometheus.sample import Family, Sample
from sightline.sources.prometheus.selectors import narrowed

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]

COUNTER = Family("counter", "seconds")


def made(*samples: Sample, naming: Naming | None = None, **options: Any) -> Made:
    defaults: dict[str, Any] = {"state": None, "now": 1_700_000_000.0, "families": {}}
    return records_of(samples, naming=naming or Naming(), **{**defaults, **options})


def test_a_record_tells_the_sample_and_its_series() -> None:
    (record,) = made(Sample("chom_busy_seconds_total", {"tier": "pro", "a": ""}, 3.0, 1.5, COUNTER)).records
    assert record == {
        "metric": "busy_seconds_total",
        "series": series_id("chom_busy_seconds_total", {"tier": "pro"}),
        "at": "1970-01-01T00:00:01.500+00:00",
        "value": 3.0,
        "increase": None,
        "type": "counter",
        "unit": "seconds",
        "labels": '{"tier":"pro"}',
        "label.tier": "pro",
    }


def test_the_prefix_is_a_setting() -> None:
    samples = (Sample("chom_nps_score", {}, 1.0), Sample("acme_nps_score", {}, 1.0))
    assert [one["metric"] for one in made(*samples).records] == ["nps_score", "acme_nps_score"]
    assert [one["metric"] for one in made(*samples, naming=Naming("acme_")).records] == ["chom_nps_score", "nps_score"]


def test_series_are_named_by_name_and_labels_alone() -> None:
    assert series_id("a", {"x": "1", "y": "2"}) == series_id("a", {"y": "2", "x": "1", "z": ""})
    names = [
        series_id(*each) for each in (("a", {}), ("b", {}), ("a", {"x": "1"}), ("a", {"x": "2"}), ("a", {"y": "1"}))
    ]
    assert len(set(names)) == 5
    assert series_id("a", {"x": "1"}) == "2c4eaaa1735c52e02e8a9cac", "stored rows are found by it: it never changes"


def test_what_cannot_be_counted_is_left_out_by_reason() -> None:
    found = made(
        Sample("a", {}, float("nan")),
        Sample("b", {}, float("inf")),
        Sample("c", {}, float("-inf")),
        Sample("d", {}, 1.0, 1e15),
        Sample("e", {}, 1.0, 5.0),
        Sample("e", {}, 2.0, 5.0),
    )
    assert found.left_out == {"nan": 1, "infinite": 2, "time": 1, "repeated": 1}
    assert [(one["metric"], one["value"]) for one in found.records] == [("e", 1.0)]


@pytest.mark.parametrize(
    ("name", "labels", "family", "grows"),
    [
        ("a_total", {}, Family("counter"), True),
        ("a_created", {}, Family("counter"), False),
        ("a_bucket", {"le": "1"}, Family("histogram"), True),
        ("a_sum", {}, Family("summary"), True),
        ("a", {"quantile": "0.5"}, Family("summary"), False),
        ("a_gcount", {}, Family("gaugehistogram"), False),
        ("a_total", {}, Family("gauge"), False),
        ("a_total", {}, Family(), True),
        ("a", {}, Family(), False),
    ],
)
def test_only_what_accumulates_has_increases(name: str, labels: dict[str, str], family: Family, grows: bool) -> None:
    first = made(Sample(name, labels, 5.0, 1.0, family))
    (record,) = made(Sample(name, labels, 8.0, 2.0, family), state=json.loads(json.dumps(first.state))).records
    assert record["increase"] == (3.0 if grows else None)


def test_people_may_correct_a_type() -> None:
    naming = Naming(types={"chom_customers_total": "gauge"})
    (record,) = made(Sample("chom_customers_total", {}, 5.0), naming=naming).records
    assert record["type"] == "gauge"


def test_types_come_from_what_the_source_knows_of_the_family() -> None:
    families = {"chom_wait": Family("histogram", "s"), "hits": Family("counter")}
    found = made(
        Sample("chom_wait_sum", {}, 1.0), Sample("hits_total", {}, 1.0), Sample("x", {}, 1.0), families=families
    )
    assert [(one["type"], one["unit"]) for one in found.records] == [
        ("histogram", "s"),
        ("counter", ""),
        ("unknown", ""),
    ]


def test_windows_never_ask_for_more_points_than_a_server_gives() -> None:
    position, windows = 0, []
    while position <= 2_000_000:
        windows.append(next_window(position=position, last=2_000_000, step=60, points=10**9))
        position = windows[-1].last + 60
    assert [window.points for window in windows] == [
        MOST_POINTS,
        MOST_POINTS,
        MOST_POINTS,
        2_000_000 // 60 + 1 - 33_000,
    ]


def test_windows_shrink_with_the_number_of_series() -> None:
    window = Window(0, 99 * 60, 60)
    assert next_points(samples=0, window=window) == MOST_POINTS
    assert next_points(samples=100 * 1000, window=window) == SAMPLES_PER_PAGE // 1000
    assert next_points(samples=100 * 10**6, window=window) == 1


def test_a_selector_narrows_to_one_metric() -> None:
    assert narrowed('{job="a"}', "m") == '{__name__="m", job="a"}'
    assert narrowed("{}", "m") == '{__name__="m"}'
    assert narrowed('m{a="}"}', "m") == 'm{a="}"}'
    assert narrowed("other", "m") is None


SERVER = {"mode": "server", "url": "http://p.example.com", "selectors": ["up"]}
SCRAPE = {"mode": "scrape", "targets": [{"url": "http://a.example.com/metrics"}]}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**SERVER, "selectors": ['{a="b"} or {c="d"}']}, "does not select series"),
        ({**SERVER, "selectors": ["up[5m]"]}, "does not select series"),
        ({**SERVER, "selectors": [""]}, "does not select series"),
        ({**SERVER, "selectors": []}, "needs url, and selectors or expressions"),
        ({**SERVER, "url": "ftp://x"}, "not an address of the web"),
        ({**SERVER, "url": "http://u:p@x"}, "credentials do not belong into an address"),
        ({**SERVER, "auth": "bearer"}, "auth bearer needs the secret token"),
        ({**SERVER, "metrics": ["a b"]}, "is not the name of a metric"),
        ({**SERVER, "types": {"a": "number"}}, "'counter', 'gauge'"),
        ({"mode": "scrape"}, "name at least one target"),
        ({**SCRAPE, "selectors": ["up"]}, "belong to the mode server"),
        ({**SCRAPE, "targets": SCRAPE["targets"] * 2}, "two targets are job"),
        ({"mode": "scrape", "targets": [{"url": "http://a", "auth": "basic"}]}, "auth basic needs the secret password"),
    ],
)
def test_settings_that_cannot_work_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PrometheusConfig.model_validate(config)
