"""Connecting a source, changing it, mapping it, and giving one that sends its secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.ingest.models import Source, SourceVersion, SyncRun
from sightline.ingest.spec import SourceSpec
from sightline.sources.catalogue import CONNECTORS
from sightline.web.config_form import config_from, settings_of
from sightline.web.schedule_words import schedule_words
from toy_source import Toy
from toy_system import ToyConfig

As = Callable[[str], Client]
W = "/w/demo/data"
HX = {"HX-Request": "true"}
TYPED = {
    "name": "crm",
    "label": "The CRM",
    "c-base_url": "https://toy.example.com",
    "c-mode": "calm",
    "c-size": "3",
    "c-names": "a\n",
    "s-password": "hunter2",
    "cron": "0 5 * * *",
    "zone": "",
    "since": "",
    "schema_changes": "evolve",
    "st-0-name": "contacts",
    "st-0-dataset": "leads",
    "st-1-name": "stages",
    "st-1-dataset": "",
}


@pytest.fixture
def browser(as_: As, toy: Toy) -> Client:
    return as_("owner")


@pytest.mark.req("PRG-8")
@pytest.mark.django_db(transaction=True)
def test_a_source_is_checked_connected_mapped_and_read(browser: Client, run_waiting: Callable[[], SyncRun]) -> None:
    checked = browser.post(f"{W}/connect-source/toy", {**TYPED, "do": "check"}, headers=HX).content.decode()
    assert "Reached the toy." in checked
    assert "Contacts" in checked
    assert not Source.objects.exists()
    saved = browser.post(f"{W}/connect-source/toy", {**TYPED, "do": "save"}, headers=HX)
    assert saved["HX-Redirect"] == f"{W}/sources/crm/streams/contacts"
    source = Source.objects.get()
    assert source.spec["config"] == {"base_url": "https://toy.example.com", "size": 3}
    assert list(source.spec["streams"]) == ["contacts"]
    page = saved["HX-Redirect"]
    looked = browser.get(page, {"rows": "1"}, headers=HX).content.decode()
    assert "Every row needs this" in looked
    assert "c1@x.test" in looked
    mapping = {"map-lead_id": "id", "map-program_id": "program", "map-created_at": "created"}
    tried = browser.post(page, {**mapping, "values-program_id": "p1 = P-ONE", "do": "try"}, headers=HX).content.decode()
    assert "Every row needs this" not in tried
    assert "P-ONE" in tried
    assert "100%" in tried
    assert SourceVersion.objects.count() == 1
    form = {**mapping, "values-program_id": "p1 = P-ONE", "default-email": "none", "reason": "ours", "do": "save"}
    refused = browser.post(page, {**form, "deletes": "compare", "deletes_at_most": "101"})
    assert refused.status_code == 400
    assert 'name="deletes_at_most" type="number" min="1" max="100" step="1" value="101"' in refused.content.decode()
    form |= {"deletes": "compare", "deletes_at_most": "35"}
    assert browser.post(page, form).status_code == 302
    version = SourceVersion.objects.first()
    assert version is not None
    assert (version.number, version.reason) == (2, "ours")
    stream = SourceSpec.model_validate(version.spec).streams["contacts"]
    assert stream.map.values == {"program_id": {"p1": "P-ONE"}}
    assert stream.map.defaults == {"email": "none"}
    assert (stream.deletes, stream.deletes_at_most) == ("compare", 35)
    browser.post(f"{W}/sources/crm", {"do": "sync"})
    assert run_waiting().accepted == 7


@pytest.mark.parametrize(
    ("change", "said", "field"),
    [
        ({"c-base_url": "nowhere"}, "String should match pattern", "c-base_url"),
        ({"cron": "every day"}, "not a cron expression", "cron"),
        ({"c-size": "many"}, "is not a number", "c-size"),
        ({"c-parts": "- name: [unclosed"}, "is not YAML at line", "c-parts"),
        ({"c-parts": "- columns: [a]"}, "Field required", "c-parts"),
        ({"zone": "Berlin"}, "not a time zone", "zone"),
        ({"st-0-dataset": ""}, "at least one stream", "streams"),
        ({"st-0-dataset": "nothing"}, "there is no dataset", "streams"),
        ({"late_after": "soon"}, "String should match pattern", "late_after"),
    ],
)
def test_a_problem_stands_beside_its_field_and_nothing_is_saved(
    browser: Client, change: dict[str, str], said: str, field: str
) -> None:
    swapped = browser.post(f"{W}/connect-source/toy", {**TYPED, **change, "do": "save"}, headers=HX).content.decode()
    slot = re.search(rf'<p class="err" id="e-{field}" hx-swap-oob="true"( hidden)?>(.*?)</p>', swapped, re.DOTALL)
    assert slot is not None
    assert said in slot[2].lower() or said in slot[2]
    whole = browser.post(f"{W}/connect-source/toy", {**TYPED, **change, "do": "save"})
    assert whole.status_code == 400
    assert problems_of(whole.content.decode()) == []
    assert not Source.objects.exists()


def test_a_wrong_password_is_told_by_the_check(browser: Client) -> None:
    said = browser.post(f"{W}/connect-source/toy", {**TYPED, "s-password": "x", "do": "check"}, headers=HX)
    assert "does not accept the password" in said.content.decode()


def test_connecting_does_not_change_a_source_of_the_same_name(browser: Client, source: Source) -> None:
    typed = {**TYPED, "label": "Mine now", "do": "save"}
    assert "There is a source of this name" in browser.post(f"{W}/connect-source/toy", typed).content.decode()
    source.refresh_from_db()
    assert source.spec["label"] == "The CRM"


def test_a_stored_secret_is_kept_but_goes_nowhere_else(browser: Client, source: Source) -> None:
    typed = {**TYPED, "s-password": "", "do": "save"}
    assert browser.post(f"{W}/sources/crm/edit", {**typed, "c-size": "4"}).status_code == 302
    assert source.secrets.count() == 1
    elsewhere = {**typed, "c-base_url": "https://evil.example.com"}
    for do in ("check", "save"):
        said = browser.post(f"{W}/sources/crm/edit", {**elsewhere, "do": do}, headers=HX).content.decode()
        assert "Enter again: password" in said
    moved = browser.post(f"{W}/sources/crm/edit", {**elsewhere, "s-password": "hunter2"})
    assert moved.status_code == 302
    back = browser.post(f"{W}/sources/crm/versions/1", {})
    assert "Enter again: password" in back.content.decode()


@pytest.mark.req("PRG-8")
def test_an_older_version_is_brought_back_as_a_new_one(browser: Client, source: Source) -> None:
    browser.post(f"{W}/sources/crm/edit", {**TYPED, "s-password": "", "c-size": "9", "do": "save", "reason": "faster"})
    page = browser.get(f"{W}/sources/crm/versions/2").content.decode()
    assert "config › size" in page
    assert "faster" in page
    assert problems_of(page) == []
    assert browser.post(f"{W}/sources/crm/versions/1", {"reason": "too fast"}).status_code == 302
    source.refresh_from_db()
    assert (source.version, source.spec["config"]["size"]) == (3, 3)
    last = SourceVersion.objects.first()
    assert last is not None
    assert last.reason == "Version 1 brought back: too fast"


def test_private_addresses_are_for_those_who_manage_settings(as_: As, toy: Toy, people: object, folder: Any) -> None:
    (folder.definitions / "roles.yaml").write_text(
        "roles:\n  analyst: {permissions: [view, manage_sources], rows: {'*': all}}\n"
    )
    assert as_("analyst").post(f"{W}/connect-source/toy", {**TYPED, "private": "1", "do": "save"}).status_code == 302
    assert "private_network" not in Source.objects.get().spec
    typed = {**TYPED, "name": "inner", "private": "1", "do": "save"}
    assert as_("owner").post(f"{W}/connect-source/toy", typed).status_code == 302
    assert Source.objects.get(name="inner").spec["private_network"] is True


def test_a_source_that_sends_gets_a_secret_once_and_two_while_it_changes(browser: Client) -> None:
    typed = {"name": "hook", "label": "", "st-0-name": "events", "st-0-dataset": "leads", "do": "save"}
    assert browser.post(f"{W}/connect-source/webhook", typed).status_code == 302
    here = f"{W}/sources/hook/sending"
    assert problems_of(browser.get(here).content.decode()) == []
    made = browser.post(here)
    secret = re.search(r'id="made-secret">([^<]+)<', made.content.decode())
    assert secret is not None
    assert made["Cache-Control"] == "no-store"
    assert secret[1] not in browser.get(here).content.decode()
    again = re.search(r'id="made-secret">([^<]+)<', browser.post(here).content.decode())
    assert again is not None
    assert again[1] != secret[1]
    stored = dict(Source.objects.get().secrets.values_list("field", "sealed"))
    assert set(stored) == {"signing_secret", "previous_signing_secret"}
    assert secret[1] not in str(stored)
    assert browser.get(f"{W}/sources/hook").status_code == 200


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("*/15 * * * *", "Every 15 min"),
        ("0 * * * *", "Hourly"),
        ("5 * * * *", "Hourly at :05"),
        ("0 */6 * * *", "Every 6 hours"),
        ("10 6 * * *", "06:10 daily"),
        ("0 5 * * 1-5", "05:00 on weekdays"),
        ("0 8 * * 1", "08:00 on Mondays"),
        ("0 8 * * 7", "08:00 on Sundays"),
        ("0 8 1 * *", "08:00 on day 1 of the month"),
        ("0 8 1,15 * *", "At 08:00 on the first and the 15th day of month"),
        ("", "By hand"),
    ],
)
def test_a_schedule_reads_like_a_sentence(cron: str, words: str) -> None:
    assert schedule_words(cron) == words


def test_a_schedule_is_told_while_it_is_typed(browser: Client) -> None:
    said = browser.get(f"{W}/schedule-words", {"cron": "0 5 * * *", "zone": "Asia/Tokyo"}).content.decode()
    assert "05:00 daily (Asia/Tokyo)" in said
    assert said.count(", 05:00") == 3
    assert "not a cron expression" in browser.get(f"{W}/schedule-words", {"cron": "x"}).content.decode()


@pytest.mark.parametrize("kind", list(CONNECTORS.keys()))
def test_the_settings_of_every_connector_come_back_from_its_form(kind: str) -> None:
    config = CONNECTORS[kind].config
    fields = settings_of(config, values={}, typed={}, stored=())
    typed = {each.input: each.value for each in fields}
    assert config_from(config, typed) == {}
    assert all(each.label for each in fields)


def test_a_setting_that_was_emptied_is_nothing_of_its_kind() -> None:
    shown = settings_of(ToyConfig, values={"is_quick": True, "names": ["x"]}, typed={}, stored=())
    assert {each.name: each.value for each in shown}["names"] == "x"
    found = config_from(ToyConfig, {"c-base_url": "https://a.example", "c-names": "", "c-is_quick": "on"})
    assert found == {"base_url": "https://a.example", "is_quick": True, "names": []}
