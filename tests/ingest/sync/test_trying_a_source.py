"""Trying a source ends in time, writes nothing, and sends stored secrets nowhere else; its records are looked at."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from sightline.accounts.access import Access
from sightline.errors import InternalError
from sightline.home import WorkspaceFolder
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import Source, StreamState, SyncRun
from sightline.ingest.preview import preview_records
from sightline.ingest.spec import spec_from
from sightline.ingest.trial import TookTooLong, in_time, sample_stream, try_source
from sightline.lake.snapshot import Snapshot
from sightline.sources.base import SourceRefused
from toy_source import Toy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORDS = [
    {"id": "1", "program": "p1", "created": "2026-02-01T12:00:00+00:00"},
    {"id": "2", "program": "p2", "created": "yesterday"},
]
MAP = MapFile(columns={"lead_id": "id", "program_id": "program", "created_at": "created"})


def test_what_takes_too_long_is_given_up() -> None:
    never = threading.Event()
    with pytest.raises(TookTooLong, match="did not answer within 0 seconds"):
        in_time(never.wait, seconds=0.05)
    never.set()


def test_an_error_of_the_source_is_its_own_and_any_other_is_ours() -> None:
    def refuse() -> None:
        raise SourceRefused("no")

    with pytest.raises(SourceRefused):
        in_time(refuse, seconds=5)
    with pytest.raises(InternalError, match="on our side"):
        in_time(lambda: 1 / 0, seconds=5)


@pytest.mark.django_db(transaction=True)
def test_a_trial_lists_streams_and_records_and_writes_nothing(
    source: Source, access: Access, folder: WorkspaceFolder, toy: Toy
) -> None:
    before: Snapshot = folder.lake.snapshot()
    spec = spec_from(source.spec)
    tried = try_source(access=access, spec=spec, secrets={}, now=NOW)
    assert [stream.name for stream in tried.streams] == ["contacts", "stages"]
    sample = sample_stream(access=access, spec=spec, stream="contacts", now=NOW)
    assert sample.columns == toy.columns
    assert [record["id"] for record in sample.records] == ["c1", "c2", "c3"]
    assert not StreamState.objects.exists()
    assert not SyncRun.objects.exists()
    assert folder.lake.snapshot() == before


@pytest.mark.req("PRG-8")
def test_records_are_shown_as_they_are_and_as_they_would_be_stored(folder: WorkspaceFolder) -> None:
    shown = preview_records(
        folder=folder, dataset="leads", records=RECORDS, columns=("id", "program", "created"), mapping=MAP
    )
    assert shown.problem == ""
    assert shown.raw[1] == ("2", "p2", "yesterday")
    stored = dict(zip(shown.converted_columns, shown.converted[1], strict=True))
    assert (stored["lead_id"], stored["created_at"]) == ("2", None)
    covered = {each.column: (each.filled, each.unreadable, each.example) for each in shown.coverage}
    assert covered["lead_id"] == (1.0, 0.0, "")
    assert covered["created_at"] == (0.5, 0.5, "yesterday")


def test_a_map_that_does_not_fit_the_stream_is_told_and_looked_at_without_what_is_gone(folder: WorkspaceFolder) -> None:
    mapping = MAP.model_copy(update={"columns": {**MAP.columns, "email": "mail"}})
    shown = preview_records(folder=folder, dataset="leads", records=RECORDS, columns=("id", "program"), mapping=mapping)
    assert 'no column "mail"' in shown.problem
    assert "Nothing fills created_at" in shown.problem
    assert shown.rows_looked_at == 2
