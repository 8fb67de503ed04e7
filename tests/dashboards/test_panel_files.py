"""What a panel shows is what its file has: the same rows, with numbers as numbers; every drawn kind has a picture."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from tiny_shop import Show

from panel_club import NOW, viewer
from sightline.charts.files import draw
from sightline.dashboards.export import Export, export_panel
from sightline.dashboards.page_files import export_metric_panel
from sightline.dashboards.panels.registry import KINDS
from sightline.dashboards.selection import parse
from sightline.dashboards.sheets import Heading
from sightline.dashboards.table_sheet import sheet_of, table_of
from sightline.dashboards.view import DashboardView, PanelView
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.definitions.schema.dashboard import PANELS
from sightline.errors import NotAllowed
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("PLT-4", "EXE-2")
Find = Callable[[DashboardView, str], PanelView]
WHOLE = (
    "stat_health",
    "gauge_per_person",
    "distribution",
    "registry",
    "waterfall",
    "donut",
    "state_timeline",
    "list_risks",
)


def taken(
    club: Warehouse, panel: str, *, name: str = "board", who: Viewer = SYSTEM_VIEWER, form: str = "csv"
) -> Export:
    dashboard = club.catalog.dashboard(name)
    selection = parse({}, dashboard=dashboard, catalog=club.catalog).selection
    return export_panel(dashboard, panel, selection, who, warehouse=club, now=NOW, form=form)  # type: ignore[arg-type] # a form


def lines(export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.body.decode("utf-8-sig"))))


def test_every_kind_of_the_language_is_drawn() -> None:
    assert set(KINDS) == set(PANELS)


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_has_the_rows_of_the_page(board: Show, panel: Find, club: Warehouse, name: str) -> None:
    table = table_of(panel(board(), name))
    assert table is not None
    sheet, found = sheet_of(table, title="x"), lines(taken(club, name))
    assert found[0] == [heading.label for heading in sheet.headings]
    assert len(found) - 1 == len(sheet.rows) == taken(club, name).rows
    assert [row[0] for row in found[1:]] == [str(row[0]) for row in sheet.rows]
    assert taken(club, name, form="xlsx").body[:2] == b"PK"


def test_numbers_and_days_stay_what_they_are(board: Show, panel: Find) -> None:
    table = table_of(panel(board(), "registry"))
    assert table is not None
    sheet = sheet_of(table, title="x")
    at = [heading.label for heading in sheet.headings]
    row = next(row for row in sheet.rows if row[1] == "Staff turnover")
    place = sheet.rows.index(row)
    assert row[at.index("Now")] == pytest.approx(0.08)
    assert row[at.index("Gap to target")] == pytest.approx(0.03)
    assert row[at.index("Last value")] == date(2025, 11, 30)
    assert sheet.heading(place, at.index("Now")) == Heading(" (%)", "percent")


def test_a_list_has_all_rows_in_its_file_though_the_page_shows_one(club: Warehouse) -> None:
    assert [row[0] for row in lines(taken(club, "list_risks", name="detail"))[1:]] == ["Hall is closed", "No heating"]


def test_policy_and_masks_hold_in_files(club: Warehouse) -> None:
    ads = lines(taken(club, "list_risks", who=viewer(club, "ads")))
    assert [row[0] for row in ads[1:]] == ["Roof leaks", "Hall is closed"]
    assert b"Ann Lee" not in taken(club, "list_risks", who=viewer(club, "masked")).body
    with pytest.raises(NotAllowed):
        taken(club, "list_risks", who=viewer(club, "no_rows"))


def test_cohorts_are_taken_with_every_age_and_with_their_counts(club: Warehouse) -> None:
    found = lines(taken(club, "cohort"))
    assert found[0][-2:] == ["Coming back, active", "Coming back, in the cohort"]
    assert {row[-1] for row in found[1:]} >= {"10", "27", "30"}


def test_a_tree_is_taken_with_its_levels(club: Warehouse) -> None:
    selection = parse({}, dashboard=None, catalog=club.catalog).selection
    made = export_metric_panel("health", "tree", selection, SYSTEM_VIEWER, warehouse=club, now=NOW, form="csv")
    found = lines(made)
    assert [row[:2] for row in found[:3]] == [["Metric", "Level"], ["Overall health", "0"], ["Mood", "1"]]


@pytest.mark.parametrize("form", ["svg", "png"])
def test_every_drawing_has_a_picture(board: Show, form: str) -> None:
    drawn = [getattr(each, "picture", None) or getattr(each, "spec", None) for each in board().panels]
    bodies = [draw(spec, form=form) for spec in drawn if spec]  # type: ignore[arg-type] # a form
    assert len(bodies) == 7
    assert all(len(body) > 1000 for body in bodies)


def test_the_picture_of_a_heatmap_prints_what_the_page_prints(show: Show, panel: Find) -> None:
    heatmap = panel(show(), "heatmap")
    printed = re.findall(r">([^<>]+)</text>", draw(heatmap.picture, form="svg").decode())
    for row in heatmap.heat_rows:
        assert row.label in printed
        assert [cell.figure.text for cell in row.cells if cell.figure.text not in printed] == []
    values = {(each["x"], each["y"]): each["value"] for each in heatmap.picture["data"]["values"]}
    shaded = {key for key, value in values.items() if value is not None}
    steps = {
        (x, row.label): c.step for row in heatmap.heat_rows for x, c in zip(heatmap.columns, row.cells, strict=True)
    }
    assert shaded == {key for key, step in steps.items() if step}
