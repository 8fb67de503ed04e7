"""The saas pack as content: it loads without a remark, its pages can be answered, its roles see what they should."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from saas_company import answer_of, make_company, pack_folder
from sample_company import NOW, Company

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.panels.registry import KINDS
from sightline.dashboards.selection import parse
from sightline.dashboards.view import TableView
from sightline.definitions.bands import parse_band
from sightline.definitions.exported import all_exports
from sightline.definitions.loader import check
from sightline.definitions.panels import panel_metrics
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer, policy_of
from sightline.definitions.schema.dashboard import panel_kind
from sightline.metrics.ask import ask
from sightline.metrics.question import Question

PAGES = ("business", "customer_success", "growth")
NAMES = """
revenue_mrr customers_total customers_new_total customers_churned_total churn_rate_monthly marketing_spend_total
users_active_daily users_active_weekly users_active_monthly user_logins_total session_duration_minutes
actions_per_session funnel_signups_total funnel_activated_total funnel_trial_started_total funnel_paid_total
customer_health_score nps_score nps_responses csat_score customer_engagement_score feature_users feature_usage_total
time_to_first_value_days support_tickets_total support_resolution_time_hours users_signups_total users_activated_total
revenue_by_channel referrals_sent_total referrals_completed_total email_campaign_sent email_campaign_opened
email_campaign_clicked email_campaign_converted landing_page_visits landing_page_conversions cohort_retention
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return make_company(tmp_path_factory)


def test_the_pack_loads_without_a_remark() -> None:
    assert [str(issue) for issue in check(pack_folder()).issues] == []


@pytest.mark.req("SAA-1", "SAA-2", "SAA-3", "SAA-8")
def test_three_dashboards_have_more_than_fifty_panels_of_every_kind_asked_for(company: Company) -> None:
    catalog = company.warehouse.catalog
    assert set(catalog.dashboards) == set(PAGES)
    panels = [panel for page in PAGES for panel in catalog.dashboard(page).panels]
    kinds = Counter(panel_kind(panel) for panel in panels)
    assert len(panels) >= 50
    asked = {"tile", "line", "bar", "donut", "pie", "histogram", "gauge", "stat", "table", "heatmap", "funnel"}
    asked |= {"cohort", "links"}
    assert asked <= set(kinds)
    assert any(getattr(panel, "horizontal", False) for panel in panels)
    assert any(panel.drill for panel in panels)
    for page in PAGES:
        named = {each if isinstance(each, str) else each.dimension for each in catalog.dashboard(page).variables}
        assert {"organization", "tier", "channel", "cohort"} <= named


@pytest.mark.req("SAA-1", "SAA-2", "SAA-3", "SAA-8")
@pytest.mark.parametrize("page", PAGES)
def test_every_panel_of_a_page_shows_figures(company: Company, page: str) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard(page), company.warehouse.catalog
    parsed = parse({}, dashboard=dashboard, catalog=catalog)
    assert parsed.problems == ()
    view = dashboard_view(dashboard, parsed.selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    assert len(view.panels) == len(dashboard.panels)
    drawn = [
        each for each, panel in zip(view.panels, dashboard.panels, strict=True) if (panel_kind(panel) or "") in KINDS
    ]
    # the sample has no row of the last day yet where a source is slower than that: "stale" is told, and is no fault
    assert [(each.title, each.state, each.message) for each in drawn if each.state not in ("ok", "stale")] == []


@pytest.mark.req("SAA-8")
@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        ("business", {"tier": ["team"]}),
        ("customer_success", {"tier": ["team"]}),
        ("customer_success", {"organization": ["the largest"]}),
        ("growth", {"channel": ["paid"]}),
    ],
)
def test_a_variable_narrows_the_panels_and_those_that_cannot_say_so(
    company: Company, page: str, chosen: dict[str, list[str]]
) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard(page), company.warehouse.catalog
    if chosen == {"organization": ["the largest"]}:
        largest = answer_of(
            company.warehouse, "users_active_monthly", group_by=("organization",), period="last_90_days"
        )
        most = max(range(largest.n_rows), key=lambda row: largest.value(row, "users_active_monthly"))
        chosen = {"organization": [largest.value(most, "organization")]}
    selection = parse(chosen, dashboard=dashboard, catalog=catalog).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    states = Counter(panel.state for panel in view.panels)
    assert states["ok"] + states["stale"] > len(view.panels) * 0.5
    name = next(iter(chosen))
    for panel in view.panels:
        if panel.state == "error" and "Not drawn" not in str(panel.message):
            assert name in str(panel.message), panel.title


