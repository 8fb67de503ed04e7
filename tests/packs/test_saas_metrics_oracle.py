"""Every metric of the saas pack, by every grouping that makes sense, against plain SQL over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from saas_company import answer_of, make_company
from saas_oracle import Oracle
from saas_words import METRICS, REPORTED
from sample_company import END, Company

from sightline.definitions.dimensions import Joins
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.schema.pack import Settings

START, STOP = date(2025, 10, 1), date(2026, 3, 20)
GROUPINGS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "all": ((), None),
    "month": ((), "month"),
    **{
        name: ((name,), None)
        for name in (
            "tier",
            "channel",
            "cohort",
            "organization",
            "account_manager",
            "feature",
            "priority",
            "status",
            "category",
            "campaign",
            "landing_page",
        )
    },
    "tier and month": (("tier",), "month"),
    "channel and month": (("channel",), "month"),
}
LABELLED: dict[str, tuple[str, ...]] = {
    "revenue_mrr": ("tier",),
    "customer_health_score": ("organization",),
    "marketing_spend_total": ("channel",),
    "nps_responses": ("category",),
    "feature_users": ("feature",),
    "feature_usage_total": ("feature",),
    "support_tickets_total": ("status", "priority"),
    "support_resolution_time_hours": ("priority",),
    "users_signups_total": ("channel",),
    "revenue_by_channel": ("channel",),
    "cohort_retention": ("cohort",),
    **{f"email_campaign_{what}": ("campaign",) for what in ("sent", "opened", "clicked", "converted")},
    **{f"landing_page_{what}": ("landing_page",) for what in ("visits", "conversions")},
}
"""The labels that the reported series have."""
REPEATED = {
    *("mrr", "mrr_churned", "customers_new", "nrr", "churn_rate", "ltv", "health_score", "invoiced_revenue"),
    *("signups", "activation_rate", "trial_conversion", "growth_cost", "cost_per_acquisition", "cac"),
}
"""Metrics that are asked by every grouping they have."""
WITHOUT_ONE_FIGURE = {"signup_funnel", "customer_cohort_retention", "user_retention"}
"""They have a row per stage, or per cohort and age, and tests of their own."""


def _left_out(metric: str) -> set[str]:
    """Return the groupings that would only repeat another: they go through the same join to the customers."""
    if metric in REPORTED:
        return set(GROUPINGS) - {"all", "month", *LABELLED.get(metric.removesuffix("_reported"), ())}
    if "_of_" in metric:
        return set(GROUPINGS) - {"all", "tier", "month"}
    return set() if metric in REPEATED else {"account_manager", "cohort", "tier and month", "channel and month"}


def _cases() -> Iterator[object]:
    folder = shipped_pack("saas")
    assert folder is not None
    catalog = load(settings=Settings(workspace="cases"), packs=[folder], overrides=None).catalog
    joins = Joins.of(catalog)
    for metric in METRICS:
        reached = [joins.dimensions(name) for name in grouping_datasets(catalog.metrics, metric)]
        for name, (by, grain) in GROUPINGS.items():
            if name in _left_out(metric):
                continue
            if all(each in dimensions for each in by for dimensions in reached):
                yield pytest.param(metric, by, grain, id=f"{metric} by {name}")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return make_company(tmp_path_factory)


@pytest.fixture(scope="module")
def oracle(company: Company) -> Oracle:
    return Oracle(company.oracle, today=END)


@pytest.mark.req("SAA-1", "SAA-2", "SAA-3", "SAA-4", "SAA-5")
@pytest.mark.parametrize(("metric", "by", "grain"), list(_cases()))
def test_a_metric_equals_plain_sql(
    company: Company, oracle: Oracle, metric: str, by: tuple[str, ...], grain: str | None
) -> None:
    answer = answer_of(company.warehouse, metric, group_by=by, grain=grain, period=f"{START}..{STOP}")
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


@pytest.mark.req("SAA-4", "SAA-5")
def test_every_metric_of_the_pack_is_compared(company: Company) -> None:
    assert set(company.warehouse.catalog.metrics) - WITHOUT_ONE_FIGURE == set(METRICS)
