"""Rows whose key is a moment, an amount or a yes: each is corrected from its line, whatever the zone."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.test import Client
from pytest_django import Settings

from cast import NOW, Cast, cast, home
from held_home import browser
from sightline.accounts.access import Access, open_workspace
from sightline.accounts.models import Membership
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.enter_values import BadEntry, enter_values
from sightline.ingest.entries import current_row
from sightline.lake.write import publish_table

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8")]
READINGS = """
dataset: readings
label: Readings
key: [at, size, is_final]
time: at
columns:
  at: {type: timestamp}
  size: {type: decimal}
  is_final: {type: boolean}
  value: {type: number}
"""
FIRST = datetime(2026, 1, 12, 17, 0, 0, 250_000, tzinfo=UTC)  # the 13th, 06:00:00.25 in Auckland
ROWS = [
    {"at": FIRST, "size": 2.5, "is_final": True, "value": 1.0},
    {"at": datetime(2026, 1, 12, 11, tzinfo=UTC), "size": 10, "is_final": False, "value": 2.0},
]


@pytest.fixture
def clock(cast: Cast, home: Home, settings: Settings) -> WorkspaceFolder:
    """Return a workspace in Auckland with two readings, of which the owner is an admin."""
    settings.STATIC_ROOT = home.path / "static"
    settings.STATIC_ROOT.mkdir()
    folder = home.create_workspace("clock", packs=["programs"], zone="Pacific/Auckland")
    file = folder.definitions / "datasets" / "readings.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(READINGS)
    folder = home.workspace("clock")
    Membership.objects.create(user=cast.owner, workspace="clock", role="admin", attributes={})
    table = pa.Table.from_pylist(ROWS)
    publish_table(folder.lake, folder.catalog.dataset("readings"), table, zone="Pacific/Auckland", now=NOW, run="r")
    return folder


def corrections(mine: Client) -> list[str]:
    """Return where the rows are corrected, in the order of the page."""
    page = mine.get("/w/clock/rows?dataset=readings&sort=at").content.decode()
    return [html.unescape(each) for each in re.findall(r'href="(/w/clock/data/readings/enter[^"]+)"', page)]


def test_every_line_leads_to_the_form_of_its_row(clock: WorkspaceFolder, cast: Cast) -> None:
    mine = browser(cast.owner)
    found = corrections(mine)
    assert len(found) == 2
    for address, value in zip(found, ("2.0", "1.0"), strict=True):
        form = mine.get(address).content.decode()
        assert f'name="v:value" value="{value}"' in form
    assert 'value="2026-01-13 06:00:00.250000+13:00"' in mine.get(found[1]).content.decode()


def test_a_correction_replaces_the_row_and_adds_none(clock: WorkspaceFolder, cast: Cast) -> None:
    mine = browser(cast.owner)
    address = corrections(mine)[1]
    form = mine.get(address).content.decode()
    sent = {name: html.unescape(value) for name, value in re.findall(r'name="([kvw]:\w+)" value="([^"]*)"', form)}
    sent |= {"k:is_final": "true", "v:value": "7", "how": "row", "do": "preview"}
    looked = mine.post("/w/clock/data/readings/enter", sent).content.decode()
    assert "1.0 → <b>7</b>" in looked
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', looked))
    hidden = {name: html.unescape(value) for name, value in hidden.items() if name != "csrfmiddlewaretoken"}
    done = mine.post("/w/clock/data/readings/enter", {**hidden, "do": "confirm", "reason": "read again"}, follow=True)
    assert "2026-01-13 06:00:00.250000+13:00" in done.content.decode()
    page = mine.get("/w/clock/rows?dataset=readings").content.decode()
    assert "2 rows of readings" in page
    row = current_row(access=open_clock(cast), dataset="readings", key=("2026-01-13 06:00:00.25", "2.50", "yes"))
    assert row is not None
    assert row["value"] == "7.0"


@pytest.mark.parametrize(
    "written",
    ["2026-01-13 00:00", "2026-01-13T00:00:00+13:00", "2026-01-12 11:00:00+00", "2026-01-12T11:00:00Z", "13 Jan 2026"],
)
def test_one_moment_is_one_key_however_it_is_written(clock: WorkspaceFolder, cast: Cast, written: str) -> None:
    access, row = open_clock(cast), {"at": written, "size": "10.00", "is_final": "no", "value": "3"}
    done = enter_values(access=access, dataset="readings", rows=[row], reason="", now=NOW, dry_run=True)
    assert done.changes[0].before == {"value": "2.0"}
    twice = [row, {**row, "at": "2026-01-12 11:00:00+00:00", "is_final": "false"}]
    with pytest.raises(BadEntry, match="the same key as in an earlier row"):
        enter_values(access=access, dataset="readings", rows=twice, reason="", now=NOW, dry_run=True)


def test_a_key_that_cannot_be_read_is_refused_with_its_text(clock: WorkspaceFolder, cast: Cast) -> None:
    row = {"at": "someday", "size": "1", "is_final": "yes", "value": "3"}
    with pytest.raises(BadEntry, match="someday"):
        enter_values(access=open_clock(cast), dataset="readings", rows=[row], reason="x", now=NOW)


def open_clock(cast: Cast) -> Access:
    return open_workspace(cast.owner, "clock")
