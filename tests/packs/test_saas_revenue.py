"""Revenue of the saas pack: movements that foot, retention and churn by hand, value without churn, cohorts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from saas_company import MONTHS, answer_of, make_company, make_saas_warehouse, tables
from sample_company import END, NOW, Company

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.panel_views import TileView
from sightline.dashboards.selection import parse
from sightline.dashboards.view import ChartView
from sightline.definitions.durations import shift_months
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.tieouts import run_tieouts
from sightline.stats.forecast import Projection, forecast

MOVING = ("mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churned", "mrr_reactivated")
TIERS = ("starter", "team", "business", "enterprise")
CHANNELS = ("organic", "paid", "referral", "direct", "social")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return make_company(tmp_path_factory)


@dataclass
class Month:
    """What a month was, by going through every customer's life."""

    opening: Decimal = Decimal(0)
    kept: Decimal = Decimal(0)
    kept_without_growth: Decimal = Decimal(0)
    closing: Decimal = Decimal(0)
    customers: int = 0
    lost: int = 0


@cache
def changes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables()["mrr_changes"].to_pylist()
    return found


def lives() -> dict[str, list[tuple[date, Decimal]]]:
    found: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in changes():
        found[row["organization_id"]].append((row["at"], row["amount"]))
    return found


def month_of(first: date, last: date) -> Month:
    month = Month()
    for life in lives().values():
        opening = sum((amount for at, amount in life if at < first), Decimal(0))
        closing = sum((amount for at, amount in life if at < last), Decimal(0))
        month.closing += closing
        if opening:
            month.opening += opening
            month.kept += closing
            month.kept_without_growth += min(opening, closing)
            month.customers += 1
            month.lost += not closing
    return month


@pytest.mark.req("SAA-1", "SAA-5")
@pytest.mark.parametrize("by", [(), ("tier",), ("channel",)], ids=str)
def test_movements_foot_to_the_cent_in_every_month_and_part(company: Company, by: tuple[str, ...]) -> None:
    answer = answer_of(
        company.warehouse,
        *("mrr_opening", *MOVING, "mrr", "mrr_net_new"),
        group_by=by,
        grain="month",
        period="2024-04-01..2026-04-01",
    )
    before: dict[object, float] = {}
    months: defaultdict[object, int] = defaultdict(int)
    for row in range(answer.n_rows):
        opening, closing = answer.value(row, "mrr_opening"), answer.value(row, "mrr")
        moved = sum(answer.value(row, name) for name in MOVING)
        assert round(opening + moved, 2) == round(closing, 2)
        assert answer.value(row, "mrr_net_new") == pytest.approx(moved, abs=1e-6)
        part = answer.value(row, by[0]) if by else "all"
        assert round(opening, 2) == round(before.get(part, opening), 2)  # where one month ends the next begins
        before[part] = closing
        months[part] += 1
    assert set(months.values()) == {24}
    assert set(before) == {"tier": set(TIERS), "channel": set(CHANNELS)}.get(by[0] if by else "", {"all"})
    whole = sum((amount for life in lives().values() for _, amount in life), Decimal(0))
    assert round(sum(before.values()), 2) == float(whole)


@pytest.mark.req("SAA-1", "SAA-5")
@pytest.mark.parametrize(
    ("period", "grain"),
    [
        ("2025-03-31..2026-03-30", "week"),
        ("2024-04-01..2026-04-01", "quarter"),
        ("2025-07-20..2025-09-04", "day"),
        ("2025-02-11..2025-11-23", None),
    ],
)
def test_movements_foot_to_the_cent_in_any_period_and_tier(company: Company, period: str, grain: str | None) -> None:
    names = ("mrr_opening", *MOVING, "mrr")
    answer = answer_of(company.warehouse, *names, group_by=("tier",), grain=grain, period=period)
    closing: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
    for row in range(answer.n_rows):
        amounts = {name: Decimal(str(answer.value(row, name))).quantize(Decimal("0.0001")) for name in names}
        assert sum(amounts[name] for name in names[:-1]) == amounts["mrr"]
        first = answer.value(row, "period") if grain else date.fromisoformat(period[:10])
        closing[answer.value(row, "tier")][first] = amounts["mrr"]
        known = sum(
            (
                change["amount"]
                for change in changes()
                if change["tier"] == answer.value(row, "tier") and change["at"] < first
            ),
            Decimal(0),
        )
        assert amounts["mrr_opening"] == known  # every level is that of the rows
    assert set(closing) == set(TIERS)
    assert grain is None or min(map(len, closing.values())) > 5


