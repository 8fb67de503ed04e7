"""Exports have what the screen shows; an upload is looked at, tried and imported."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sightline.ingest.models import ImportRun
from sightline.jobs.imports import run_waiting

As = Callable[[str], Client]
LEADS = b"""lead_id,program_id,created_at,source
N-1,mba,2026-03-01 10:00,google_ads
N-2,no_such,2026-03-01 10:00,google_ads
"""


def _csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_a_table_as_csv_has_the_rows_of_the_screen(as_: As) -> None:
    browser = as_("lead")
    page = browser.get("/w/demo/d/shelf?school=business").content.decode()
    rows = _csv(browser.get("/w/demo/export/shelf/programs.csv?school=business").content)
    assert len(rows) == 4
    assert all(row["Program name"] in page for row in rows)


def test_a_table_as_xlsx_has_numbers_and_says_what_it_is(as_: As) -> None:
    response = as_("lead").get("/w/demo/export/shelf/programs.xlsx?school=business")
    assert "attachment" in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    values = [cell.value for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    assert any(isinstance(value, int | float) for value in values)
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert "School: business" in about["Filters"]
    assert about["By"] == "lead@example.org"


def test_rows_as_csv_are_all_of_them(as_: As) -> None:
    browser = as_("lead")
    page = browser.get("/w/demo/rows?metric=inquiries&program=mba").content.decode()
    rows = _csv(browser.get("/w/demo/export-rows.csv?metric=inquiries&program=mba").content)
    assert f"{len(rows):,} rows" in page
    assert "@" not in {row["E-mail"] for row in rows}


def test_moments_in_a_workbook_are_those_of_the_page(as_: As) -> None:
    browser = as_("lead")
    page = browser.get("/w/demo/rows?metric=inquiries&program=mba&sort=-created_at").content.decode()
    book = openpyxl.load_workbook(
        io.BytesIO(browser.get("/w/demo/export-rows.xlsx?metric=inquiries&program=mba").content)
    )
    moments = [cell.value for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    newest = max(value for value in moments if isinstance(value, datetime))
    assert f"{newest.day} {newest:%b %Y, %H:%M}" in page  # New York's wall clock, as About says


@pytest.mark.req("PRG-6")
def test_rows_behind_a_count_of_different_values_say_that_count_too(as_: As) -> None:
    browser = as_("lead")
    rows = _csv(browser.get("/w/demo/export-rows.csv?metric=programs_with_inquiries").content)
    different = len({row["Program"] for row in rows})
    page = browser.get("/w/demo/rows?metric=programs_with_inquiries").content.decode()
    assert f"{len(rows):,} rows of leads with {different} different values: the figure" in page


@pytest.mark.req("PRG-5.3")
@pytest.mark.parametrize(
    "address",
    ["rows?metric=inquiries&program=mba", "d/shelf?school=business", "compare?entity=program&members=mba,ms_finance"],
)
def test_a_csv_with_filters_has_them_before_the_same_rows(as_: As, address: str) -> None:
    browser = as_("lead")
    page = browser.get(f"/w/demo/{address}").content.decode()
    told = html.unescape(re.findall(r'href="([^"]+context=1)" download', page)[0])
    lines = browser.get(told).content.decode("utf-8-sig").splitlines(keepends=True)
    context = [line for line in lines if line.lstrip('"').startswith("# ")]
    assert {"Period", "Filters", "Data through"} <= {line.lstrip('"# ').partition(":")[0] for line in context}
    plain = browser.get(told.replace("&context=1", ""))
    assert plain.content.decode("utf-8-sig") == "".join(lines[len(context) :])
    assert re.search(r"-data-to-\d{4}-\d\d-\d\d-", plain["Content-Disposition"])


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_chart_is_a_picture(as_: As, form: str) -> None:
    browser = as_("lead")
    response = browser.get(f"/w/demo/export/trends/line.{form}")
    assert response.status_code == 200
    assert response.content[:5] in (b"<svg ", b"\x89PNG\r")


@pytest.mark.req("PLT-4")
def test_a_heatmap_is_offered_and_given_as_a_picture(as_: As) -> None:
    browser = as_("lead")
    page = browser.get("/w/demo/d/trends").content.decode()
    for form, begins in (("svg", b"<svg "), ("png", b"\x89PNG")):
        offered = re.findall(rf'href="(/w/demo/export/trends/heatmap\.{form}[^"]*)" download', page)
        assert len(offered) == 1
        assert browser.get(html.unescape(offered[0])).content.startswith(begins)


@pytest.mark.parametrize("address", ["export/shelf/programs.exe", "export-metric/cpl/m1.exe", "export-rows.exe"])
def test_unknown_forms_are_not_found(as_: As, address: str) -> None:
    assert as_("lead").get(f"/w/demo/{address}").status_code == 404


@pytest.mark.parametrize(
    "address", ["/w/demo/metrics/cpl?school=business", "/w/demo/compare?entity=program&members=mba,ms_finance"]
)
def test_every_file_a_page_offers_is_there_and_has_as_many_rows_as_it_says(as_: As, address: str) -> None:
    browser = as_("lead")
    page = browser.get(address).content.decode()
    offered = re.findall(r'href="([^"]+)" download>.*?</svg>([^<]+)(?:<span class="r">(\d+) rows?)?', page)
    assert {words for _, words, _ in offered} >= {"CSV", "CSV with filters", "Excel (XLSX)"}
    for href, words, rows in offered:
        response = browser.get(html.unescape(href))
        assert response.status_code == 200, href
        if words == "CSV" and rows:
            assert len(_csv(response.content)) == int(rows)


def test_who_may_not_export_is_offered_no_file(as_: As) -> None:
    for address in ("/w/demo/metrics/cpl", "/w/demo/compare?entity=program&members=mba,ms_finance"):
        assert " download" not in as_("reader").get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_looked_at_tried_and_imported(as_: As) -> None:
    browser = as_("owner")
    file = SimpleUploadedFile("new leads.csv", LEADS)
    mapping = browser.post("/w/demo/data/import", {"dataset": "leads", "file": file})["Location"]
    looked = browser.get(mapping).content.decode()
    assert "google_ads" in looked
    tried = browser.post(mapping, {"do": "check"}).content.decode()
    assert "Would be rejected" in tried
    assert not ImportRun.objects.exists()
    started = browser.post(mapping, {"do": "run"})["Location"]
    assert "hx-trigger" in browser.get(started, headers={"HX-Request": "true"}).content.decode()
    assert run_waiting(datetime.now(UTC))  # what the worker does within a second
    state = browser.get(started, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in state
    assert "See them in quarantine" in state
    held = browser.get("/w/demo/data/quarantine?dataset=leads").content.decode()
    assert "no_such" in held
    assert browser.get(mapping).status_code == 404  # the file was handed on


def test_an_upload_belongs_to_who_uploaded_it(as_: As) -> None:
    file = SimpleUploadedFile("leads.csv", LEADS)
    mapping = as_("owner").post("/w/demo/data/import", {"dataset": "leads", "file": file})["Location"]
    assert as_("lead").get(mapping).status_code == 403
    assert as_("stranger").get(mapping).status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [("leads.exe", b"MZ", "is of no kind"), ("leads.csv", b"", "empty"), ("", b"", "no file was chosen")],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(as_: As, name: str, body: bytes, said: str) -> None:
    browser = as_("owner")
    fields = {"dataset": "leads"} | ({"file": SimpleUploadedFile(name, body)} if name else {})
    response = browser.post("/w/demo/data/import", fields)
    if response.status_code == 302:
        response = browser.get(response["Location"])
    assert response.status_code == 400
    assert said in response.content.decode()


def test_leadership_reads_the_quarantine_without_raw_records(as_: As) -> None:
    text = as_("lead").get("/w/demo/data/quarantine").content.decode()
    assert "Record as it came" not in text
