"""Files come in over HTTP as they do from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from api_client import Api, body_of
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from lead_home import make_lead_home
from sightline.accounts.models import AuditEntry

IMPORT = "/workspaces/demo/datasets/leads/import"
ROWS = """lead_id,created_at,program_id,source,region,status,value
900001,2025-06-01T10:00:00Z,p00,fax,north,won,10
900002,2025-06-01T11:00:00Z,p00,fax,north,new,-5
900003,2025-06-01T12:00:00Z,p00,fax,south,won,20.5
"""


@pytest.fixture
def own_home(people: object, tmp_path: Path, settings: Settings) -> None:
    """Import into a home of this test alone."""
    settings.SIGHTLINE_HOME = make_lead_home(tmp_path / "home")


def upload(api: Api, text: str = ROWS, *, name: str = "leads.csv", path: str = IMPORT, **fields: str) -> object:
    return api.post(path, data={"file": SimpleUploadedFile(name, text.encode()), **fields})


@pytest.mark.req("PLT-2", "PLT-9")
def test_a_file_is_imported_and_counted(own_home: None, as_: Callable[..., Api]) -> None:
    response = upload(as_("owner", "import"))
    assert response.status_code == 200, response.content
    body = body_of(response)
    assert (body["received"], body["accepted"], body["rejected"], body["inserted"]) == (3, 2, 1, 2)
    assert [reason["count"] for reason in body["reasons"]] == [1]
    assert body["reasons"][0]["columns"] == ["value"]
    found = as_("owner").get("/workspaces/demo/query", metrics="leads,pipeline_value", where="source = 'fax'")
    assert body_of(found)["rows"] == [[2, 30.5]]
    assert body_of(found)["meta"]["snapshot"] == body["snapshot_id"]
    entry = AuditEntry.objects.get(verb="imported")
    assert entry.actor.startswith("owner@example.org (token ")


@pytest.mark.req("PLT-2")
def test_the_same_file_again_adds_nothing(own_home: None, as_: Callable[..., Api]) -> None:
    api = as_("owner", "admin")
    upload(api)
    assert upload(api).status_code == 200
    found = api.get("/workspaces/demo/query", metrics="leads", where="source = 'fax'")
    assert body_of(found)["rows"] == [[2]]


@pytest.mark.req("PLT-2")
def test_a_dry_run_counts_and_writes_nothing(own_home: None, as_: Callable[..., Api]) -> None:
    body = body_of(upload(as_("owner", "admin"), path=f"{IMPORT}?dry_run=true"))
    assert (body["dry_run"], body["accepted"], body["rejected"], body["snapshot_id"]) == (True, 2, 1, None)
    found = as_("owner").get("/workspaces/demo/query", metrics="leads", where="source = 'fax'")
    assert body_of(found)["rows"] == [[0]]


def test_a_map_is_given_with_the_file(own_home: None, as_: Callable[..., Api]) -> None:
    text = ROWS.replace("source", "Herkunft", 1)
    body = body_of(upload(as_("owner", "import"), text, map="columns: {source: Herkunft}"))
    assert body["sources"]["source"] == "Herkunft"
    assert body["accepted"] == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"map": "columns: [unclosed"}, 422),
        ({"map": "columns: {colour: source}"}, 400),
        ({"name": "leads.exe"}, 400),
        ({"text": "a,b\n1,2\n"}, 400),
        ({"path": "/workspaces/demo/datasets/lead/import"}, 404),
    ],
)
def test_a_wrong_upload_is_explained(
    own_home: None, as_: Callable[..., Api], change: dict[str, str], status: int
) -> None:
    response = upload(as_("owner", "import"), **change)
    assert response.status_code == status, response.content
    assert body_of(response)["detail"]


def test_a_request_without_a_file_is_explained(as_: Callable[..., Api]) -> None:
    response = as_("owner", "import").post(IMPORT, data={})
    assert response.status_code == 422
    assert body_of(response)["errors"][0]["field"] == "file"


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize(("name", "scope"), [("owner", "read"), ("analyst", "admin"), ("partner", "import")])
def test_importing_needs_permission_and_scope(as_: Callable[..., Api], name: str, scope: str) -> None:
    assert upload(as_(name, scope)).status_code == 403


def test_an_upload_over_the_limit_is_refused(as_: Callable[..., Api], settings: Settings) -> None:
    settings.SIGHTLINE = settings.SIGHTLINE.model_copy(update={"upload_limit_mb": 0})
    response = upload(as_("owner", "import"))
    assert response.status_code == 413
    assert body_of(response)["code"] == "SL-E106"
