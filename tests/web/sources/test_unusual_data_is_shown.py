"""What the worker found unusual about a dataset is told on the page of sources to those who see all its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.accounts.models import Membership, User
from sightline.home import WorkspaceFolder
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


@pytest.fixture
def few(folder: WorkspaceFolder) -> WorkspaceFolder:
    """Return the workspace: thirty leads a day for nine weeks, two on Sunday, 1 March 2026, and one today."""
    (folder.definitions / "roles.yaml").write_text(LOCAL)
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
