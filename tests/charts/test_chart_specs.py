"""What a chart spec holds: words, order, dashes and bounds."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from chart_samples import DOLLARS, PERCENT, every_chart, weeks
from hypothesis import given
from hypothesis import strategies as st

from sightline.charts.bar import bar_chart
from sightline.charts.files import draw
from sightline.charts.labels import Spot, place
from sightline.charts.line import POINTS, line_chart
from sightline.charts.series import Reference, Spec, apart, domain, near_domain, nice_top
from sightline.charts.theme import themed, themes


def domain_of(spec: Spec) -> list[float]:
    """Return the ends of the value axis of a line chart."""
    return list(spec["layer"][-1]["encoding"]["y"]["scale"]["domain"])


@pytest.mark.parametrize("narrow", [False, True])
def test_specs_hold_inline_data_only_and_no_address(narrow: bool) -> None:
    text = json.dumps(every_chart(narrow=narrow))
    assert '"url"' not in text
    assert "http" not in text


def test_the_last_segment_is_dashed_while_its_bucket_is_open() -> None:
    rows = line_chart([weeks("A", 1, 2, 3, open_end=True)], axis=DOLLARS)["datasets"][POINTS]
    assert [row["strokes"] for row in rows] == ["w", "wt", "t"]


def test_a_closed_line_has_no_dashes() -> None:
    rows = line_chart([weeks("A", 1, 2, 3)], axis=DOLLARS)["datasets"][POINTS]
    assert {row["strokes"] for row in rows} == {"w"}


def test_days_are_written_as_utc_so_that_no_browser_shifts_them() -> None:
    rows = line_chart([weeks("A", 1, 2)], axis=DOLLARS)["datasets"][POINTS]
    assert rows[0]["at"] == "2025-11-03T00:00:00Z"


def test_both_widths_draw_the_same_points() -> None:
    wide, narrow = every_chart()["line"], every_chart(narrow=True)["line"]
    assert wide["datasets"] == narrow["datasets"]
    assert wide["height"] > narrow["height"]


def test_the_narrow_caption_is_the_action_alone() -> None:
    text = json.dumps(every_chart(narrow=True)["scatter"])
    assert '"Grow"' in text
    assert "Low volume" not in text


def test_specs_have_no_colours_and_themes_bring_them() -> None:
    spec = every_chart()["line"]
    assert "#" not in json.dumps(spec)
    assert themed(spec, "dark")["config"]["line"] == themes()["dark"]["line"]
    assert set(themes()) == {"light", "dark"}


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1))
def test_the_axis_holds_every_value_and_zero(values: list[float]) -> None:
    low, high = domain(values)
    assert low < high
    assert low <= 0 <= high
    assert all(low <= value <= high or value == pytest.approx(low) or value == pytest.approx(high) for value in values)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ((1.01, 1.04, 1.08), (1.0, 1.1)),  # net revenue retention: its course fills the axis
        ((0.997, 0.999), (0.99, 1.0)),  # uptime: nothing is above 100%
        ((0.9, 0.9), (0.895, 0.905)),
        ((0.02, 0.024), (0.019, 0.025)),
    ],
)
def test_an_axis_of_shares_begins_near_what_stays_far_from_zero(
    values: tuple[float, ...], ends: tuple[float, float]
) -> None:
    spec = line_chart([weeks("A", *values)], axis=PERCENT)
    assert domain_of(spec) == [pytest.approx(each) for each in ends]


@pytest.mark.parametrize("values", [(0.02, 0.05), (0.0, 0.001), (-1.01, -1.02), (0.5, 1.0), (-0.01, 1.05)])
def test_an_axis_of_shares_begins_at_zero_where_the_values_come_near_it(values: tuple[float, ...]) -> None:
    low, high = domain_of(line_chart([weeks("A", *values)], axis=PERCENT))
    assert low <= 0 <= high
    assert "Axis starts" not in json.dumps(line_chart([weeks("A", *values)], axis=PERCENT))


def test_a_benchmark_far_from_the_line_keeps_the_axis_at_zero() -> None:
    spec = line_chart([weeks("A", 1.01, 1.02)], axis=PERCENT, references=[Reference(0.3, "Benchmark 30%")])
    assert domain_of(spec)[0] == 0


def test_only_lines_of_shares_leave_zero() -> None:
    assert domain_of(line_chart([weeks("A", 101, 108)], axis=DOLLARS))[0] == 0
    assert '"domain": [0.0' in json.dumps(bar_chart([weeks("A", 1.01, 1.08)], axis=PERCENT))


@pytest.mark.parametrize("narrow", [False, True])
def test_an_axis_that_does_not_begin_at_zero_says_so(narrow: bool) -> None:
    drawn = draw(line_chart([weeks("A", 1.01, 1.08)], axis=PERCENT, narrow=narrow), form="svg").decode()
    assert ">// Axis starts at 100%</text>" in drawn
    ticks = re.findall(r">([\d.]+)%</text>", drawn)
    assert min(map(float, ticks)) >= 100
    assert len(set(ticks)) == len(ticks)


@given(st.lists(st.floats(0.001, 3), min_size=1, max_size=12))
def test_a_near_axis_holds_every_value_and_wastes_little(values: list[float]) -> None:
    found = near_domain(values)
    if found is None:
        return
    low, high = found
    assert 0 < low < high
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in values)
    assert high - low <= max(4 * (max(values) - min(values)), max(values) / 10)


@given(st.floats(1e-6, 1e12))
def test_an_axis_end_wastes_less_than_three_quarters(value: float) -> None:
    assert value <= nice_top(value) * (1 + 1e-9)
    assert nice_top(value) <= value * 4


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 300), min_size=1, max_size=8))
def test_end_labels_keep_their_order_and_distance(places: dict[str, float]) -> None:
    moved = apart(places, 15)
    order = sorted(places, key=lambda name: places[name])
    gaps = [moved[second] - moved[first] for first, second in itertools.pairwise(order)]
    assert all(gap >= 15 - 1e-6 for gap in gaps)


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 400), st.text(min_size=1, max_size=20)), max_size=25))
def test_names_of_dots_never_cover_each_other(spots: list[tuple[float, float, str]]) -> None:
    wanted = [Spot(*spot) for spot in spots]
    sides = place(wanted, width=640, height=400)
    assert set(sides) <= set(range(len(wanted)))
    first = place(wanted[:1], width=640, height=400)
    assert not wanted or not first or 0 in sides or len(wanted) > 1
