"""What only HubSpot does: its limits, its clock, its associations, and the shapes of real answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hubspot_portal
import pytest
from behaviour import Case, Clock, Trial
from cases.hubspot import START, PortalWorld
from fake_server import Answer, Asked, FakeServer, serving
from hubspot_portal import REFRESH_TOKEN, Portal, text
from pydantic import ValidationError

from sightline.sources.base import Merged, SourceError, SourceUnavailable
from sightline.sources.hubspot import client, source
from sightline.sources.hubspot.client import DailyLimit
from sightline.sources.hubspot.config import HubSpotConfig
from sightline.sources.hubspot.records import history_of, merges_in, record_of
from sightline.sources.hubspot.source import HUBSPOT

pytestmark = pytest.mark.req("PRG-1.1", "PRG-1.2")


@contextmanager
def trial_of(
    kind: str = "contacts", *, number: int = 5, oauth: bool = False, answer: Callable[[Asked], Answer] | None = None
) -> Iterator[tuple[Trial, Portal]]:
    """Run a portal, with answers of its own or of `answer`."""
    world = PortalWorld(Clock(), kind, oauth=oauth, number=number)
    with serving(answer or world.portal.answer, world.clock) as server:
        world.server = server
        world.connect(server.url)
        yield Trial(Case("hubspot", HUBSPOT, lambda *_: world), world), world.portal


def searches(server: FakeServer) -> list[dict[str, Any]]:
    return [asked.json() for asked in server.asked if asked.path.endswith("/search")]


def test_more_changes_than_a_search_gives_are_read_though_all_fall_into_one_millisecond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HubSpot gives the first 10,000 results of a search only; here 300, with 750 records changed at once."""
    monkeypatch.setattr(hubspot_portal, "WINDOW", 300)
    with trial_of(number=1000) as (trial, portal):
        first = trial.read()
        moment = trial.world.clock.tick(3600)
        for number in range(1, 751):
            portal.set(number, moment, city="Kiel")
        second = trial.read(first.last)
        assert {int(record["id"]) for record in second.records} == set(range(1, 751))
        assert len(second.records) == 750
        assert not [body for body in searches(trial.world.server) if "after" in body]


def test_a_search_asks_for_ids_behind_the_last_one_in_a_closed_window() -> None:
    with trial_of(number=450) as (trial, portal):
        first = trial.read()
        moment = trial.world.clock.tick(3600)
        for number in range(1, 451):
            portal.set(number, moment, city="Kiel")
        trial.read(first.last)
        filters = [body["filterGroups"][0]["filters"] for body in searches(trial.world.server)]
    assert [len(each) for each in filters] == [2, 3, 3]
    assert len({json.dumps(each[:2]) for each in filters}) == 1
    assert [each[2]["value"] for each in filters[1:]] == ["200", "400"]


def test_the_window_is_closed_by_the_clock_of_hubspot() -> None:
    """Our clock is an hour ahead: what changes in that hour must not be taken for read."""
    with trial_of() as (trial, portal):
        theirs = Clock()
        trial.world.server._clock = theirs
        trial.world.clock.tick(3600)
        first = trial.read()
        portal.set(2, theirs.tick(1800), city="Kiel")
        theirs.tick(3600)
        assert trial.read(first.last).keys() == [("2",)]


def test_a_change_that_a_search_finds_late_is_read_by_the_next() -> None:
    with trial_of() as (trial, portal):
        trial.world.clock.tick(3600)
        first = trial.read()
        late = trial.world.clock.now - timedelta(minutes=4)
        trial.world.clock.tick(60)
        portal.set(2, late, city="Kiel")
        assert ("2",) in set(trial.read(first.last).keys())


def test_ids_of_associated_records_are_joined_each_once_over_several_pages() -> None:
    with trial_of("deals", oauth=True) as (trial, portal):
        portal.things[1].associations = {"contacts": [7, 8, 7, 9, 10], "companies": [3]}
        records = {record["id"]: record for record in trial.read().records}
    assert records["1"]["associations.contacts"] == "7;8;9;10"
    assert records["1"]["associations.companies"] == "3"
    assert records["2"]["associations.contacts"] == ""