@pytest.mark.req("SAA-1", "SAA-5")
def test_retention_and_churn_are_those_of_the_customers_lives(company: Company) -> None:
    answer = answer_of(
        company.warehouse, "nrr", "grr", "churn_rate", "mrr_growth", grain="month", period="2024-04-01..2026-04-01"
    )
    assert answer.n_rows == 24
    for row, first in enumerate(MONTHS):
        month = month_of(first, MONTHS[row + 1] if row < 23 else END)
        assert answer.value(row, "nrr") == pytest.approx(float(month.kept / month.opening))
        assert answer.value(row, "grr") == pytest.approx(float(month.kept_without_growth / month.opening))
        assert answer.value(row, "churn_rate") == pytest.approx(month.lost / month.customers)
        assert answer.value(row, "mrr_growth") == pytest.approx(float((month.closing - month.opening) / month.opening))
        assert answer.value(row, "grr") <= min(1, answer.value(row, "nrr"))


@pytest.mark.req("SAA-5")
def test_value_of_a_customer_without_churn_is_undefined_and_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    schema = tables()["mrr_changes"].schema
    changes = [
        {"organization_id": f"O-{number}", "tier": "team", "at": date(2025, 11, 1 + number), "amount": Decimal(100)}
        for number in range(3)
    ]
    warehouse = make_saas_warehouse(
        tmp_path_factory.mktemp("loyal"), {"mrr_changes": pa.Table.from_pylist(changes, schema=schema)}
    )
    answer = answer_of(warehouse, "ltv", "arpc", "churn_rate", period="2026-02-01..2026-03-01")
    assert answer.cell(0, "arpc").value == 100
    assert answer.cell(0, "churn_rate").value == 0
    assert answer.cell(0, "ltv").value is None
    assert answer.cell(0, "ltv").state == "zero_denominator"
    page = warehouse.catalog.dashboard("business")
    selection = parse({"period": ["2026-02-01..2026-03-01"]}, dashboard=page, catalog=warehouse.catalog).selection
    view = dashboard_view(page, selection, SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
    tile = next(panel for panel in view.panels if panel.title == "LTV")
    assert isinstance(tile, TileView)
    assert (tile.figure.state, tile.figure.reason) == ("missing", "Nothing to divide by in this period")
    assert "0" not in tile.figure.text


@pytest.mark.req("SAA-5")
def test_a_customer_is_worth_and_costs_what_the_rows_say(company: Company) -> None:
    """The formulas of SAA-5 in one statement over the rows of March 2026."""
    expected = company.oracle.execute("""
        WITH levels AS (
            SELECT organization_id, coalesce(sum(amount) FILTER ("at" < DATE '2026-03-01'), 0) AS opening,
                   coalesce(sum(amount) FILTER ("at" < DATE '2026-04-01'), 0) AS closing,
                   min("at") >= DATE '2026-03-01' AS is_new
            FROM raw_mrr_changes GROUP BY 1),
        month AS (
            SELECT sum(closing) / count(*) FILTER (closing > 0) AS arpc,
                   count(*) FILTER (opening > 0 AND closing = 0) / count(*) FILTER (opening > 0) AS churn,
                   count(*) FILTER (is_new AND closing > 0) AS won,
                   (SELECT sum(amount) FROM raw_marketing_spend
                    WHERE spent_on >= DATE '2026-03-01' AND spent_on < DATE '2026-04-01') AS cost
            FROM levels)
        SELECT arpc, churn, 1 - churn, cost / won, arpc / churn, arpc / churn / (cost / won), cost / won / arpc
        FROM month""").fetchone()
    names = ("arpc", "churn_rate", "retention_rate", "cac", "ltv", "ltv_to_cac", "cac_payback")
    answer = answer_of(company.warehouse, *names, period="2026-03-01..2026-04-01")
    assert expected is not None
    assert [answer.cell(0, name).value for name in names] == pytest.approx([float(value) for value in expected])


@pytest.mark.req("SAA-3", "SAA-4")
def test_customer_cohorts_equal_plain_sql_and_open_months_are_marked(company: Company) -> None:
    answer = answer_of(company.warehouse, "customer_cohort_retention", period="2025-04-01..2026-04-01")
    found = {
        (answer.value(row, "period"), answer.value(row, "age")): answer.cell(row, "customer_cohort_retention")
        for row in range(answer.n_rows)
    }
    expected = company.oracle.execute("""
        WITH firsts AS (SELECT organization_id, min(date_trunc('month', invoiced_on)) AS cohort
                        FROM raw_invoices GROUP BY 1)
        SELECT CAST(cohort AS DATE), date_diff('month', cohort, invoiced_on), count(DISTINCT organization_id),
               (SELECT count(*) FROM firsts f WHERE f.cohort = firsts.cohort)
        FROM raw_invoices JOIN firsts USING (organization_id)
        WHERE cohort >= DATE '2025-04-01' GROUP BY ALL""").fetchall()
    assert len(expected) >= 70
    for cohort, age, active, size in expected:
        cell = found[cohort, age]
        assert cell.value == pytest.approx(active / size)
    assert all(found[cohort, 0].value == 1 for cohort in MONTHS[-12:])
    assert found[date(2025, 6, 1), 3].maturing is None


@pytest.mark.req("SAA-3")
def test_a_cohort_whose_month_is_not_over_is_marked_as_maturing(company: Company) -> None:
    now = NOW - timedelta(days=16)  # the middle of the last month

    question = Question(("customer_cohort_retention",), period="2026-01-01..2026-04-01")
    answer = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=now)
    ages = {
        (answer.value(row, "period"), answer.value(row, "age")): answer.cell(row, "customer_cohort_retention").maturing
        for row in range(answer.n_rows)
    }
    assert ages[date(2026, 1, 1), 1] is None
    assert ages[date(2026, 1, 1), 2] is not None
    assert ages[date(2026, 3, 1), 0] is not None


