"""What only Salesforce does: error codes, limits, its late changes, bulk jobs, and the shapes of real answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from behaviour import Case, Clock, Trial
from cases.salesforce import START, HistoryWorld, OrgWorld, identity
from fake_server import Answer, Asked, serving
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from salesforce_org import REFRESH_TOKEN, ROOT, SESSION, Org, text

from sightline.sources.base import ReadRequest, SourceAnswer, SourceError, SourceRefused, SourceUnavailable
from sightline.sources.salesforce import client, soql, source
from sightline.sources.salesforce.client import NotThere, RequestLimit, TooManyFields
from sightline.sources.salesforce.config import SalesforceConfig
from sightline.sources.salesforce.fields import described, page_of, typed
from sightline.sources.salesforce.source import SALESFORCE

pytestmark = pytest.mark.req("PRG-1.1", "PRG-1.2")


@contextmanager
def trial_of(
    *,
    way: str = "session",
    bulk_from: int = 1000,
    world: type[OrgWorld] = OrgWorld,
    answer: Callable[[Asked], Answer] | None = None,
) -> Iterator[tuple[Trial, Org]]:
    """Run an organisation, with answers of its own or of `answer`."""
    running = world(Clock(), way, bulk_from)
    with (
        mock.patch.object(source, "ROWS_PER_QUERY", 20),
        serving(answer or running.org.answer, running.clock) as server,
    ):
        running.server = server
        running.connect(server.url)
        yield Trial(Case("salesforce", SALESFORCE, lambda *_: running), running), running.org


def error(status: int, code: str, message: str = "no") -> Callable[[Asked], Answer]:
    return lambda _: Answer([{"errorCode": code, "message": message}], status)


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RequestLimit, 1),
        (error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), SourceUnavailable, 6),
        (error(400, "QUERY_TIMEOUT"), SourceUnavailable, 6),
        (error(500, "SERVER_UNAVAILABLE"), SourceUnavailable, 6),
        (error(400, "INVALID_QUERY_LOCATOR"), SourceUnavailable, 1),
        (error(401, "INVALID_SESSION_ID"), SourceRefused, 1),
        (error(403, "API_DISABLED_FOR_ORG"), SourceRefused, 1),
        (error(404, "NOT_FOUND"), NotThere, 1),
        (error(400, "MALFORMED_QUERY"), SourceAnswer, 1),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_error_codes_tell_what_passes(answer: Callable[[Asked], Answer], kind: type[Exception], requests: int) -> None:
    with trial_of(answer=answer) as (trial, _):
        with pytest.raises(kind) as caught, trial.opened() as opened:
            opened.check()
        assert type(caught.value) is kind
        assert len(trial.world.server.asked) == requests


def test_reading_stops_before_the_limit_of_requests_is_used_up() -> None:
    with trial_of() as (trial, org):
        org.usage = "4500/5000"
        with pytest.raises(RequestLimit, match="4500 of 5000") as caught:
            trial.read()
        assert not caught.value.permanent
        assert len(trial.world.server.asked) == 1


def test_the_check_tells_usage_and_what_is_missing() -> None:
    with trial_of() as (trial, _):
        trial.world.config = {**trial.world.config, "objects": ["Lead", "Nothing__c"]}
        with trial.opened() as opened:
            assert opened.check().details == {"api usage": "18/5000", "missing": "Nothing__c"}
            assert [stream.name for stream in opened.streams()] == ["Lead"]


def test_a_change_that_shows_late_is_read_by_the_next_sync() -> None:
    with trial_of() as (trial, org):
        late = trial.world.clock.tick(3600)
        org.put(identity(1), trial.world.clock.tick(200), Company="Seen")
        first = trial.read()
        org.put(identity(2), late + timedelta(seconds=1), Company="Late")
        assert (identity(2),) in set(trial.read(first.last).keys())


def test_many_records_of_one_second_are_read_once_each() -> None:
    with trial_of() as (trial, org):
        first = trial.read()
        moment = trial.world.clock.tick(3600)
        for number in range(1, 50):
            org.put(identity(number), moment, Company="Bulk")
        trial.world.clock.tick(3600)
        second = trial.read(first.last)
        assert sorted(second.keys()) == sorted((identity(number),) for number in range(1, 50))


def test_a_query_is_read_over_all_its_pages() -> None:
    with trial_of() as (trial, _):
        trial.read()
        paths = [asked.path for asked in trial.world.server.asked]
    assert len([path for path in paths if path.startswith(f"{ROOT}/query/01g")]) == 2


def test_only_fields_that_salesforce_described_are_asked_for() -> None:
    with trial_of() as (trial, org):
        trial.read(columns=("Company", "Robert'); DROP TABLE", "Place"))
    fields = [query.split(" FROM ")[0] for query in org.queries if "ORDER BY" in query]
    assert set(fields) == {"SELECT Id, IsDeleted, CreatedDate, SystemModstamp, MasterRecordId, Company"}


def test_wanted_fields_are_those_of_the_settings() -> None:
    with trial_of() as (trial, _):
        trial.world.config = {**trial.world.config, "fields": {"Lead": ["Amount"]}}
        assert set(trial.read().stream.columns) == {
            "Id",
            "IsDeleted",
            "CreatedDate",
            "SystemModstamp",
            "MasterRecordId",
            "Amount",
        }


def test_a_bulk_job_gives_the_same_records_as_queries() -> None:
    with trial_of() as (trial, _):
        by_query = {record["Id"]: record for record in trial.read().records}
    with trial_of(bulk_from=0) as (trial, org):
        by_job = {record["Id"]: record for record in trial.read().records}
        assert len(org.jobs) == 1
        assert [seconds for seconds in trial.world.clock.slept if seconds == client.FIRST_POLL]
    assert by_job == by_query


def test_a_bulk_job_that_is_gone_is_begun_anew() -> None:
    with trial_of(bulk_from=0) as (trial, org):
        with trial.opened() as opened:
            page = next(iter(opened.read(ReadRequest(stream=trial.stream(opened)))))
        org.jobs.clear()
        second = trial.read(page.cursor)
        assert sorted(second.keys()) == sorted(trial.world.keys())


def test_what_changed_while_a_bulk_job_ran_is_read_by_the_next_sync() -> None:
    with trial_of(bulk_from=0) as (trial, _):
        first = trial.read()
        changed = trial.world.change(3)
        assert changed <= set(trial.read(first.last).keys())


def test_a_bulk_answer_that_lacks_rows_is_fetched_again() -> None:
    with trial_of(bulk_from=0) as (trial, org):
        broken = iter([True, True])

        def answer(asked: Asked) -> Answer:
            found = org.answer(asked)
            if asked.path.endswith("/results") and next(broken, False):
                return Answer(b"\n".join(found.body.split(b"\n")[:-4]), headers=found.headers)
            return found

        trial.world.server._answer = answer
        assert sorted(trial.read().keys()) == sorted(trial.world.keys())


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_failed_bulk_job_is_told(state: str) -> None:
    with trial_of(bulk_from=0) as (trial, org):

        def answer(asked: Asked) -> Answer:
            if asked.method == "GET" and "/jobs/query/" in asked.path:
                return Answer({"state": state, "errorMessage": "InvalidBatch : too complex"})
            return org.answer(asked)

        trial.world.server._answer = answer
        with pytest.raises(SourceUnavailable, match="too complex"):
            trial.read()


def test_a_job_that_never_ends_is_given_up_after_an_hour() -> None:
    with trial_of(bulk_from=0) as (trial, org):
        org.polls = 10**6
        with pytest.raises(SourceUnavailable, match="not complete"):
            trial.read()
        assert sum(trial.world.clock.slept) <= client.LONGEST_JOB + client.MOST_POLL


def test_a_renewed_refresh_token_is_kept() -> None:
    with trial_of(way="refresh", world=HistoryWorld) as (trial, org):
        trial.read()
        assert trial.kept == {"refresh_token": org.refreshing[-1]}
        assert org.refreshing[-1] != REFRESH_TOKEN


def test_a_history_object_without_a_modification_moment_is_read_by_creation() -> None:
    with trial_of(world=HistoryWorld) as (trial, _):
        found = trial.read()
    assert found.stream.cursor == "CreatedDate"
    assert found.stream.appends_only
    assert found.records[0]["NewValue"] == "Working"


def test_counts_are_grouped_by_utc_day_over_years() -> None:
    with trial_of() as (trial, org), trial.opened() as opened:
        counted = opened.count(trial.stream(opened), [date(2020, 1, 1), START.date(), date(2026, 3, 1)])
    assert counted is not None
    assert counted[date(2020, 1, 1)] == 0
    assert counted[START.date()] == 11
    assert len([query for query in org.queries if "GROUP BY DAY_ONLY(CreatedDate)" in query]) == 3


def test_an_object_with_too_many_fields_asks_to_name_some() -> None:
    with trial_of() as (trial, org):
        org.types |= {f"A_rather_long_custom_field_name_{number}__c": "string" for number in range(400)}
        with pytest.raises(TooManyFields, match="fields"):
            trial.read()


def test_links_to_another_host_are_not_followed() -> None:
    """The session would be sent along."""
    with trial_of() as (trial, org):

        def answer(asked: Asked) -> Answer:
            if asked.path.endswith("/queryAll") and "ORDER BY" in asked.query["q"]:
                return Answer({"done": False, "records": [], "nextRecordsUrl": "https://evil.example/services/data/x"})
            return org.answer(asked)

        trial.world.server._answer = answer
        with pytest.raises(SourceAnswer, match=r"evil\.example"):
            trial.read()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"access_token": SESSION, "client_id": "a", "client_secret": "s3cr3t"},
        {"client_id": "a"},
        {"access_token": SESSION, "objects": ["Lead; DROP"]},
        {"access_token": SESSION, "instance_url": "https://me:pw@x.my.salesforce.com"},
    ],
)
def test_unsound_settings_are_refused_without_their_secrets(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        SalesforceConfig.model_validate({"instance_url": "https://x.my.salesforce.com", **values})
    assert SESSION not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_an_unknown_stream_is_refused_with_the_known_ones() -> None:
    with trial_of() as (trial, _), trial.opened() as opened:
        stream = trial.stream(opened)
        with pytest.raises(SourceError, match="Lead"):
            opened.count(type(stream)(name="Case", label="Case", key=("Id",)), [])


@given(st.text())
def test_a_quoted_value_ends_where_it_ends(value: str) -> None:
    """Oracle: a reader of SOQL's string rules, written apart."""
    written, read, at = soql.quoted(value), "", 1
    escapes = {"n": "\n", "r": "\r", "t": "\t"}
    while written[at] != "'":
        if written[at] == "\\":
            at += 1
            read += escapes.get(written[at], written[at])
        else:
            read += written[at]
        at += 1
    assert at == len(written) - 1
    assert read == value


