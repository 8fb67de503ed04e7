"""A forecast over HTTP: the shape, the caller's own rows, refusals in words, errors that name the next step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_client import Api, body_of

from sightline.api.schemas.forecast import ForecastBody

pytestmark = pytest.mark.req("SAA-1", "PLT-9")
LEADS = "/workspaces/demo/metrics/leads/forecast"


def test_a_forecast_has_steps_a_model_and_its_back_test(as_: Callable[..., Api]) -> None:
    response = as_("analyst").get(LEADS, grain="month", periods=3)
    assert response.status_code == 200, response.content
    body = body_of(response)
    ForecastBody.model_validate(body)
    (series,) = body["series"]
    assert len(series["steps"]) == body["periods"] == 3
    step = series["steps"][0]
    assert step["low95"] <= step["low80"] <= step["median"] <= step["high80"] <= step["high95"]
    assert series["trained_on"]["buckets"] >= 12
    assert series["backtest"]["origins"] > 0
    assert step["period"] > series["trained_on"]["last"]


def test_it_learns_from_what_a_query_answers(as_: Callable[..., Api]) -> None:
    api = as_("analyst")
    series = body_of(api.get(LEADS, grain="month", by="source", periods=2))["series"]
    keys = {row[0] for row in body_of(api.get("/workspaces/demo/query", metrics="leads", by="source"))["rows"]}
    assert {each["key"][0] for each in series} == keys


def test_a_partner_gets_the_forecast_of_their_own_school(as_: Callable[..., Api]) -> None:
    own = body_of(as_("partner").get(LEADS, grain="month", periods=2))["series"]
    held = body_of(as_("analyst").get(LEADS, grain="month", periods=2, where="school = 'School 1'"))["series"]
    everything = body_of(as_("analyst").get(LEADS, grain="month", periods=2))["series"]
    assert own[0]["steps"] == held[0]["steps"]
    assert own[0]["steps"] != everything[0]["steps"]


def test_what_cannot_be_forecast_says_why(as_: Callable[..., Api]) -> None:
    body = body_of(as_("analyst").get(LEADS, grain="year"))
    (series,) = body["series"]
    assert series["steps"] == []
    assert series["refused"].startswith("A forecast needs 12 whole years, and there ")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"grain": "hour"}, 400, '"hour" cannot be forecast'),
        ({"periods": 0}, 422, "periods"),
        ({"perods": 3}, 422, 'unknown parameter "perods"'),
    ],
)
def test_a_wrong_question_is_refused(as_: Callable[..., Api], asked: dict[str, object], status: int, said: str) -> None:
    response = as_("analyst").get(LEADS, **asked)
    assert response.status_code == status
    assert said in response.content.decode().replace('\\"', '"')


def test_a_metric_that_is_not_there_and_a_stranger(as_: Callable[..., Api]) -> None:
    assert as_("analyst").get("/workspaces/demo/metrics/leeds/forecast").status_code == 404
    assert as_("stranger").get(LEADS).status_code == 404