def test_an_association_that_changed_alone_is_seen_within_a_day() -> None:
    """HubSpot leaves the moment of the last change as it was, so no search finds it."""
    with trial_of("deals", number=250) as (trial, portal):
        first = trial.read()
        portal.things[120].associations = {"contacts": [7]}
        trial.world.clock.tick(23 * 3600)
        before = trial.read(first.last)
        assert before.keys() == []
        trial.world.clock.tick(2 * 3600)
        swept = trial.read(before.last)
        assert {record["id"]: record["associations.contacts"] for record in swept.records}["120"] == "7"
        assert set(swept.keys()) == trial.world.keys()
        assert (swept.deleted, "step" in (swept.last or {})) == (set(), False)
        trial.world.clock.tick(3600)
        assert trial.read(swept.last).keys() == []
        portal.things[120].associations = {}
        trial.world.clock.tick(24 * 3600)
        again = {record["id"]: record["associations.contacts"] for record in trial.read(swept.last).records}
        assert again["120"] == ""


def test_a_pass_over_all_associations_goes_on_over_several_syncs_and_then_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "PAGES_OF_A_SWEEP", 2)
    with trial_of("deals", number=500) as (trial, portal):
        cursor = trial.read().last
        trial.world.clock.tick(25 * 3600)
        seen = []
        for _ in range(4):
            portal.set(9, trial.world.clock.tick(1200), city="Kiel")  # what changed is read by every sync besides
            done = trial.read(cursor)
            seen.append([int(record["id"]) for record in done.records])
            cursor = done.last
        assert [numbers[0] for numbers in seen] == [9] * 4
        assert [numbers[1:] for numbers in seen] == [
            [*range(1, 201)],
            [*range(201, 401)],
            [*range(401, 501)],
            [],
        ]


def test_a_pass_that_was_killed_goes_on_where_its_last_stored_page_ended() -> None:
    with trial_of("deals", number=350) as (trial, _):
        first = trial.read()
        trial.world.clock.tick(25 * 3600)
        pages = trial.read(first.last).pages
        sweeping = [page for page in pages if page.records]
        assert len(sweeping) == 4
        rest = trial.read(sweeping[1].cursor)
        assert [int(record["id"]) for record in rest.records] == [*range(201, 351)]
        trial.world.clock.tick(3600)
        assert trial.read(rest.last).keys() == []


@pytest.mark.parametrize(
    ("kind", "settings", "columns"),
    [("contacts", {}, ()), ("deals", {"associations_every": 0}, ()), ("deals", {}, ("id", "city"))],
)
def test_nothing_is_read_again_where_no_association_is_wanted(
    kind: str, settings: dict[str, int], columns: tuple[str, ...]
) -> None:
    with trial_of(kind) as (trial, _):
        trial.world.config |= settings
        first = trial.read(columns=columns)
        trial.world.clock.tick(48 * 3600)
        assert trial.read(first.last, columns=columns).keys() == []


def test_a_renewed_refresh_token_is_kept() -> None:
    with trial_of(oauth=True) as (trial, portal):
        trial.read()
        assert trial.kept == {"refresh_token": portal.refreshing[-1]}
        assert portal.refreshing[-1] != REFRESH_TOKEN


def test_property_names_too_long_for_an_address_are_sent_in_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_LIST", 20)
    with trial_of(number=150) as (trial, _):
        assert sorted(trial.read().keys()) == sorted(trial.world.keys())
        assert trial.read().records[0]["email"].endswith("@example.org")
        lists = [asked for asked in trial.world.server.asked if asked.path == "/crm/v3/objects/contacts"]
    assert not [asked for asked in lists if "properties" in asked.query]


def test_only_the_wanted_properties_and_those_we_need_are_asked_for() -> None:
    with trial_of() as (trial, _):
        trial.world.config = {**trial.world.config, "properties": {"contacts": ["city", "no_such"]}}
        found = trial.read()
    assert "email" not in found.stream.columns
    assert "no_such" not in found.stream.columns
    assert {"city", "createdate", "lastmodifieddate", "hs_merged_object_ids"} <= set(found.records[0])


def test_a_history_backfill_tells_versions_of_records_that_changed_later() -> None:
    with trial_of() as (trial, portal):
        trial.world.stream = "contacts.history"
        portal.set(1, START + timedelta(days=1), city="Kiel")
        portal.set(1, START + timedelta(days=20), city="Rostock")
        found = trial.read(since=START, until=START + timedelta(days=2))
    assert [(record["object_id"], record["value"], record["source"]) for record in found.records] == [
        ("1", "Kiel", "CRM_UI")
    ]


