"""Numbers as people read them (ui.md §8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.dashboards import formats
from sightline.dashboards.units import unit_of

COUNT, RATE, USD, EUR, DAYS = (
    unit_of(name, currency="EUR") for name in ("count", "percent", "usd", "currency", "days")
)
FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e13, max_value=1e13)


@pytest.mark.parametrize(
    ("value", "unit", "place", "text"),
    [
        (1247, COUNT, "table", "1,247"),
        (22887, COUNT, "tile", "22,887"),
        (99_999, COUNT, "tile", "99,999"),
        (125_400, COUNT, "tile", "125K"),
        (1_247_000, COUNT, "tile", "1.25M"),
        (1_200_000, COUNT, "tile", "1.2M"),
        (999_950, COUNT, "tile", "1M"),
        (12_482, COUNT, "prose", "12.5K"),
        (9_999, COUNT, "prose", "9,999"),
        (125_400, COUNT, "table", "125,400"),
        (-5, COUNT, "table", "−5"),
        (-0.0, COUNT, "table", "0"),
        (-0.001, COUNT, "table", "0.00"),
        (2.5, COUNT, "table", "2.5"),
        (None, COUNT, "table", "–"),
        (float("nan"), COUNT, "table", "–"),
        (float("inf"), USD, "table", "–"),
        (98800, USD, "tile", "$98,800"),
        (2_040_000, EUR, "tile", "€2.04M"),
        (66.4, USD, "table", "$66"),
        (9.5, USD, "table", "$9.50"),
        (0, USD, "table", "$0"),
        (-1200, USD, "table", "−$1,200"),
        (70.977, USD, "exact", "$70.98"),
        (5183, unit_of("jpy", currency="USD"), "table", "¥5,183"),
        (12, unit_of("chf", currency="USD"), "table", "CHF 12"),
        (0.124, RATE, "tile", "12.4%"),
        (0.1245, RATE, "tile", "12.5%"),
        (0.0043, RATE, "tile", "0.43%"),
        (0, RATE, "tile", "0.0%"),
        (3.25, RATE, "tile", "325%"),
        (1.0, RATE, "tile", "100.0%"),
        (-0.07, RATE, "table", "−7.0%"),
        (0.10525, RATE, "exact", "10.525%"),
        (14.65, DAYS, "tile", "14.7 d"),
        (14.65, DAYS, "exact", "14.65 d"),
        (57, unit_of("seconds", currency="USD"), "tile", "57 s"),
        (8, unit_of("months", currency="USD"), "tile", "8 mo"),
        (7.7, unit_of("ratio", currency="USD"), "tile", "7.7:1"),
        (9.2, unit_of("multiple", currency="USD"), "tile", "9.2×"),
    ],
)
def test_a_number_reads_as_the_design_says(value: float | None, unit: object, place: str, text: str) -> None:
    assert formats.number(value, unit, place=place) == text  # type: ignore[arg-type] # parametrized


@pytest.mark.parametrize(
    ("change", "kind", "unit", "text"),
    [
        (0.054, "relative", COUNT, "5.4%"),
        (-0.625, "relative", COUNT, "62.5%"),
        (2.154, "relative", USD, "215%"),
        (0.006, "difference", RATE, "0.6 pp"),
        (0.0031, "difference", RATE, "0.31 pp"),
        (0.22, "difference", RATE, "22 pp"),
        (0.0, "difference", RATE, "0.0 pp"),
        (-1.5, "difference", DAYS, "1.5 d"),
    ],
)
def test_a_change_of_a_rate_is_in_points_and_of_a_count_in_percent(change, kind, unit, text) -> None:  # type: ignore[no-untyped-def] # table
    assert formats.change_size(change, kind, unit) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "<1%"), (0.0099, "<1%"), (0.01, "1%"), (0.62, "62%"), (0.99, "99%"), (0.995, ">99%"), (1, ">99%")],
)
def test_a_probability_never_claims_certainty(share: float, text: str) -> None:
    assert formats.probability(share) == text


def test_names_are_joined_in_plain_english() -> None:
    assert formats.joined([]) == ""
    assert formats.joined(["A"]) == "A"
    assert formats.joined(["A", "B"]) == "A and B"
    assert formats.joined(["A", "B", "C"]) == "A, B and C"
    assert formats.count_word(3, capital=True) == "Three"
    assert formats.count_word(18) == "18"


def test_spoken_numbers_say_minus_and_whole_units() -> None:
    assert formats.spoken(-0.07, RATE) == "minus 7.0%"
    assert formats.spoken(14.65, DAYS) == "14.7 days"
    assert formats.spoken(None, DAYS) == "no value"


@given(
    value=FINITE,
    place=st.sampled_from(["tile", "prose", "table", "exact"]),
    unit=st.sampled_from([COUNT, RATE, USD, DAYS]),
)
def test_no_hyphen_exponent_or_negative_zero_is_ever_written(value, place, unit) -> None:  # type: ignore[no-untyped-def] # drawn
    text = formats.number(value, unit, place=place)
    assert "-" not in text
    assert "e" not in text.lower()
    assert not (text.startswith("−") and not text.strip("−$%d 0.,"))


@given(value=st.floats(0, 1e9))
def test_an_exact_count_reads_back_as_the_number(value: float) -> None:
    read = float(formats.number(value, COUNT, place="exact").replace(",", ""))
    assert read == pytest.approx(value, abs=5.1e-5)


@given(value=st.floats(1e4, 9e14))
def test_an_abbreviation_is_within_half_a_percent(value: float) -> None:
    text = formats.abbreviated(value)
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[text[-1]]
    assert float(text[:-1].replace(",", "")) * scale == pytest.approx(value, rel=0.0051)


@given(low=FINITE, high=FINITE)
def test_a_larger_number_never_reads_smaller(low: float, high: float) -> None:
    low, high = sorted((low, high))
    one, two = (formats.number(v, COUNT, place="exact").replace(",", "").replace("−", "-") for v in (low, high))
    assert float(one) <= float(two)
