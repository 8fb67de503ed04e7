"""Time between two events, among those who got there and among all, against scipy and plain Python."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_company import answer, company, event, person, utc, value

from sightline.metrics.warehouse import Warehouse

NOW = "2025-06-15T12:00"
MIDNIGHT = datetime(2025, 6, 15, tzinfo=UTC)
Waits = list[tuple[str, float, float | None]]


def quantile(values: list[float], fraction: float) -> float:
    """Return the linearly interpolated quantile (type 7 of Hyndman and Fan)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * fraction
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def kaplan_meier(waits: Waits, fraction: float) -> float | None:
    """Return the first time by which the share has converted, from scipy's survival function."""
    observed = [took for _, _, took in waits if took is not None]
    waiting = [age for _, age, took in waits if took is None]
    if not observed:
        return None
    curve = stats.ecdf(stats.CensoredData(uncensored=observed, right=waiting)).sf
    reached = np.nonzero(curve.probabilities <= 1 - fraction + 1e-12)[0]
    return float(curve.quantiles[reached[0]]) if len(reached) else None


def made(seed: int, number: int, *, share: float) -> Waits:
    """Return waits of people: team, age at midnight, and days until they bought (None: not yet)."""
    rng = random.Random(seed)  # noqa: S311 - made-up rows, not secrets
    found: Waits = []
    for _ in range(number):
        age = rng.randint(1, 60) + rng.choice([0, 0.25, 0.5])
        took = rng.choice([0, 0.5, 1, 2, 3, 5, 8, 13, 21]) if rng.random() < share else None
        team = rng.choice(["red", "blue"])
        found.append((team, age, took if took is not None and took <= age else None))
    return found


def warehouse_of(root: Path, waits: Waits, **settings: Any) -> Warehouse:
    people, events = [], []
    for number, (team, age, took) in enumerate(waits):
        began = MIDNIGHT - timedelta(days=age)
        people.append(person(f"p{number}", began.replace(tzinfo=None).isoformat(), team=team))
        if took is not None:
            bought = (began + timedelta(days=took)).replace(tzinfo=None).isoformat()
            events.append(event(f"e{number}", f"p{number}", "buy", bought))
    return company(root, people=people, events=events, **settings)


@pytest.mark.req("PRG-3.5")
@pytest.mark.parametrize(("seed", "share"), [(1, 0.9), (2, 0.6), (3, 0.35), (4, 0.0)])
def test_the_time_until_a_share_has_converted_is_the_product_limit_estimate(
    tmp_path: Path, seed: int, share: float
) -> None:
    waits = made(seed, 60, share=share)
    warehouse = warehouse_of(tmp_path, waits)
    for metric, fraction in (("days_until_bought", 0.5), ("days_until_bought_p25", 0.25)):
        expected = kaplan_meier(waits, fraction)
        cell = answer(warehouse, metric, now=NOW).cell(0, metric)
        assert cell.value == (None if expected is None else pytest.approx(expected))
        assert cell.state == ("ok" if expected is not None else "not_reached")
        assert cell.n == sum(took is not None for _, _, took in waits)


@pytest.mark.req("PRG-3.5")
def test_the_estimate_of_each_group_stands_on_its_own_people(tmp_path: Path) -> None:
    waits = made(5, 80, share=0.7)
    waits += [("grey", 3, None), ("grey", 9, None)]
    found = answer(warehouse_of(tmp_path, waits), "days_until_bought", group_by=("team",), now=NOW)
    for row in range(found.n_rows):
        team = found.value(row, "team")
        expected = kaplan_meier([each for each in waits if each[0] == team], 0.5)
        assert found.cell(row, "days_until_bought").value == (None if expected is None else pytest.approx(expected))
    assert {found.cell(row, "days_until_bought").state for row in range(found.n_rows)} == {"ok", "not_reached"}


@pytest.mark.req("PRG-3.5")
def test_the_estimate_by_month_follows_each_cohort(tmp_path: Path) -> None:
    waits = made(6, 80, share=0.8)
    found = answer(
        warehouse_of(tmp_path, waits), "days_until_bought", grain="month", period="2025-04-01..2025-07-01", now=NOW
    )
    for row in range(found.n_rows):
        month = found.value(row, "period").month
        cohort = [each for each in waits if (MIDNIGHT - timedelta(days=each[1])).month == month]
        expected = kaplan_meier(cohort, 0.5)
        assert found.cell(row, "days_until_bought").value == (None if expected is None else pytest.approx(expected))


