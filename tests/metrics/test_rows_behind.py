"""The rows behind a number: as many as it counts, in pages that do not overlap, as the viewer may see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_company import answer, balance, company, event, person, utc, viewer

from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.errors import NotAllowed
from sightline.metrics.question import Filter, Order, QuestionError
from sightline.metrics.rows import RowsPage, RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

NOW = utc("2025-06-15T12:00")
COUNTED = """
people events bought priced amount amount_each buyers journey held held_first held_own holders
events_7_days events_1_month events_this_month
"""
MAY = "2025-05-01..2025-06-01"


def small(root: Path) -> Warehouse:
    people = [person("a", "2025-05-01"), person("b", "2025-05-03", team="blue"), person("c", "2025-04-03", team=None)]
    events = [
        event(f"e{n:02d}", "abc"[n % 3], ("visit", "buy")[n % 2], f"2025-05-{1 + n:02d}T10:00") for n in range(25)
    ]
    events += [event("priced", "a", "buy", "2025-05-30", 4.5), event("late", "a", "buy", "2025-06-20", 1)]
    balances = [balance("a", f"2025-05-{day:02d}", day) for day in (1, 9)] + [balance("b", "2025-05-08", 3)]
    return company(root, people=people, events=events, balances=balances)


def behind(warehouse: Warehouse, viewer: Viewer = SYSTEM_VIEWER, **request: object) -> RowsPage:
    return rows_behind(RowsRequest(**request), viewer, warehouse=warehouse, now=NOW)


@pytest.mark.req("PLT-3", "PRG-6")
@pytest.mark.parametrize("metric", COUNTED.split())
@pytest.mark.parametrize("period", [MAY, "this_month", "all_time"])
def test_there_are_as_many_rows_as_the_figure_has_observations(tmp_path: Path, metric: str, period: str) -> None:
    warehouse = small(tmp_path)
    found = answer(warehouse, metric, period=period)
    first = "amount" if metric == "amount_each" else metric  # a ratio opens into its numerator
    assert behind(warehouse, metric=metric, period=period).total == found.value(0, f"{first}__n")


@pytest.mark.req("PLT-3", "PRG-6")
@pytest.mark.parametrize(
    ("metric", "rows", "different"),
    [
        ("active_people", 5, 3),  # nobody's event has no person to count
        ("active_7_days", 3, 2),  # the last seven days of May begin on the 25th
        ("events", 6, None),
    ],
)
def test_a_count_of_different_values_stands_beside_the_number_of_its_rows(
    tmp_path: Path, metric: str, rows: int, different: int | None
) -> None:
    happened = [("a", 1), ("c", 2), ("a", 25), ("b", 26), ("a", 31), (None, 31)]
    events = [event(f"e{n}", who, "visit", f"2025-05-{day:02d}") for n, (who, day) in enumerate(happened)]
    warehouse = company(tmp_path, people=[person(key, "2025-01-01") for key in "abc"], events=events)
    page = behind(warehouse, metric=metric, period=MAY)
    assert (page.total, page.different) == (rows, different)
    if different:
        assert answer(warehouse, metric, period=MAY).cell(0, metric).value == different


@pytest.mark.req("PLT-3", "PRG-6")
@pytest.mark.parametrize(
    "narrowed",
    [
        {"filters": (Filter("team", ("red",)),)},
        {"filters": (Filter("team", (None,)),)},
        {"filters": (Filter("region", ("south", None)), Filter("kind", ("buy",)))},
        {"where": "kind = 'buy' and (region = 'north' or team is null)"},
    ],
)
def test_the_filters_of_the_figure_hold_for_its_rows(tmp_path: Path, narrowed: dict[str, object]) -> None:
    warehouse = small(tmp_path)
    count = answer(warehouse, "events", period=MAY, **narrowed).cell(0, "events").value
    assert behind(warehouse, metric="events", period=MAY, **narrowed).total == count
    by_dataset = behind(warehouse, dataset="events", period=MAY, **narrowed)
    assert (by_dataset.total, str(by_dataset.period.start)) == (count, "2025-05-01")


@pytest.mark.req("PRG-6")
def test_pages_cover_every_row_once(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    pages = [behind(warehouse, metric="events", period=MAY, page=page, page_size=7) for page in range(1, 5)]
    keys = [row[0] for page in pages for row in page.rows]
    assert (len(keys), len(set(keys))) == (26, 26)
    assert {(page.total, page.pages) for page in pages} == {(26, 4)}
    assert [page.page for page in pages] == [1, 2, 3, 4]
    with pytest.raises(QuestionError, match="no page 5"):
        behind(warehouse, metric="events", period=MAY, page=5, page_size=7)


@pytest.mark.req("PRG-6")
def test_rows_come_newest_first_or_as_ordered_with_missing_values_last(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    newest = [row[0] for row in behind(warehouse, metric="events", period=MAY).rows]
    assert newest[:3] == ["priced", "e24", "e23"]
    dear = behind(warehouse, metric="events", period=MAY, order=Order("amount", descending=True)).rows
    assert dear[0][0] == "priced"
    cheap = behind(warehouse, metric="events", period=MAY, order=Order("amount")).rows
    assert (cheap[0][0], cheap[1][0]) == ("priced", "e00")
    with pytest.raises(QuestionError, match="cannot sort"):
        behind(warehouse, metric="events", order=Order("nothing"))


@pytest.mark.req("PLT-3", "PRG-4.1")
def test_rows_need_the_permission_and_keep_policy_and_masks(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    with pytest.raises(NotAllowed):
        behind(warehouse, viewer({"*": "all"}, permissions=("view",)), metric="people")
    red = viewer({"*": "team in $user.team"}, masks={"name": "partial"}, team=("red",))
    page = behind(warehouse, red, metric="people")
    names = [column.name for column in page.columns]
    record = dict(zip(names, page.rows[0], strict=True))
    assert (page.total, record["person_id"], record["name"]) == (1, "a", "…")
    assert not [name for name in names if name.endswith("__stored")]
    assert behind(warehouse, viewer({"events": "all"}), dataset="people").total == 0


@pytest.mark.req("PLT-3")
@pytest.mark.parametrize(
    "request_",
    [{"page": 0}, {"page_size": 0}, {"page_size": 5001}, {"metric": None, "dataset": "events", "where": "kind > 5"}],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, request_: dict[str, object]) -> None:
    with pytest.raises(QuestionError):
        behind(small(tmp_path), **({"metric": "events"} | request_))


@pytest.mark.req("PLT-3")
def test_an_unknown_metric_or_dataset_is_named(tmp_path: Path) -> None:
    warehouse = small(tmp_path)
    with pytest.raises(UnknownName, match="dataset"):
        behind(warehouse, dataset="evnts")
    with pytest.raises(UnknownName, match="metric"):
        behind(warehouse, metric="evnts")
