"""Members, settings, the audit log, and looking as somebody else."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sightline.accounts.models import AuditEntry, Membership, User
from sightline.home import Home

As = Callable[[str], Client]
MEMBERS, SETTINGS = "/w/demo/admin/members", "/w/demo/admin/settings"


@pytest.fixture
def settings_kept(company_home: Path) -> Iterator[None]:
    """Put the workspace's settings back: the home is shared by the whole session."""
    file = Home.open(company_home).workspace("demo").path / "settings.yaml"
    before = file.read_text()
    yield
    file.write_text(before)


def form(**changes: str) -> dict[str, str]:
    whole = {"label": "Northfield", "zone": "America/New_York", "currency": "USD", "week_start": "monday"}
    return {**whole, "fiscal_year_start": "1", "holidays": "", "brand_name": "", **changes}


def test_a_person_is_added_changed_and_removed(as_: As) -> None:
    browser = as_("owner")
    new = {
        "do": "add",
        "email": "New@example.org",
        "name": "New",
        "role": "school_partner",
        "attributes": "school=business",
    }
    assert browser.post(MEMBERS, new).status_code == 302
    made = Membership.objects.get(workspace="demo", user__email="new@example.org")
    assert (made.role, made.attributes) == ("school_partner", {"school": ["business"]})
    browser.post(MEMBERS, {"do": "change", "email": "new@example.org", "role": "reader", "attributes": ""})
    made.refresh_from_db()
    assert made.role == "reader"
    browser.post(MEMBERS, {"do": "remove", "email": "new@example.org"})
    assert not Membership.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "add", "email": "nonsense", "role": "reader"}, "is not an e-mail address"),
        ({"do": "add", "email": "x@example.org", "role": "school_partner"}, "needs the attribute"),
        ({"do": "remove", "email": "owner@example.org"}, "without an admin"),
    ],
)
def test_what_is_refused_is_said_on_the_page(as_: As, fields: dict[str, str], said: str) -> None:
    response = as_("owner").post(MEMBERS, fields)
    assert response.status_code == 400
    assert said in response.content.decode()


@pytest.mark.usefixtures("settings_kept")
def test_settings_are_saved_and_shown_everywhere(as_: As) -> None:
    browser = as_("owner")
    changed = form(brand_name="Harbor", own_accent="1", accent="#7b1558", zone="Europe/Berlin")
    assert browser.post(SETTINGS, changed).status_code == 302
    text = as_("reader").get("/w/demo/metrics").content.decode()
    assert "<b>Harbor</b>" in text
    assert "brand.css?v=7b1558" in text
    sheet = browser.get("/w/demo/brand.css")
    assert "#7b1558" in sheet.content.decode()
    assert sheet["Content-Type"].startswith("text/css")


@pytest.mark.usefixtures("settings_kept")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"zone": "Europe/Berlim"}, "Europe/Berlin"),
        ({"own_accent": "1", "accent": "#ffee00"}, "contrast"),
        ({"fiscal_year_start": "13"}, "fiscal_year_start"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_reason(as_: As, changed: dict[str, str], said: str) -> None:
    response = as_("owner").post(SETTINGS, form(**changed))
    assert response.status_code == 400
    assert said in response.content.decode()


@pytest.mark.usefixtures("settings_kept")
def test_a_logo_is_kept_and_only_pictures_are(as_: As) -> None:
    browser = as_("owner")
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    picture = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert browser.post(SETTINGS, {**form(), "logo": SimpleUploadedFile("a.png", picture)}).status_code == 302
    assert browser.get("/w/demo/logo")["Content-Type"] == "image/png"
    drawing = SimpleUploadedFile("a.svg", b"<svg onload=alert(1)>")
    assert browser.post(SETTINGS, {**form(), "logo": drawing}).status_code == 400


def test_looking_as_a_partner_shows_what_they_see_and_changes_nothing(as_: As) -> None:
    browser = as_("owner")
    assert browser.post("/w/demo/view-as", {"email": "partner@example.org"}).status_code == 302
    text = browser.get("/w/demo/d/shelf").content.decode()
    assert "You see this workspace as" in text
    assert "MS Nursing" not in text
    assert browser.get(MEMBERS).status_code == 403
    saving = {"dashboard": "shelf", "name": "x", "query": ""}
    assert browser.post("/w/demo/saved", saving).status_code == 403
    assert browser.post("/w/demo/view-as", {"stop": "1"}).status_code == 302
    assert "MS Nursing" in browser.get("/w/demo/d/shelf").content.decode()
    assert set(AuditEntry.objects.filter(verb__startswith="view_as").values_list("verb", flat=True)) == {
        "view_as_started",
        "view_as_ended",
    }


def test_only_who_manages_members_may_look_as_others(as_: As) -> None:
    assert as_("lead").post("/w/demo/view-as", {"email": "owner@example.org"}).status_code == 403


def test_the_audit_log_is_filtered_and_holds_what_was_exported(as_: As, people: dict[str, User]) -> None:
    as_("lead").get("/w/demo/export/shelf/programs.csv")
    text = as_("owner").get("/w/demo/admin/audit?actor=lead&verb=exported").content.decode()
    assert "shelf › programs" in text
    assert "Nothing matches" in as_("owner").get("/w/demo/admin/audit?actor=nobody").content.decode()
