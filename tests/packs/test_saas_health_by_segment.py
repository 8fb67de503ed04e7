"""How health is spread over the tiers: counts of organizations by score, against the scores of the oracle."""

from __future__ import annotations

from collections import Counter

import pytest
from saas_company import make_company
from saas_oracle import Oracle
from sample_company import END, NOW, Company

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.dashboards.view import HeatmapView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.calendar import Calendar

pytestmark = pytest.mark.req("SAA-2")
RANGES = ("Below 20", "20 to 40", "40 to 60", "60 to 80", "80 and above")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return make_company(tmp_path_factory)


def test_the_distribution_counts_each_paying_organization_once_in_its_tier(company: Company) -> None:
    catalog = company.warehouse.catalog
    dashboard = catalog.dashboard("customer_success")
    panel = next(each for each in dashboard.panels if each.title == "Health distribution by tier")
    only = dashboard.model_copy(update={"panels": [panel]})
    selection = parse({}, dashboard=only, catalog=catalog).selection
    (shown,) = dashboard_view(
        only, selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW, problems=(panel.title,)
    ).panels
    assert isinstance(shown, HeatmapView)
    period = Calendar.of(catalog.settings, END).period(dashboard.period)
    assert period.start is not None
    assert period.end is not None
    scores = Oracle(company.oracle, today=END).expected(
        "health_score", ("organization",), None, period.start, period.end
    )
    expected: dict[str, Counter[str]] = {}
    active = company.oracle.execute(
        "SELECT organization_id, tier FROM raw_customers WHERE subscription = 'active'"
    ).fetchall()
    for organization, tier in active:
        if (organization,) not in scores:
            continue
        score = scores[organization,]
        lies = "No value" if score is None else RANGES[min(4, int(score // 20))]
        for row in ("All", tier.capitalize()):
            expected.setdefault(row, Counter())[lies] += 1
    found = {
        row.label: {
            column: int(cell.figure.value)
            for column, cell in zip(shown.columns, row.cells, strict=True)
            if cell.figure.value
        }
        for row in shown.heat_rows
    }
    assert {row.lower(): counts for row, counts in found.items()} == {
        row.lower(): dict(counts) for row, counts in expected.items()
    }
    assert sum(found["All"].values()) > 200
