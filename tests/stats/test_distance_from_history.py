"""The modified z-score against SciPy, and where its spread is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import median_abs_deviation

from sightline.errors import InternalError
from sightline.stats.outlier import distance_from

COUNTS = st.lists(st.integers(0, 10_000), min_size=3, max_size=30)


@given(COUNTS, st.integers(0, 20_000))
def test_the_score_is_that_of_scipys_deviation(history: list[int], value: int) -> None:
    found = distance_from(history, value)
    spread = median_abs_deviation(history, scale="normal")
    if spread:
        assert found.score == pytest.approx((value - found.usual) / spread, rel=1e-4)


def test_one_wild_day_in_the_history_does_not_hide_the_next() -> None:
    assert distance_from([100, 104, 96, 101, 99, 9000], 300).is_unusual
    assert not distance_from([100, 104, 96, 101, 99, 9000], 103).is_unusual


def test_a_history_that_mostly_repeats_falls_back_to_the_mean_deviation() -> None:
    found = distance_from([10, 10, 10, 10, 12], 30)
    assert found.score == pytest.approx(20 / (1.253314 * 0.4))


def test_a_history_that_never_varies_makes_any_other_value_unusual() -> None:
    assert distance_from([5, 5, 5], 6).is_unusual
    assert not distance_from([5, 5, 5], 5).is_unusual


def test_there_must_be_a_history() -> None:
    with pytest.raises(InternalError):
        distance_from([], 1)


def test_what_lies_within_the_expected_range_is_not_unusual_and_what_lies_beyond_is() -> None:
    for history in ([50, 51, 52, 53, 54, 50, 49, 52], [10, 10, 10, 10, 10, 14]):
        low, high = distance_from(history, 50).expected
        assert [distance_from(history, each).is_unusual for each in (low, high, low - 0.01, high + 0.01)] == [
            False,
            False,
            True,
            True,
        ]
    assert distance_from([7, 7, 7], 9).expected == (7, 7)