def test_a_daily_limit_ends_at_once() -> None:
    limited = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY"}
    with trial_of(answer=lambda _: Answer(limited, 429)) as (trial, _):
        with pytest.raises(DailyLimit) as caught:
            trial.read()
        assert not caught.value.permanent
        assert len(trial.world.server.asked) == 1


@pytest.mark.parametrize(("status", "requests"), [(423, 6), (477, 1), (522, 6)])
def test_statuses_of_its_own_mean_later(status: int, requests: int) -> None:
    with trial_of(answer=lambda _: Answer({}, status)) as (trial, _):
        with pytest.raises(SourceUnavailable):
            trial.read()
        assert len(trial.world.server.asked) == requests


def test_searches_keep_a_slower_pace() -> None:
    with trial_of(number=900) as (trial, portal):
        first = trial.read()
        moment = trial.world.clock.tick(3600)
        for number in portal.things:
            portal.set(number, moment, city="Kiel")
        begun = trial.world.clock.now
        trial.read(first.last)
        assert (trial.world.clock.now - begun).total_seconds() >= 4 / client.SEARCHES_PER_SECOND


def test_an_unknown_stream_is_refused_with_the_known_ones() -> None:
    with trial_of() as (trial, _), trial.opened() as source:
        stream = source.streams()[0]
        with pytest.raises(SourceError, match="contacts"):
            source.count(type(stream)(name="tickets", label="Tickets", key=("id",)), [])


@pytest.mark.parametrize(
    "values", [{}, {"token": "a", "client_id": "b"}, {"client_id": "a", "client_secret": "s3cr3t"}]
)
def test_settings_need_exactly_one_way_in(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        HubSpotConfig.model_validate(values)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("name", ["contacts", "companies", "deals"])
def test_real_pages_become_flat_records(name: str, shared_data: Callable[[str], Path]) -> None:
    page = json.loads(shared_data(f"crm_api_fixtures/hubspot_{name}_page.json").read_text())
    for result in page["results"]:
        record = record_of(result, sorted(result["properties"]), {})
        assert record["id"] == result["id"]
        assert all(value is None or isinstance(value, str | bool) for value in record.values())
        assert record["hs_object_id"] == result["id"]
        assert list(merges_in(result)) == []


def test_real_histories_become_versions(shared_data: Callable[[str], Path]) -> None:
    page = json.loads(shared_data("crm_api_fixtures/hubspot_contacts_with_history.json").read_text())
    versions = [version for result in page["results"] for version in history_of(result)]
    expected = {
        (result["id"], name, one["timestamp"])
        for result in page["results"]
        for name, each in result["propertiesWithHistory"].items()
        for one in each
    }
    keys = [(version["object_id"], version["property"], version["at"]) for version in versions]
    assert set(keys) == expected
    assert len(keys) == len(set(keys)) > 20


def test_real_property_lists_are_read_and_fit_no_address(shared_data: Callable[[str], Path]) -> None:
    page = json.loads(shared_data("crm_api_fixtures/hubspot_contacts_properties.json").read_text())
    with trial_of() as (trial, portal):
        portal.names += [one["name"] for one in page["results"] if one["name"] not in portal.names]
        found = trial.read()
    assert {one["name"] for one in page["results"]} <= set(found.stream.columns)
    assert len(found.records) == 5


@pytest.mark.parametrize(
    ("properties", "lost"),
    [
        ({"hs_merged_object_ids": "12;13"}, ["12", "13"]),
        ({"hs_calculated_merged_vids": "12:1467799127390;7:1467799127391"}, ["12"]),
        ({"hs_merged_object_ids": None}, []),
    ],
)
def test_merges_are_read_from_either_property(properties: dict[str, str | None], lost: list[str]) -> None:
    assert list(merges_in({"id": "7", "properties": properties})) == [Merged(lost=one, into="7") for one in lost]


def test_text_of_a_moment_is_as_hubspot_writes_it() -> None:
    assert text(datetime(2023, 2, 24, 3, tzinfo=UTC)) == "2023-02-24T03:00:00.000Z"
