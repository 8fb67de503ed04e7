"""The walk of somebody who connects a source: choose, check, map, read, see the rows counted."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from browsing import Visit
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from test_access import violations

from sightline.accounts.access import open_workspace
from sightline.accounts.models import Membership, User
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.actions.start_sync import start_sync
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import spec_from
from sightline.ingest.sync.run import carry_out
from toy_system import LEADS, ROLES

pytestmark = [pytest.mark.browser]
PASSWORD = "a long enough sentence"
PATTERN = '- name: leads\n  pattern: "leads-*.csv"\n  key: [Record ID]\n'


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> WorkspaceFolder:
    """Return a workspace with leads that are still in a file."""
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    (pack / "roles.yaml").write_text(ROLES)
    (pack / "datasets" / "leads.yaml").write_text(yaml.safe_dump(LEADS, sort_keys=False))
    home = Home.create(tmp_path / "home")
    (home.path / "static").mkdir()
    settings.SIGHTLINE_HOME = home.path
    settings.STATIC_ROOT = home.path / "static"
    home.create_workspace("demo", packs=[str(pack)], label="Small", zone="Europe/Berlin")
    made = home.workspace("demo")
    files = made.path / "files"
    files.mkdir(exist_ok=True)
    with (files / "leads-2026.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Record ID", "Program", "Made", "Mail"])
        rows.writerows([f"r{n}", "mba" if n else "", f"2026-02-{n + 1:02} 09:00", f"r{n}@x.test"] for n in range(12))
    return made


@pytest.fixture
def owner(transactional_db: None, folder: WorkspaceFolder, settings: Settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made = User.objects.create(email="owner@example.org", password=make_password(PASSWORD))
    Membership.objects.create(user=made, workspace="demo", role="admin", attributes={})
    return made


@pytest.fixture
def window(owner: User, live_server: LiveServer, chromium: Browser) -> Callable[..., Visit]:
    """Return a function that opens a window in which the owner is signed in."""

    def open_window(*, width: int = 1440, dark: bool = False) -> Visit:
        made = Visit.open(chromium, root=live_server.url, width=width, dark=dark)
        made.sign_in(owner.email, PASSWORD)
        return made

    return open_window


def read_now(folder: WorkspaceFolder) -> None:
    """Do what the worker does within a second."""
    run = SyncRun.objects.get(state=SyncRun.State.QUEUED)
    carry_out(run.pk, folder=folder, worker="w", clock=lambda: datetime.now(UTC))


@pytest.mark.req("PRG-1.2", "PRG-8", "PLT-2")
def test_a_source_is_connected_checked_mapped_and_read(window: Callable[..., Visit], folder: WorkspaceFolder) -> None:
    mine = window()
    page = mine.page
    page.goto("/w/demo/data/sources")
    expect(page.get_by_role("heading", name="No source is connected")).to_be_visible()
    page.get_by_role("link", name="Connect source").click()
    page.get_by_role("link", name="Files").click()

    page.get_by_label("Name", exact=True).fill("exports")
    page.get_by_label("Label").fill("CRM exports")
    page.get_by_label("Folder").fill("nowhere")
    page.get_by_label("Streams", exact=True).fill(PATTERN)
    page.get_by_role("button", name="Check connection").click()
    checked = page.locator("#source-checked")
    expect(checked.get_by_text("Not reached.")).to_be_visible()
    page.get_by_label("Folder").fill(".")
    page.get_by_role("button", name="Check connection").click()
    expect(checked.get_by_text("Reached")).to_be_visible()

    page.get_by_label("When optional").fill("every day")
    expect(page.locator("#cron-words")).to_contain_text("not a cron expression")
    page.get_by_role("button", name="Save and map").click()
    expect(page.locator("#e-cron")).to_contain_text("Not a cron expression")
    page.get_by_label("When optional").fill("10 6 * * *")
    expect(page.locator("#cron-words")).to_contain_text("06:10 daily")
    checked.get_by_label("Dataset of leads").select_option("leads")
    page.get_by_role("button", name="Save and map").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mapping of Leads")
    expect(page.locator("#p-lead_id")).to_contain_text("Every row needs this")
    for column, source in (("Lead id", "Record ID"), ("Program id", "Program"), ("Created at", "Made")):
        page.get_by_label(f"Column of the source for {column}").fill(source)
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#p-lead_id")).to_be_empty()
    expect(page.locator("#l-program_id")).to_have_text("92%")
    expect(page.get_by_role("table", name="The same rows as stored")).to_contain_text("2026-02-01 08:00:00")
    page.get_by_label("Why optional").fill("the names of the export")
    page.get_by_role("button", name="Save mapping").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("CRM exports")
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    read_now(folder)
    syncs = page.get_by_role("table", name="Syncs of CRM exports")
    expect(syncs.locator("tbody tr").first).to_contain_text("12")
    expect(page.locator("#source-said")).to_contain_text("11 rows accepted, 1 held")
    expect(page.get_by_text("Waiting for the worker")).to_have_count(0)
    page.get_by_role("link", name="Data sources").click()
    row = page.get_by_role("row", name="CRM exports")
    expect(row).to_contain_text("Fresh")
    expect(row).to_contain_text("06:10 daily")
    expect(page.locator(".kpi", has_text="Rows synced today")).to_contain_text("11")
    assert Source.objects.get().version == 2
    assert mine.complaints == []
    mine.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_a_source_breaks_a_rule_or_is_too_wide(
    window: Callable[..., Visit], owner: User, folder: WorkspaceFolder, width: int, dark: bool
) -> None:
    make_sources(owner)
    read_now(folder)
    mine = window(width=width, dark=dark)
    found = []
    for address in (
        "sources",
        "sources/exports",
        "sources/exports/edit",
        "sources/exports/streams/leads",
        "sources/exports/versions/1",
        f"sources/exports/syncs/{SyncRun.objects.get().pk}",
        "sources/hook",
        "sources/hook/sending",
        "connect-source/webhook",
        "connect-source/sql",
    ):
        mine.page.goto(f"/w/demo/data/{address}")
        mine.page.wait_for_load_state("networkidle")
        found += violations(mine)
        assert mine.page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert found == []
    assert mine.complaints == []
    mine.close()


def make_sources(owner: User) -> None:
    """Connect a source that is read, and one that sends; queue a sync of the first."""
    now, access = datetime.now(UTC), open_workspace(owner, "demo")
    streams = {"leads": {"dataset": "leads", "map": {"columns": {"lead_id": "Record ID", "created_at": "Made"}}}}
    config = {"place": "folder", "folder": ".", "streams": yaml.safe_load(PATTERN)}
    read = {"source": "exports", "type": "files", "config": config, "streams": streams}
    sent = {"source": "hook", "type": "webhook", "streams": {"events": {"dataset": "leads"}}}
    for spec in (read, sent):
        save_source(access=access, spec=spec_from(spec), secrets={}, now=now)
    start_sync(access=access, name="exports", now=now)
