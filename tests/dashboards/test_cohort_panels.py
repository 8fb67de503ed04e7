"""Cohorts: the triangle equals a count in plain Python; what is open, small or too old is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest
from tiny_shop import Show

from panel_club import NOW, TODAY, visits
from sightline.dashboards.about import about
from sightline.dashboards.panel_views import CohortView
from sightline.dashboards.view import DashboardView, PanelView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-3", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def oracle() -> dict[str, dict[int, tuple[int, int]]]:
    """Cohort, age → (active, size), by going through every person's months."""
    months: dict[str, set[int]] = defaultdict(set)
    for row in visits(TODAY):
        day = row["day"]
        assert isinstance(day, date)
        months[str(row["person"])].add(day.year * 12 + day.month - 1)
    cohorts: dict[int, list[set[int]]] = defaultdict(list)
    for own in months.values():
        cohorts[min(own)].append(own)
    last = TODAY.year * 12 + TODAY.month - 1
    return {
        f"{MONTHS[start % 12]} {start // 12}": {
            age: (sum(1 for own in people if start + age in own), len(people)) for age in range(last - start + 1)
        }
        for start, people in cohorts.items()
    }


def cohorts(view: PanelView) -> CohortView:
    assert isinstance(view, CohortView)
    return view


def test_every_cell_equals_the_people_counted_by_hand(board: Show, panel: Find) -> None:
    shown, expected = cohorts(panel(board(), "cohort")), oracle()
    # the last twelve months are whole ones: the cohort of January has just begun
    assert [row.label for row in shown.cohorts] == [label for label in expected if label != "Jan 2026"]
    for row in shown.cohorts:
        for age, cell in zip(map(int, shown.ages), row.cells, strict=True):
            if age not in expected[row.label]:
                assert cell is None
                continue
            active, size = expected[row.label][age]
            assert cell is not None
            assert cell.shown.figure.value == pytest.approx(active / size)
            assert cell.shown.figure.exact == f"{active:,} of {size:,}"
            assert row.size.text == str(size)


def test_only_ages_that_are_not_over_are_open_and_they_have_no_shade(board: Show, panel: Find) -> None:
    shown = cohorts(panel(board(), "cohort"))
    for row in shown.cohorts:
        cells = [cell for cell in row.cells if cell is not None]
        assert [cell.open for cell in cells] == [False] * (len(cells) - 1) + [True]
        assert cells[-1].shown.step == 0
    assert any("maturing" in words for words in shown.legend)


def test_a_cohort_of_fewer_than_twenty_has_no_shade(board: Show, panel: Find) -> None:
    shown = cohorts(panel(board(), "cohort"))
    small, large = shown.cohorts[0], shown.cohorts[1]
    assert (small.size.text, large.size.text) == ("10", "27")
    assert {cell.shown.step for cell in small.cells if cell} == {0}
    assert all(cell.shown.step for cell in large.cells if cell and not cell.open)


def test_the_average_weighs_every_person_the_same_and_leaves_open_ages_out(board: Show, panel: Find) -> None:
    shown, expected = cohorts(panel(board(), "cohort")), oracle()
    for age, made in zip(map(int, shown.ages), shown.average, strict=True):
        place = shown.ages.index(str(age))
        cells = [(row.label, row.cells[place]) for row in shown.cohorts]
        closed = [expected[label][age] for label, cell in cells if cell is not None and not cell.open]
        whole = sum(size for _, size in closed)
        if not whole:
            assert made.state == "missing"
        else:
            assert made.value == pytest.approx(sum(active for active, _ in closed) / whole)


def test_counts_are_heads_and_older_cohorts_are_named(board: Show, panel: Find) -> None:
    shown, expected = cohorts(panel(board("detail"), "cohort")), oracle()
    assert shown.ages == ("1", "2", "3")
    assert len(shown.cohorts) == 4
    row = shown.cohorts[0]
    assert [cell.shown.figure.value for cell in row.cells if cell] == [expected[row.label][age][0] for age in (1, 2, 3)]
    assert any("older cohort" in note for note in shown.notes)


def test_the_explanation_of_a_cell_is_about_that_cohort_and_age(board: Show, panel: Find, club: Warehouse) -> None:
    shown = cohorts(panel(board(), "cohort"))
    cell = shown.cohorts[2].cells[2]
    assert cell is not None
    query: dict[str, list[str]] = defaultdict(list)
    for key, value in cell.shown.figure.explain.query:
        query[key].append(value)
    number = about(query, catalog=club.catalog)
    answer = ask(number.question, SYSTEM_VIEWER, warehouse=club, now=NOW)
    assert answer.explain("coming_back", row=number.row(answer)).cell.value == cell.shown.figure.value
    assert number.problems == ()
