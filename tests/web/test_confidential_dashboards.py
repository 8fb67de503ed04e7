"""A confidential dashboard: found by the roles it is for, and every file of it says who took it, when and for whom."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from page_audit import problems_of

from sightline.accounts.models import AuditEntry
from sightline.home import Home

As = Callable[[str], Client]
pytestmark = [pytest.mark.req("EXE-6"), pytest.mark.usefixtures("boardroom")]
PAGE = """
dashboard: trends
title: Board & room
period: last_30_days
{lines}
panels:
  - {{table: schools, by: school, metrics: [inquiries]}}
  - {{chart: line, metrics: [inquiries], grain: week}}
  - {{chart: heatmap, metric: inquiries, x: week, y: school}}
  - {{list: programs, columns: [name, level]}}
"""
SECRET = "confidential: true\ndistribution: [leadership]"
W = "/w/demo"
WHO = r"Northfield, taken by {name}@example\.org on \d{{1,2}} \w{{3}} \d{{4}}, \d\d:\d\d"


@pytest.fixture
def boardroom(company_home: Path, people: object) -> Iterator[Callable[[str], None]]:
    """Write the dashboard into the workspace; called, write it anew with other lines."""
    file = Home.open(company_home).workspace("demo").definitions / "dashboards" / "trends.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)

    def write(lines: str) -> None:
        file.write_text(PAGE.format(lines=lines))

    write(SECRET)
    yield write
    file.unlink()


def taken(browser: Client, panel: str, form: str, query: str = "") -> bytes:
    response = browser.get(f"{W}/export/trends/{panel}.{form}{query}")
    assert response.status_code == 200
    return bytes(response.content)


@pytest.mark.parametrize("name", ["lead", "owner"])
def test_every_file_is_marked_with_who_took_it(as_: As, name: str) -> None:
    browser, who = as_(name), WHO.format(name=name)
    for panel in ("schools", "list_programs"):
        first, second, *_ = taken(browser, panel, "csv").decode("utf-8-sig").splitlines()
        assert re.fullmatch(f'"# Confidential: {who}"', first)
        assert second == "# Distribution: Marketing leadership"
        book = openpyxl.load_workbook(io.BytesIO(taken(browser, panel, "xlsx")))
        about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
        assert re.fullmatch(who, about["Confidential"])
        assert about["Distribution"] == "Marketing leadership"
        assert re.search(who, book.worksheets[0].oddHeader.center.text)
    for panel in ("line", "heatmap"):
        printed = re.findall(r">([^<>]+)</t(?:ext|span)>", taken(browser, panel, "svg").decode())
        assert any(re.fullmatch(f"Confidential: {who}", text) for text in printed)
        assert "For: Marketing leadership" in printed
        assert taken(browser, panel, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "address",
    [
        "export-metric/inquiries/m1.csv",
        "export-rows.csv?metric=inquiries&program=mba",
        "export-rows.csv?dataset=leads&program=mba",
        "export-rows.csv?dataset=programs",
        "export-compare.csv?entity=program&members=mba,ms_finance",
    ],
)
def test_files_of_what_it_shows_are_marked_too(as_: As, address: str, boardroom: Callable[[str], None]) -> None:
    first, second, *rest = as_("lead").get(f"{W}/{address}").content.decode("utf-8-sig").splitlines()
    assert re.fullmatch(f'"# Confidential: {WHO.format(name="lead")}"', first)
    assert second == "# Distribution: Marketing leadership"
    boardroom("")
    assert as_("lead").get(f"{W}/{address}").content.decode("utf-8-sig").splitlines() == rest


def test_a_picture_of_a_metric_that_it_shows_is_marked_too(as_: As) -> None:
    drawn = as_("owner").get(f"{W}/export-metric/inquiries/m1.svg").content.decode()
    assert "taken by owner@example.org" in drawn
    assert "taken by" not in as_("owner").get(f"{W}/export-metric/cpl/m1.svg").content.decode()


def test_the_mark_changes_no_row(as_: As, boardroom: Callable[[str], None]) -> None:
    marked = taken(as_("lead"), "schools", "csv").decode("utf-8-sig").splitlines()
    boardroom("")
    plain = taken(as_("lead"), "schools", "csv").decode("utf-8-sig").splitlines()
    assert marked[2:] == plain
    assert not plain[0].startswith('"# Confidential')


def test_the_mark_stands_once_before_the_filters(as_: As) -> None:
    lines = taken(as_("lead"), "schools", "csv", "?context=1&school=business").decode("utf-8-sig").splitlines()
    names = [re.sub(r'^"?# ([^:]+):.*', r"\1", line) for line in lines if re.match(r'"?# ', line)]
    assert names[:3] == ["Confidential", "Distribution", "Title"]
    assert names.count("Confidential") == 1


def test_the_page_says_for_whom_it_is_and_who_has_it_open(as_: As) -> None:
    for name in ("lead", "owner"):
        page = as_(name).get(f"{W}/d/trends").content.decode()
        assert problems_of(page) == []
        assert f"Confidential, for Marketing leadership. Opened by {name}@example.org." in page
    assert "Confidential, for" not in as_("lead").get(f"{W}/d/shelf").content.decode()


@pytest.mark.parametrize("name", ["partner", "reader"])
@pytest.mark.parametrize(
    "address",
    ["d/trends", "export/trends/schools.csv", "export/trends/line.svg", "saved?dashboard=trends"],
)
def test_others_do_not_find_it(as_: As, name: str, address: str) -> None:
    as_("owner").get(f"{W}/d/trends")  # what is kept of it now was made for somebody who may
    absent = as_(name).get(f"{W}/{address.replace('trends', 'nothing')}")
    response = as_(name).get(f"{W}/{address}")
    assert response.status_code == absent.status_code
    assert response.status_code in (403, 404)
    assert "Board &amp; room" not in response.content.decode()


@pytest.mark.parametrize(
    "address", ["d/shelf", "palette?q=board", "metrics/inquiries", "guides/metrics", "guides/reviews"]
)
def test_others_are_not_told_its_name(as_: As, address: str) -> None:
    assert "Board &amp; room" not in as_("reader").get(f"{W}/{address}").content.decode()


def test_it_stands_in_the_sidebar_and_the_palette_of_its_roles(as_: As) -> None:
    for address in ("data", "palette?q=board"):
        assert f'href="{W}/d/trends"' in as_("lead").get(f"{W}/{address}").content.decode()


def test_who_took_it_is_on_record(as_: As) -> None:
    taken(as_("lead"), "heatmap", "svg")
    taken(as_("owner"), "schools", "csv")
    found = AuditEntry.objects.filter(workspace="demo", verb="exported", object__startswith="trends")
    assert {(each.actor, each.object, each.detail["form"]) for each in found} == {
        ("lead@example.org", "trends › heatmap", "svg"),
        ("owner@example.org", "trends › schools", "csv"),
    }
