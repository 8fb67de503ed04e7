"""Rows without a time count where no time is asked for, and the answer says how many; data may not span too much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_company import answer, company, event, person, sql, values

from sightline.metrics.question import QuestionError
from sightline.metrics.warehouse import Warehouse


def undated(root: Path) -> tuple[Warehouse, list[dict[str, Any]]]:
    events = [event(f"e{n}", "a", "buy" if n % 2 else "visit", f"2025-05-0{1 + n}") for n in range(5)]
    events += [event(f"lost{n}", "ab"[n % 2], "buy" if n else "visit", "2025-05-01") | {"at": None} for n in range(3)]
    people = [person("a", "2025-01-01"), person("b", "2025-01-02", team="blue") | {"began_at": None}]
    return company(root, people=people, events=events), events


@pytest.mark.req("PLT-3")
def test_rows_without_a_time_are_in_the_figure_of_all_time_and_the_answer_says_so(tmp_path: Path) -> None:
    warehouse, events = undated(tmp_path)
    found = answer(warehouse, "events", "bought")
    plain = sql(
        warehouse,
        """
        SELECT count(*), count(*) FILTER (WHERE kind = 'buy'), count(*) FILTER (WHERE "at" IS NULL),
               count(*) FILTER (WHERE kind = 'buy' AND "at" IS NULL) FROM events
        """,
        events=events,
    )
    every, bought, lost, lost_bought = plain[0]
    assert [found.cell(0, name).value for name in ("events", "bought")] == [every, bought]
    assert found.notes == (
        f"Events: {lost} rows without a time are in the figure, but would be in no day, week or month of it",
        f"Bought: {lost_bought} rows without a time are in the figure, but would be in no day, week or month of it",
    )
    assert answer(warehouse, "events", period="this_year").notes == ()


@pytest.mark.req("PLT-3")
def test_by_day_they_are_left_out_and_the_answer_says_so(tmp_path: Path) -> None:
    warehouse, _ = undated(tmp_path)
    found = answer(warehouse, "events", "bought_share", grain="month", group_by=("team",), limit=1)
    assert sum(value or 0 for value in values(answer(warehouse, "events", grain="month"), "events").values()) == 5
    assert found.notes == (
        "Events: 3 rows without a time are left out: no month can hold what has no time",
        "Bought share: 2 rows without a time of bought are left out: no month can hold what has no time",
        "Bought share: 3 rows without a time of events are left out: no month can hold what has no time",
    )


@pytest.mark.req("PLT-3")
def test_a_cohort_counts_those_who_began_at_no_known_time_and_says_so(tmp_path: Path) -> None:
    warehouse, _ = undated(tmp_path)
    found = answer(warehouse, "buyers")
    assert found.cell(0, "buyers").n == 2
    assert found.notes[-1].startswith("Buyers: 1 row without a time is in the figure")
    assert "without a time" not in " ".join(answer(warehouse, "buyers", where="team = 'red'").notes)


@pytest.mark.req("PLT-3", "PLT-10")
@pytest.mark.parametrize(
    ("grain", "last", "is_refused"),
    [
        ("hour", "2025-07-28T07:30", False),  # 208 days and 8 hours: 5000 hours
        ("hour", "2025-07-28T08:30", True),
        ("hour", "9999-12-31", True),
        ("day", "2038-09-09", False),  # 4999 days after the first
        ("day", "2038-09-10", True),
        ("week", "9999-12-31", True),
        ("month", "2300-01-01", False),
        ("month", "9999-12-31", True),
    ],
)
@pytest.mark.parametrize("group_by", [(), ("kind",)])
def test_data_that_spans_too_many_points_is_refused(
    tmp_path: Path, grain: str, last: str, is_refused: bool, group_by: tuple[str, ...]
) -> None:
    events = [event("first", "a", "buy", "2025-01-01T00:10"), event("last", "a", "visit", last)]
    warehouse = company(tmp_path, events=events)
    asked: dict[str, Any] = {"grain": grain, "group_by": group_by, "limit": 5}
    if is_refused:
        with pytest.raises(QuestionError, match=f"the data by {grain} is more than 5000 points"):
            answer(warehouse, "events", **asked)
    else:
        assert answer(warehouse, "events", **asked).total_rows <= 5000 * max(1, 2 * len(group_by))
