"""Under a row policy people enter their own rows only: nothing moves in or out, and nothing hidden is told of."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from cast import NOW, Cast, cast, home
from sightline.accounts.access import Access, open_workspace
from sightline.accounts.models import Membership, User
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.errors import NotAllowed
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.enter_values import BadEntry, enter_values
from sightline.ingest.entries import current_row, entries_of
from sightline.ingest.own_rows import may_archive, may_enter
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import warehouse_of

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("EXE-2", "EXE-6")]
FILES = {
    "datasets/goals.yaml": """
dataset: goals
entities: {goal: {type: primary, column: goal, label: name}}
archived: is_gone
columns:
  goal: {type: string}
  name: {type: string}
  owner: {type: string, dimension: true}
  is_gone: {type: boolean}
checks: [{unique: goal}]
""",
    "datasets/marks.yaml": """
dataset: marks
entities: {goal: {type: foreign, column: goal}}
key: [goal, at]
time: at
columns:
  goal: {type: string}
  at: {type: timestamp}
  value: {type: number}
checks: [{references: goal, message: No such goal}]
""",
    "datasets/notes.yaml": """
dataset: notes
key: [note]
columns:
  note: {type: integer}
  owner: {type: string, dimension: true}
  second: {type: string, dimension: true}
  text: {type: string}
""",
    "roles.yaml": """
roles:
  keeper:
    permissions: [view, see_rows, edit_data]
    rows:
      goals: owner in $user.owner
      marks: owner in $user.owner
      notes: owner in $user.owner or second in $user.owner
  watcher:
    permissions: [view, see_rows]
    rows: {"*": owner in $user.owner}
  clerk:
    permissions: [view, see_rows, edit_data]
    rows: {"*": all}
    enters: [notes]
