"""Texts of exporters become samples: every case of the OpenMetrics suite, and real exporters' output."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from sightline.sources.prometheus.exposition import MALFORMED, BadExposition, parse
from sightline.sources.prometheus.sample import Sample

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
DIFFER_FROM_THE_LIBRARY: frozenset[str] = frozenset()
"""Cases where prometheus_client is wrong and we are right. There are none with prometheus_client 0.26."""

SharedData = Callable[[str], Path]


def samples(text: str, content_type: str = PLAIN) -> list[Sample]:
    return [*parse(text.encode(), content_type=content_type).samples]


def parses(text: str) -> bool:
    try:
        parse(text.encode(), content_type=OPENMETRICS)
    except BadExposition:
        return False
    return True


def library_parses(text: str) -> bool:
    try:
        list(text_string_to_metric_families(text))
    except MALFORMED:
        return False
    return True


def test_every_case_of_the_openmetrics_suite_has_its_outcome(shared_data: SharedData) -> None:
    cases = json.loads(shared_data("prometheus_grafana/openmetrics_parser_cases.json").read_text(encoding="utf-8"))
    wrong = {case["name"] for case in cases if parses(case["metrics"]) != case["shouldParse"]}
    assert len(cases) == 211
    assert not wrong


def test_the_library_decides_every_case_as_we_do(shared_data: SharedData) -> None:
    """Fails when the library changes, so that a check of our own is added or can go."""
    cases = json.loads(shared_data("prometheus_grafana/openmetrics_parser_cases.json").read_text(encoding="utf-8"))
    differ = {case["name"] for case in cases if library_parses(case["metrics"]) != parses(case["metrics"])}
    assert differ == DIFFER_FROM_THE_LIBRARY


def test_real_exporters_are_read_line_by_line(shared_data: SharedData) -> None:
    """The oracle: a line that is neither empty nor a comment is one sample, named by what stands before { or space."""
    paths = sorted(shared_data("prometheus_grafana/exposition").glob("*.prom"))
    assert len(paths) == 9
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
        found = samples(text)
        assert [one.name for one in found] == [line.replace("{", " ").split()[0] for line in lines], path.name
        plain = [line for line in lines if "{" not in line and len(line.split()) == 2]
        expected = [float(line.split()[1]) for line in plain]
        assert [one.value for one in found if not one.labels and one.at is None] == pytest.approx(expected, nan_ok=True)


def test_families_without_samples_are_accepted() -> None:
    assert samples("# HELP idle Nothing yet.\n# TYPE idle counter\n# TYPE busy gauge\nbusy 1\n")[0].name == "busy"


def test_types_units_and_help_are_told() -> None:
    text = "# TYPE wait_seconds gauge\n# UNIT wait_seconds seconds\n# HELP wait_seconds Until served.\n"
    (found,) = samples(f"{text}wait_seconds 2.5\n# EOF\n", OPENMETRICS)
    assert (found.family.type, found.family.unit, found.family.help) == ("gauge", "seconds", "Until served.")


def test_counters_keep_their_exported_names() -> None:
    """The library appends `_total` to the first; both families stand beside one another."""
    text = "# TYPE logins counter\nlogins 3\n# TYPE visits_total counter\nvisits_total 4\n"
    text += "# TYPE loginsx gauge\nloginsx 1\n"
    assert [(one.name, one.family.type) for one in samples(text)] == [
        ("logins", "counter"),
        ("visits_total", "counter"),
        ("loginsx", "gauge"),
    ]


def test_times_are_milliseconds_in_one_format_and_seconds_in_the_other() -> None:
    assert samples("a 1 1500000000123\n")[0].at == pytest.approx(1500000000.123)
    assert samples("# TYPE a gauge\na 1 1500000000.123\n# EOF\n", OPENMETRICS)[0].at == pytest.approx(1500000000.123)
    assert samples("a 1\n")[0].at is None


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (
            '# TYPE hits counter\nhits_total{p="a"} 5\nhits_created{p="a"} 100\nhits_total{p="b"} 6\n'
            'hits_created{p="b"} 200\n# EOF\n',
            OPENMETRICS,
        ),
        (
            '# TYPE hits_total counter\nhits_total{p="a"} 5\nhits_total{p="b"} 6\n'
            '# TYPE hits_created gauge\nhits_created{p="a"} 100\nhits_created{p="b"} 200\n',
            PLAIN,
        ),
    ],
)
def test_counters_know_when_they_began(text: str, content_type: str) -> None:
    found = {one.labels["p"]: one.created for one in samples(text, content_type) if one.name == "hits_total"}
    assert found == {"a": 100, "b": 200}


def test_buckets_know_when_their_histogram_began() -> None:
    text = '# TYPE t histogram\nt_bucket{le="1.0"} 1\nt_bucket{le="+Inf"} 2\nt_count 2\nt_sum 3\nt_created 50\n# EOF\n'
    assert {one.created for one in samples(text, OPENMETRICS) if one.name != "t_created"} == {50}


def test_numbers_beyond_a_float_are_infinite() -> None:
    assert samples(f"a {'9' * 400}\n")[0].value == float("inf")


@pytest.mark.parametrize(
    "body", [b"<html><body>Please log in</body></html>", b"a 1 2 x\n", b"\xff\xfe 1\n", b'a{b="c} 1\n']
)
def test_other_texts_are_refused_with_what_they_are_not(body: bytes) -> None:
    with pytest.raises(BadExposition, match=r"app is not Prometheus text format 0\.0\.4: .*SL-E340"):
        parse(body, content_type=PLAIN, where="app")


WORDS = ("a", "b_total", "x_bucket", "# TYPE ", "# EOF", "# HELP ", " histogram", " counter", " summary", " info")
SIGNS = ("{", "}", 'le="', '"', "=", ",", " ", "\n", "1", "-1", "NaN", "+Inf", "_", "\\", "é", "\x00", "{}", " # ")
ALPHABET = st.sampled_from((*WORDS, *SIGNS))


@given(st.lists(ALPHABET, max_size=25).map("".join), st.sampled_from([PLAIN, OPENMETRICS]))
def test_no_text_does_more_than_be_refused(text: str, content_type: str) -> None:
    with contextlib.suppress(BadExposition):
        parse(text.encode(), content_type=content_type)
