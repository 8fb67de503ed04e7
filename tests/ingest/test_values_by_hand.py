"""Values entered by hand: before → after, why, and all rows or none; archived members are not offered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cast import Cast, cast, home
from sightline.accounts.access import PermissionMissing
from sightline.accounts.models import AuditEntry
from sightline.ingest.actions.archive_member import NotArchivable, set_archived
from sightline.ingest.actions.enter_values import BadEntry, enter_values
from sightline.ingest.actions.settle_held import ReasonMissing
from sightline.ingest.models import ManualEntry
from sightline.metrics.members import members
from sightline.metrics.warehouse import warehouse_of

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-8", "PRG-1.8")]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROGRAM = {"program_id": "p1", "name": "Data", "school_id": "s1", "level": "degree", "tuition": "1000"}


@pytest.fixture
def enter(cast: Cast) -> Callable[..., Any]:
    """Return a function by which the owner enters rows; the school s1 and the program p1 are there."""
    access = cast.access(cast.owner)

    def run(dataset: str, *rows: dict[str, str | None], reason: str = "told by phone", **more: Any) -> Any:
        return enter_values(access=access, dataset=dataset, rows=rows, reason=reason, now=NOW, **more)

    run("schools", {"school_id": "s1", "name": "Business"})
    run("programs", PROGRAM)
    return run


def test_a_change_tells_before_and_after_and_leaves_other_columns_alone(enter: Callable[..., Any]) -> None:
    done = enter("programs", {"program_id": "p1", "tuition": "1200"})
    (change,) = done.changes
    assert change.before is not None
    assert float(change.before["tuition"]) == 1000
    assert change.after == {"tuition": "1200"}
    again = enter("programs", {"program_id": "p1", "name": "Data science"})
    assert again.changes[0].before == {"name": "Data"}
    entry = ManualEntry.objects.filter(dataset="programs", after__name="Data science").first()
    assert entry is not None
    assert (entry.reason, entry.by, entry.after) == ("told by phone", "owner@cast.test", {"name": "Data science"})


def test_a_look_beforehand_writes_nothing(enter: Callable[..., Any], cast: Cast) -> None:
    before = cast.folder.lake.snapshot().id
    seen = enter("programs", {"program_id": "p2", "name": "New", "school_id": "s1", "level": "degree"}, dry_run=True)
    assert (seen.changes[0].before, seen.snapshot) == (None, None)
    assert cast.folder.lake.snapshot().id == before


def test_one_bad_row_stops_the_whole(enter: Callable[..., Any], cast: Cast) -> None:
    before = cast.folder.lake.snapshot().id
    with pytest.raises(BadEntry, match="Tuition is not a"):
        enter("programs", {"program_id": "p1", "name": "X"}, {**PROGRAM, "program_id": "p3", "tuition": "much"})
    assert cast.folder.lake.snapshot().id == before


def test_every_problem_of_the_form_is_told_at_once(enter: Callable[..., Any]) -> None:
    with pytest.raises(BadEntry) as error:
        enter("programs", {"program_id": "p1", "tution": "3"}, {"name": "nobody"}, {"program_id": "p1"})
    assert 'row 1: no column "tution"; did you mean "tuition"?' in str(error.value)
    assert "row 2: Program is empty" in str(error.value)
    assert "row 3: the same key as in an earlier row" in str(error.value)


def test_the_effective_date_places_a_row_in_time(enter: Callable[..., Any]) -> None:
    row = {"program_id": "p1", "channel": "Events", "amount": "500"}
    enter("spend", row, effective_on=date(2026, 2, 10))
    entry = ManualEntry.objects.filter(dataset="spend").get()
    assert entry.effective_on == date(2026, 2, 10)
    assert entry.key["spent_on"] == "2026-02-10"


def test_it_needs_a_reason_and_the_right(enter: Callable[..., Any], cast: Cast) -> None:
    with pytest.raises(ReasonMissing):
        enter("programs", {"program_id": "p1", "tuition": "1"}, reason=" ")
    for person in (cast.viewer, cast.partner):
        with pytest.raises(PermissionMissing):
            enter_values(access=cast.access(person), dataset="programs", rows=[PROGRAM], reason="x", now=NOW)


def test_personal_data_are_not_copied_into_the_history(enter: Callable[..., Any]) -> None:
    lead = {"lead_id": "l1", "program_id": "p1", "email": "someone@x.test", "created_at": "2026-02-01"}
    enter("leads", lead)
    assert "someone" not in str(AuditEntry.objects.filter(verb="entered values").latest("id").detail)
    assert "someone" not in str(ManualEntry.objects.filter(dataset="leads").get().after)


def test_an_archived_program_is_not_offered_and_can_come_back(enter: Callable[..., Any], cast: Cast) -> None:
    access = cast.access(cast.owner)

    def offered() -> list[str | None]:
        return [each.key for each in members("program", access.viewer, warehouse=warehouse_of(cast.folder))]

    assert offered() == ["p1"]
    set_archived(access=access, entity="program", key="p1", archived=True, reason="closed", now=NOW)
    assert offered() == []
    set_archived(access=access, entity="program", key="p1", archived=False, reason="open again", now=NOW)
    assert offered() == ["p1"]
    with pytest.raises(NotArchivable):
        set_archived(access=access, entity="school", key="s1", archived=True, reason="x", now=NOW)
