"""The sample company: believable, seeded, tied out to the cent, with the planted problems and nothing else wrong."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from sample_company import END, NOW, Company

from sightline.definitions.loader import shipped_pack
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.lake.schema import ARROW_TYPES
from sightline.metrics.ask import ask
from sightline.metrics.question import Question

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def tables(sample: ModuleType) -> Tables:
    return sample.generate(seed=7, end=END)


def _by(table: pa.Table, column: str) -> Counter[str]:
    return Counter(table.column(column).to_pylist())


def test_the_same_seed_gives_the_same_tables_and_another_seed_gives_others(sample: ModuleType, tables: Tables) -> None:
    again = sample.generate(seed=7, end=END)
    assert all(again[name].equals(tables[name]) for name in tables)
    assert not sample.generate(seed=8, end=END)["leads"].equals(tables["leads"])


def test_it_is_made_within_seconds(sample: ModuleType) -> None:
    started = time.perf_counter()
    sample.generate(seed=1, end=END)
    assert time.perf_counter() - started < 5


def test_tables_are_typed_as_the_datasets_declare(company: Company, tables: Tables) -> None:
    catalog = company.warehouse.catalog
    assert list(tables) == ["schools", "programs", "leads", "lead_stages", "spend", "revenue"]
    assert set(tables) == set(catalog.datasets)
    for name, table in tables.items():
        declared = {column: ARROW_TYPES[spec.type] for column, spec in catalog.dataset(name).columns.items()}
        assert dict(zip(table.schema.names, table.schema.types, strict=True)) == declared


def test_the_shelf_has_eighteen_programs_in_five_schools_over_two_years(tables: Tables) -> None:
    programs = tables["programs"].to_pylist()
    assert len(programs) == 18
    assert tables["schools"].num_rows == 5
    assert Counter(row["status"] for row in programs) == {
        "active": 9,
        "in_validation": 5,
        "under_review": 3,
        "deprioritized": 1,
    }
    young = [row for row in programs if row["status"] == "in_validation"]
    assert all(END - timedelta(days=30) < row["launched_on"] < END for row in young)
    assert 22_000 < tables["leads"].num_rows < 28_000
    created = [moment for moment in tables["leads"].column("created_at").to_pylist() if moment < NOW]
    assert min(created) < datetime(2024, 4, 3, tzinfo=UTC)
    assert max(created) >= datetime(2026, 3, 31, tzinfo=UTC)


def test_the_portfolio_stands_where_the_design_shows_it(company: Company) -> None:
    wanted = {
        "inquiry_to_opportunity_in_period": (0.135, 0.01),
        "opportunity_to_application_in_period": (0.226, 0.03),
        "application_to_enrollment_in_period": (0.383, 0.06),
        "cpe": (5183, 900),
        "roi": (3.25, 0.8),
    }
    question = Question(metrics=tuple(wanted), period="last_90_days")
    found = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    for metric, (value, margin) in wanted.items():
        assert found.cell(0, metric).value == pytest.approx(value, abs=margin), metric


def test_three_programs_under_review_are_below_the_benchmark(company: Company) -> None:
    question = Question(metrics=("inquiry_to_opportunity",), group_by=("program",), period="last_6_months")
    found = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    rates = {
        key: found.cell(row, "inquiry_to_opportunity").value
        for row, key in enumerate(found.table["program"].to_pylist())
    }
    assert all((rates[name] or 1) < 0.10 for name in ("ms_finance", "public_health", "engineering_management"))
    assert all((rates[name] or 0) > 0.11 for name in ("mba", "ms_nursing", "data_science", "cybersecurity"))


@pytest.mark.parametrize(("stage", "days"), [("opportunity", 6), ("application", 19), ("enrollment", 34)])
def test_stages_are_reached_after_the_usual_time(company: Company, stage: str, days: int) -> None:
    metric = f"median_days_inquiry_to_{stage}"
    question = Question(metrics=(metric,), period="2024-04-01..2025-12-01")
    cell = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW).cell(0, metric)
    assert cell.value == pytest.approx(days, rel=0.12)
    assert cell.excluded == 0


def test_every_enrollment_has_its_revenue_and_no_revenue_is_without_one(clean_tables: Tables) -> None:
    stages = clean_tables["lead_stages"].to_pylist()
    enrolled = {row["lead_id"] for row in stages if row["stage"] == "enrollment"}
    assert enrolled == set(clean_tables["revenue"].column("lead_id").to_pylist())
    assert _by(clean_tables["lead_stages"], "stage")["inquiry"] == clean_tables["leads"].num_rows
    assert all(amount > 0 for amount in clean_tables["revenue"].column("amount").to_pylist())


def test_a_budget_is_split_to_the_cent(sample: ModuleType) -> None:
    assert sample.split_cents(100, [1, 1, 1]) == [34, 33, 33]
    assert sum(sample.split_cents(123_457, [0.3, 0.123, 9.1, 2.2])) == 123_457


def test_one_school_stopped_sending_spend_while_the_others_go_on(clean_tables: Tables) -> None:
    school = {row["program_id"]: row["school_id"] for row in clean_tables["programs"].to_pylist()}
    last: dict[str, date] = {}
    for row in clean_tables["spend"].to_pylist():
        last[school[row["program_id"]]] = max(last.get(school[row["program_id"]], date.min), row["spent_on"])
    assert last.pop("public_policy") == END - timedelta(days=7)
    assert min(last.values()) >= END - timedelta(days=2)


@pytest.mark.req("PRG-1.3")
def test_the_planted_problems_come_on_top_of_clean_rows(clean_tables: Tables, tables: Tables) -> None:
    extra = {name: tables[name].num_rows - table.num_rows for name, table in clean_tables.items()}
    assert extra == {"schools": 0, "programs": 0, "leads": 90, "lead_stages": 20, "spend": 4, "revenue": 3}
    for name, table in clean_tables.items():
        assert tables[name].slice(0, table.num_rows).equals(table)
    planted = tables["leads"].slice(clean_tables["leads"].num_rows).to_pylist()
    assert sum(row["program_id"] == "ms_astrology" for row in planted) == 9
    assert sum(row["program_id"] is None for row in planted) == 4
    assert sum(row["created_at"] > NOW for row in planted) == 5
    known = set(clean_tables["leads"].column("lead_id").to_pylist())
    assert sum(row["lead_id"] in known for row in planted) == 12
    assert sum(row["amount"] < Decimal(0) for row in tables["spend"].to_pylist()) == 3


def test_the_clean_rows_break_no_rule_of_their_own(clean_tables: Tables) -> None:
    leads = clean_tables["leads"].to_pylist()
    assert len({row["lead_id"] for row in leads}) == len(leads)
    assert len({(row["email"], row["program_id"]) for row in leads}) == len(leads)
    spend = clean_tables["spend"].to_pylist()
    assert len({(row["program_id"], row["channel"], row["spent_on"]) for row in spend}) == len(spend)
    order = ["inquiry", "opportunity", "application", "enrollment"]
    reached: dict[str, list[tuple[int, datetime]]] = {}
    for row in clean_tables["lead_stages"].to_pylist():
        reached.setdefault(row["lead_id"], []).append((order.index(row["stage"]), row["reached_at"]))
    for steps in reached.values():
        assert [step for step, _ in sorted(steps)] == list(range(len(steps)))
        assert [at for _, at in sorted(steps)] == sorted(at for _, at in steps)


def test_the_pack_holds_one_python_file() -> None:
    folder = shipped_pack("programs")
    assert folder is not None
    assert [path.name for path in Path(folder).rglob("*.py")] == ["sample.py"]
