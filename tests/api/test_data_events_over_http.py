"""Data events over HTTP and on the command line: open, ended or all, for those who may know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from api_client import Api, body_of
from pytest_django import Settings
from typer.testing import CliRunner

from lead_home import LEADS
from sightline.accounts.models import Membership, User
from sightline.cli.main import app
from sightline.home import Home
from sightline.ingest.data_events import About, Level, end_event, open_event
from sightline.ingest.health import sum_up

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRG-1.7", "PLT-2")]
E = "/workspaces/demo/data-events"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
As = Callable[..., Api]
LOCAL = About("demo", "volume_unusual", dataset="leads")


@pytest.fixture
def told(people: dict[str, User]) -> None:
    """One event about a source, two about datasets, of which one is over, and one of another workspace."""
    open_event(About("demo", "stale", source="crm"), level=Level.WARNING, message="CRM is late.", now=AT)
    later = AT + timedelta(hours=1)
    open_event(LOCAL, level=Level.WARNING, message="Leads: 2 rows.", now=later, detail={"rows": 2})
    over = About("demo", "incomplete", dataset="programs", subject="score p1")
    open_event(over, level=Level.WARNING, message="Score is low.", now=AT)
    end_event(over, now=later)
    open_event(About("other", "stale", source="crm"), level=Level.WARNING, message="Not ours.", now=AT)


def test_open_ended_and_all_of_them_are_listed_newest_first(told: None, as_: As) -> None:
    api = as_("owner", "admin")
    found = body_of(api.get(E))
    assert [(each["kind"], each["source"], each["dataset"]) for each in found["events"]] == [
        ("volume_unusual", "", "leads"),
        ("stale", "crm", ""),
    ]
    assert found["events"][0] | {"id": 0} == {
        "id": 0,
        "kind": "volume_unusual",
        "level": "warning",
        "source": "",
        "dataset": "leads",
        "subject": "",
        "message": "Leads: 2 rows.",
        "detail": {"rows": 2},
        "at": "2026-03-02T13:00:00Z",
        "seen_at": "2026-03-02T13:00:00Z",
        "ended_at": None,
    }
    assert [each["message"] for each in body_of(api.get(f"{E}?state=ended"))["events"]] == ["Score is low."]
    paged = body_of(api.get(f"{E}?state=all&page=2&page_size=2"))
    assert (len(paged["events"]), paged["total"]) == (1, 3)
    assert api.get(f"{E}?state=gone").status_code == 422


def test_who_may_not_see_sources_is_refused_and_a_stranger_finds_nothing(told: None, as_: As) -> None:
    assert as_("owner", "read").get(E).status_code == 403  # the scope has neither permission
    assert as_("owner", "import").get(E).status_code == 200
    assert as_("stranger", "admin").get(E).status_code == 404


def test_who_sees_some_rows_of_a_dataset_is_not_told_of_all_of_them(
    told: None, as_: As, people: dict[str, User], lead_home: Path
) -> None:
    roles = lead_home / "workspaces" / "demo" / "definitions" / "roles.yaml"
    kept = roles.read_text()
    local = "  local: {label: Local, permissions: [view, see_quarantine], rows: {leads: school in $user.school}}\n"
    try:
        roles.write_text(kept + local)
        Membership.objects.filter(user=people["analyst"], workspace="demo").update(role="local", attributes={})
        found = body_of(as_("analyst", "admin").get(f"{E}?state=all"))
        assert [each["message"] for each in found["events"]] == ["CRM is late."]
        assert found["total"] == 1
    finally:
        roles.write_text(kept)


def test_the_command_line_lists_the_same(told: None, lead_home: Path, settings: Settings, monkeypatch) -> None:
    monkeypatch.setenv("SIGHTLINE_HOME", str(lead_home))
    settings.SIGHTLINE_HOME = lead_home

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["--home", str(lead_home), "data-events", "--workspace", "demo", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert run().splitlines() == [
        "2026-03-02 13:00 UTC\twarning\tvolume_unusual\tleads\topen\tLeads: 2 rows.",
        "2026-03-02 12:00 UTC\twarning\tstale\tcrm\topen\tCRM is late.",
    ]
    (ended,) = json.loads(run("--state", "ended", "--json"))
    assert (ended["message"], ended["ended_at"]) == ("Score is low.", "2026-03-02T13:00:00+00:00")
    wrong = CliRunner().invoke(app, ["--home", str(lead_home), "data-events", "--state", "gone"])
    assert wrong.exit_code == 2


def test_what_is_kept_about_data_is_asked_with_a_token_that_reads_by_whoever_may_see_sources(
    as_: As, lead_home: Path
) -> None:
    owner, analyst = as_("owner", "read"), as_("analyst", "read")
    query = "/workspaces/demo/query?metrics=rows_loaded,rejected_share,freshness_hours&by=dataset_name"
    assert owner.get(query).status_code == 200
    assert "rows_loaded" in {each["name"] for each in body_of(owner.get("/workspaces/demo/metrics"))}
    assert "rows_loaded" not in {each["name"] for each in body_of(analyst.get("/workspaces/demo/metrics"))}
    assert body_of(analyst.get(query)).get("rows", []) == []
    folder = Home.open(lead_home).workspace("demo")
    sum_up(folder, now=datetime.now(UTC))
    found = {row[0]: row[1] for row in body_of(owner.get(query))["rows"]}
    assert found == {"leads": LEADS, "programs": folder.lake.snapshot().datasets["programs"].rows}
    assert body_of(analyst.get(query)).get("rows", []) == []
