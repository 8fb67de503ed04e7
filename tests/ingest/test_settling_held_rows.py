"""Rows in quarantine are tried again, mended, released or thrown away; each is dealt with once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sightline.accounts.access import Access, operator_access
from sightline.accounts.models import AuditEntry
from sightline.home import WorkspaceFolder
from sightline.ingest import replays
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.actions.settle_held import ReasonMissing, discard_rows, fix_row, release_rows, replay_rows
from sightline.ingest.mapping import map_from
from sightline.ingest.models import HeldReplay
from sightline.ingest.origins import map_of_run
from sightline.ingest.quarantine import held_rows
from sightline.ingest.replays import complete_replays
from sightline.lake import commit
from sightline.lake.settle import RowId

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3")]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Read = Callable[..., list[dict[str, Any]]]
LEADS = """lead_id,program_id,email,visits,created_at
l1,p1,a@x.test,3,2026-02-01
l2,p9,b@x.test,4,2026-02-02
l3,p1,c@x.test,many,2026-02-03
l4,p1,d@x.test,5,2027-02-03
"""


@pytest.fixture
def access(folder: WorkspaceFolder, file: Callable[[str, str], Path]) -> Access:
    """Return a workspace in which l2 has an unknown program, l3 no number and l4 a date in the future."""
    _import(folder, "programs", file("programs.csv", "program_id,name\np1,One\n"))
    _import(folder, "leads", file("leads.csv", LEADS))
    return operator_access(folder)


def _import(folder: WorkspaceFolder, dataset: str, path: Path) -> None:
    import_file(folder=folder, dataset=dataset, path=path, now=NOW, by="t")


def held(access: Access) -> dict[str, RowId]:
    rows = held_rows(access=access, dataset="leads").rows
    return {row.record.split('"lead_id":"')[1][:2]: RowId(row.run, row.row) for row in rows}


def names_held(access: Access) -> list[str]:
    rows = held_rows(access=access, dataset="leads").rows
    return sorted(row.record.split('"lead_id":"')[1][:2] for row in rows)


def leads(read: Read) -> list[str]:
    return sorted(row["lead_id"] for row in read())


def test_a_row_is_published_once_what_it_refers_to_is_there(
    access: Access, file: Callable[[str, str], Path], read: Read
) -> None:
    assert set(held(access)) == {"l2", "l3", "l4"}
    tried = replay_rows(access=access, dataset="leads", ids=[held(access)["l2"]], now=NOW)
    assert (tried.released, tried.held_again) == (0, 1)
    assert set(held(access)) == {"l2", "l3", "l4"}
    _import(access.folder, "programs", file("more.csv", "program_id,name\np9,Nine\n"))
    done = replay_rows(access=access, dataset="leads", ids=[held(access)["l2"]], now=NOW)
    assert (done.released, done.held_again) == (1, 0)
    assert done.snapshot == access.folder.lake.snapshot().id
    assert set(held(access)) == {"l3", "l4"}
    assert leads(read) == ["l1", "l2"]


def test_a_mended_value_is_published_and_the_change_is_on_record(access: Access, read: Read) -> None:
    row = held(access)["l3"]
    wrong = fix_row(access=access, dataset="leads", row=row, values={"visits": "a few"}, now=NOW)
    assert wrong.held_again == 1
    assert "Visits is not an integer" in wrong.reasons[0]
    fixed = fix_row(
        access=access, dataset="leads", row=held(access)["l3"], values={"visits": "7"}, now=NOW, reason="called"
    )
    assert fixed.released == 1
    assert next(row["visits"] for row in read() if row["lead_id"] == "l3") == 7
    (change,) = AuditEntry.objects.filter(verb="fixed a row").latest("id").detail["changes"]
    assert (change["before"], change["after"]) == ({"visits": "a few"}, {"visits": "7"})


def test_personal_data_are_not_copied_into_the_audit_log(access: Access) -> None:
    fix_row(
        access=access, dataset="leads", row=held(access)["l3"], values={"email": "new@x.test", "visits": "1"}, now=NOW
    )
    detail = str(AuditEntry.objects.get(verb="fixed a row").detail)
    assert "x.test" not in detail
    assert "(personal data)" in detail


def test_somebody_may_vouch_for_a_row_but_not_for_what_cannot_be_stored(access: Access, read: Read) -> None:
    with pytest.raises(ReasonMissing):
        release_rows(access=access, dataset="leads", ids=held(access).values(), now=NOW, reason=" ")
    done = release_rows(access=access, dataset="leads", ids=held(access).values(), now=NOW, reason="known to be right")
    assert (done.released, done.held_again) == (2, 1)
    assert set(held(access)) == {"l3"}
    assert leads(read) == ["l1", "l2", "l4"]


def test_discarded_rows_are_gone_from_the_quarantine_and_a_second_try_does_nothing(access: Access, read: Read) -> None:
    ids = list(held(access).values())
    assert discard_rows(access=access, dataset="leads", ids=ids, now=NOW, reason="test data").discarded == 3
    assert held(access) == {}
    again = replay_rows(access=access, dataset="leads", ids=ids, now=NOW)
    assert (again.released, again.gone) == (0, 3)
    assert leads(read) == ["l1"]


class Killed(BaseException):
    """What no `except Exception` catches, as a kill."""


MOMENTS = [
    (replays, "store_records", False),
    (commit, "_write", False),
    (commit, "_write", True),
    (replays, "store_records", True),
    (replays, "settle_rows", False),
    (replays, "settle_rows", True),
    (replays, "note_settled", False),
]


@pytest.fixture(params=MOMENTS, ids=[f"{name}-{'after' if after else 'before'}" for _, name, after in MOMENTS])
def killed_release(
    access: Access, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[RowId]], None]:
    """Return a function that releases rows and is killed at one of the moments."""
    where, name, after = request.param

    def release(ids: list[RowId]) -> None:
        original = getattr(where, name)

        def dies(*args: Any, **kwargs: Any) -> Any:
            if after:
                original(*args, **kwargs)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(where, name, dies)
            with pytest.raises(Killed):
                release_rows(access=access, dataset="leads", ids=ids, now=NOW, reason="right")

    return release


def test_a_release_that_was_killed_is_completed_by_the_same_call(
    access: Access, read: Read, killed_release: Callable[[list[RowId]], None]
) -> None:
    ids = [held(access)["l3"], held(access)["l4"]]
    killed_release(ids)
    done = release_rows(access=access, dataset="leads", ids=ids, now=NOW, reason="right")
    assert (done.released, done.held_again, done.gone) == (1, 1, 0)
    assert leads(read) == ["l1", "l4"]
    assert names_held(access) == ["l2", "l3"]
    (entry,) = AuditEntry.objects.filter(verb="released rows")
    assert (entry.detail["released"], entry.detail["held_again"], entry.detail["reason"]) == (1, 1, "right")
    assert not HeldReplay.objects.exists()


@pytest.mark.parametrize("then", ["replays others", "discards", "waits"])
def test_a_release_that_was_killed_is_completed_by_whoever_comes_next(
    access: Access, read: Read, killed_release: Callable[[list[RowId]], None], then: str
) -> None:
    """Before, a row that was held again by a killed call was held twice when other rows were chosen the next time."""
    rows = held(access)
    killed_release([rows["l3"], rows["l4"]])
    if then == "replays others":
        done = replay_rows(access=access, dataset="leads", ids=[rows["l2"], rows["l4"]], now=NOW)
        assert (done.released, done.held_again, done.gone) == (0, 1, 1)
    elif then == "discards":
        done = discard_rows(access=access, dataset="leads", ids=[rows["l4"]], now=NOW, reason="too late")
        assert (done.discarded, done.gone) == (0, 1)
    else:
        assert complete_replays(access.folder, now=NOW) == 1
        assert complete_replays(access.folder, now=NOW) == 0
    assert leads(read) == ["l1", "l4"]
    assert names_held(access) == ["l2", "l3"]
    assert AuditEntry.objects.filter(verb="released rows").count() == 1


def test_rows_that_pass_only_after_the_kill_are_not_lost(
    access: Access, file: Callable[[str, str], Path], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was held when the others were committed stays held: it is not among the rows that are in the lake."""

    def dies(*_: Any, **__: Any) -> Any:
        raise Killed

    ids = [held(access)[name] for name in ("l2", "l3")]
    _import(access.folder, "leads", file("more.csv", "lead_id,program_id,visits,created_at\nl5,p8,1,2026-02-01\n"))
    _import(access.folder, "programs", file("eight.csv", "program_id,name\np8,Eight\n"))
    ids.append(held(access)["l5"])
    with monkeypatch.context() as patch:
        patch.setattr(replays, "settle_rows", dies)
        with pytest.raises(Killed):
            replay_rows(access=access, dataset="leads", ids=ids, now=NOW)
    _import(access.folder, "programs", file("nine.csv", "program_id,name\np9,Nine\n"))
    replay_rows(access=access, dataset="leads", ids=ids, now=NOW)
    assert sorted({*leads(read), *names_held(access)}) == ["l1", "l2", "l3", "l4", "l5"]
    assert len(names_held(access)) == len(set(names_held(access)))


