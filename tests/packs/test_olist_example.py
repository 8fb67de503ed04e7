"""The Olist example over the real files: the published figures, through the same definitions a user would write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Filter, Question
from sightline.metrics.warehouse import Warehouse

NOW = datetime(2019, 1, 1, 12, tzinfo=UTC)
FILES = {
    "leads": "olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv",
    "closed_deals": "olist_marketing_funnel/olist_closed_deals_dataset.csv",
}
# origin: (leads, won, rate in percent)
PUBLISHED = {
    "organic_search": (2296, 271, 11.80),
    "paid_search": (1586, 195, 12.30),
    "social": (1350, 75, 5.56),
    "unknown": (1099, 179, 16.29),
    "direct_traffic": (499, 56, 11.22),
    "email": (493, 15, 3.04),
    "referral": (284, 24, 8.45),
    "other": (150, 4, 2.67),
    "display": (118, 6, 5.08),
    "other_publicities": (65, 3, 4.62),
    None: (60, 14, 23.33),
}


@pytest.fixture(scope="module")
def olist(
    tmp_path_factory: pytest.TempPathFactory,
    repository: Path,
    shared_data: Callable[[str], Path],
    make_warehouse: Callable[..., Warehouse],
) -> Warehouse:
    root = tmp_path_factory.mktemp("olist")
    pack = repository / "examples" / "olist"
    warehouse = make_warehouse(root / "empty", {}, pack=pack, zone="UTC")
    tables = {name: _arrived(shared_data(file), warehouse, name) for name, file in FILES.items()}
    return make_warehouse(root / "lake", tables, pack=pack, zone="UTC")


def _arrived(path: Path, warehouse: Warehouse, dataset: str) -> pa.Table:
    """Return the file under the dataset's own column names, as `arrives_as` says; empty text is missing."""
    columns = warehouse.catalog.dataset(dataset).columns
    names = {alias: name for name, column in columns.items() for alias in (name, *column.arrives_as)}
    text = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""], timestamp_parsers=["ISO8601"])
    table = pyarrow.csv.read_csv(path, convert_options=text)
    renamed = table.rename_columns([names[name] for name in table.column_names])
    if "won_date" in renamed.column_names:
        moment = pc.assume_timezone(renamed.column("won_date").cast(pa.timestamp("us")), "UTC")
        renamed = renamed.set_column(renamed.column_names.index("won_date"), "won_date", moment)
    return renamed


def _ask(olist: Warehouse, *metrics: str, **question: object) -> Answer:
    return ask(Question(metrics=metrics, **question), SYSTEM_VIEWER, warehouse=olist, now=NOW)  # type: ignore[arg-type]  # keywords of the question under test


@pytest.mark.req("PRG-3.1", "PLT-3.3")
def test_the_headline_figures_are_the_published_ones(olist: Warehouse) -> None:
    found = _ask(olist, "leads", "won_deals", "lead_to_deal_rate")
    assert found.cell(0, "leads").value == 8000
    assert found.cell(0, "won_deals").value == 842
    assert found.cell(0, "lead_to_deal_rate").value == pytest.approx(0.10525)


@pytest.mark.req("PRG-3.1", "PLT-3.3")
def test_every_origin_has_its_published_rate_and_the_missing_one_is_its_own(olist: Warehouse) -> None:
    found = _ask(olist, "leads", "won_deals", "lead_to_deal_rate", group_by=("origin",))
    origins = found.table.column("origin").to_pylist()
    assert set(origins) == set(PUBLISHED)
    for row, origin in enumerate(origins):
        leads, won, percent = PUBLISHED[origin]
        assert found.cell(row, "leads").value == leads
        assert found.cell(row, "won_deals").value == won
        assert round(100 * (found.cell(row, "lead_to_deal_rate").value or 0), 2) == pytest.approx(percent)


@pytest.mark.req("PRG-3.5")
def test_the_deal_won_before_its_first_contact_counts_but_has_no_duration(olist: Warehouse) -> None:
    """Over all 842 deals, the impossible one included, the median would be 14.65 days, as the data's notes say."""
    cell = _ask(olist, "median_days_to_win").cell(0, "median_days_to_win")
    assert cell.value == pytest.approx(14.7222, abs=0.0005)
    assert (cell.n, cell.excluded) == (841, 1)
    assert _ask(olist, "won_deals").cell(0, "won_deals").value == 842
    assert any("1 " in note for note in _ask(olist, "median_days_to_win").notes)


@pytest.mark.req("PRG-3.1")
def test_deals_by_segment_and_by_filter(olist: Warehouse) -> None:
    found = _ask(olist, "won_deals", group_by=("business_segment",))
    segments = {
        name: found.cell(row, "won_deals").value for row, name in enumerate(found.table["business_segment"].to_pylist())
    }
    top = {"home_decor": 105, "health_beauty": 93, "car_accessories": 77, "household_utilities": 71}
    assert {name: segments[name] for name in top} == top
    unknown = _ask(olist, "leads", filters=(Filter("origin", ("unknown",)),))
    missing = _ask(olist, "leads", filters=(Filter("origin", (None,)),))
    assert (unknown.cell(0, "leads").value, missing.cell(0, "leads").value) == (1099, 60)
    assert _ask(olist, "leads", where="origin = 'unknown'").cell(0, "leads").value == 1099


@pytest.mark.req("PRG-3.1", "PLT-3.2")
def test_a_cohort_seen_from_within_the_data_is_still_maturing(olist: Warehouse) -> None:
    question = Question(metrics=("lead_to_deal_rate",), grain="month", period="2017-07-01..2018-06-01")
    found = ask(question, SYSTEM_VIEWER, warehouse=olist, now=datetime(2018, 6, 1, 12, tzinfo=UTC))
    maturing = [found.cell(row, "lead_to_deal_rate").maturing for row in range(found.n_rows)]
    assert maturing[0] is None
    assert maturing[-1] == 0
