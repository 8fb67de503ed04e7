"""A held row belongs to what brought it first, however often it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sightline.accounts.access import Access, operator_access
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.settle_held import replay_rows
from sightline.ingest.held_counts import held_by_source
from sightline.ingest.held_origins import Origin, origins_of
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import Source
from sightline.ingest.quarantine import held_rows
from sightline.ingest.records import store_records
from sightline.lake.quarantine import HeldRow
from sightline.lake.settle import RowId

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3")]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPEC = {"source": "crm", "type": "files", "label": "The CRM", "config": {}, "streams": {"x": {"dataset": "leads"}}}


def held(access: Access) -> HeldRow:
    (row,) = held_rows(access=access, dataset="leads").rows
    return row


def test_a_row_tried_again_is_still_that_of_its_source(folder: WorkspaceFolder) -> None:
    access = operator_access(folder)
    source = Source.objects.create(workspace=folder.name, name="crm", spec=SPEC, created_at=NOW, changed_at=NOW)
    store_records(
        folder=folder,
        dataset=folder.catalog.dataset("leads"),
        records=[{"lead_id": "l1", "program_id": "p1", "created_at": "2026-02-01"}],
        mapping=MapFile(),
        run="sync-crm-x-0123456789abcdef",
        now=NOW,
    )
    for again in (False, True, True):
        row = held(access)
        assert held_by_source(access, [source]) == {"crm": 1}
        assert origins_of(folder.name, [row.run]) == {row.run: Origin("source", "The CRM", "crm", again)}
        assert replay_rows(access=access, dataset="leads", ids=[RowId(row.run, row.row)], now=NOW).held_again == 1


def test_a_run_that_nobody_knows_is_said_to_be_loaded_directly(db: None) -> None:
    assert origins_of("small", ["sample-leads"]) == {"sample-leads": Origin("other", "Loaded directly")}
    assert origins_of("small", ["sync-gone-x-1"])["sync-gone-x-1"].label == "Gone"
    assert origins_of("small", ["in-abc-x"])["in-abc-x"].kind == "other"
