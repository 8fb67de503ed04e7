"""The cast of four at every door: tokens, scopes, sessions, workspaces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from api_client import Api, body_of
from django.test import Client

from sightline.accounts.models import ApiToken, AuditEntry, User
from sightline.api.limits import LIMITS

READS = (
    "/workspaces/demo/query?metrics=leads",
    "/workspaces/demo/explain?metrics=leads",
    "/workspaces/demo/metrics",
    "/workspaces/demo/metrics/leads",
    "/workspaces/demo/dashboards",
    "/workspaces/demo/dashboards/bench",
    "/workspaces/demo/datasets",
    "/workspaces/demo/datasets/leads",
    "/workspaces/demo/datasets/leads/rows",
    "/workspaces/demo/metrics/leads/rows",
    "/workspaces/demo/members/source",
)


@pytest.mark.req("PLT-8", "PLT-9")
@pytest.mark.parametrize("path", [*READS, "/me"])
def test_without_a_token_nothing_is_told(nobody: Api, path: str) -> None:
    response = nobody.get(path)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize("token", ["", "nonsense", "sl_00000000_wrong", "sl__", "ü"])
def test_a_wrong_token_is_refused(nobody: Api, token: str) -> None:
    assert Api(token or " ").get("/me").status_code == 401


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize("change", [{"revoked_at": True}, {"expires_at": True}])
def test_a_revoked_or_expired_token_is_refused(as_: Callable[..., Api], change: dict[str, bool]) -> None:
    api = as_("owner")
    assert api.get("/me").status_code == 200
    ApiToken.objects.update(**dict.fromkeys(change, datetime.now(UTC) - timedelta(seconds=1)))
    assert api.get("/me").status_code == 401


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize("path", READS)
def test_a_stranger_cannot_tell_a_workspace_from_none(as_: Callable[..., Api], path: str) -> None:
    stranger = as_("stranger")
    real = stranger.get(path)
    none = stranger.get(path.replace("/demo/", "/nowhere/"))
    assert real.status_code == none.status_code == 404
    same = body_of(none)
    assert body_of(real) | {"instance": "", "detail": ""} == same | {"instance": "", "detail": ""}
    assert body_of(real)["detail"].replace("demo", "nowhere") == same["detail"]


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_a_partner_sees_only_the_own_school(as_: Callable[..., Api]) -> None:
    partner, owner = as_("partner"), as_("owner")
    schools = body_of(partner.get("/workspaces/demo/query", metrics="leads", by="school"))["rows"]
    assert [row[0] for row in schools] == ["School 1"]
    every = dict(body_of(owner.get("/workspaces/demo/query", metrics="leads", by="school"))["rows"])
    assert schools == [["School 1", every["School 1"]]]
    assert len(every) == 5


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.parametrize(
    "path",
    [
        "/workspaces/demo/query?metrics=leads,pipeline_value&by=program,school",
        "/workspaces/demo/query?metrics=leads&by=program&explain=true",
        "/workspaces/demo/members/school",
        "/workspaces/demo/members/program?search=Program",
        "/workspaces/demo/metrics/leads/rows?page_size=1000",
        "/workspaces/demo/datasets/programs/rows",
        "/workspaces/demo/datasets/leads/rows?where=school = 'School 2'",
        "/workspaces/demo/dashboards/bench",
        "/workspaces/demo/explain?metrics=win_rate&by=school",
    ],
)
def test_no_other_school_is_named_to_a_partner(as_: Callable[..., Api], path: str) -> None:
    response = as_("partner").get(path)
    assert response.status_code == 200, response.content
    text = response.content.decode()
    for other in ("School 2", "School 3", "School 4", "School 5", "Program B", "Program C", "p01", "p02"):
        assert f'"{other}"' not in text


@pytest.mark.req("PLT-8")
def test_asking_for_another_school_reads_like_asking_for_none(as_: Callable[..., Api]) -> None:
    partner = as_("partner")
    real, made_up = (
        body_of(partner.get("/workspaces/demo/query", metrics="leads,win_rate", where=f"school = '{school}'"))
        for school in ("School 2", "School X")
    )
    assert real["rows"] == made_up["rows"]
    assert real["meta"]["states"] == made_up["meta"]["states"]


@pytest.mark.req("PLT-8")
def test_a_partner_is_not_told_how_many_rows_others_have(as_: Callable[..., Api]) -> None:
    rows = {each["name"]: each["rows"] for each in body_of(as_("partner").get("/workspaces/demo/datasets"))}
    own = body_of(as_("partner").get("/workspaces/demo/query", metrics="leads"))["rows"][0][0]
    assert rows == {"leads": own, "programs": 5}
    assert body_of(as_("analyst").get("/workspaces/demo/datasets"))[0]["rows"] == 2_000


@pytest.mark.req("PLT-8")
def test_a_scope_narrows_what_the_person_may(as_: Callable[..., Api]) -> None:
    importing = as_("owner", "import")
    assert importing.get("/workspaces/demo/query", metrics="leads").status_code == 403
    assert as_("owner", "read").get("/workspaces/demo/query", metrics="leads").status_code == 200


@pytest.mark.req("PLT-8")
def test_a_role_without_rows_sees_no_rows(as_: Callable[..., Api]) -> None:
    response = as_("clerk").get("/workspaces/demo/metrics/leads/rows")
    assert response.status_code == 403
    assert as_("clerk").get("/workspaces/demo/query", metrics="leads").status_code == 200


@pytest.mark.req("PLT-8")
def test_a_session_may_read_and_not_write(people: dict[str, User]) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(people["analyst"])
    assert browser.get("/api/v1/workspaces/demo/query?metrics=leads").status_code == 200
    posted = browser.post("/api/v1/workspaces/demo/query", {"metrics": ["leads"]}, content_type="application/json")
    assert posted.status_code == 401


def test_me_names_the_person_the_scopes_and_the_workspaces(as_: Callable[..., Api]) -> None:
    body = body_of(as_("partner").get("/me"))
    assert body["email"] == "partner@example.org"
    assert body["scopes"] == ["read"]
    (place,) = body["workspaces"]
    assert (place["name"], place["role"]) == ("demo", "School partner")
    assert place["permissions"] == ["export", "see_rows", "view"]


@pytest.mark.req("PLT-8")
def test_looking_at_data_is_in_the_audit_log(as_: Callable[..., Api]) -> None:
    as_("partner").get("/workspaces/demo/query", metrics="pipeline_value", by="program")
    entry = AuditEntry.objects.get(verb="asked", object="pipeline_value")
    assert entry.workspace == "demo"
    assert entry.actor.startswith("partner@example.org (token ")


def test_who_asks_too_often_is_told_when_to_go_on(as_: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITS, "burst", 2.0)
    monkeypatch.setattr(LIMITS, "per_second", 0.1)
    api, other = as_("owner"), as_("analyst")
    assert [api.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get("/me")
    assert body_of(refused)["code"] == "SL-E104"
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert other.get("/me").status_code == 200
