"""The page of a metric and a comparison as files: what the screen shows, in real numbers."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from tiny_shop import NOW

from sightline.dashboards.build import UnknownMember
from sightline.dashboards.export import Export
from sightline.dashboards.page_files import export_comparison, export_metric_panel
from sightline.dashboards.selection import Selection
from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import SYSTEM, SYSTEM_VIEWER, Policy, Viewer
from sightline.errors import NotAllowed
from sightline.metrics import Warehouse

NINETY = Selection("last_90_days", "previous_period")
METRICS = ("leads", "win_rate", "cpl", "spend")
LOOKER = Viewer("reader", Policy(frozenset({"view"}), rows={"*": "all"}))


def side_by_side(shop: Warehouse, *keys: str, form: Any = "csv", viewer: Viewer = SYSTEM_VIEWER) -> Export:
    return export_comparison("program", keys, METRICS, NINETY, viewer, warehouse=shop, now=NOW, form=form)


def breakdown(shop: Warehouse, panel: str, form: Any = "csv", viewer: Viewer = SYSTEM_VIEWER) -> Export:
    return export_metric_panel("win_rate", panel, NINETY, viewer, warehouse=shop, now=NOW, form=form)


def table(made: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.body.decode("utf-8-sig"))))


def book(made: Export) -> Any:
    return openpyxl.load_workbook(io.BytesIO(made.body))


@pytest.mark.req("PRG-3.6")
def test_a_comparison_is_a_row_per_metric_and_a_column_per_member(shop: Warehouse) -> None:
    rows = table(side_by_side(shop, "b", "a", "c"))
    assert [row["Metric"] for row in rows] == ["Leads", "Win rate (%)", "Cost per lead (USD)", "Spend (USD)"]
    assert {name: rows[1][name] for name in ("Beta", "Alpha", "Gamma")} == {
        "Beta": "0.06",
        "Alpha": "0.2",
        "Gamma": "0.3",
    }


@pytest.mark.req("PRG-3.10")
def test_a_compared_rate_stands_beside_its_observations_and_a_count_has_none(shop: Warehouse) -> None:
    rows = table(side_by_side(shop, "a", "c"))
    assert [row["Gamma, observations"] for row in rows] == ["", "10", "", ""]


def test_each_row_of_a_compared_workbook_is_written_in_its_metrics_format(shop: Warehouse) -> None:
    sheet = book(side_by_side(shop, "a", "b", form="xlsx")).worksheets[0]
    formats = [row[1].number_format for row in sheet.iter_rows(min_row=2)]
    assert formats[:2] == ["#,##0", "0.0%"]
    assert "$" in formats[2]
    assert (sheet["B2"].value, sheet["B3"].value) == (100, 0.2)


def test_a_compared_workbook_says_what_it_is_and_names_every_source(shop: Warehouse) -> None:
    lines = [
        (row[0].value, row[1].value) for row in book(side_by_side(shop, "a", "b", form="xlsx"))["About"].iter_rows()
    ]
    about = dict(lines)
    assert about["Title"] == "Alpha and Beta side by side"
    assert about["Filters"] == "Program: a, b"
    assert about["Rows"] == "4, all of them"
    assert [text.split(":")[0] for name, text in lines if name == "Data through"] == ["Leads", "Wins", "Spend"]


@pytest.mark.req("PRG-4.1")
def test_a_comparison_is_cut_at_the_roles_limit_and_says_so(shop: Warehouse) -> None:
    made = side_by_side(shop, "a", "b", form="xlsx", viewer=Viewer("reader", replace(SYSTEM, export_limit=3)))
    assert (made.rows, made.total_rows) == (3, 4)
    assert {row[0].value for row in book(made)["About"].iter_rows()} >= {"Limit"}


@pytest.mark.req("PRG-4.1")
def test_a_hidden_member_is_as_unknown_in_a_file_as_one_that_does_not_exist(shop: Warehouse) -> None:
    policy = Policy(
        frozenset({"view", "export"}), rows={"*": "school in $user.school"}, attributes={"school": ("Business",)}
    )
    for key in ("c", "zzz"):
        with pytest.raises(UnknownMember) as caught:
            side_by_side(shop, "a", key, viewer=Viewer("partner", policy))
        assert "Gamma" not in str(caught.value)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("panel", ["m0", "m1", "m2", "m3", "m4"])
def test_every_panel_of_a_metric_page_is_a_file(shop: Warehouse, panel: str, form: str) -> None:
    assert breakdown(shop, panel, form).rows >= 1


def test_a_breakdown_of_a_metric_has_the_parts_it_is_made_of(shop: Warehouse) -> None:
    made = breakdown(shop, "m2")
    assert {row["Program"]: (row["Win rate (%)"], row["Wins"], row["Leads"]) for row in table(made)}["a"] == (
        "0.2",
        "20",
        "100",
    )
    assert made.name.startswith("win_rate-by-program-")


@pytest.mark.req("PRG-4.1")
def test_without_the_permission_neither_is_a_file(shop: Warehouse) -> None:
    with pytest.raises(NotAllowed):
        breakdown(shop, "m1", viewer=LOOKER)
    with pytest.raises(NotAllowed):
        side_by_side(shop, "a", "b", viewer=LOOKER)


def test_an_unknown_panel_of_a_metric_is_named(shop: Warehouse) -> None:
    with pytest.raises(UnknownName, match="m1"):
        breakdown(shop, "m99")


def test_a_comparison_has_what_each_value_was_before(shop: Warehouse) -> None:
    first = table(side_by_side(shop, "a", "b"))[0]
    assert (first["Alpha"], first["Alpha, previous"]) == ("100", "80")