@pytest.mark.req("PRG-3.5")
def test_people_who_bought_before_they_began_are_left_out_of_the_estimate_and_counted(tmp_path: Path) -> None:
    waits: Waits = [("red", 10, 2), ("red", 10, 4), ("red", 10, None)]
    people = [person(f"p{n}", "2025-06-05") for n in range(4)]
    events = [
        event("e0", "p0", "buy", "2025-06-07"),
        event("e1", "p1", "buy", "2025-06-09"),
        event("e3", "p3", "buy", "2025-06-01"),
    ]
    found = answer(company(tmp_path, people=people, events=events), "days_until_bought", "days_to_buy", now=NOW)
    cell = found.cell(0, "days_until_bought")
    assert (cell.value, cell.n, cell.excluded) == (pytest.approx(kaplan_meier(waits, 0.5)), 2, 1)
    plain = found.cell(0, "days_to_buy")
    assert (plain.value, plain.n, plain.excluded) == (pytest.approx(3), 2, 1)
    notes = " ".join(found.explain("days_to_buy").notes)
    assert "2 completed, 1 still waiting" in notes
    assert "1 left out: dated before the start. With it the figure would be 2" in notes


@pytest.mark.req("PRG-3.5")
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_those_who_wait_have_waited_until_midnight_of_the_workspace(tmp_path: Path, zone: str) -> None:
    # Both began 2025-06-10T00:00 UTC. One bought after 4.9 days; the other waits, to local midnight of today.
    people = [person("a", "2025-06-10T00:00"), person("b", "2025-06-10T00:00")]
    events = [event("e", "a", "buy", "2025-06-14T21:36")]
    warehouse = company(tmp_path, people=people, events=events, zone=zone)
    # Auckland: the 15th began at 2025-06-14T12:00 UTC, so b is known to wait 4.5 days and a's purchase is of today.
    # Los Angeles: the 15th began at 2025-06-15T07:00 UTC, so b is known to wait 5.29 days: half bought by 4.9 days.
    cell = answer(warehouse, "days_until_bought", now="2025-06-15T08:00").cell(0, "days_until_bought")
    assert cell.value == (None if zone == "Pacific/Auckland" else pytest.approx(4.9))


@pytest.mark.req("PRG-3.5")
def test_what_happened_today_does_not_favour_those_who_bought_over_those_who_wait(tmp_path: Path) -> None:
    # Ten began yesterday noon; one bought this morning. The other nine are known to wait no longer than to midnight,
    # so this morning's purchase cannot be an event while theirs is censored before it.
    people = [person(f"p{n}", "2025-06-14T12:00") for n in range(10)]
    events = [event("e", "p0", "buy", "2025-06-15T09:00")]
    cell = answer(company(tmp_path, people=people, events=events), "days_until_bought", now=NOW).cell(
        0, "days_until_bought"
    )
    assert (cell.value, cell.state) == (None, "not_reached")


@pytest.mark.req("PRG-3.5")
def test_median_and_p90_of_those_who_bought_interpolate(tmp_path: Path) -> None:
    waits = made(7, 50, share=0.8)
    took = [each for _, _, each in waits if each is not None]
    warehouse = warehouse_of(tmp_path, waits)
    assert value(warehouse, "days_to_buy", now=NOW) == pytest.approx(quantile(took, 0.5))
    assert value(warehouse, "days_to_buy_p90", now=NOW) == pytest.approx(quantile(took, 0.9))


@pytest.mark.req("PRG-3.5")
def test_the_first_purchase_at_or_after_the_beginning_is_the_one_that_counts(tmp_path: Path) -> None:
    people = [person("a", "2025-06-01"), person("b", "2025-06-01")]
    events = [
        event("e1", "a", "buy", "2025-05-20"),
        event("e2", "a", "buy", "2025-06-04"),
        event("e3", "a", "buy", "2025-06-09"),
        event("e4", "b", "buy", "2025-06-01"),
    ]
    cell = answer(company(tmp_path, people=people, events=events), "days_to_buy", now=NOW).cell(0, "days_to_buy")
    assert (cell.value, cell.n, cell.excluded) == (pytest.approx(1.5), 2, 0)


@pytest.mark.req("PRG-3.5", "PLT-3.4")
def test_without_anybody_there_is_no_data_and_not_a_zero(tmp_path: Path) -> None:
    found = answer(company(tmp_path), "days_to_buy", "days_until_bought", now=NOW)
    for metric in ("days_to_buy", "days_until_bought"):
        assert (found.cell(0, metric).value, found.cell(0, metric).state) == (None, "no_data")
    assert utc(NOW) == found.asked_at
