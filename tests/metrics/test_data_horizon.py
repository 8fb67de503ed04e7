"""What has not arrived yet is unknown: maturity, waiting and what is due count to the last day with data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small_company import METRICS, answer, company, event, person, utc
from tiny_workspace import table_of

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.ask import ask
from sightline.metrics.question import Question

TARGETS = """
  planned: {type: simple, dataset: events, agg: count, targets: [{value: 300, per: month}]}
"""
JUNE = "2025-06-01..2025-07-01"


@pytest.mark.req("PLT-3.2")
def test_a_cohort_matures_only_as_far_as_the_outcomes_are_known(tmp_path: Path) -> None:
    # Today is the 15th, the last event of the source is of the 10th: 14 days before that is the 27th of May.
    people = [
        person(key, began)
        for key, began in zip("abcd", ("2025-05-20", "2025-05-27", "2025-05-28", "2025-06-01"), strict=True)
    ]
    warehouse = company(tmp_path, people=people, events=[event("e", "a", "visit", "2025-06-10T23:00")])
    found = answer(warehouse, "buyer_count")
    assert found.cell(0, "buyer_count").maturing == pytest.approx(2 / 4)
    assert found.notes == (
        "Buyer count: the data ends on 2025-06-10; maturity and waiting times count up to that day, not up to today",
    )


@pytest.mark.req("PLT-3.2")
def test_data_of_yesterday_and_a_source_of_others_hold_nothing_up(tmp_path: Path) -> None:
    people = [person("a", "2025-05-20"), person("b", "2025-05-31"), person("c", "2025-06-01")]
    warehouse = company(tmp_path, people=people, events=[event("e", "a", "visit", "2025-06-14T23:00")])
    found = answer(warehouse, "buyer_count")
    assert found.cell(0, "buyer_count").maturing == pytest.approx(2 / 3)  # nobody has begun since, and that is known
    assert found.notes == ()


@pytest.mark.req("PRG-3.5", "PLT-3.2")
def test_those_who_wait_were_watched_to_the_end_of_the_last_day_with_data(tmp_path: Path) -> None:
    # The source ends on the 4th. Three began on the 1st: one bought after 2 days, one after 3.5, one waits for 4.
    # Four began on the 3rd and wait for 2. At 2 days all 7 are at risk: 6/7 remain. At 3.5 days 2 are: 3/7 remain.
    # Were all watched to the 15th, 5/7 would remain, and half would not be reached.
    people = [person(key, "2025-06-01") for key in "abc"] + [person(f"z{n}", "2025-06-03") for n in range(4)]
    events = [event("e1", "a", "buy", "2025-06-03"), event("e2", "b", "buy", "2025-06-04T12:00")]
    late = company(tmp_path / "late", people=people, events=events)
    assert answer(late, "days_until_bought").cell(0, "days_until_bought").value == pytest.approx(3.5)
    current = company(tmp_path / "current", people=people, events=[*events, event("e3", None, "visit", "2025-06-15")])
    assert answer(current, "days_until_bought").cell(0, "days_until_bought").state == "not_reached"


@pytest.mark.req("PLT-3.2")
def test_an_old_snapshot_says_today_what_it_said_then(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01"), person("b", "2025-05-20"), person("c", "2025-06-02")]
    first = [event("e1", "a", "buy", "2025-05-12"), event("e2", "c", "visit", "2025-06-02T20:00")]
    warehouse = company(tmp_path, people=people, events=first)
    old = warehouse.lake.snapshot()
    later = [event("e3", "b", "visit", "2025-07-20")]
    dataset = warehouse.catalog.dataset("events")
    lake = warehouse.lake
    assert isinstance(lake, Lake)
    publish_table(lake, dataset, table_of(dataset, later), zone="UTC", now=utc("2026-01-02"), run="events-2")
    question = Question(("buyer_count", "days_until_bought_p25"), period="2025-05-01..2025-07-01")

    def told(now: str, at: object) -> list[object]:
        found = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=utc(now), at=at)  # type: ignore[arg-type] # a snapshot or None
        return [(cell.value, cell.state, cell.maturing) for cell in (found.cell(0, name) for name in question.metrics)]

    then = told("2025-06-03T06:00", old)
    assert told("2025-08-01T12:00", old) == then
    assert then[0] == (1, "ok", pytest.approx(1 / 3))
    assert told("2025-08-01T12:00", None)[0] == (1, "ok", None)


@pytest.mark.req("PLT-3.5", "PLT-3.2")
@pytest.mark.parametrize(
    ("newest", "days"),
    [("2025-06-09T10:00", 9), ("2025-06-14T10:00", 14), ("2025-06-15T10:00", 14), ("2025-05-20", 0)],
)
def test_nothing_is_due_of_days_the_data_does_not_tell_of(tmp_path: Path, newest: str, days: int) -> None:
    warehouse = company(tmp_path, events=[event("e", "a", "visit", newest)], metrics=METRICS + TARGETS)
    cell = answer(warehouse, "planned", period=JUNE).cell(0, "planned")
    assert (cell.target, cell.expected) == (pytest.approx(300), pytest.approx(10 * days))


@pytest.mark.req("PLT-3.5")
def test_a_row_of_the_future_does_not_move_the_day_the_data_reaches(tmp_path: Path) -> None:
    warehouse = company(tmp_path, events=[event("e", "a", "visit", "2031-01-01")], metrics=METRICS + TARGETS)
    found = answer(warehouse, "planned", period=JUNE)
    assert found.horizon.last_day({"events"}) == date(2025, 6, 15)
