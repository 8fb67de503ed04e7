"""Bands: which values are good, warning or critical."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.definitions.bands import parse_band

pytestmark = pytest.mark.req("PLT-3.7")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">= 0.15", [0.15, 1], [0.1499]),
        ("> 120", [120.01], [120, -5]),
        ("<= 80", [80, -1], [80.5]),
        ("<80", [79.9], [80]),
        ("= 0", [0], [0.1]),
        ("3..5", [3, 4, 5], [2.9, 5.1]),
        (">= 15 %", [0.15], [0.14]),
        ("10..20 %", [0.1, 0.2], [0.21, 10]),
        (">= 1,500", [1500], [1499]),
        ("-2..-1", [-1.5], [0]),
    ],
)
def test_a_band_holds_what_it_says(text, inside, outside):
    band = parse_band(text)
    assert all(band.holds(value) for value in inside)
    assert not any(band.holds(value) for value in outside)


@pytest.mark.parametrize("text", ["", "about 3", "5..3", "=> 3", ">= x", "3", ">= 3 and <= 5"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"band|below"):
        parse_band(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_below_and_at_or_above_split_all_values(bound, value):
    limit = f"{bound:.6f}"
    assert parse_band(f">= {limit}").holds(value) != parse_band(f"< {limit}").holds(value)
