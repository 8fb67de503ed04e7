"""Sources over HTTP: connected, checked, read, stopped and removed by those who may, and secrets only written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_client import Api, body_of
from pytest_django import Settings

from sightline.accounts.models import AuditEntry
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import BadSource
from sightline.ingest.sync.run import carry_out
from sightline.sources.catalogue import CONNECTORS
from toy_source import Toy
from toy_system import LEADS, ROLES, SPEC, STAGES, toy_connector

S = "/workspaces/demo/sources"
PUT = {"spec": {key: value for key, value in SPEC.items() if key != "source"}, "secrets": {"password": "hunter2"}}
As = Callable[..., Api]


@pytest.fixture
def folder(people: object, tmp_path: Path, settings: Settings) -> WorkspaceFolder:
    """Return a workspace `demo` that has the datasets of the toy system."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    extra = "  reader: {permissions: [view], rows: {'*': all}}\n"
    (pack / "roles.yaml").write_text(ROLES + extra)
    for dataset in (LEADS, STAGES):
        (pack / "datasets" / f"{dataset['dataset']}.yaml").write_text(yaml.safe_dump(dataset, sort_keys=False))
    home = Home.create(tmp_path / "home")
    settings.SIGHTLINE_HOME = home.path
    home.create_workspace("other", packs=[str(pack)])
    home.create_workspace("demo", packs=[str(pack)], zone="Europe/Berlin")
    return home.workspace("demo")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    made = Toy()
    for number in range(1, 8):
        made.put(f"c{number}", day=number)
    monkeypatch.setitem(CONNECTORS._members, "toy", toy_connector(made))
    return made


@pytest.fixture
def connected(folder: WorkspaceFolder, toy: Toy, as_: As) -> Api:
    """Return the API as the owner, once the source `crm` is connected through it."""
    api: Api = as_("owner", "admin")
    assert api.put(f"{S}/crm", PUT).status_code == 200
    return api


@pytest.mark.req("PLT-2")
def test_a_source_is_connected_and_described_without_its_secrets(connected: Api, as_: As) -> None:
    body = body_of(connected.get(f"{S}/crm"))
    assert (body["state"], body["version"], body["secrets"]) == ("waiting", 1, ["password"])
    assert body["spec"]["config"] == SPEC["config"]
    seen = body_of(as_("clerk", "import").get(f"{S}/crm"))
    assert seen["spec"] is None
    assert seen["secrets"] is None
    texts = [str(each) for each in (body, seen, body_of(connected.get(S)))]
    texts += [str(entry.detail) for entry in AuditEntry.objects.all()]
    assert [text for text in texts if "hunter2" in text] == []
    again = body_of(connected.put(f"{S}/crm", {"spec": {**PUT["spec"], "label": "Ours"}, "reason": "name"}))
    assert (again["version"], again["label"]) == (2, "Ours")


@pytest.mark.req("PLT-2", "PRG-1.2")
@pytest.mark.django_db(transaction=True)
def test_a_sync_is_started_with_an_import_token_and_followed(connected: Api, as_: As, folder: WorkspaceFolder) -> None:
    importing = as_("owner", "import")
    started = importing.post(f"{S}/crm/sync", {})
    assert started.status_code == 202
    run = body_of(started)["id"]
    assert importing.post(f"{S}/crm/sync", {}).status_code == 409
    carry_out(run, folder=folder, worker="w", clock=lambda: datetime.now(UTC))
    done = body_of(importing.get(f"{S}/crm/syncs/{run}"))
    assert (done["state"], done["received"], done["streams"]["contacts"]["inserted"]) == ("done", 7, 7)
    assert body_of(connected.get(f"{S}/crm/syncs"))["total"] == 1
    (summary,) = body_of(connected.get(S))
    assert (summary["state"], summary["rows_today"], summary["held"]) == ("fresh", 7, 0)
    bounds = {"since": "2026-02-01T00:00:00Z", "until": "2026-02-03T00:00:00Z"}
    assert body_of(connected.post(f"{S}/crm/sync", bounds))["trigger"] == "backfill"
    assert body_of(connected.post(f"{S}/crm/stop")) == {"stopped": True}
    assert SyncRun.objects.first().state == "failed"  # type: ignore[union-attr]  # there are two


@pytest.mark.django_db(transaction=True)
def test_a_source_says_what_it_has_and_why_it_does_not_answer(connected: Api, toy: Toy) -> None:
    body = body_of(connected.get(f"{S}/crm/streams"))
    assert body["reached"] == "the toy"
    assert {each["name"]: each["dataset"] for each in body["streams"]} == {"contacts": "leads", "stages": "lead_stages"}
    toy.is_away = True
    response = connected.get(f"{S}/crm/streams")
    assert response.status_code == 502
    assert body_of(response)["code"] == "SL-E303"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"type": "toyz"}, 400, BadSource.code),
        ({"config": {**SPEC["config"], "mode": "odd"}}, 400, BadSource.code),
        ({"config": {**SPEC["config"], "password": "hunter2"}}, 400, BadSource.code),
        ({"config": {"base_url": "https://evil.example.com"}}, 400, "SL-E371"),
        ({"source": "another"}, 422, "SL-E103"),
        ({"streams": {}}, 400, BadSource.code),
    ],
)
def test_what_is_wrong_is_a_problem_document(connected: Api, change: dict[str, Any], status: int, code: str) -> None:
    response = connected.put(f"{S}/crm", {"spec": {**PUT["spec"], **change}})
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body_of(response)["code"] == code
    assert "hunter2" not in response.content.decode()
    assert Source.objects.get().version == 1


@pytest.mark.parametrize(
    ("who", "scope", "method", "path", "status"),
    [
        ("owner", "read", "put", "/crm", 403),
        ("owner", "import", "put", "/crm", 403),
        ("owner", "import", "delete", "/crm", 403),
        ("owner", "import", "post", "/crm/stop", 403),
        ("owner", "read", "post", "/crm/sync", 403),
        ("analyst", "admin", "get", "", 403),
        ("analyst", "admin", "get", "/crm/syncs", 403),
        ("clerk", "admin", "get", "/crm/streams", 403),
        ("clerk", "admin", "get", "", 200),
        ("stranger", "admin", "get", "/crm", 404),
        ("owner", "admin", "get", "/none", 404),
        ("owner", "admin", "post", "/none/sync", 404),
    ],
)
def test_who_may_do_what(connected: Api, as_: As, who: str, scope: str, method: str, path: str, status: int) -> None:
    call = getattr(as_(who, scope), method)
    body = {"put": (PUT,), "post": ({},)}.get(method, ())
    assert call(S + path, *body).status_code == status


@pytest.mark.parametrize("body", [{"until": "2026-02-03T00:00:00Z"}, {"since": "2026-02-03T00:00:00"}])
def test_a_backfill_says_where_it_begins_and_in_which_zone(connected: Api, body: dict[str, str]) -> None:
    assert connected.post(f"{S}/crm/sync", body).status_code == 422


def test_a_source_is_removed(connected: Api) -> None:
    assert connected.delete(f"{S}/crm").status_code == 204
    assert not Source.objects.exists()