@pytest.mark.req("SAA-2", "SAA-3")
@pytest.mark.parametrize("metric", ["activation_rate", "trial_conversion", "signup_to_paid"])
def test_young_signups_are_marked_as_maturing(company: Company, metric: str) -> None:
    young = answer_of(company.warehouse, metric, period="2026-03-26..2026-04-01")
    old = answer_of(company.warehouse, metric, period="2025-06-01..2025-09-01")
    assert young.cell(0, metric).maturing is not None
    assert old.cell(0, metric).maturing is None


@pytest.mark.req("SAA-1")
def test_the_funnel_counts_signups_by_the_stages_they_have_reached(company: Company) -> None:
    answer = answer_of(company.warehouse, "signup_funnel", period="2025-10-01..2026-01-01")
    counts = [stage.count for stage in answer.funnel()]
    expected = company.oracle.execute("""
        SELECT count(*) FILTER (t.stage = 'signup'), count(*) FILTER (t.stage = 'activated'),
               count(*) FILTER (t.stage = 'trial'), count(*) FILTER (t.stage = 'paid')
        FROM raw_signups s JOIN raw_signup_stages t USING (signup_id)
        WHERE timezone('America/New_York', s.signed_up_at) >= TIMESTAMP '2025-10-01'
          AND timezone('America/New_York', s.signed_up_at) < TIMESTAMP '2026-01-01'""").fetchone()
    assert expected is not None
    assert counts == list(expected)
    assert counts == sorted(counts, reverse=True)


@pytest.mark.req("SAA-2")
def test_people_who_joined_are_followed_by_their_sessions(company: Company) -> None:
    answer = answer_of(company.warehouse, "user_retention", period="2025-10-01..2025-11-01")
    cell = next(answer.cell(row, "user_retention") for row in range(answer.n_rows) if answer.value(row, "age") == 2)
    zone = "America/New_York"
    expected = company.oracle.execute(f"""
        WITH cohort AS (SELECT user_id FROM raw_users
                        WHERE date_trunc('month', timezone('{zone}', created_at)) = DATE '2025-10-01')
        SELECT (SELECT count(DISTINCT user_id) FROM raw_user_events JOIN cohort USING (user_id)
                WHERE kind = 'session' AND date_trunc('month', timezone('{zone}', "at")) = DATE '2025-12-01')
               / (SELECT count(*) FROM cohort)""").fetchone()  # noqa: S608 - our own words
    assert expected is not None
    assert cell.value == pytest.approx(expected[0])


@pytest.mark.req("PLT-3.6", "SAA-1")
def test_every_tie_out_of_the_pack_holds_on_the_sample(company: Company) -> None:
    results = run_tieouts(company.warehouse, now=NOW)
    assert {result.name for result in results} == set(company.warehouse.catalog.tieouts)
    assert [(result.name, result.message) for result in results if result.state != "ok"] == []
    assert all(result.left is not None for result in results)


@pytest.mark.req("SAA-1")
def test_the_forecast_of_mrr_goes_on_from_the_sums_of_all_changes(company: Company) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard("business"), company.warehouse.catalog
    dashboard = dashboard.model_copy(
        update={"panels": [each for each in dashboard.panels if each.title == "MRR forecast"]}
    )
    selection = parse({}, dashboard=dashboard, catalog=catalog).selection
    alone = ("the forecast alone",)  # pages are kept by their name
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW, problems=alone)
    (panel,) = view.panels
    assert isinstance(panel, ChartView)
    first = min(row["at"] for row in changes()).replace(day=1)
    ends = [shift_months(first, at + 1) for at in range(200)]
    closing = [
        float(sum(row["amount"] for row in changes() if row["at"] < end)) for end in ends if end <= END.replace(day=1)
    ]
    made = forecast(closing, periods=6, season=12, lower=0)
    assert isinstance(made, Projection)
    ahead = [row.cells for row in panel.table.rows if row.cells[6].text == "Forecast"]
    assert [cells[0].text for cells in ahead] == [
        "Apr 2026",
        "May 2026",
        "Jun 2026",
        "Jul 2026",
        "Aug 2026",
        "Sep 2026",
    ]
    for cells, step in zip(ahead, made.steps, strict=True):
        ends_of_step = (step.median, step.low80, step.high80, step.low95, step.high95)
        assert [cell.sort for cell in cells[1:6]] == pytest.approx(list(ends_of_step))
    assert any(made.model in note for note in panel.notes)
    assert any(note.startswith("Back-test from ") for note in panel.notes)
