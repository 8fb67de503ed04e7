"""Exports: every row, real numbers, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import NOW

from sightline.dashboards.csv_text import guarded, to_csv
from sightline.dashboards.export import Export, export_panel, said
from sightline.dashboards.selection import parse
from sightline.dashboards.sheets import Heading, Sheet, sheet_name, workbook
from sightline.definitions.catalog import UnknownName
from sightline.definitions.policy import SYSTEM, SYSTEM_VIEWER, Policy, Viewer
from sightline.errors import NotAllowed
from sightline.metrics import Warehouse


def export(
    shop: Warehouse,
    panel: str,
    form: Any = "xlsx",
    viewer: Viewer = SYSTEM_VIEWER,
    name: str = "shelf",
    **query: list[str],
) -> Export:
    dashboard = shop.catalog.dashboard(name)
    selection = parse(query, dashboard=dashboard, catalog=shop.catalog).selection
    return export_panel(dashboard, panel, selection, viewer, warehouse=shop, now=NOW, form=form)


def book(made: Export) -> Any:
    return book_of(made.body)


def book_of(body: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(body))


def test_a_workbook_has_real_numbers_with_formats_and_a_frozen_heading(shop: Warehouse) -> None:
    sheet = book(export(shop, "programs")).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    first = dict(zip(heads, sheet[2], strict=True))
    assert sheet.freeze_panes == "A2"
    assert (first["Leads"].value, first["Leads"].number_format) == (100, "#,##0")
    assert (first["Win rate (%)"].value, first["Win rate (%)"].number_format) == (0.2, "0.0%")
    assert first["Cost per lead (USD)"].value == 45
    assert "$" in first["Cost per lead (USD)"].number_format
    assert first["Program name"].value == "Alpha"


def parts(body: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Read a file with context as docs/api.md says: the heading is the first row that does not begin with "# "."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    start = next(number for number, row in enumerate(rows) if not row[0].startswith("# "))
    assert all(len(row) == 1 for row in rows[:start])
    context = dict(row[0].removeprefix("# ").split(": ", 1) for row in rows[:start])
    return context, [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


@pytest.mark.req("PRG-5.3")
def test_a_csv_may_say_what_it_is_before_its_rows(shop: Warehouse) -> None:
    filters = {"school": ["Business", "Law"]}
    plain = export(shop, "programs", "csv", **filters).body.decode("utf-8-sig")
    assert "# " not in plain
    made = export(shop, "programs", "csv_with_context", **filters)
    context, rows = parts(made.body)
    assert rows == list(csv.DictReader(io.StringIO(plain)))
    assert len(rows) == made.rows
    assert context["Filters"] == "School: Business, Law"
    assert context["Period"].startswith("25 Oct 2025 to 22 Jan 2026")
    assert "22 Jan 2026" in context["Data through"]
    assert context["Rows"] == f"{len(rows)}, all of them"
    assert made.media_type.startswith("text/csv")


@pytest.mark.req("PRG-5.3")
@pytest.mark.parametrize("form", ["csv", "csv_with_context", "xlsx"])
def test_the_name_of_a_file_says_its_days_and_up_to_when_there_is_data(shop: Warehouse, form: str) -> None:
    assert f"{NOW:%H:%M}" == "11:00"  # in New York 06:00
    name = export(shop, "programs", form).name
    ending = "xlsx" if form == "xlsx" else "csv"
    assert name == f"shelf-programs-2025-10-25-to-2026-01-22-data-to-2026-01-22-20260123-0600.{ending}"


def test_the_name_of_a_file_over_all_time_says_so(shop: Warehouse) -> None:
    assert export(shop, "programs", "csv", period=["all_time"]).name.startswith("shelf-programs-all-time-data-to-")


@given(st.lists(st.tuples(st.sampled_from(["Title", "Filters"]), st.text()), max_size=3), st.text(), st.text())
def test_no_text_breaks_out_of_the_lines_about_a_file(about: list[tuple[str, str]], heading: str, value: str) -> None:
    sheet = Sheet("x", (Heading(heading, "text"), Heading("n", "integer")), ((value, 1),), tuple(about))
    rows = list(csv.reader(io.StringIO(to_csv(sheet, context=True).decode("utf-8-sig", "surrogatepass"), newline="")))
    assert [row[0] for row in rows[: len(about)]] == [f"# {name}: {' '.join(text.split())}" for name, text in about]
    assert all(len(row) == 1 for row in rows[: len(about)])
    assert not rows[len(about)][0].startswith("# ")
    assert rows[len(about) + 1][1] == "1"
    semicolons = to_csv(sheet, context=True).decode("utf-8-sig").split("\r\n")[: len(about)]
    assert all(line.startswith(("# ", '"# ')) for line in semicolons)


@pytest.mark.req("PRG-3.10")
def test_a_rate_that_needs_cases_stands_beside_its_observations(shop: Warehouse) -> None:
    rows = list(csv.DictReader(io.StringIO(export(shop, "programs", "csv").body.decode("utf-8-sig"))))
    assert {row["Program"]: row["Win rate, observations"] for row in rows} == {"a": "100", "b": "50", "c": "10"}


def test_the_file_says_what_it_is(shop: Warehouse) -> None:
    about = {
        row[0].value: row[1].value for row in book(export(shop, "programs", school=["Business"]))["About"].iter_rows()
    }
    assert about["Title"] == "Shelf: Programs"
    assert about["Filters"] == "School: Business"
    assert about["Period"].startswith("25 Oct 2025 to 22 Jan 2026")
    assert about["Rows"] == "2, all of them"
    assert about["Time zone"] == "America/New_York"
    assert about["By"] == "system"
    assert about["Generated at"] == "23 Jan 2026, 06:00"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_limited_table_is_exported_whole(shop: Warehouse, form: str) -> None:
    made = export(shop, "sources", form, name="program", program=["a"])
    assert (made.rows, made.total_rows, made.limited) == (3, 3, False)
    assert said(made) == "3 rows"


@pytest.mark.req("PRG-4.1")
def test_the_roles_limit_cuts_and_the_file_says_so(shop: Warehouse) -> None:
    limited = Viewer("reader", replace(SYSTEM, export_limit=2))
    made = export(shop, "programs", viewer=limited)
    assert (made.rows, made.total_rows) == (2, 3)
    about = {row[0].value: row[1].value for row in book(made)["About"].iter_rows()}
    assert about["Limit"] == "Your role may export 2 rows; 1 are left out."
    assert said(made) == "2 of 3 rows: your role's export limit"


@pytest.mark.req("PRG-4.1")
def test_without_the_permission_nothing_is_exported(shop: Warehouse) -> None:
    viewer = Viewer("reader", Policy(frozenset({"view"}), rows={"*": "all"}))
    with pytest.raises(NotAllowed):
        export(shop, "programs", viewer=viewer)


def test_an_unknown_panel_is_named(shop: Warehouse) -> None:
    with pytest.raises(UnknownName, match="programs"):
        export(shop, "program")


def test_a_csv_opens_in_excel_as_utf8_with_dos_line_ends(shop: Warehouse) -> None:
    body = export(shop, "programs", "csv").body
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.count(b"\r\n") == 4
    assert body.count(b"\n") == 4


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_looks_like_a_formula_is_text(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded("MBA") == "MBA"
    sheet = Sheet("T", (Heading("H", "text"),), ((text,),), ())
    cell = openpyxl.load_workbook(io.BytesIO(workbook(sheet))).worksheets[0]["A2"]
    assert cell.data_type == "s"


@pytest.mark.parametrize("panel", ["tile_leads", "line", "bar", "scatter", "funnel_n2", "heatmap", "bullet"])
def test_every_kind_of_panel_is_exported(shop: Warehouse, panel: str) -> None:
    assert export(shop, panel).rows >= 1
    assert export(shop, panel, "csv").rows >= 1


@given(title=st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_title_becomes_a_name_that_excel_accepts(title: str) -> None:
    name = sheet_name(title)
    assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
    assert not set("[]:*?/\\") & set(name)
    assert not name.startswith("'")
    assert name.lower() not in ("history", "about")


@pytest.mark.parametrize(
    "title", ["", "History", "a/b:c", "'quoted'", "𐀀" * 31, "Cost and return: every program of every school"]
)
def test_a_workbook_is_made_under_any_title(title: str) -> None:
    sheet = Sheet(title, (Heading("A", "integer"),), ((1,),), (("Title", title),))
    assert book_of(workbook(sheet)).sheetnames[1] == "About"
