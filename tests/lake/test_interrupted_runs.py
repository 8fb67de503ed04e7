"""A run that was killed is whole or absent, and writing it again completes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from lake_samples import NOW, batch

from sightline.definitions.schema.dataset import Dataset
from sightline.lake import commit as commits
from sightline.lake.snapshots import SnapshotLog
from sightline.lake.store import Lake
from sightline.lake.table import Table
from sightline.lake.write import Written, publish_table, write

Make = Callable[..., Dataset]
Read = Callable[..., list[dict[str, Any]]]


class KilledHere(BaseException):
    """Stands for a process that ends at this point."""


def killed(*_: object, **__: object) -> None:
    raise KilledHere


def load(lake: Lake, dataset: Dataset, ids: str, run: str = "r1") -> Written:
    rows = [{"lead_id": name} for name in ids]
    return write(lake, dataset, [batch(rows, dataset)], zone="UTC", now=NOW, run=run, references={})


@pytest.mark.req("PLT-2")
@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize(
    ("where", "name"),
    [(commits, "write_files"), (Table, "create"), (Table, "commit"), (commits, "publish"), (SnapshotLog, "publish")],
)
def test_a_run_killed_at_any_step_is_absent_and_completes_when_repeated(
    lake: Lake, make_dataset: Make, read: Read, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, keyed: bool
) -> None:
    dataset = make_dataset() if keyed else make_dataset(entities={})
    with monkeypatch.context() as patch:
        patch.setattr(where, name, killed)
        with pytest.raises(KilledHere):
            load(lake, dataset, "abc")
    assert lake.snapshot().id == 0
    result = load(lake, dataset, "abc")
    assert (result.inserted, result.updated, result.unchanged) == (3, 0, 0)
    assert [row["lead_id"] for row in read()] == ["a", "b", "c"]
    assert lake.snapshot().id == 1


def test_a_committed_run_that_was_not_published_appears_with_the_next(
    lake: Lake, leads: Dataset, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(commits, "publish", killed)
        with pytest.raises(KilledHere):
            load(lake, leads, "ab")
    load(lake, leads, "c", run="r2")
    assert [row["lead_id"] for row in read()] == ["a", "b", "c"]
    assert (load(lake, leads, "ab").unchanged, lake.snapshot().id) == (2, 1)


def test_rows_without_key_are_not_added_again_however_late_the_run_is_repeated(
    lake: Lake, make_dataset: Make, read: Read
) -> None:
    dataset = make_dataset(entities={})
    load(lake, dataset, "ab")
    for number in range(3):
        load(lake, dataset, "c", run=f"other{number}")
    again = load(lake, dataset, "ab")
    assert (again.inserted, again.unchanged) == (0, 2)
    assert "".join(row["lead_id"] for row in read()) == "abccc"


def test_two_writers_that_plan_on_one_version_do_not_both_insert_a_key(
    lake: Lake, leads: Dataset, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(lake, leads, "a")
    original, raced = Table.commit, []

    def commit_after_somebody_else(self: Table, *args: Any, **kwargs: Any) -> Any:
        if not raced:
            raced.append(True)
            monkeypatch.setattr(commits, "turn", lambda path: open_turn(path.with_name("other")))
            publish_table(lake, leads, pa.table({"lead_id": ["b"], "visits": [1]}), zone="UTC", now=NOW, run="rival")
        return original(self, *args, **kwargs)

    open_turn = commits.turn
    monkeypatch.setattr(Table, "commit", commit_after_somebody_else)
    monkeypatch.setattr(commits, "turn", lambda path: open_turn(path.with_name("other" if raced else "mine")))
    result = load(lake, leads, "bc", run="slow")
    assert (result.inserted, result.updated) == (1, 0) or (result.inserted, result.unchanged) == (1, 1)
    assert [row["lead_id"] for row in read()] == ["a", "b", "c"]
