"""Hashes that stand for personal data are keyed: nobody finds a value by hashing all that are likely."""

from __future__ import annotations

import hashlib
import logging
import pickle
from pathlib import Path

import pytest
from small_company import answer, utc, values, viewer
from tiny_workspace import make_warehouse, table_of

from sightline.definitions.policy import Viewer
from sightline.home import Home, WorkspaceFolder
from sightline.lake.write import publish_table
from sightline.metrics.document import answer_document, explanation_document, rows_document, to_json
from sightline.metrics.members import members
from sightline.metrics.question import Filter
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse, warehouse_of

pytestmark = pytest.mark.req("PLT-3", "PLT-8", "AUT-8.3")
PHONE = "+1 555 0142"
NOW = utc("2025-06-15")
DATASET = """
dataset: {name}
entities: {{{name}_row: {{type: primary, column: id}}}}
time: at
columns:
  id: {{type: string}}
  phone: {{type: string, dimension: true, pii: phone}}
  at: {{type: timestamp}}
"""
DATASETS = {name: DATASET.format(name=name) for name in ("calls", "orders")}
METRICS = (
    "metrics: {calls: {type: simple, dataset: calls, agg: count}, orders: {type: simple, dataset: orders, agg: count}}"
)
ROLES = "roles: {admin: {permissions: ['*'], rows: {'*': all}, masks: {'*': show}}}"
ROWS = {
    "calls": [{"id": "c", "phone": PHONE, "at": NOW}, {"id": "d", "phone": None, "at": NOW}],
    "orders": [{"id": "o", "phone": PHONE, "at": NOW}],
}


def hashing() -> Viewer:
    return viewer({"*": "all"}, masks={"*": "hash"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home with two workspaces that hold the same rows."""
    root = tmp_path_factory.mktemp("keyed")
    make_warehouse(root, datasets=DATASETS, metrics=METRICS, rows=ROWS, roles=ROLES)
    made = Home.create(root / "home")
    for name in ("one", "two"):
        folder = made.create_workspace(name, packs=[str(root / "pack")])
        for dataset, rows in ROWS.items():
            table = table_of(folder.catalog.dataset(dataset), rows)
            publish_table(folder.lake, folder.catalog.dataset(dataset), table, zone="UTC", now=NOW, run=f"{dataset}-1")
    return made


def seen_by(warehouse: Warehouse, metric: str = "calls") -> set[object]:
    found = answer(warehouse, metric, group_by=("phone",), viewer=hashing())
    return set(values(found, metric)) - {None}


def test_the_plain_hash_of_a_value_is_not_what_is_shown(home: Home) -> None:
    (shown,) = seen_by(warehouse_of(home.workspace("one")))
    assert len(str(shown)) == 16
    for plain in (PHONE, home.workspace("one").name + PHONE):
        assert shown != hashlib.sha256(plain.encode()).hexdigest()[:16]


def test_a_value_looks_the_same_in_all_datasets_and_answers_of_a_workspace_and_can_be_filtered_by(home: Home) -> None:
    warehouse = warehouse_of(home.workspace("one"))
    (shown,) = seen_by(warehouse)
    assert seen_by(warehouse, "orders") == {shown}
    assert shown in {each.key for each in members("phone", hashing(), warehouse=warehouse)}
    page = rows_behind(RowsRequest(dataset="calls"), hashing(), warehouse=warehouse, now=NOW)
    assert {row[1] for row in page.rows} == {shown, None}
    narrowed = answer(warehouse, "calls", viewer=hashing(), filters=(Filter("phone", (shown,)),))
    assert narrowed.cell(0, "calls").value == 1
    assert seen_by(warehouse_of(Home(home.path).workspace("one"))) == {shown}  # after a restart


def test_two_workspaces_and_two_installations_show_different_hashes(home: Home, tmp_path: Path) -> None:
    one, two = (seen_by(warehouse_of(home.workspace(name))) for name in ("one", "two"))
    assert one.isdisjoint(two)
    other = Home.create(tmp_path / "other").create_workspace("one", packs=["programs"])
    assert other.mask_key != home.workspace("one").mask_key


def test_the_secret_of_the_environment_wins_as_it_does_for_sessions(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_SECRET_KEY", "of the environment")
    keys = {Home(home.path).workspace("one").mask_key for _ in range(2)}
    assert len(keys) == 1
    assert keys != {home.workspace("one").mask_key}


def test_the_key_and_the_secret_are_in_no_answer_explanation_page_of_rows_or_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    folder = home.workspace("one")
    warehouse = warehouse_of(folder)
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):  # the second one comes from the cache
            found = answer(warehouse, "calls", group_by=("phone",), viewer=hashing())
            page = rows_behind(RowsRequest(dataset="calls"), hashing(), warehouse=warehouse, now=NOW)
    assert "$mask_key" in found.sql
    explanation = found.explain("calls")
    told = [
        to_json(answer_document(found, with_sql=True)).decode(),
        to_json(explanation_document(explanation)).decode(),
        to_json(rows_document(page)).decode(),
        repr((found, explanation, page, warehouse, folder)),
        repr(pickle.dumps((found.parameters, found.sql, explanation, page))),
        caplog.text,
    ]
    for secret in hidden(folder, home):
        assert not [text for text in told if secret in text]


def hidden(folder: WorkspaceFolder, home: Home) -> tuple[str, str]:
    return folder.mask_key, (home.path / "config.toml").read_text().split('"')[1]


def test_without_a_home_the_key_is_random(tmp_path: Path) -> None:
    made = [
        make_warehouse(tmp_path / name, datasets=DATASETS, metrics=METRICS, rows=ROWS, roles=ROLES)
        for name in ("a", "b")
    ]
    assert seen_by(made[0]).isdisjoint(seen_by(made[1]))
