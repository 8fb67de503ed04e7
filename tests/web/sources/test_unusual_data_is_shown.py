"""What the worker found unusual about a dataset is told on the page of sources to those who see all its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.accounts.models import Membership, User
from sightline.home import WorkspaceFolder
from sightline.ingest import marks as marks_module
from sightline.ingest.data_events import About, Level, end_event, note, open_event
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import Source
from sightline.ingest.records import store_records
from sightline.ingest.watch import watch

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRG-1.7")]
PAGE = "/w/demo/data/sources"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOCAL = """
roles:
  local: {label: Local, permissions: [view, see_quarantine], rows: {leads: program_id in $user.program}}
"""
METRICS = """
metrics:
  leads: {type: simple, dataset: leads, agg: count, description: Leads.}
  stages: {type: simple, dataset: lead_stages, agg: count, description: Stages.}
"""
DASHBOARD = """
dashboard: own
title: Own
panels:
  - {tile: leads}
  - {chart: line, metrics: [leads], title: Leads by week}
  - {chart: line, metrics: [stages], title: Stages by week}
"""
TOLD = "Leads: 2 rows on 1 Mar, expected 23–37."
HINTED = "Leads: the data looks unusual."


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks_module, "LOOK_AGAIN_SECONDS", 0.0)


@pytest.fixture
def few(folder: WorkspaceFolder) -> WorkspaceFolder:
    """Return the workspace: thirty leads a day for nine weeks, two on Sunday, 1 March 2026, and one today."""
    (folder.definitions / "roles.yaml").write_text(LOCAL)
    for name, text in (("metrics/own.yaml", METRICS), ("dashboards/own.yaml", DASHBOARD)):
        (folder.definitions / name).parent.mkdir(exist_ok=True)
        (folder.definitions / name).write_text(text)
    days = {NOW - timedelta(days=back): 30 for back in range(2, 64)} | {NOW - timedelta(days=1): 2, NOW: 1}
    records = [
        {"lead_id": f"{day:%Y%m%d}-{number}", "program_id": "p1", "created_at": f"{day:%Y-%m-%d}T08:00:00Z"}
        for day, count in days.items()
        for number in range(count)
    ]
    dataset = folder.catalog.dataset("leads")
    store_records(folder=folder, dataset=dataset, records=records, mapping=MapFile(), run="made", now=NOW)
    assert len(watch(folder, now=NOW)) == 1
    return folder


@pytest.mark.parametrize("who", ["owner", "analyst", "clerk"])
def test_a_day_with_few_rows_is_told(
    few: WorkspaceFolder, source: Source, as_: Callable[[str], Client], who: str
) -> None:
    text = as_(who).get(PAGE).content.decode()
    assert "One dataset needs attention." in text
    assert "Leads: 2 rows on Sun 01 Mar, fewer than usual" in text
    assert 'href="/w/demo/data/leads"' in text
    assert problems_of(text) == []


def test_who_sees_some_of_the_rows_is_not_told_how_many_there_are(
    few: WorkspaceFolder, source: Source, people: dict[str, User], as_: Callable[[str], Client]
) -> None:
    Membership.objects.filter(user=people["viewer"]).update(role="local", attributes={"program": ["p1"]})
    response = as_("viewer").get(PAGE)
    assert response.status_code == 200
    assert "needs attention" not in response.content.decode()


def test_who_sees_some_of_the_rows_is_not_told_what_its_source_counts(
    few: WorkspaceFolder, source: Source, people: dict[str, User], as_: Callable[[str], Client]
) -> None:
    about = About("demo", "count_differs", source="crm", dataset="leads")
    open_event(about, level=Level.ERROR, message="Leads: 917 there, 915 here.", now=NOW)
    page = "/w/demo/data/sources/crm"
    assert "917 there" in as_("owner").get(page).content.decode()
    Membership.objects.filter(user=people["viewer"]).update(role="local", attributes={"program": ["p1"]})
    response = as_("viewer").get(page)
    assert response.status_code == 200
    assert "917 there" not in response.content.decode()


def marks(text: str) -> list[str]:
    """Return what the page says is odd, in order."""
    return [part for part in re.findall(r"</svg>([^<]*(?:expected|unusual|late)[^<]*)<", text) if part]


@pytest.mark.parametrize(("who", "said"), [("owner", TOLD), ("viewer", TOLD), ("partner", HINTED)])
def test_every_panel_and_explanation_of_odd_data_says_so_as_far_as_the_viewer_may_know(
    few: WorkspaceFolder, as_: Callable[[str], Client], who: str, said: str
) -> None:
    browser = as_(who)
    page = browser.get("/w/demo/d/own").content.decode()
    assert marks(page) == [said, said]  # the tile and the line of leads, not the one of stages
    assert problems_of(page) == []
    assert marks(browser.get("/w/demo/explain?metric=leads").content.decode()) == [said]
    assert marks(browser.get("/w/demo/metrics/leads").content.decode())[:1] == [said]
    assert marks(browser.get("/w/demo/metrics/stages").content.decode()) == []


def test_it_is_said_no_longer_when_it_is_over(few: WorkspaceFolder, as_: Callable[[str], Client]) -> None:
    browser = as_("owner")
    assert marks(browser.get("/w/demo/d/own").content.decode()) == [TOLD, TOLD]
    end_event(About("demo", "volume_unusual", dataset="leads"), now=NOW)
    assert marks(browser.get("/w/demo/d/own").content.decode()) == []


def test_a_late_source_marks_what_it_fills_and_only_who_may_see_sources_reads_why(
    few: WorkspaceFolder, source: Source, as_: Callable[[str], Client]
) -> None:
    end_event(About("demo", "volume_unusual", dataset="leads"), now=NOW)
    about = About("demo", "stale", source="crm")
    open_event(about, level=Level.WARNING, message="The CRM is late: it was never read.", now=NOW)
    changed = About("demo", "schema_changed", source="crm", dataset="leads", subject="contacts")
    note(changed, message="The columns of contacts changed (added: city).", now=datetime.now(UTC))
    owner, viewer = (marks(as_(who).get("/w/demo/d/own").content.decode()) for who in ("owner", "viewer"))
    both = "Leads: The CRM is late: it was never read. Leads: The columns of contacts changed (added: city)."
    assert set(owner) == {both, "Lead stages: The CRM is late: it was never read."}
    assert set(viewer) == {"Lead stages: the data looks unusual.", HINTED}
