"""Every metric of the programs pack, by every grouping, against plain SQL over the same files."""

from __future__ import annotations

from datetime import date

import pytest
from programs_oracle import COHORTS, METRICS, Oracle, uses_spend
from sample_company import NOW, Company

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.question import Question, QuestionError

# parts of months at both ends, and both changes of the clock inside
START, STOP = date(2025, 5, 15), date(2026, 3, 20)
GROUPINGS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "all": ((), None),
    "program": (("program",), None),
    "school": (("school",), None),
    "level": (("level",), None),
    "channel": (("channel",), None),
    "source": (("source",), None),
    "month": ((), "month"),
    "school and month": (("school",), "month"),
    "level and channel": (("level", "channel"), None),
}
CASES = [
    pytest.param(metric, *GROUPINGS[name], id=f"{metric} by {name}")
    for metric in METRICS
    for name in GROUPINGS
    if not (name == "source" and uses_spend(metric))
]


@pytest.fixture(scope="module")
def oracle(company: Company) -> Oracle:
    return Oracle(company.oracle, today=date(2026, 4, 1))


@pytest.mark.req("PRG-1.6", "PRG-3.1", "PRG-3.2", "PRG-3.3", "PRG-3.4", "PRG-3.5", "PRG-3.7", "PRG-3.8")
@pytest.mark.req("PLT-3.3", "PLT-3.4")
@pytest.mark.parametrize(("metric", "by", "grain"), CASES)
def test_a_metric_equals_plain_sql(
    company: Company, oracle: Oracle, metric: str, by: tuple[str, ...], grain: str | None
) -> None:
    question = Question(metrics=(metric,), group_by=by, grain=grain, period=f"{START}..{STOP}")  # type: ignore[arg-type]  # keywords of the question under test
    answer = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    expected = oracle.expected(metric, by, grain, START, STOP)
    names = [*by, *(["period"] if grain else [])]
    groups = list(zip(*(answer.table.column(name).to_pylist() for name in names), strict=True)) if names else [()]
    found = {group: answer.cell(row, metric).value for row, group in enumerate(groups)}
    assert len(found) == len(groups) == answer.table.num_rows
    missing = {group for group, value in expected.items() if value} - set(found)
    assert not missing
    for group, value in found.items():
        wanted = expected.get(group)
        if wanted is None:
            assert value in (None, 0), group
        else:
            assert value == pytest.approx(wanted, rel=1e-9, abs=1e-9), group


@pytest.mark.req("PRG-3.2")
@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("metric", ["inquiries", "people", "cpl", "inquiry_to_opportunity"])
def test_volume_by_every_length_of_time_equals_plain_sql(
    company: Company, oracle: Oracle, metric: str, grain: str
) -> None:
    question = Question(metrics=(metric,), grain=grain, period=f"{START}..{STOP}")  # type: ignore[arg-type]  # keywords of the question under test
    answer = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    expected = {key[0]: value for key, value in oracle.expected(metric, (), grain, START, STOP).items()}
    found = {day: answer.cell(row, metric).value for row, day in enumerate(answer.data["period"])}
    assert set(expected) <= set(found)
    assert {day: value for day, value in found.items() if value} == pytest.approx(
        {day: value for day, value in expected.items() if value}
    )


@pytest.mark.req("PRG-3.1")
def test_every_metric_of_the_pack_is_compared(company: Company) -> None:
    assert set(company.warehouse.catalog.metrics) - {"funnel"} == set(METRICS)


@pytest.mark.req("PRG-3.1")
@pytest.mark.parametrize("by", [(), ("school",), ("level",), ("channel",)], ids=str)
def test_the_funnel_counts_the_cohort_by_the_stages_it_has_reached(
    company: Company, oracle: Oracle, by: tuple[str, ...]
) -> None:
    answer = ask(
        Question(metrics=("funnel",), group_by=by, period=f"{START}..{STOP}"),
        SYSTEM_VIEWER,
        warehouse=company.warehouse,
        now=NOW,
    )
    inquiries = oracle.expected("inquiries", by, None, START, STOP)
    rates = {
        stage: oracle.expected(f"inquiry_to_{stage}", by, None, START, STOP)
        for stage in ("opportunity", "application", "enrollment")
    }
    for row in range(answer.table.num_rows):
        group = tuple(answer.table.column(name)[row].as_py() for name in by)
        stages = answer.funnel(row=row) if by else answer.funnel()
        assert [stage.name for stage in stages] == ["inquiry", "opportunity", "application", "enrollment"]
        assert stages[0].count == inquiries[group]
        for stage in stages[1:]:
            share = rates[stage.name].get(group) or 0
            assert stage.count == pytest.approx(share * (inquiries[group] or 0))
            assert stage.overall_rate == pytest.approx(share)


@pytest.mark.req("PRG-3.3")
@pytest.mark.parametrize("metric", sorted(metric for metric in METRICS if uses_spend(metric)))
def test_cost_by_lead_source_is_refused_for_spend_knows_no_lead(company: Company, metric: str) -> None:
    question = Question(metrics=(metric,), group_by=("source",), period="last_90_days")
    with pytest.raises(QuestionError, match="source"):
        ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)


@pytest.mark.req("PRG-3.1", "PLT-3.2")
@pytest.mark.parametrize("metric", sorted(COHORTS))
def test_a_young_cohort_says_that_it_is_still_maturing(company: Company, metric: str) -> None:
    young = Question(metrics=(metric,), period="2026-03-25..2026-04-01")
    old = Question(metrics=(metric,), period="2025-05-15..2025-09-01")
    found = ask(young, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW).cell(0, metric).maturing
    assert found is not None
    assert found < 1
    assert ask(old, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW).cell(0, metric).maturing is None
