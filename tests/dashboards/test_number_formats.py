"""Numbers as people read them (ui.md §8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.dashboards import formats
from sightline.dashboards.units import Unit, unit_of

COUNT, RATE, USD, EUR, DAYS = (
    unit_of(name, currency="EUR") for name in ("count", "percent", "usd", "currency", "days")
)
TIMES, TO_ONE, SCORE = (unit_of(name, currency="EUR") for name in ("multiple", "ratio", "score"))
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
        (3.24, TIMES, "tile", "3.2×"),
        (0.02, TIMES, "table", "0.02×"),
        (0.42, TIMES, "table", "0.42×"),
        (0.996, TIMES, "table", "1.0×"),
        (0.0042, TIMES, "table", "0.004×"),
        (0.00042, TIMES, "table", "0.0004×"),
        (-0.02, TO_ONE, "table", "−0.02:1"),
        (1.84, TO_ONE, "table", "1.8:1"),
        (99.97, TO_ONE, "table", "100:1"),
        (0, TO_ONE, "table", "0.0:1"),
        (0.02, TIMES, "exact", "0.02×"),
        (3.24159, TIMES, "exact", "3.2416×"),
        (78, SCORE, "tile", "78"),
        (78.4, SCORE, "table", "78"),
        (9.97, SCORE, "table", "10"),
        (4.7, SCORE, "table", "4.7"),
        (0.42, SCORE, "table", "0.42"),
        (0.02, DAYS, "table", "0.02 d"),
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
    unit=st.sampled_from([COUNT, RATE, USD, DAYS, TIMES, TO_ONE, SCORE]),
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


@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ([0.42, 3.2], TIMES, ["0.42×", "3.20×"]),
        ([0.02, 120.0], TIMES, ["0.02×", "120.00×"]),
        ([3.21, 12.0], TO_ONE, ["3.2:1", "12.0:1"]),
        ([2.0, 2.5], COUNT, ["2.0", "2.5"]),
        ([2.5, 120.25], COUNT, ["2.5", "120.3"]),
        ([99.5, 12_400.0], COUNT, ["100", "12,400"]),
        ([78.4, 67.0, None], SCORE, ["78", "67", "–"]),
        ([4.7, 78.0], SCORE, ["4.7", "78.0"]),
        ([0.00042, 0.0], TIMES, ["0.0004×", "0.0000×"]),
        ([0.000001, 2.0], TIMES, ["0.0000×", "2.0000×"]),
    ],
)
def test_a_column_has_one_number_of_decimals(values: list[float | None], unit: Unit, texts: list[str]) -> None:
    places = formats.column_decimals(values, unit)
    assert [formats.number(each, unit, decimals=places) for each in values] == texts


@given(
    values=st.lists(st.floats(min_value=-1e6, max_value=1e6).filter(lambda v: v == 0 or abs(v) >= 1e-4), min_size=1),
    unit=st.sampled_from([COUNT, DAYS, TIMES, TO_ONE, SCORE]),
)
def test_no_value_of_a_column_vanishes_and_all_points_line_up(values: list[float], unit: Unit) -> None:
    places = formats.column_decimals(values, unit)
    texts = [formats.number(each, unit, decimals=places, bare=True) for each in values]
    assert len({len(text.partition(".")[2]) for text in texts}) == 1
    assert all(any(digit in "123456789" for digit in text) for value, text in zip(values, texts, strict=True) if value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.4, TO_ONE, "0.4:1"),
        (3, TO_ONE, "3:1"),
        (4.75, SCORE, "4.75"),
        (90, SCORE, "90"),
        (0.1225, RATE, "12.25%"),
        (0.1, RATE, "10%"),
        (2400.5, USD, "$2,401"),
        (5000, USD, "$5,000"),
        (2.5, DAYS, "2.5 d"),
        (-0.5, SCORE, "−0.5"),
        (12_500, COUNT, "12.5K"),
    ],
)
def test_a_limit_has_the_decimals_it_is_set_with(value: float, unit: Unit, text: str) -> None:
    assert formats.limit(value, unit) == text
