"""Questions over HTTP get the same answers as everywhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_client import Api, body_of

from sightline.api.schemas.answer import AnswerBody, ExplanationBody
from sightline.api.schemas.question import FilterBody
from sightline.bench.leads import lead_batches

QUERY = "/workspaces/demo/query"


@pytest.mark.req("PLT-9", "PLT-3")
def test_a_question_in_the_address_is_answered(as_: Callable[..., Api]) -> None:
    response = as_("analyst").get(
        QUERY, metrics="leads,win_rate", by="source", order="-leads", period="2024-01-01..2026-01-01"
    )
    assert response.status_code == 200, response.content
    body = body_of(response)
    AnswerBody.model_validate(body)
    leads = lead_batches(rows=2_000).read_all().to_pylist()
    assert [column["name"] for column in body["columns"]] == ["source", "leads", "win_rate"]
    assert sum(row[1] for row in body["rows"]) == 2_000
    assert [row[1] for row in body["rows"]] == sorted((row[1] for row in body["rows"]), reverse=True)
    source, count, rate = body["rows"][0]
    ours = [lead for lead in leads if lead["source"] == source]
    assert count == len(ours)
    assert rate == sum(lead["status"] == "won" for lead in ours) / len(ours)


@pytest.mark.req("PLT-9")
def test_the_same_question_as_json_has_the_same_rows(as_: Callable[..., Api]) -> None:
    text = body_of(as_("analyst").get(QUERY, metrics="leads", by="region", grain="year"))
    asked = {"metrics": ["leads"], "by": ["region"], "grain": "year"}
    assert body_of(as_("analyst").post(QUERY, asked))["rows"] == text["rows"]


def test_the_meta_says_snapshot_period_zone_and_freshness(as_: Callable[..., Api]) -> None:
    meta = body_of(as_("analyst").get(QUERY, metrics="leads", period="2024-01-01..2024-02-01"))["meta"]
    assert meta["snapshot"] >= 1
    assert meta["period"] | {"name": ""} == {"name": "", "start": "2024-01-01", "end": "2024-02-01"}
    assert meta["zone"] == "UTC"
    assert meta["data_through"].startswith("2025-12-31T")
    assert meta["data_through"].endswith("Z")
    assert meta["total_rows"] == 1
    assert "sql" not in meta


@pytest.mark.req("PLT-3.4")
def test_figures_that_are_no_plain_number_are_named(as_: Callable[..., Api]) -> None:
    body = body_of(as_("analyst").get(QUERY, metrics="win_rate", period="2020-01-01..2020-02-01"))
    assert body["rows"] == [[None]]
    (state,) = body["meta"]["states"]
    assert (state["row"], state["metric"], state["state"]) == (0, "win_rate", "zero_denominator")
    few = body_of(as_("analyst").get(QUERY, metrics="win_rate", by="program", period="2024-01-01..2024-01-15"))
    assert {each["state"] for each in few["meta"]["states"]} <= {"too_few", "zero_denominator"}
    assert all(each["n"] < 30 for each in few["meta"]["states"])


def test_filters_as_data_narrow_the_answer(as_: Callable[..., Api]) -> None:
    held = {"metrics": ["leads"], "filters": [{"dimension": "source", "values": ["organic", "email"]}]}
    text = body_of(as_("analyst").get(QUERY, metrics="leads", where="source in ('organic', 'email')"))
    assert body_of(as_("analyst").post(QUERY, held))["rows"] == text["rows"]


@pytest.mark.req("PLT-9")
def test_a_whole_number_in_a_filter_stays_one() -> None:
    held = FilterBody.model_validate_json(
        '{"dimension": "source", "values": [5, 5.5, 9007199254740993, true, null, "5"]}'
    )
    assert [repr(value) for value in held.values] == ["5", "5.5", "9007199254740993", "True", "None", "'5'"]


def test_a_limit_cuts_rows_and_says_how_many_there_are(as_: Callable[..., Api]) -> None:
    body = body_of(as_("analyst").get(QUERY, metrics="leads", by="source", limit=3))
    assert len(body["rows"]) == 3
    assert body["meta"]["total_rows"] == 8


def test_sql_is_given_when_asked_for_and_never_the_files(as_: Callable[..., Api]) -> None:
    body = body_of(as_("analyst").get(QUERY, metrics="leads", explain=True))
    assert "SELECT" in body["meta"]["sql"]
    assert ".parquet" not in str(body["meta"])


@pytest.mark.req("PLT-3")
def test_a_number_explains_itself(as_: Callable[..., Api]) -> None:
    response = as_("analyst").get("/workspaces/demo/explain", metrics="win_rate", by="source", order="source", row=1)
    assert response.status_code == 200, response.content
    body = body_of(response)
    ExplanationBody.model_validate(body)
    assert body["formula"] == "won ÷ leads"
    assert [operand["name"] for operand in body["operands"]] == ["won", "leads"]
    assert {"name": "Source", "value": "email"} in body["filters"]
    assert ".parquet" not in str(body)


def test_there_is_no_explanation_of_a_row_that_is_not_there(as_: Callable[..., Api]) -> None:
    response = as_("analyst").get("/workspaces/demo/explain", metrics="leads", row=5)
    assert response.status_code == 400
    assert body_of(response)["code"] == "SL-E105"


@pytest.mark.req("PLT-3.1")
def test_a_comparison_has_its_own_columns(as_: Callable[..., Api]) -> None:
    asked = {"metrics": ["leads"], "period": "2025-01-01..2025-02-01", "compare": "previous_year"}
    body = body_of(as_("analyst").post(QUERY, asked))
    assert [column["role"] for column in body["columns"]] == ["metric", "previous", "change"]
    assert body["meta"]["comparison"]["start"] == "2024-01-01"
    now, before, change = body["rows"][0]
    assert change == pytest.approx(now / before - 1)