@pytest.mark.req("SAA-4")
def test_every_name_can_be_read_from_prometheus_too(company: Company) -> None:
    for name in NAMES.split():
        answer = answer_of(company.warehouse, f"{name}_reported", period="2026-03-01..2026-04-01")
        assert answer.cell(0, f"{name}_reported").value is not None, name


@pytest.mark.req("SAA-4")
@pytest.mark.parametrize(
    ("counted", "reported"),
    [
        ("mrr", "revenue_mrr"),
        ("customers_total", "customers_total"),
        ("marketing_spend", "marketing_spend_total"),
        ("invoiced_revenue", "revenue_by_channel"),
        ("landing_page_visits", "landing_page_visits"),
        ("landing_page_conversions", "landing_page_conversions"),
        ("email_sent", "email_campaign_sent"),
        ("email_converted", "email_campaign_converted"),
    ],
)
def test_both_ways_agree_where_days_are_the_same_in_every_zone(company: Company, counted: str, reported: str) -> None:
    answer = answer_of(company.warehouse, counted, f"{reported}_reported", period="2026-03-01..2026-04-01")
    assert answer.value(0, counted) > 0
    assert answer.value(0, f"{reported}_reported") == pytest.approx(float(answer.value(0, counted)))


@pytest.mark.req("SAA-4")
def test_what_is_reported_has_the_unit_and_the_direction_of_what_is_counted(company: Company) -> None:
    catalog = company.warehouse.catalog
    counted = {each.name.removeprefix("chom_"): each.metric for each in all_exports(catalog)}
    for name in NAMES.split():
        one, other = catalog.metric(counted[name]), catalog.metric(f"{name}_reported")
        assert (one.unit, one.direction) == (other.unit, other.direction), name


@pytest.mark.req("SAA-6")
@pytest.mark.parametrize(
    ("metric", "good", "excellent"),
    [
        ("mrr_growth", 0.10, 0.20),
        ("churn_rate", 0.05, 0.02),
        ("ltv_to_cac", 3, 5),
        ("trial_conversion", 0.25, 0.40),
        ("nps_score", 30, 50),
        ("activation_rate", 0.50, 0.70),
        ("email_open_rate", 0.15, 0.25),
        ("landing_page_rate", 0.05, 0.10),
        ("referral_conversion", 0.20, 0.40),
    ],
)
def test_the_good_band_begins_at_the_benchmark_and_the_target_is_excellent(
    company: Company, metric: str, good: float, excellent: float
) -> None:
    declared = company.warehouse.catalog.metric(metric)
    assert declared.benchmark == good
    assert [target.value for target in declared.targets] == [excellent]
    assert declared.bands is not None
    band = parse_band(declared.bands.good or "")
    assert good == (band.high if declared.direction == "down" else band.low)


@pytest.mark.req("SAA-6")
@pytest.mark.parametrize(
    ("metric", "alarming", "status", "still"),
    [
        ("churn_rate", 0.071, "critical", 0.07),
        ("health_score", 39.9, "critical", 40),
        ("nps_score", 29.9, "critical", 30),
        ("ltv_to_cac", 2.9, "warning", 3),
        ("trial_conversion", 0.199, "warning", 0.20),
        ("activation_rate", 0.499, "warning", 0.50),
        ("key_feature_adoption", 0.299, "warning", 0.30),
        ("dau_mau", 0.099, "warning", 0.10),
        ("time_to_first_value", 7.1, "warning", 7),
        ("referral_conversion", 0.199, "warning", 0.20),
        ("landing_page_rate", 0.049, "warning", 0.05),
    ],
)
def test_a_band_begins_where_the_spec_wants_an_alert_and_is_as_grave(
    company: Company, metric: str, alarming: float, status: str, still: float
) -> None:
    bands = company.warehouse.catalog.metric(metric).bands
    assert bands is not None
    written = {name: parse_band(text) for name, text in bands.model_dump().items() if text}
    assert [name for name, band in written.items() if band.holds(alarming)] == [status]
    assert not written[status].holds(still)
    assert not {"critical"} & {name for name, band in written.items() if band.holds(still)}


