"""Counters grow, are reset and vanish: what their increase is then."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.sources.prometheus.counters import FORGOTTEN_AFTER, Point, increase, increases, read_until

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]


@pytest.mark.parametrize(
    ("before", "now", "read_at", "expected"),
    [
        (Point(10, 1), Point(14, 2), None, 4),
        (Point(10, 1), Point(10, 2), None, 0),
        (Point(10, 1), Point(3, 2), None, 3),  # reset: the new value counts from 0
        (Point(10, 1), Point(0, 2), None, 0),
        (Point(10, 1), Point(12, 1), None, None),  # not newer
        (Point(10, 2), Point(12, 1), None, None),
        (Point(10, 10, 5), Point(12, 20, 5), None, 2),
        (Point(10, 10, 5), Point(12, 20, 15), None, 12),  # began again and grew past the old value
        (Point(10, 10, 5), Point(12, 20, 8), None, 12),  # the same, told by a clock that is behind
        (Point(10, 10), Point(12, 20, 15), None, 12),
        (None, Point(7, 20), 10, None),  # was perhaps there before
        (None, Point(7, 20, 5), 10, None),  # was there before, only not seen
        (None, Point(7, 20, 15), 10, 7),  # began since the last reading
        (None, Point(7, 20, 15), None, None),  # the first reading of all
    ],
)
def test_an_increase_is_what_was_counted_since(
    before: Point | None, now: Point, read_at: float | None, expected: float | None
) -> None:
    assert increase(before, now, read_at=read_at) == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=2, max_size=30), st.integers(1, 29))
def test_increases_add_up_over_resets_wherever_reading_stops(steps: list[tuple[int, bool]], cut: int) -> None:
    """The oracle counts events itself; the counter forgets them at a reset, and says when it began again."""
    value, created, points, events = 0, 0.0, [], []
    for at, (grown, is_reset) in enumerate(steps, 1):
        if is_reset:
            value, created = 0, at - 0.5
        value += grown
        events.append(grown)
        points.append(("a", Point(value, float(at), created)))
    first, state = increases(points[:cut], None)
    second, _ = increases(points[cut:], json.loads(json.dumps(state)))
    assert [*first, *second] == [None, *events[1:]]


@given(st.lists(st.integers(0, 50), min_size=2, max_size=30))
def test_without_a_beginning_a_lower_value_is_a_reset(values: list[int]) -> None:
    found, _ = increases([("a", Point(value, float(at))) for at, value in enumerate(values)], None)
    assert found == [None, *(now - before if now >= before else now for before, now in pairwise(values))]


def test_series_are_told_apart() -> None:
    _, state = increases([("a", Point(1, 1)), ("b", Point(10, 1))], None)
    assert increases([("b", Point(11, 2)), ("a", Point(5, 2)), ("c", Point(9, 2))], state)[0] == [1, 4, None]


def test_reading_the_same_again_from_the_same_state_gives_the_same() -> None:
    _, state = increases([("a", Point(1, 1))], None)
    assert increases([("a", Point(4, 2))], state) == increases([("a", Point(4, 2))], state)


def test_series_that_are_gone_for_a_week_are_forgotten() -> None:
    _, state = increases([("gone", Point(1, 1)), ("here", Point(1, 1))], None)
    _, state = increases([("here", Point(2, 2 + FORGOTTEN_AFTER))], state)
    assert list(state["series"]) == ["here"]


def test_the_moment_of_reading_only_moves_on() -> None:
    assert read_until(read_until({"series": {}}, 20), 10)["read_at"] == 20
