"""Exports of Google Ads and Meta, in several languages, become the same records with the right sums."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from utc_clock import utc_now

from sightline.sources.base import Page, ReadRequest, Surroundings
from sightline.sources.files.reading import UnreadableFiles
from sightline.sources.spend.config import SpendConfig
from sightline.sources.spend.figures import amount_of, date_of, order_of
from sightline.sources.spend.source import SPEND

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")

GOOGLE = """\
Campaign performance report
"March 1, 2026 - March 2, 2026"
Day,Campaign,Campaign ID,Currency code,Device,Cost,Impr.,Clicks,CTR,Conversions
2026-03-01,"Brand, Search",111,EUR,Phones,"1,234.50","10,000",120,1.2%,3.50
2026-03-01,"Brand, Search",111,EUR,Computers,65.50,500,30,6.0%,1.50
2026-03-02,"Total recall",222,EUR,Phones,0.00,0,0, --, --
Total: Campaigns, --, --,EUR, --,"1,300.00","10,500",150,1.4%,5.00
Total: Account, --, --,EUR, --,"1,300.00","10,500",150,1.4%,5.00
"""
META = """\
Reporting starts,Reporting ends,\
Campaign name,Campaign ID,Amount spent (USD),Impressions,Link clicks,Clicks (all),Results
2026-03-01,2026-03-01,,,150.25,3000,40,60,
2026-03-01,2026-03-01,Spring,120330,100.25,2000,30,45,4
2026-03-01,2026-03-01,Summer,120331,50,1000,10,15,
"""
GERMAN = """\
Kampagnenbericht
1. März 2026 - 31. März 2026
Tag;Kampagne;Währungscode;Kosten;Impr.;Klicks;Conversions
01.03.2026;Marke;EUR;1.234,50;10.000;120;3,5
02.03.2026;Marke;EUR;1.234;10.000;120;3,5
Gesamt: Kampagnen; --;EUR;2.468,50;20.000;240;7
"""
FRENCH = """\
Début des rapports\tFin des rapports\t\
Nom de la campagne\tMontant dépensé (EUR)\tImpressions\tClics sur un lien\tRésultats
2026-03-01\t2026-03-01\tPrintemps\t1\u202f234,50\t10\u00a0000\t120\t3
"""
MICROS = """\
segments.date,campaign.id,campaign.name,metrics.cost_micros,metrics.impressions,metrics.clicks,metrics.conversions
2026-03-01,7,API,1234567,10,2,0.5
"""


def read(folder: Path, **settings: Any) -> list[Page]:
    config = SpendConfig.model_validate({"place": "folder", "folder": ".", **settings})
    source = SPEND.open(config, Surroundings(now=utc_now, folders=(folder,)))
    try:
        return list(source.read(ReadRequest(source.streams()[0])))
    finally:
        source.close()


def records(folder: Path, **settings: Any) -> list[dict[str, Any]]:
    return [dict(record) for page in read(folder, **settings) for record in page.records]


def figures(record: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(record[name] for name in ("spend", "impressions", "clicks", "conversions"))


def test_google_ads_with_lines_above_and_totals_below(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOGLE)
    first, second = records(tmp_path)
    assert first == {
        "date": "2026-03-01",
        "channel": "google_ads",
        "campaign_id": "111",
        "campaign": "Brand, Search",
        "spend": "1300.00",
        "currency": "EUR",
        "impressions": "10500",
        "clicks": "150",
        "conversions": "5.00",
        "_file": "a.csv",
    }, "rows of devices are summed"
    assert second["campaign"] == "Total recall", "a campaign may be called so"
    assert figures(second) == ("0.00", "0", "0", None)


def test_google_ads_as_its_own_excel_file_is_written(tmp_path: Path) -> None:
    text = "Report\nDay\tCampaign\tCost\n2026-03-01\tBrand\t1,234.50\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-16")
    [record] = records(tmp_path, currency="CHF")
    assert (record["spend"], record["currency"], record["campaign_id"]) == ("1234.50", "CHF", "Brand")


def test_meta_with_its_total_on_top(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeff" + META)
    found = records(tmp_path)
    assert [(record["campaign"], record["channel"], record["currency"]) for record in found] == [
        ("Spring", "meta", "USD"),
        ("Summer", "meta", "USD"),
    ]
    assert [figures(record) for record in found] == [("100.25", "2000", "30", "4"), ("50", "1000", "10", None)]


def test_german_marks_of_numbers_and_dates(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GERMAN, encoding="latin-1")
    found = records(tmp_path)
    assert [(record["date"], figures(record)) for record in found] == [
        ("2026-03-01", ("1234.50", "10000", "120", "3.5")),
        ("2026-03-02", ("1234", "10000", "120", "3.5")),
    ]


def test_french_spaces_between_thousands(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FRENCH)
    [record] = records(tmp_path)
    assert figures(record) == ("1234.50", "10000", "120", "3")


def test_micros_are_millionths(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(MICROS)
    [record] = records(tmp_path, channel="search")
    assert (record["channel"], record["spend"]) == ("search", "1.234567")


def test_a_row_that_makes_no_sense_is_told_and_the_others_count(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Day,Campaign,Cost\n2026-03-01,A,ten\n2026-03-01,B,2\nsoon,C,3\n2026-03-01,D,4,5\n")
    found = records(tmp_path)
    assert [record["campaign"] for record in found if "campaign" in record] == ["B"]
    told = {record["_row"]: record["_malformed"] for record in found if "_malformed" in record}
    assert told["1"] == '"ten" is no number'
    assert told["3"] == '"soon" is no date'
    assert "4 columns instead of 3" in told["4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Name,Value\na,1\n", "no columns of a campaign"),
        ("Campaign,Cost\na,1\n", "no column of the day"),
        ("Reporting starts,Reporting ends,Campaign name,Amount spent\n2026-03-01,2026-03-31,A,1\n", "2026-03-01 to"),
        ("Day,Campaign,Cost\n3/4/2026,A,1\n3/5/2026,A,1\n", "which number is the day"),
        ("Day,Campaign,Currency,Cost\n2026-03-01,A,EUR,1\n2026-03-01,A,USD,1\n", "in EUR and in USD"),
    ],
)
def test_a_file_that_leaves_a_question_open_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(META)
    with pytest.raises(UnreadableFiles, match=problem):
        read(tmp_path)


@pytest.mark.parametrize(("dates", "expected"), [("day first", "2026-04-03"), ("month first", "2026-03-04")])
def test_the_settings_say_which_number_is_the_day(tmp_path: Path, dates: str, expected: str) -> None:
    (tmp_path / "a.csv").write_text("Day,Campaign,Cost\n3/4/2026,A,1\n")
    assert [record["date"] for record in records(tmp_path, dates=dates)] == [expected]


def test_one_date_tells_how_all_are_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Day,Campaign,Cost\n3/4/2026,A,1\n3/25/2026,A,1\n")
    assert [record["date"] for record in records(tmp_path)] == ["2026-03-04", "2026-03-25"]
    assert order_of(["25/3/2026", "1/2/2026"]) == "day first"
    assert order_of(["2026-03-04", "3.4.2026", "4/4/2026"]) == "needless"


WRITTEN = ("2026-03-04", "04.03.2026", "4. 3. 2026", "Mar 4, 2026", "4 March 2026", "2026-03-04 00:00:00")


@pytest.mark.parametrize("text", WRITTEN)
def test_dates(text: str) -> None:
    assert str(date_of(text, "day first")) == "2026-03-04"


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "31.02.2026", "1/2/26"])
def test_what_is_no_date(text: str) -> None:
    assert date_of(text, "day first") is None


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("12,50", ".", "12.50"),
        ("12.5", ",", "12.5"),
        ("1,234,567.89", ",", "1234567.89"),
        ("1.234.567,89", ".", "1234567.89"),
        ("€ 1,234.50", ".", "1234.50"),
        ("1'234.50 CHF", ".", "1234.50"),
        ("−3", ".", "-3"),
        ("12.3%", ".", "12.3"),
        ("1234567", ",", "1234567"),
    ],
)
def test_amounts(text: str, decimal: str, expected: str) -> None:
    assert amount_of(text, decimal) == Decimal(expected)


@pytest.mark.parametrize("text", ["ten", "1,23,4", "1.2.3", "1-2", "1,234.5.6"])
def test_what_is_no_amount(text: str) -> None:
    for decimal in ".,":
        with pytest.raises(ValueError, match="no number"):
            amount_of(text, decimal)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([".", ","]))
def test_every_amount_is_read_as_its_language_writes_it(amount: Decimal, decimal: str) -> None:
    english = f"{amount:,.2f}"
    text = english if decimal == "." else english.translate(str.maketrans(",.", ".,"))
    assert amount_of(text, decimal) == amount