@pytest.mark.req("SAA-6")
def test_cost_per_acquisition_has_a_limit_for_organic_and_one_for_paid(company: Company) -> None:
    limits = {t.segment["channel"]: t.value for t in company.warehouse.catalog.metric("cost_per_acquisition").targets}
    assert limits == {"organic": 150, "paid": 300}
    assert company.warehouse.catalog.metric("dau_mau").benchmark == 0.20


@pytest.mark.req("SAA-6")
def test_what_an_acquisition_costs_is_judged_by_the_range_of_its_channel(company: Company) -> None:
    answer = answer_of(
        company.warehouse, "cost_per_acquisition", group_by=("channel",), period="2025-10-01..2026-01-01"
    )
    found = {answer.value(row, "channel"): answer.cell(row, "cost_per_acquisition") for row in range(answer.n_rows)}
    spend = dict(
        company.oracle.execute(
            "SELECT channel, sum(amount) FROM raw_marketing_spend WHERE kind = 'marketing' "
            "AND spent_on >= DATE '2025-10-01' AND spent_on < DATE '2026-01-01' GROUP BY channel"
        ).fetchall()
    )
    for channel, low, high in (("organic", 50, 150), ("paid", 100, 300)):
        cell = found[channel]
        assert cell.n, channel
        cost = float(spend[channel]) / cell.n
        expected = "excellent" if cost < low else "good" if cost <= high else "warning"
        assert cell.status == expected
    assert found["social"].status is None


@pytest.mark.req("SAA-6")
def test_a_channel_with_ranges_of_its_own_is_not_marked_against_the_benchmark_of_all(company: Company) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard("growth"), company.warehouse.catalog
    selection = parse({}, dashboard=dashboard, catalog=catalog).selection
    panels = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW).panels
    table = next(each for each in panels if each.id == "channels")
    assert isinstance(table, TableView)
    at = [column.key for column in table.columns].index("cost_per_acquisition")
    cells = {row.key: row.cells[at] for row in table.rows}
    paid = cells["paid"].sort
    assert isinstance(paid, float)
    assert 150 < paid < 300
    assert cells["paid"].below == ""


@pytest.mark.req("SAA-2")
def test_the_health_score_opens_into_its_parts_with_their_weights_and_what_each_has_earned(company: Company) -> None:
    answer = answer_of(company.warehouse, "health_score", period="2026-01-01..2026-04-01")
    said = answer.explain("health_score")
    weights = {
        "active_user_share": (35, 0.05, 0.6),
        "key_feature_adoption_30": (20, 0.1, 0.9),
        "tickets_per_user_90": (20, 0.4, 0.0),
        "nps_90": (15, -50, 80),
        "csat_90": (10, 0.4, 1.0),
    }
    assert {part.name for part in said.operands} == set(weights)
    earned = 0.0
    for part in said.operands:
        weight, worst, best = weights[part.name]
        assert part.value is not None
        assert f"{weight} × " in said.formula
        earned += weight * min(1.0, max(0.0, (float(part.value) - worst) / (best - worst)))
    assert answer.cell(0, "health_score").value == pytest.approx(earned)
    assert 40 < earned < 90


@pytest.mark.req("SAA-9")
def test_every_visible_metric_says_what_it_is_and_whose_it_is(company: Company) -> None:
    described = [metric for metric in company.warehouse.catalog.metrics.values() if not metric.hidden]
    for metric in described:
        assert metric.label
        assert len(metric.description) > 15, metric.label
        assert metric.owner
        assert metric.group


@pytest.mark.req("SAA-9")
def test_what_is_judged_or_summed_up_says_how_to_read_it_when_to_act_and_how_often_to_look(company: Company) -> None:
    catalog = company.warehouse.catalog
    summed_up = {
        name
        for page in PAGES
        for panel in catalog.dashboard(page).panels
        if panel_kind(panel) == "registry"
        for _, name in panel_metrics(panel)
    }
    judged = {name for name, metric in catalog.metrics.items() if metric.bands and not metric.hidden}
    assert len(summed_up) >= 25
    for name in summed_up | judged:
        assert "Interpretation:" in catalog.metric(name).description, name
        assert "Act when:" in catalog.metric(name).description, name
    assert [name for name in summed_up if not catalog.metric(name).cadence] == []


