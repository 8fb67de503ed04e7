"""Every connector behaves the same: what `ingest` relies on, tried on every case."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from behaviour import LASTING, PASSING, PERMANENT, Clock, Reading, Trial, day_of, stored
from cases import ALL

from sightline.sources.address import PrivateAddress
from sightline.sources.base import ReadRequest, SourceError, SourceRefused, SourceUnavailable
from sightline.sources.catalogue import CONNECTORS

pytestmark = [pytest.mark.req("PRG-1.1", "PRG-1.2", "PLT-2")]


@pytest.fixture(params=ALL, ids=lambda case: case.name)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    needs = request.node.get_closest_marker("needs")
    for ability in needs.args if needs else ():
        if ability in request.param.cannot:
            pytest.skip(f"{request.param.name}: {request.param.cannot[ability]}")
    with request.param.start(tmp_path, Clock()) as world:
        yield Trial(request.param, world)


needs = pytest.mark.needs


def test_every_connector_has_a_case() -> None:
    missing = set(CONNECTORS) - {case.connector.name for case in ALL}
    assert not missing, f"add tests/sources/cases/<connector>.py for {missing}"


def test_checking_names_what_was_reached(trial: Trial) -> None:
    with trial.opened() as source:
        checked = source.check()
    assert checked.reached.strip()
    assert not [secret for secret in trial.world.secrets if secret in repr(checked)]


@needs("credentials")
def test_wrong_credentials_are_refused_without_showing_them(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert trial.world.wrong is not None
    with pytest.raises(SourceRefused) as caught, trial.opened(trial.world.wrong) as source:
        source.check()
    said = f"{caught.value} {caught.value!r} {caught.value.hint} {caplog.text}"
    values = [value for name, value in trial.world.wrong.items() if trial.world.config.get(name) != value]
    assert not [value for value in values if isinstance(value, str) and value in said]
    assert not [secret for secret in trial.world.secrets if secret in said]


def test_settings_do_not_show_their_secrets(trial: Trial) -> None:
    settings = trial.case.connector.config.model_validate(dict(trial.world.config))
    assert not [secret for secret in trial.world.secrets if secret in f"{settings!r} {settings}"]


def test_streams_have_keys_and_columns(trial: Trial) -> None:
    with trial.opened() as source:
        streams = source.streams()
    assert len({stream.name for stream in streams}) == len(streams)
    for stream in streams:
        named = {*stream.key, *filter(None, (stream.cursor, stream.created))}
        assert stream.key
        assert stream.label
        assert not stream.columns or named <= set(stream.columns), stream


def test_reading_from_the_beginning_yields_every_key_once(trial: Trial) -> None:
    found = trial.read()
    assert sorted(found.keys()) == sorted(trial.world.keys())
    assert len(found.records) > 3, "a world holds several records"


def test_records_are_flat_and_plain(trial: Trial) -> None:
    for record in trial.read().records:
        assert json.loads(json.dumps(record)) == dict(record)
        assert not [name for name, value in record.items() if isinstance(value, dict)]


def test_streams_name_the_columns_of_their_records(trial: Trial) -> None:
    found = trial.read()
    if found.stream.columns:
        assert {name for record in found.records for name in record} <= set(found.stream.columns)


def test_only_wanted_columns_and_the_key_are_needed(trial: Trial) -> None:
    key = trial.read().stream.key
    found = trial.read(columns=key)
    assert sorted(found.keys()) == sorted(trial.world.keys())


@needs("resume")
def test_reading_from_the_cursor_of_any_page_yields_exactly_the_rest(trial: Trial) -> None:
    whole = trial.read()
    assert len(whole.pages) > 1, "a world holds more than one page"
    for number, page in enumerate(whole.pages[:-1], 1):
        assert page.cursor is not None
        rest = trial.read(stored(page.cursor))
        assert sorted(rest.keys()) == sorted(whole.keys(whole.pages[number:])), f"after page {number}"


@needs("increments")
def test_a_change_is_read_from_the_last_cursor_on(trial: Trial) -> None:
    first = trial.read()
    changed = trial.world.change(3)
    second = trial.read(first.last)
    assert changed <= set(second.keys())
    assert len(set(second.keys()) - changed) <= trial.world.page, "no more than one page is read again"


@needs("increments")
def test_reading_again_without_a_change_reads_next_to_nothing(trial: Trial) -> None:
    first = trial.read()
    trial.world.clock.tick()
    second = trial.read(first.last)
    assert len(second.keys()) <= trial.world.page
    trial.world.change(1)
    third = trial.read(_last(second, first))
    assert len(third.keys()) <= trial.world.page + 1


@needs("increments")
def test_nothing_is_lost_when_changes_happen_between_pages(trial: Trial) -> None:
    with trial.opened() as source:
        stream = trial.stream(source)
        pages, changed = [], set()
        for page in source.read(ReadRequest(stream=stream)):
            pages.append(page)
            if len(pages) == 1:
                changed = trial.world.change(3)
    first = Reading(stream, pages)
    second = trial.read(first.last)
    assert trial.world.keys() <= {*first.keys(), *second.keys()}
    assert changed <= {*first.keys(pages[1:]), *second.keys()}


def _last(second: Reading, first: Reading) -> dict[str, object]:
    return dict((second if any(page.cursor is not None for page in second.pages) else first).last)


@needs("bounds")
def test_since_and_until_bound_a_backfill(trial: Trial) -> None:
    moments = trial.world.moments()
    ordered = sorted(set(moments.values()))
    since, until = ordered[len(ordered) // 4], ordered[3 * len(ordered) // 4]
    found = trial.read(since=since, until=until)
    assert set(found.keys()) == {key for key, moment in moments.items() if since <= moment < until}
    assert not trial.read(since=ordered[-1] + timedelta(days=1), until=ordered[-1] + timedelta(days=2)).keys()


@needs("bounds", "resume")
def test_a_backfill_resumes_behind_any_page(trial: Trial) -> None:
    ordered = sorted(set(trial.world.moments().values()))
    bounds = {"since": ordered[0], "until": ordered[-1] + timedelta(seconds=1)}
    whole = trial.read(**bounds)
    for number, page in enumerate(whole.pages[:-1], 1):
        assert page.cursor is not None
        rest = trial.read(stored(page.cursor), **bounds)
        assert sorted(rest.keys()) == sorted(whole.keys(whole.pages[number:])), f"after page {number}"


@needs("remove")
def test_a_deleted_record_is_told(trial: Trial) -> None:
    first = trial.read()
    removed = trial.world.remove()
    assert removed[0] in trial.read(first.last).deleted
    assert removed not in set(trial.read().keys())


@needs("merge")
def test_a_merged_record_is_told(trial: Trial) -> None:
    first = trial.read()
    merged = trial.world.merge()
    second = trial.read(first.last)
    assert merged in second.merged
    assert sorted(trial.read().keys()) == sorted(trial.world.keys())


@needs("count")
def test_counts_per_day_are_those_of_the_records(trial: Trial) -> None:
    found = trial.read()
    assert found.stream.created
    expected: dict[object, int] = {}
    for record in found.records:
        day = day_of(record[found.stream.created])
        expected[day] = expected.get(day, 0) + 1
    quiet = min(expected) - timedelta(days=400)
    with trial.opened() as source:
        counted = source.count(trial.stream(source), [*sorted(expected), quiet])
    assert counted is not None
    assert {day: number for day, number in counted.items() if number} == expected
    assert len(expected) > 1, "a world holds records of several days"


@needs("faults")
@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_failure_is_survived(trial: Trial, kind: str) -> None:
    fault = trial.world.fault(kind, 2)
    assert sorted(trial.read().keys()) == sorted(trial.world.keys())
    assert fault.met == 2
    assert max(trial.world.clock.slept) >= (7.0 if kind.startswith("limited") else 0.25)


@needs("faults")
@pytest.mark.parametrize("kind", LASTING)
def test_a_lasting_failure_ends_as_unavailable(trial: Trial, kind: str) -> None:
    fault = trial.world.fault(kind, None)
    with pytest.raises(SourceUnavailable) as caught:
        trial.read()
    assert not caught.value.permanent
    assert 2 <= fault.met <= 10
    assert len(set(trial.world.clock.slept)) > 1, "waits carry jitter"


@needs("faults")
@pytest.mark.parametrize("kind", PERMANENT)
def test_a_permanent_failure_is_not_tried_again(trial: Trial, kind: str) -> None:
    fault = trial.world.fault(kind, None)
    with pytest.raises(SourceError) as caught:
        trial.read()
    assert caught.value.permanent
    assert fault.met == 1


@needs("faults", "resume")
def test_a_read_that_broke_off_goes_on_from_its_last_page(trial: Trial) -> None:
    with trial.opened() as source:
        stream = trial.stream(source)
        reading = source.read(ReadRequest(stream=stream))
        first = Reading(stream, [next(reading)])
        trial.world.fault("unavailable", None)
        with pytest.raises(SourceUnavailable):
            next(reading)
    trial.world.recover()
    second = trial.read(first.last)
    assert sorted([*first.keys(), *second.keys()]) == sorted(trial.world.keys())


@needs("renewal")
def test_expired_credentials_are_renewed_and_kept(trial: Trial) -> None:
    trial.world.expire()
    assert sorted(trial.read().keys()) == sorted(trial.world.keys())


@needs("schema")
def test_a_new_column_shows(trial: Trial) -> None:
    before = trial.read()
    name = trial.world.add_column()
    after = trial.read()
    assert name not in before.stream.columns
    assert all(name in record for record in after.records)
    assert not after.stream.columns or name in after.stream.columns


@needs("schema")
def test_a_removed_column_shows(trial: Trial) -> None:
    before = trial.read()
    name = trial.world.drop_column()
    after = trial.read()
    assert any(name in record for record in before.records)
    assert not any(name in record for record in after.records)
    assert name not in after.stream.columns
    assert sorted(after.keys()) == sorted(trial.world.keys())


@needs("network")
def test_private_addresses_are_refused_unless_allowed(trial: Trial) -> None:
    with pytest.raises(PrivateAddress), trial.opened(allow_private=False) as source:
        source.check()


@pytest.mark.parametrize("kind", ["broken", "refused", "cut off"])
def test_no_secret_is_logged_or_told(trial: Trial, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = repr(trial.read().pages)
    if "faults" not in trial.case.cannot:
        trial.world.fault(kind, None)
        with pytest.raises((SourceError, SourceUnavailable)) as caught:
            trial.read()
        said += f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert not [secret for secret in trial.world.secrets if secret in said + caplog.text]


@needs("faults")
def test_waits_differ_from_one_sync_to_the_next(trial: Trial) -> None:
    waits = []
    for seed in random.Random(5).sample(range(1000), 2):  # noqa: S311 - jitter of a test
        trial.world.clock.slept.clear()
        fault = trial.world.fault("broken", 2)
        with trial.opened(seed=seed) as source:
            source.check()
        assert fault.over
        waits.append(sorted(trial.world.clock.slept))
    assert waits[0] != waits[1]