def test_bounds_are_written_in_utc() -> None:
    since = datetime.fromisoformat("2026-03-01T01:30:00+02:00")
    assert soql.Range("SystemModstamp", since).where() == " WHERE SystemModstamp >= 2026-02-28T23:30:00Z"


def test_real_answers_become_flat_records(shared_data: Callable[[str], Path]) -> None:
    rows = json.loads(shared_data("crm_api_fixtures/salesforce_query_contacts.json").read_text())["records"]
    records = page_of(rows).records
    assert records[0] == {
        "Id": "0031U00000JajaoQAB",
        "Name": "Rose Gonzalez",
        "Account.Name": "Edge Communications",
        "Account.CreatedBy.Name": "Jamie Smith",
        "Account.CreatedBy.CreatedBy.Name": "Jamie Smith",
    }


def test_real_moments_are_read(shared_data: Callable[[str], Path]) -> None:
    page = json.loads(shared_data("crm_api_fixtures/salesforce_tooling_query_customfields.json").read_text())
    value = page["records"][0]["CreatedDate"]
    assert datetime.fromisoformat(value) == datetime(2022, 5, 4, 11, 1, 45, tzinfo=UTC)
    assert value == text(datetime(2022, 5, 4, 11, 1, 45, tzinfo=UTC))
    assert typed({"CreatedDate": "2022-05-04T11:01:45.000Z"}, {"CreatedDate": "datetime"}) == {"CreatedDate": value}


def test_fields_that_hold_other_fields_are_left_out() -> None:
    answer = {"fields": [{"name": "Id", "type": "id"}, {"name": "MailingAddress", "type": "address"}]}
    assert described("Contact", answer, wanted=()).types == {"Id": "id"}