""",
}
Row = Mapping[str, str | None]


@pytest.fixture
def folder(cast: Cast, home: Home) -> WorkspaceFolder:
    """Return a workspace with goals and notes of two owners; `owner@cast.test` is its admin."""
    made = home.create_workspace("own", packs=["programs"], zone="Asia/Tokyo")
    for name, text in FILES.items():
        file = made.definitions / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    Membership.objects.create(user=cast.owner, workspace="own", role="admin", attributes={})
    everything = open_workspace(cast.owner, "own")
    put(
        everything,
        "goals",
        {"goal": "g1", "name": "Mine", "owner": "me"},
        {"goal": "g2", "name": "Hers", "owner": "her"},
    )
    put(
        everything,
        "marks",
        {"goal": "g1", "at": "2026-01-01", "value": "1"},
        {"goal": "g2", "at": "2026-01-01", "value": "2"},
    )
    return home.workspace("own")


def put(access: Access, dataset: str, *rows: Row) -> None:
    enter_values(access=access, dataset=dataset, rows=rows, reason="test", now=NOW)


def member(folder: WorkspaceFolder, role: str, *owners: str) -> Access:
    user = User.objects.create(email=f"{role}@own.test", password="!")
    Membership.objects.create(user=user, workspace=folder.name, role=role, attributes={"owner": list(owners)})
    return open_workspace(user, folder.name)


def table(folder: WorkspaceFolder, dataset: str, viewer: Viewer = SYSTEM_VIEWER) -> set[tuple[object, ...]]:
    request = RowsRequest(dataset=dataset, page_size=5000)
    return set(rows_behind(request, viewer, warehouse=warehouse_of(folder), now=NOW).rows)


def refusal(access: Access, dataset: str, row: Row) -> str:
    with pytest.raises(BadEntry) as error:
        put(access, dataset, row)
    return str(error.value)


def test_own_rows_are_entered_and_corrected(folder: WorkspaceFolder) -> None:
    mine = member(folder, "keeper", "me")
    put(
        mine,
        "marks",
        {"goal": "g1", "at": "2026-01-01 00:00", "value": "7"},
        {"goal": "g1", "at": "2026-02-01", "value": "8"},
    )
    found = {(row[0], row[2]) for row in table(folder, "marks")}
    assert found == {("g1", 7.0), ("g1", 8.0), ("g2", 2.0)}
    assert current_row(access=mine, dataset="marks", key=("g1", "2026-01-01"))["value"] == "7.0"  # type: ignore[index] # it is there


def test_what_is_hidden_and_what_does_not_exist_are_refused_in_the_same_words(folder: WorkspaceFolder) -> None:
    mine, before = member(folder, "keeper", "me"), table(folder, "marks")
    hidden = refusal(mine, "marks", {"goal": "g2", "at": "2026-01-01", "value": "9"})  # there is such a row
    assert hidden == refusal(
        mine, "marks", {"goal": "g2", "at": "2026-03-01", "value": "9"}
    )  # of her goal there is none
    assert hidden == refusal(mine, "marks", {"goal": "g9", "at": "2026-01-01", "value": "9"})  # there is no such goal
    assert "there is no such row that you may enter" in hidden
    assert table(folder, "marks") == before
    assert current_row(access=mine, dataset="marks", key=("g2", "2026-01-01")) is None
    assert current_row(access=mine, dataset="marks", key=("g9", "2026-01-01")) is None


def test_one_row_of_another_stops_the_whole(folder: WorkspaceFolder) -> None:
    mine, before = member(folder, "keeper", "me"), table(folder, "marks")
    with pytest.raises(BadEntry, match=r"^row 2: there is no such row"):
        put(
            mine,
            "marks",
            {"goal": "g1", "at": "2026-04-01", "value": "1"},
            {"goal": "g2", "at": "2026-04-01", "value": "1"},
        )
    assert table(folder, "marks") == before


def test_rows_that_decide_whose_others_are_stay_closed(folder: WorkspaceFolder) -> None:
    mine = member(folder, "keeper", "me")
    assert (may_enter(mine, "marks"), may_enter(mine, "goals"), may_archive(mine, "marks")) == (True, False, False)
    for row in ({"goal": "g1", "name": "New"}, {"goal": "g2", "owner": "me"}, {"goal": "g3", "owner": "me"}):
        with pytest.raises(NotAllowed):
            put(mine, "goals", row)


def test_who_may_not_change_data_or_is_not_meant_to_enters_nothing(folder: WorkspaceFolder) -> None:
    watcher, clerk = member(folder, "watcher", "me"), member(folder, "clerk")
    with pytest.raises(NotAllowed):
        put(watcher, "marks", {"goal": "g1", "at": "2026-01-01", "value": "7"})
    with pytest.raises(NotAllowed):
        put(clerk, "marks", {"goal": "g1", "at": "2026-01-01", "value": "7"})
    put(clerk, "notes", {"note": "1", "owner": "her"})
    assert (may_enter(clerk, "notes"), may_enter(clerk, "marks")) == (True, False)


def test_without_an_owner_nothing_is_anybodys(folder: WorkspaceFolder) -> None:
    nobody = member(folder, "keeper")
    refusal(nobody, "marks", {"goal": "g1", "at": "2026-01-01", "value": "7"})
    refusal(nobody, "notes", {"note": "1", "owner": "me"})


def test_entries_of_others_stay_theirs(folder: WorkspaceFolder, cast: Cast) -> None:
    mine = member(folder, "keeper", "me")
    put(mine, "marks", {"goal": "g1", "at": "2026-05-01", "value": "5"})
    assert {each.by for each in entries_of(access=mine, dataset="marks").entries} == {"keeper@own.test"}
    every = entries_of(access=open_workspace(cast.owner, "own"), dataset="marks")
    assert {each.by for each in every.entries} == {"keeper@own.test", "owner@cast.test"}


def test_a_row_stays_ones_own_through_every_change(folder: WorkspaceFolder) -> None:
    mine = member(folder, "keeper", "me")
    put(mine, "notes", {"note": "9", "owner": "me"})
    put(mine, "notes", {"note": "9", "owner": "her", "second": "me"})  # still one's own, by the other column
    out = refusal(mine, "notes", {"note": "9", "second": "her"})
    assert out == refusal(mine, "notes", {"note": "9", "second": None})
    assert table(folder, "notes") == {(9, "her", "me", None)}


def entry(rng: random.Random) -> Row:
    """Return a row as anybody might send it: of any key, with owners of any kind or left out."""
    row: dict[str, str | None] = {
        "note": rng.choice(["1", "2", "3", "4", "05", "6.0", "7"]),
        "text": f"t{rng.random()}",
    }
    for column in ("owner", "second"):
        if rng.random() < 0.6:
            row[column] = rng.choice(["me", "me", "me", "her", " me ", "ME", None, "me' or 'a'='a"])
    return row


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_nobody_moves_a_row_into_or_out_of_their_policy(folder: WorkspaceFolder, cast: Cast, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    mine, admin = member(folder, "keeper", "me"), open_workspace(cast.owner, "own")
    start = [(str(n), rng.choice(["me", "her", None]), rng.choice(["me", "her", None])) for n in range(1, 6)]
    put(admin, "notes", *({"note": n, "owner": owner, "second": second, "text": "start"} for n, owner, second in start))
    taken = 0
    for _ in range(12):
        before = {row[0]: row for row in table(folder, "notes")}
        own = {key for key, row in before.items() if "me" in row[1:3]}
        assert {row[0] for row in table(folder, "notes", mine.viewer)} == own
        sent = {str(int(float(row["note"] or 0))): row for row in (entry(rng) for _ in range(rng.choice([1, 1, 2])))}
        try:
            put(mine, "notes", *sent.values())
        except BadEntry:
            assert {row[0]: row for row in table(folder, "notes")} == before
            continue
        taken += 1
        after = {row[0]: row for row in table(folder, "notes")}
        touched = {int(key) for key in sent}
        assert {key: row for key, row in after.items() if key not in touched} == {
            key: row for key, row in before.items() if key not in touched
        }
        assert touched & set(before) <= own  # nothing hidden was changed
        assert {key for key, row in after.items() if "me" in row[1:3]} == own | touched  # nothing left, nothing came
    assert taken
