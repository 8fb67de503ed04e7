"""What a chart spec holds: words, order, dashes and bounds."""

from __future__ import annotations

import itertools
import json

import pytest
from chart_samples import DOLLARS, every_chart, weeks
from hypothesis import given
from hypothesis import strategies as st

from sightline.charts.labels import Spot, place
from sightline.charts.line import POINTS, line_chart
from sightline.charts.series import apart, domain, nice_top
from sightline.charts.theme import themed, themes


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