def test_a_replay_that_fails_before_it_wrote_anything_is_not_tried_by_others(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        raise OSError("no space left")

    rows = held(access)
    with monkeypatch.context() as patch:
        patch.setattr(replays, "store_records", full)
        with pytest.raises(OSError, match="no space"):
            release_rows(access=access, dataset="leads", ids=[rows["l4"]], now=NOW, reason="right")
    assert not HeldReplay.objects.exists()
    assert names_held(access) == ["l2", "l3", "l4"]
    assert not AuditEntry.objects.filter(verb="released rows").exists()


def test_a_row_that_is_held_again_is_still_read_with_the_map_of_the_file_it_came_in(
    access: Access, file: Callable[[str, str], Path], read: Read
) -> None:
    path = file("odd.csv", "who,what,n,at\nl7,p7,6,2026-02-05\n")
    mapping = map_from({"columns": {"lead_id": "who", "program_id": "what", "visits": "n", "created_at": "at"}})
    result = import_file(folder=access.folder, dataset="leads", path=path, now=NOW, by="t", mapping=mapping)
    assert result.rejected == 1
    for _ in range(2):
        (row,) = [each for each in held_rows(access=access, dataset="leads").rows if "l7" in each.record]
        assert map_of_run(access.workspace, row.run) == mapping
        done = replay_rows(access=access, dataset="leads", ids=[RowId(row.run, row.row)], now=NOW)
        assert (done.held_again, done.gone) == (1, 0)
    _import(access.folder, "programs", file("seven.csv", "program_id,name\np7,Seven\n"))
    (row,) = [each for each in held_rows(access=access, dataset="leads").rows if "l7" in each.record]
    assert replay_rows(access=access, dataset="leads", ids=[RowId(row.run, row.row)], now=NOW).released == 1
    assert next(row["visits"] for row in read() if row["lead_id"] == "l7") == 6