@pytest.mark.req("SAA-9")
def test_the_documentation_names_every_metric_page_role_and_tie_out(company: Company, repository: Path) -> None:
    text = (repository / "docs" / "packs" / "saas.md").read_text()
    catalog = company.warehouse.catalog
    for names in (catalog.datasets, catalog.metrics, catalog.dashboards, catalog.roles, catalog.tieouts):
        assert [name for name in names if f"`{name}`" not in text] == []
    assert [name for name, metric in catalog.metrics.items() if metric.description not in text] == []


def _viewer(company: Company, role: str, **attributes: list[str]) -> Viewer:
    return Viewer(role, policy_of(company.warehouse.catalog.roles[role], attributes))


@pytest.mark.req("PLT-8")
def test_an_account_manager_sees_the_own_customers_and_nothing_of_the_others(company: Company) -> None:
    viewer = _viewer(company, "account_manager", account_manager=["ana"])
    question = Question(("mrr",), group_by=("account_manager",), period="last_month")
    answer = ask(question, viewer, warehouse=company.warehouse, now=NOW)
    assert answer.data["account_manager"] == ["ana"]
    everybody = answer_of(company.warehouse, "mrr", group_by=("account_manager",), period="last_month")
    row = everybody.data["account_manager"].index("ana")
    assert answer.value(0, "mrr") == everybody.value(row, "mrr")
    for metric in ("tickets_opened", "users_active", "nps_responses", "referrals_sent"):
        own = ask(Question((metric,), period="last_90_days"), viewer, warehouse=company.warehouse, now=NOW)
        every = answer_of(company.warehouse, metric, period="last_90_days")
        assert 0 < own.value(0, metric) < every.value(0, metric)
    nobody = _viewer(company, "account_manager")
    for metric in ("mrr", "signups", "growth_cost"):
        none = ask(Question((metric,), period="last_90_days"), nobody, warehouse=company.warehouse, now=NOW)
        assert none.value(0, metric) in (0, None)


@pytest.mark.req("PLT-8", "PRG-4.1")
def test_what_knows_no_manager_is_not_for_an_account_manager_and_no_target_of_the_whole_judges_theirs(
    company: Company,
) -> None:
    viewer = _viewer(company, "account_manager", account_manager=["ana"])
    asked = Question(("signups", "growth_cost", "cac", "mrr", "churn_rate"), period="last_month")
    answer = ask(asked, viewer, warehouse=company.warehouse, now=NOW)
    cells = {name: answer.cell(0, name) for name in asked.metrics}
    assert {name for name, cell in cells.items() if cell.state == "hidden"} == {"signups", "growth_cost", "cac"}
    assert (cells["mrr"].target, cells["churn_rate"].target) == (None, 0.02)  # an amount, and a rate
    assert answer_of(company.warehouse, "mrr", period="last_month").cell(0, "mrr").target == 300_000
    dashboard, catalog = company.warehouse.catalog.dashboard("growth"), company.warehouse.catalog
    selection = parse({}, dashboard=dashboard, catalog=catalog).selection
    view = dashboard_view(dashboard, selection, viewer, warehouse=company.warehouse, now=NOW)
    states = {each.title: (each.state, each.message and each.message.title) for each in view.panels}
    assert states["Sign-ups"] == states["Sign-ups by week"] == ("denied", "Not for your role")
    assert states["Referrals sent"][0] in ("ok", "stale")
    assert "benchmark" not in "".join(text for text, _ in view.standfirst.parts)  # the text of the page instead


@pytest.mark.req("PLT-8")
def test_the_roles_may_do_what_they_should(company: Company) -> None:
    roles = company.warehouse.catalog.roles
    assert set(roles) == {"admin", "founder", "customer_success", "account_manager", "growth", "reader"}
    assert roles["reader"].permissions == ["view"]
    assert roles["reader"].masks == {"*": "hide"}
    assert roles["growth"].masks["*"] == "hide"
