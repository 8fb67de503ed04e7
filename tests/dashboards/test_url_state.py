"""The URL is the state: what an address means, and the address of a state."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.dashboards.selection import Selection, parse, period_words
from sightline.metrics.question import Filter
from sightline.metrics.warehouse import Warehouse


def read(shop: Warehouse, text: str, dashboard: str = "shelf") -> tuple[Selection, tuple[str, ...]]:
    query = parse_qs(text, keep_blank_values=True)
    found = parse(query, dashboard=shop.catalog.dashboard(dashboard), catalog=shop.catalog)
    return found.selection, found.problems


def test_an_empty_address_is_the_dashboards_own_view(shop: Warehouse) -> None:
    selection, problems = read(shop, "")
    assert (selection.period, selection.compare, selection.filters) == ("last_90_days", "previous_period", ())
    assert problems == ()
    assert selection.pairs() == ()


def test_every_part_of_the_state_survives_the_way_through_an_address(shop: Warehouse) -> None:
    text = (
        "compare=none&period=last_30_days&school=Business&school=Health&source=%7E&sort.programs=-cpl&at=3&view=table"
    )
    selection, problems = read(shop, text)
    assert problems == ()
    assert selection.values("source") == (None,)
    assert selection.sort_of("programs") == "-cpl"
    again, _ = read(shop, urlencode(selection.pairs()))
    assert again == selection


def test_two_form_dates_are_a_range_with_its_last_day_inside(shop: Warehouse) -> None:
    selection, _ = read(shop, "from=2025-01-01&to=2025-01-31")
    assert selection.period == "2025-01-01..2025-02-01"
    assert period_words(selection.period) == "1 Jan to 31 Jan 2025"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("period=last_9o_days", "last_90_days"),
        ("period=2025-02-01..2025-01-01", "not known"),
        ("from=nonsense&to=2025-01-01", "not known"),
        ("compare=last_year", "previous_year"),
        ("shcool=Business", 'did you mean "school"'),
        ("at=yesterday", "not a number"),
    ],
)
def test_what_is_not_understood_is_left_out_and_said(shop: Warehouse, text: str, said: str) -> None:
    selection, problems = read(shop, text)
    assert len(problems) == 1
    assert said in problems[0]
    assert selection.filters == ()
    assert selection.period == "last_90_days"


def test_parameters_of_other_parts_of_the_page_are_no_problem(shop: Warehouse) -> None:
    assert read(shop, "page=2&panel=programs&saved=7&q=x&metric=leads")[1] == ()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(values=st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=4, unique=True))
def test_any_value_survives_even_one_that_looks_like_the_sign_for_missing(
    shop: Warehouse, values: list[str | None]
) -> None:
    selection = Selection("last_90_days", "none", filters=(Filter("school", tuple(values)),))
    again, problems = read(shop, urlencode(selection.pairs(full=True)))
    assert problems == ()
    assert set(again.values("school")) == set(values)


@given(query=st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), max_size=5))
def test_no_address_crashes_the_page(shop: Warehouse, query: dict[str, list[str]]) -> None:
    found = parse(query, dashboard=shop.catalog.dashboard("shelf"), catalog=shop.catalog)
    assert found.selection.period
