"""The address that Prometheus scrapes: the token's person sees what that person may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_client import Api
from prometheus_client.parser import text_string_to_metric_families

from sightline.accounts.models import AuditEntry

pytestmark = [pytest.mark.req("PLT-9"), pytest.mark.req("SAA-4")]
PATH = "/workspaces/demo/prometheus/metrics"


def figure(api: Api, name: str) -> float:
    response = api.get(PATH)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(response.content.decode())
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def test_row_policy_of_the_tokens_person_holds(as_: Callable[..., Api]) -> None:
    everything = figure(as_("owner"), "sightline_export_snapshot")
    assert everything > 0
    rows = {name: as_(name).get(PATH).content for name in ("owner", "partner")}
    assert rows["owner"] != rows["partner"]
    assert b"School 2" not in rows["partner"]


def test_a_token_that_may_not_read_gets_none(as_: Callable[..., Api]) -> None:
    assert as_("owner", "import").get(PATH).status_code == 403


def test_a_stranger_learns_nothing(as_: Callable[..., Api], nobody: Api) -> None:
    assert as_("stranger").get(PATH).status_code == 404
    assert nobody.get(PATH).status_code == 401


def test_a_scrape_of_new_figures_is_in_the_audit_log_once(as_: Callable[..., Api]) -> None:
    analyst = as_("analyst")
    for _ in range(3):
        assert analyst.get(PATH).status_code == 200
    assert AuditEntry.objects.filter(verb="scraped").count() <= 1


def test_a_misspelt_parameter_is_refused(as_: Callable[..., Api]) -> None:
    assert as_("analyst").get(f"{PATH}?dashboards=false").status_code == 200
    assert as_("analyst").get(f"{PATH}?dashboard=false").status_code == 422
