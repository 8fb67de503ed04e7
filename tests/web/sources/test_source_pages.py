"""The pages of sources, by each of the cast: what they see, what they may do, and what is in none of them."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.accounts.models import AuditEntry
from sightline.ingest.models import DataEvent, Source, SyncRun
from toy_source import Toy

As = Callable[[str], Client]
W = "/w/demo/data"
SEEN = (f"{W}/sources", f"{W}/sources/crm")
MANAGED = (
    f"{W}/connect-source",
    f"{W}/connect-source/toy",
    f"{W}/connect-source/webhook",
    f"{W}/connect-source/rest",
    f"{W}/connect-source/sql",
    f"{W}/connect-source/files",
    f"{W}/sources/crm/edit",
    f"{W}/sources/crm/versions/1",
    f"{W}/sources/crm/streams/contacts",
    f"{W}/sources/crm/streams/contacts?rows=1",
)


@pytest.mark.parametrize("address", SEEN)
@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("analyst", 200), ("clerk", 200), ("viewer", 403), ("partner", 403)]
)
def test_sources_are_open_to_those_who_manage_them_or_see_what_was_held(
    as_: As, source: Source, address: str, who: str, status: int
) -> None:
    response = as_(who).get(address)
    assert response.status_code == status
    assert problems_of(response.content.decode()) == []


@pytest.mark.parametrize("address", MANAGED)
@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("analyst", 403), ("viewer", 403), ("partner", 403)])
def test_only_those_who_manage_sources_set_them_up(
    as_: As, source: Source, address: str, who: str, status: int
) -> None:
    response = as_(who).get(address)
    assert response.status_code == status
    assert problems_of(response.content.decode()) == []


@pytest.mark.parametrize("address", [*SEEN, *MANAGED])
def test_a_stranger_finds_nothing_and_nobody_signs_in(as_: As, source: Source, address: str) -> None:
    assert as_("stranger").get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_navigation_has_sources_for_those_who_may_open_them(as_: As, source: Source) -> None:
    shown = {name: 'data/sources"' in as_(name).get(W).content.decode() for name in ("owner", "analyst", "viewer")}
    assert shown == {"owner": True, "analyst": True, "viewer": False}


@pytest.mark.req("PRG-1.2", "PRG-1.5")
@pytest.mark.django_db(transaction=True)
def test_the_list_says_how_each_source_stands(as_: As, source: Source, run_waiting: Callable[[], SyncRun]) -> None:
    browser = as_("owner")
    assert "Not read yet" in browser.get(f"{W}/sources").content.decode()
    browser.post(f"{W}/sources", {"source": "crm"})
    assert "Syncing" in browser.get(f"{W}/sources").content.decode()
    run_waiting()
    text = browser.get(f"{W}/sources").content.decode()
    for words in ("Fresh", "05:00 on weekdays", "1 of 1 sync succeeded", "Toy", "Sources fresh", "Rows synced today"):
        assert words in text
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{W}/sources-export.csv").content.decode("utf-8-sig"))))
    assert [(row["Source"], row["Freshness"], row["Rows today"]) for row in rows] == [("The CRM", "Fresh", "7")]
    assert as_("clerk").get(f"{W}/sources-export.csv").status_code == 403
    assert browser.get(f"{W}/sources-export.xlsx").content[:2] == b"PK"


@pytest.mark.django_db(transaction=True)
def test_a_sync_is_followed_and_opens_to_its_streams(
    as_: As, source: Source, toy: Toy, run_waiting: Callable[[], SyncRun]
) -> None:
    browser = as_("owner")
    toy.put("c8", program=None)
    toy.miscount = 2
    browser.post(f"{W}/sources/crm", {"do": "sync"})
    waiting = browser.get(f"{W}/sources/crm/live", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" in waiting
    assert "Stop" in waiting
    run = run_waiting()
    ended = browser.get(f"{W}/sources/crm/live", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in ended
    assert "1 held" in ended
    opened = browser.get(f"{W}/sources/crm/syncs/{run.pk}")
    assert problems_of(opened.content.decode()) == []
    (reason,) = run.streams["contacts"]["reasons"]
    assert reason in opened.content.decode()
    text = browser.get(f"{W}/sources/crm").content.decode()
    assert problems_of(text) == []
    assert "Counts differ" in text
    assert "days differ" in text
    assert "2026-02-01" in text
    assert DataEvent.objects.filter(kind="count_differs", ended_at=None).exists()
    assert "One source needs attention." in browser.get(f"{W}/sources").content.decode()
    assert browser.get(f"{W}/sources/crm/syncs/99999").status_code == 404


def test_a_person_stops_pauses_resumes_and_removes_and_all_of_it_is_on_record(as_: As, source: Source) -> None:
    browser = as_("owner")
    for what in ("sync", "stop", "pause", "resume", "remove"):
        assert browser.post(f"{W}/sources/crm", {"do": what}).status_code == 302
    assert not Source.objects.exists()
    verbs = set(AuditEntry.objects.filter(object="crm").values_list("verb", flat=True))
    assert {"stopped a sync", "paused a source", "resumed a source", "removed a source"} <= verbs


@pytest.mark.req("PRG-1.4")
def test_a_period_is_read_anew_in_whole_days_of_the_workspace(as_: As, source: Source) -> None:
    browser = as_("owner")
    browser.post(f"{W}/sources/crm", {"do": "backfill", "since": "", "until": "2026-02-03"})
    assert not SyncRun.objects.exists()
    assert "from which day on" in browser.get(f"{W}/sources/crm").content.decode()
    browser.post(f"{W}/sources/crm", {"do": "backfill", "since": "2026-02-01", "until": "2026-02-03"})
    run = SyncRun.objects.get()
    assert run.since is not None
    assert run.until is not None
    assert (run.since.isoformat(), run.until.isoformat()) == ("2026-01-31T23:00:00+00:00", "2026-02-03T23:00:00+00:00")


@pytest.mark.parametrize(("who", "what", "status"), [("analyst", "sync", 403), ("clerk", "pause", 403)])
def test_who_may_not_change_a_source_does_not(as_: As, source: Source, who: str, what: str, status: int) -> None:
    assert as_(who).post(f"{W}/sources/crm", {"do": what}).status_code == status
    source.refresh_from_db()
    assert not source.is_paused
    assert not SyncRun.objects.exists()


def test_who_imports_data_may_read_a_source_now(as_: As, source: Source) -> None:
    assert as_("clerk").post(f"{W}/sources/crm", {"do": "sync"}).status_code == 302
    assert SyncRun.objects.get().by == "clerk@example.org"


def test_looking_as_somebody_else_only_reads(as_: As, source: Source) -> None:
    browser = as_("owner")
    browser.post("/w/demo/view-as", {"role": "admin"})
    assert browser.get(f"{W}/sources/crm").status_code == 200
    for address in (f"{W}/sources", f"{W}/sources/crm", f"{W}/sources/crm/edit", f"{W}/sources/crm/streams/contacts"):
        assert browser.post(address, {"do": "sync"}).status_code == 403
    assert not SyncRun.objects.exists()


@pytest.mark.req("PLT-2")
def test_a_secret_is_in_no_page_no_record_and_no_log(as_: As, source: Source, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = as_("owner")
    addresses = [*SEEN, *MANAGED, "/w/demo/admin/audit"]
    found = [address for address in addresses if "hunter2" in browser.get(address).content.decode()]
    typed = {"do": "save", "c-base_url": "nowhere", "s-password": "hunter22", "st-0-name": "contacts"}
    refused = browser.post(f"{W}/sources/crm/edit", typed)
    assert refused.status_code == 400
    checked = browser.post(f"{W}/sources/crm/edit", {**typed, "do": "check"}, headers={"HX-Request": "true"})
    texts = [*found, refused.content.decode(), checked.content.decode(), caplog.text]
    texts += [str(entry.detail) for entry in AuditEntry.objects.all()]
    assert [text[text.index("hunter2") - 80 :][:160] for text in texts if "hunter2" in text] == []
    assert "Stored, leave empty to keep" in browser.get(f"{W}/sources/crm/edit").content.decode()


def test_raw_rows_are_hidden_from_who_sees_personal_data_masked(
    as_: As, source: Source, folder: object, people: dict[str, object]
) -> None:
    roles = folder.definitions / "roles.yaml"  # type: ignore[attr-defined]  # a workspace's folder
    roles.write_text(
        "roles:\n  analyst: {permissions: [view, manage_sources], rows: {'*': all}, masks: {email: hide}}\n"
    )
    text = as_("analyst").get(f"{W}/sources/crm/streams/contacts?rows=1").content.decode()
    assert "Rows are hidden" in text
    assert "c1@x.test" not in text
    assert "c1@x.test" in as_("owner").get(f"{W}/sources/crm/streams/contacts?rows=1").content.decode()
