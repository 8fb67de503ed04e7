"""Personal data stays behind its mask in groups, filters, orders, members and rows; counts do not change."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import METRICS, answer, company, event, person, utc, values, viewer
from tiny_workspace import make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.metrics.members import members
from sightline.metrics.question import Filter, Order
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

PEOPLE = [
    person("a", "2025-05-01", name="Ann Abel", email="ann@example.org", phone="+1 555 0142", badge=4711),
    person("b", "2025-05-02", name="Bob", email="b@corp.test", phone="0199", badge=4712, team="blue"),
    person("c", "2025-05-03", name="Ann Abel", email=None, phone=None, badge=None),
]
SECRETS = ("Ann", "Bob", "ann@", "b@corp", "0142", "0199", "4711", "4712", "555")
KEY = "5d" * 32
PRIVATE = """
  names: {type: simple, dataset: people, agg: count_distinct, column: name}
  abels: {type: simple, dataset: people, agg: count, where: name = 'Ann Abel'}
  largest_badge: {type: simple, dataset: people, agg: max, column: badge}
"""


def hashed(value: str) -> str:
    return hashlib.sha256((KEY + value).encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    events = [event("e1", "a", "buy", "2025-05-02"), event("e2", "b", "visit", "2025-05-02")]
    made = company(tmp_path_factory.mktemp("masks"), people=PEOPLE, events=events, metrics=METRICS + PRIVATE)
    return replace(made, mask_key=KEY)


def masked(how: str) -> Viewer:
    return viewer({"*": "all"}, masks={"*": how})


@pytest.mark.req("PLT-3", "PLT-8")
@pytest.mark.parametrize(
    ("how", "dimension", "seen"),
    [
        ("show", "email", {"ann@example.org", "b@corp.test", None}),
        ("hide", "email", {None}),
        ("partial", "email", {"a…@example.org", "…@corp.test", None}),
        ("partial", "phone", {"…0142", "…99", None}),
        ("partial", "name", {"…Abel", "…b"}),
        ("hash", "name", {hashed("Ann Abel"), hashed("Bob")}),
        ("hash", "email", {hashed("ann@example.org"), hashed("b@corp.test"), None}),
        ("hide", "badge", {None}),
        ("hash", "badge", {None}),
        ("partial", "badge", {None}),
        ("show", "badge", {4711, 4712, None}),
    ],
)
def test_a_group_shows_what_the_mask_leaves(warehouse: Warehouse, how: str, dimension: str, seen: set[object]) -> None:
    found = answer(warehouse, "people", group_by=(dimension,), viewer=masked(how))
    assert set(values(found, "people")) == seen
    assert sum(each or 0 for each in values(found, "people").values()) == 3


@pytest.mark.req("PLT-3", "PLT-8")
@pytest.mark.parametrize("how", ["hide", "hash"])
def test_nothing_behind_a_mask_can_be_found_by_asking_for_it(warehouse: Warehouse, how: str) -> None:
    who = masked(how)
    for narrowed in (
        {"where": "name = 'Bob'"},
        {"where": "email like '%corp%'"},
        {"where": "badge = 4711"},
        {"where": "badge > 4000"},
        {"where": "length(name) = 3"},
        {"filters": (Filter("name", ("Bob",)),)},
        {"filters": (Filter("email", ("corp",), "contains"),)},
        {"filters": (Filter("badge", (4711,)),)},
        {"filters": (Filter("badge", (4000,), ">"),)},
    ):
        assert answer(warehouse, "people", viewer=who, **narrowed).cell(0, "people").value == 0, narrowed
    assert members("name", who, warehouse=warehouse, search="Bob") == []


@pytest.mark.req("PLT-3", "PLT-8")
@pytest.mark.parametrize("how", ["hide", "hash", "partial"])
def test_neither_rows_nor_labels_nor_explanations_show_it(warehouse: Warehouse, how: str) -> None:
    who = masked(how)
    page = rows_behind(
        RowsRequest(metric="people", order=Order("email")), who, warehouse=warehouse, now=utc("2025-06-15")
    )
    found = answer(warehouse, "people", group_by=("person", "name", "badge"), viewer=who)
    text = repr(page.rows) + repr(found.rows()) + repr([found.explain("people", row=row) for row in range(3)])
    text += repr(members("person", who, warehouse=warehouse)) + repr(members("badge", who, warehouse=warehouse))
    shown = {"…Abel", "…0142", "…99"} if how == "partial" else set()
    for each in shown:
        text = text.replace(each, "")
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.req("PLT-3", "PLT-8")
@pytest.mark.parametrize("how", ["hide", "hash", "partial"])
@pytest.mark.parametrize("metric", ["people", "names", "abels", "buyers", "events", "active_people"])
def test_a_mask_changes_no_count(warehouse: Warehouse, how: str, metric: str) -> None:
    plain = answer(warehouse, metric, viewer=SYSTEM_VIEWER).cell(0, metric).value
    assert answer(warehouse, metric, viewer=masked(how)).cell(0, metric).value == plain


@pytest.mark.req("PLT-3", "PLT-8")
@pytest.mark.parametrize("how", ["hide", "hash", "partial"])
def test_a_figure_that_would_be_the_hidden_value_is_missing(warehouse: Warehouse, how: str) -> None:
    cell = answer(warehouse, "largest_badge", viewer=masked(how)).cell(0, "largest_badge")
    assert (cell.value, cell.state) == (None, "no_data")


@pytest.mark.req("PLT-3", "PLT-8")
def test_the_nearest_mask_wins_and_none_means_hidden(warehouse: Warehouse) -> None:
    who = viewer({"*": "all"}, masks={"*": "hash", "email": "partial", "people.email": "show", "people.phone": "hide"})
    emails = set(values(answer(warehouse, "people", group_by=("email",), viewer=who), "people"))
    assert emails == {"ann@example.org", "b@corp.test", None}
    assert set(values(answer(warehouse, "people", group_by=("phone",), viewer=who), "people")) == {None}
    nobody = viewer({"*": "all"})
    assert set(values(answer(warehouse, "people", group_by=("name",), viewer=nobody), "people")) == {None}


@pytest.mark.req("PLT-3", "PLT-8")
def test_a_figure_cannot_be_placed_in_time_by_a_masked_date(tmp_path: Path) -> None:
    dataset = """
dataset: members
entities: {member: {type: primary, column: member_id}}
time: born_on
columns:
  member_id: {type: string}
  born_on: {type: date, pii: text, dimension: true}
  seen_at: {type: timestamp, pii: text}
"""
    metrics = """
metrics:
  births: {type: simple, dataset: members, agg: count}
  sightings: {type: simple, dataset: members, agg: count, time: seen_at}
"""
    rows = [{"member_id": "m", "born_on": utc("1990-02-03").date(), "seen_at": utc("2025-05-05")}]
    made = make_warehouse(tmp_path, datasets={"members": dataset}, metrics=metrics, rows={"members": rows})
    for metric, period in (("births", "1990-01-01..1991-01-01"), ("sightings", "2025-05-01..2025-06-01")):
        seen = answer(made, metric, grain="month", period=period)
        assert sum(values(seen, metric).values()) == 1
        hidden = answer(made, metric, grain="month", period=period, viewer=masked("hide"))
        assert sum(values(hidden, metric).values()) == 0
