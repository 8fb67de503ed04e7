"""Funnels: entities by the furthest stage, rates, medians between stages, comparison, groups."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from small_company import answer, company, event, person, sql
from tiny_workspace import Rows

from sightline.metrics.question import Order, QuestionError
from sightline.metrics.warehouse import Warehouse

MAY = "2025-05-01..2025-06-01"


def journeys(root: Path) -> Warehouse:
    people = [person(f"p{n}", "2025-05-01", team="red" if n < 4 else "blue") for n in range(6)]
    people += [person(f"q{n}", "2025-04-10") for n in range(2)]
    events = [
        event("v0", "p0", "visit", "2025-05-02"),
        event("b0", "p0", "buy", "2025-05-12"),
        event("v1", "p1", "visit", "2025-05-04"),
        event("v1b", "p1", "visit", "2025-05-09"),
        event("b1", "p1", "buy", "2025-05-06"),
        event("v2", "p2", "visit", "2025-05-20"),
        event("b4", "p4", "buy", "2025-05-03"),
        event("vq", "q0", "visit", "2025-04-11"),
    ]
    return company(root, people=people, events=events)


@pytest.mark.req("PRG-3.1")
def test_each_stage_counts_the_entities_that_reached_it_or_one_after_it(tmp_path: Path) -> None:
    stages = answer(journeys(tmp_path), "journey", period=MAY).funnel()
    assert [(stage.name, stage.count) for stage in stages] == [
        ("began", 6),
        ("visited", 4),
        ("bought", 3),
    ]  # p4 bought without a recorded visit
    assert [stage.label for stage in stages] == ["Began", "Visited", "Bought something"]
    assert [stage.step_rate for stage in stages] == [None, pytest.approx(4 / 6), pytest.approx(3 / 4)]
    assert [stage.overall_rate for stage in stages] == [None, pytest.approx(4 / 6), pytest.approx(3 / 6)]


@pytest.mark.req("PRG-3.1")
@pytest.mark.parametrize(
    ("funnel", "in_time"), [("journey", "TRUE"), ("journey_7_days", "{0} - began_at < INTERVAL 7 DAY")]
)
def test_no_rate_of_a_cohort_is_above_all_of_it_whatever_was_recorded(
    tmp_path: Path, funnel: str, in_time: str
) -> None:
    rng = random.Random(4)  # noqa: S311 - made-up rows, not secrets
    people = [person(f"p{n}", "2025-05-01", team=rng.choice(["red", "blue"])) for n in range(40)]
    events = [
        event(
            f"e{n}", f"p{rng.randrange(40)}", rng.choice(["visit", "buy", "buy"]), f"2025-05-{rng.randint(1, 28):02d}"
        )
        for n in range(50)
    ]
    found = answer(company(tmp_path, people=people, events=events), funnel, group_by=("team",), period=MAY)
    counts = [
        (found.value(row, "team"), *(each.count for each in found.funnel(row=row))) for row in range(found.n_rows)
    ]
    plain = f"""
        WITH reached AS (
            SELECT p.person_id, p.team_id, p.began_at,
                   (SELECT min(e."at") FROM events e WHERE e.person_id = p.person_id AND kind = 'visit') AS visit,
                   (SELECT min(e."at") FROM events e WHERE e.person_id = p.person_id AND kind = 'buy') AS buy
            FROM people p)
        SELECT team_id, count(*),
               count(*) FILTER (WHERE (visit IS NOT NULL AND {in_time.format("visit")})
                                   OR (buy IS NOT NULL AND {in_time.format("buy")})),
               count(*) FILTER (WHERE buy IS NOT NULL AND {in_time.format("buy")})
        FROM reached GROUP BY 1
        """  # noqa: S608 - written here
    assert sorted(counts) == sorted(sql(company(tmp_path / "plain"), plain, people=people, events=events))
    assert any(bought > only for _, _, only, bought in _visited_only(people, events))
    rates = [stage.step_rate for row in range(found.n_rows) for stage in found.funnel(row=row) if stage.step_rate]
    assert all(rate <= 1 for rate in rates)


def _visited_only(people: Rows, events: Rows) -> list[tuple[str, int, int, int]]:
    """Return stages as counted each for itself: they are what would make a rate above 100 %."""
    found = []
    for team in ("red", "blue"):
        members = {each["person_id"] for each in people if each["team_id"] == team}
        did = [len({e["person_id"] for e in events if e["kind"] == kind} & members) for kind in ("visit", "buy")]
        found.append((team, len(members), *did))
    return found


@pytest.mark.req("PRG-3.1", "PRG-3.5")
def test_the_median_of_a_step_is_the_time_from_the_stage_before(tmp_path: Path) -> None:
    stages = answer(journeys(tmp_path), "journey", period=MAY).funnel()
    assert stages[1].median_days == pytest.approx(3)  # 1, 3 and 19 days
    assert stages[2].median_days == pytest.approx(6)  # 10 and 2 days; who never visited has no such step


@pytest.mark.req("PRG-3.1")
def test_with_a_window_only_those_inside_it_count_and_are_timed(tmp_path: Path) -> None:
    stages = answer(journeys(tmp_path), "journey_7_days", period=MAY).funnel()
    assert [stage.count for stage in stages] == [6, 3, 2]  # p0 and p1 visited in time, p1 and p4 bought
    assert [stage.median_days for stage in stages] == [None, pytest.approx(2), pytest.approx(2)]


@pytest.mark.req("PRG-3.1", "PLT-3.1")
def test_a_funnel_is_compared_stage_by_stage(tmp_path: Path) -> None:
    stages = answer(journeys(tmp_path), "journey", period=MAY, compare="previous_period").funnel()
    assert [stage.previous for stage in stages] == [2, 1, 0]
    assert [stage.previous_step_rate for stage in stages] == [None, pytest.approx(1 / 2), 0]


@pytest.mark.req("PRG-3.1", "PRG-3.7")
def test_a_funnel_by_team_has_a_row_per_team(tmp_path: Path) -> None:
    found = answer(journeys(tmp_path), "journey", group_by=("team",), period=MAY)
    counts = {found.value(row, "team"): [stage.count for stage in found.funnel(row=row)] for row in range(found.n_rows)}
    assert counts == {"red": [4, 3, 2], "blue": [2, 1, 1]}
    blue = next(row for row in range(found.n_rows) if found.value(row, "team") == "blue")
    assert [stage.step_rate for stage in found.funnel(row=blue)] == [None, pytest.approx(1 / 2), pytest.approx(1)]


@pytest.mark.req("PRG-3.1", "PLT-3.2")
def test_a_young_funnel_says_how_much_of_it_has_had_its_time(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-01"), person("b", "2025-06-10")])
    assert answer(warehouse, "journey").cell(0, "journey").maturing == pytest.approx(1 / 2)


@pytest.mark.req("PRG-3.1")
def test_a_funnel_stands_alone_and_has_no_single_value_to_order_by(tmp_path: Path) -> None:
    warehouse = journeys(tmp_path)
    with pytest.raises(QuestionError, match="funnel"):
        answer(warehouse, "journey", "people", period=MAY)
    with pytest.raises(QuestionError, match="order"):
        answer(warehouse, "journey", group_by=("team",), period=MAY, order=(Order("journey"),))


@pytest.mark.req("PRG-3.1", "PLT-3.1")
def test_a_funnel_cannot_be_held_against_its_peers_as_one_figure(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="peers"):
        answer(journeys(tmp_path), "journey", group_by=("team",), period=MAY, compare="peers")


@pytest.mark.req("PRG-3.1")
def test_a_funnel_of_nobody_has_empty_stages(tmp_path: Path) -> None:
    stages = answer(company(tmp_path), "journey", period=MAY).funnel()
    assert [(stage.count, stage.step_rate, stage.median_days) for stage in stages] == [
        (0, None, None),
        (0, None, None),
        (0, None, None),
    ]
