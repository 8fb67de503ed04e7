"""The benchmarks of the saas pack: each range of the specification is the band of the metric, to the value."""

from __future__ import annotations

import pytest

from sightline.definitions.bands import parsed, status_in
from sightline.definitions.catalog import Catalog
from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.schema.pack import Settings

pytestmark = pytest.mark.req("SAA-6")

EDGE = 1e-6
RISING = {
    "mrr_growth": (0.10, 0.20),
    "ltv_to_cac": (3, 5),
    "trial_conversion": (0.25, 0.40),
    "trial_conversion_in_period": (0.25, 0.40),
    "nps_score": (30, 50),
    "activation_rate": (0.50, 0.70),
    "activation_in_period": (0.50, 0.70),
    "email_open_rate": (0.15, 0.25),
    "landing_page_rate": (0.05, 0.10),
    "referral_conversion": (0.20, 0.40),
}
"""Good from the first value, excellent above the second."""
COST = {"organic": (50, 150), "paid": (100, 300)}
"""What an acquisition costs by channel: good in between, excellent below, dear above."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    folder = shipped_pack("saas")
    assert folder is not None
    loaded = load(settings=Settings(workspace="test"), packs=[folder], overrides=None)
    assert not loaded.errors
    return loaded.catalog


def status(catalog: Catalog, metric: str, value: float, **segment: str) -> str | None:
    bands = catalog.metric(metric).bands
    assert bands is not None
    return status_in(parsed(bands.of(segment)), value)


@pytest.mark.parametrize(("metric", "low", "high"), [(name, *ends) for name, ends in RISING.items()])
def test_a_rising_figure_is_good_in_its_range_and_excellent_above_it(
    catalog: Catalog, metric: str, low: float, high: float
) -> None:
    assert status(catalog, metric, low - EDGE) not in ("good", "excellent")
    assert {status(catalog, metric, value) for value in (low, (low + high) / 2, high)} == {"good"}
    assert status(catalog, metric, high + EDGE) == "excellent"


@pytest.mark.parametrize("metric", ["churn_rate", "revenue_churn_rate"])
def test_churn_below_five_percent_is_good_and_below_two_excellent(catalog: Catalog, metric: str) -> None:
    found = [status(catalog, metric, value) for value in (0.02 - EDGE, 0.02, 0.05 - EDGE, 0.05, 0.07 + EDGE)]
    assert found == ["excellent", "good", "good", "warning", "critical"]


def test_people_come_on_more_than_a_fifth_of_the_days(catalog: Catalog) -> None:
    assert [status(catalog, "dau_mau", value) for value in (0.2 + EDGE, 0.2, 0.1 - EDGE)] == ["good", None, "warning"]


@pytest.mark.parametrize(("channel", "low", "high"), [(name, *ends) for name, ends in COST.items()])
def test_what_an_acquisition_may_cost_depends_on_its_channel(
    catalog: Catalog, channel: str, low: float, high: float
) -> None:
    values = (low - EDGE, low, high, high + EDGE)
    found = [status(catalog, "cost_per_acquisition", value, channel=channel) for value in values]
    assert found == ["excellent", "good", "good", "warning"]


def test_a_channel_without_a_range_of_its_own_has_no_status(catalog: Catalog) -> None:
    assert status(catalog, "cost_per_acquisition", 10, channel="social") is None
    assert status(catalog, "cost_per_acquisition", 10) is None
