"""The sample of the executive pack: seeded, two years long, ends in the current values, with two overdue entries."""

from __future__ import annotations

from datetime import date

import pytest
from executive_company import KPIS, Tables, make_tables, pack_folder
from sample_company import END

from sightline.definitions.loader import check
from sightline.lake.schema import ARROW_TYPES


@pytest.fixture(scope="module")
def tables() -> Tables:
    return make_tables()


def test_the_same_seed_gives_the_same_tables_and_another_seed_gives_others(tables: Tables) -> None:
    again = make_tables()
    assert all(again[name].equals(tables[name]) for name in tables)
    assert not make_tables(seed=8)["kpi_values"].equals(tables["kpi_values"])


def test_tables_are_typed_as_the_datasets_declare(tables: Tables) -> None:
    catalog = check(pack_folder()).catalog
    assert set(tables) == set(catalog.datasets)
    for name, table in tables.items():
        declared = {column: ARROW_TYPES[spec.type] for column, spec in catalog.dataset(name).columns.items()}
        assert dict(zip(table.schema.names, table.schema.types, strict=True)) == declared


@pytest.mark.req("EXE-2")
@pytest.mark.parametrize("end", [END, date(2026, 11, 27), date(2027, 1, 1), date(2028, 2, 29)])
def test_every_history_is_two_years_long_and_ends_in_the_current_value(end: date) -> None:
    rows = make_tables(end=end)["kpi_values"].to_pylist()
    for key, kpi in KPIS.items():
        own = [row for row in rows if row["kpi"] == key]
        assert float(own[-1]["value"]) == pytest.approx(kpi.current, abs=1e-9), key
        assert max(row["at"] for row in own) == own[-1]["at"] < end
        assert (end - own[0]["at"]).days >= 640, key
        assert float(own[0]["value"]) != pytest.approx(kpi.current), key
    assert len({row["at"] for row in rows if row["kpi"] == "mrr"}) == 24


@pytest.mark.req("EXE-4")
def test_two_kpis_have_missed_an_entry_and_the_others_have_not(tables: Tables) -> None:
    spans = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 90}
    last: dict[str, date] = {}
    for row in tables["kpi_values"].to_pylist():
        last[row["kpi"]] = max(last.get(row["kpi"], date.min), row["at"])
    late = {row["kpi"] for row in tables["kpis"].to_pylist() if (END - last[row["kpi"]]).days > spans[row["cadence"]]}
    assert late == {"brand_awareness", "training_completion"}


@pytest.mark.req("EXE-3", "EXE-6")
def test_the_register_and_the_actions_are_those_of_the_spec(tables: Tables) -> None:
    titles = {row["title"] for row in tables["risks"].to_pylist()}
    assert titles == {
        "Customer concentration",
        "Technology dependency",
        "Regulatory changes",
        "Competitive pressure",
        "Economic downturn",
    }
    actions = tables["actions"].to_pylist()
    assert {row["horizon"] for row in actions} == {"30 days", "90 days", "12 months"}
    assert {row["kpi"] for row in actions} <= set(KPIS)
    assert {row["review_cadence"] for row in tables["reviews"].to_pylist()} == {"monthly", "quarterly", "annual"}


def test_the_pack_holds_one_python_file() -> None:
    assert [path.name for path in pack_folder().rglob("*.py")] == ["sample.py"]
