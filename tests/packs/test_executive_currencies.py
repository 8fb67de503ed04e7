"""KPIs in other currencies than the targets' are converted at the rate of the value's own day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from executive_company import Tables, board_of, make_tables
from sample_company import NOW

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("EXE-2")
MONEY = ("arr", "mrr", "average_deal", "pipeline", "revenue_per_employee", "cash_flow", "burn", "cac", "ltv")
FOREIGN = {"arr": "USD", "mrr": "CHF", "cac": "GBP", "burn": "XXX"}


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the sample with four KPIs in another currency; the CRM knows no rate of the last."""
    made = make_tables()
    values = made["kpi_values"]
    codes = [
        FOREIGN.get(kpi, code)
        for kpi, code in zip(values["kpi"].to_pylist(), values["currency"].to_pylist(), strict=True)
    ]
    position = values.column_names.index("currency")
    return {**made, "kpi_values": values.set_column(position, "currency", pa.array(codes))}


@pytest.fixture(scope="module")
def board(
    tmp_path_factory: pytest.TempPathFactory, make_warehouse: Callable[..., Warehouse], tables: Tables
) -> Warehouse:
    return board_of(tmp_path_factory, make_warehouse, tables)


def expected(tables: Tables, kpi: str) -> dict[date, float | None]:
    """Return the last value of each month in euros, by plain SQL."""
    connection = duckdb.connect()
    connection.register("v", tables["kpi_values"])
    connection.register("r", tables["exchange_rates"])
    found = connection.execute(
        """
        SELECT date_trunc('month', v.at)::DATE, arg_max(v.value * CASE WHEN v.currency = 'EUR' THEN 1 ELSE (
            SELECT r.rate FROM r WHERE r.currency = v.currency AND r.rated_on <= v.at ORDER BY r.rated_on DESC LIMIT 1
        ) END, v.at) FROM v WHERE v.kpi = ? GROUP BY 1
        """,
        [kpi],
    ).fetchall()
    return {month: None if value is None else float(value) for month, value in found}


@pytest.mark.parametrize("kpi", MONEY)
def test_every_month_of_an_amount_is_that_of_plain_sql(board: Warehouse, tables: Tables, kpi: str) -> None:
    question = Question((f"kpi_{kpi}",), grain="month", period="last_24_months")
    found = ask(question, SYSTEM_VIEWER, warehouse=board, now=NOW)
    wanted = expected(tables, kpi)
    for row, month in enumerate(found.data["period"]):
        cell = found.cell(row, f"kpi_{kpi}")
        assert cell.value == pytest.approx(wanted[month])
        assert (cell.state, cell.unrated) == (("no_rate", 1) if kpi == "burn" else ("ok", 0))


def test_the_rates_make_a_difference_and_a_currency_without_one_is_named(board: Warehouse, tables: Tables) -> None:
    values = tables["kpi_values"].filter(pc.equal(tables["kpi_values"]["kpi"], "arr"))
    last = float(values.sort_by("at")["value"][-1].as_py())
    found = ask(Question(("kpi_arr", "kpi_burn"), period="last_12_months"), SYSTEM_VIEWER, warehouse=board, now=NOW)
    arr = found.cell(0, "kpi_arr")
    assert arr.value is not None
    assert 0.5 * last < arr.value < 0.99 * last
    assert found.notes == ("Burn rate, monthly: 1 row in XXX has no rate and is left out",)
