"""What a program needs to know before it asks: metrics, datasets, dashboards, members."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_client import Api, body_of

from sightline.api.schemas.dashboard import DashboardBody
from sightline.api.schemas.rows import RowsBody


@pytest.mark.req("PLT-9")
def test_metrics_are_listed_with_unit_and_direction(as_: Callable[..., Api]) -> None:
    found = {each["name"]: each for each in body_of(as_("analyst").get("/workspaces/demo/metrics"))}
    assert set(found) == {"leads", "won", "win_rate", "pipeline_value"}
    assert (found["win_rate"]["type"], found["win_rate"]["unit"]) == ("ratio", "percent")
    assert found["pipeline_value"]["unit"] == "usd"
    assert {each["pack"] for each in found.values()} == {"bench"}


def test_a_metric_says_what_it_is_made_of_and_grouped_by(as_: Callable[..., Api]) -> None:
    body = body_of(as_("analyst").get("/workspaces/demo/metrics/win_rate"))
    assert body["made_of"] == ["won", "leads"]
    assert {"source", "region", "program", "school", "level"} <= set(body["dimensions"])
    assert body["definition"]["numerator"] == "won"
    assert "metrics/leads.yaml:" in body["location"]


def test_datasets_say_how_fresh_they_are(as_: Callable[..., Api]) -> None:
    leads = body_of(as_("analyst").get("/workspaces/demo/datasets/leads"))
    assert (leads["rows"], leads["time"], leads["key"], leads["state"]) == (2_000, "created_at", ["lead_id"], "fresh")
    assert [column["name"] for column in leads["columns"]][:2] == ["lead_id", "created_at"]
    empty = body_of(as_("stranger").get("/workspaces/other/datasets"))
    assert {each["state"] for each in empty} == {"empty"}
    assert {each["version"] for each in empty} == {None}


def test_members_are_searched_by_name(as_: Callable[..., Api]) -> None:
    found = body_of(as_("analyst").get("/workspaces/demo/members/program", search="program c"))
    assert found == [{"key": "p02", "label": "Program C"}]
    assert len(body_of(as_("analyst").get("/workspaces/demo/members/source", limit=3))) == 3


@pytest.mark.req("PLT-9")
def test_a_dashboard_answers_all_its_panels_at_once(as_: Callable[..., Api]) -> None:
    response = as_("analyst").get("/workspaces/demo/dashboards/bench", period="2024-01-01..2026-01-01")
    assert response.status_code == 200, response.content
    body = body_of(response)
    DashboardBody.model_validate(body)
    assert len(body["panels"]) == 12
    assert {panel["error"] for panel in body["panels"]} == {""}
    assert {answer["meta"]["snapshot"] for panel in body["panels"] for answer in panel["answers"].values()} == {
        body["snapshot"]
    }
    tile = next(panel for panel in body["panels"] if panel["id"] == "tile_leads")
    assert tile["answers"]["figure"]["rows"][0][0] == 2_000


def test_a_dashboard_is_filtered_by_its_address(as_: Callable[..., Api]) -> None:
    api = as_("analyst")
    held = body_of(api.get("/workspaces/demo/dashboards/bench?source=email&source=event"))
    tile = next(panel for panel in held["panels"] if panel["id"] == "tile_leads")
    asked = body_of(api.get("/workspaces/demo/query", metrics="leads", where="source in ('email', 'event')"))
    assert tile["answers"]["figure"]["rows"][0][0] == asked["rows"][0][0]


@pytest.mark.parametrize("wrong", ["period=last_decade", "sorce=email", "compare=before"])
def test_a_misspelt_filter_of_a_dashboard_is_refused(as_: Callable[..., Api], wrong: str) -> None:
    response = as_("analyst").get(f"/workspaces/demo/dashboards/bench?{wrong}")
    assert response.status_code == 422
    assert wrong.split("=")[0 if wrong.startswith("sorce") else 1] in body_of(response)["detail"]


@pytest.mark.req("PLT-3")
def test_the_rows_behind_a_number_are_as_many_as_the_number(as_: Callable[..., Api]) -> None:
    api = as_("analyst")
    asked = {"period": "2024-03-01..2024-06-01", "where": "source = 'email'"}
    number = body_of(api.get("/workspaces/demo/query", metrics="won", **asked))["rows"][0][0]
    page = body_of(api.get("/workspaces/demo/metrics/won/rows", page_size=2, **asked))
    RowsBody.model_validate(page)
    assert page["total"] == number
    assert len(page["rows"]) == 2
    assert page["pages"] == -(-number // 2)
    names = [column["name"] for column in page["columns"]]
    assert {row[names.index("status")] for row in page["rows"]} == {"won"}
    last = body_of(api.get("/workspaces/demo/metrics/won/rows", page_size=2, page=page["pages"], **asked))
    assert last["rows"] != page["rows"]


def test_rows_of_a_dataset_are_ordered_as_asked(as_: Callable[..., Api]) -> None:
    page = body_of(as_("analyst").get("/workspaces/demo/datasets/leads/rows", order="-value", page_size=5))
    values = [row[-1] for row in page["rows"]]
    assert values == sorted(values, reverse=True)
    assert page["total"] == 2_000
