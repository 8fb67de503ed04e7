"""The sample of the saas pack: seeded, believable, tied out to the cent, with the planted problems and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from saas_company import MONTHS, make_saas_warehouse, pack_folder, read_sample, tables
from sample_company import END

from sightline.definitions.loader import check
from sightline.lake.schema import ARROW_TYPES

TIERS = ["starter", "team", "business", "enterprise"]
CHANNELS = ["organic", "paid", "referral", "direct", "social"]


def rows(name: str, *, problems: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables(problems=problems)[name].to_pylist()
    return found


def mrr_at(day: date) -> Decimal:
    return sum((row["amount"] for row in rows("mrr_changes") if row["at"] < day), Decimal(0))


def test_the_same_seed_gives_the_same_tables_and_another_seed_gives_others() -> None:
    again = read_sample().generate(seed=7, end=END, problems=False)
    assert all(again[name].equals(table) for name, table in tables().items())
    assert not read_sample().generate(seed=8, end=END, problems=False)["mrr_changes"].equals(tables()["mrr_changes"])


def test_tables_are_typed_as_the_datasets_declare() -> None:
    catalog = check(pack_folder()).catalog
    assert set(tables()) == set(catalog.datasets)
    for name, table in tables().items():
        declared = {column: ARROW_TYPES[spec.type] for column, spec in catalog.dataset(name).columns.items()}
        assert dict(zip(table.schema.names, table.schema.types, strict=True)) == declared, name


def test_it_is_a_company_of_the_size_it_should_be() -> None:
    assert 550 < tables()["customers"].num_rows < 650
    assert 4_500 < tables()["users"].num_rows < 6_000
    assert {row["tier"] for row in rows("customers")} == set(TIERS)
    assert {row["channel"] for row in rows("signups")} == set(CHANNELS)
    first = min(row["signed_up_at"] for row in rows("signups"))
    last = max(row["signed_up_at"] for row in rows("signups"))
    assert first.date() - date(2024, 4, 1) < timedelta(days=3)
    assert last.date() == END - timedelta(days=1)


def test_no_level_is_ever_negative_and_all_changes_add_up() -> None:
    lives: defaultdict[tuple[object, object], Decimal] = defaultdict(Decimal)
    for row in sorted(rows("mrr_changes"), key=lambda row: (row["at"], row["amount"])):
        lives[row["organization_id"], row["tier"]] += row["amount"]
        assert lives[row["organization_id"], row["tier"]] >= 0
    assert sum(lives.values()) == mrr_at(END)
    paying: Counter[object] = Counter()
    for (organization, _), level in lives.items():
        paying[organization] += level > 0
    active = {row["organization_id"] for row in rows("customers") if row["subscription"] == "active"}
    assert {organization for organization, tiers in paying.items() if tiers} == active
    assert set(paying.values()) == {0, 1}


def test_every_customer_since_the_beginning_is_a_signup_that_paid() -> None:
    paid = {row["signup_id"] for row in rows("signup_stages") if row["stage"] == "paid"}
    assert {row["signup_id"] for row in rows("customers") if row["signup_id"]} == paid


def test_the_month_of_the_incident_loses_more_customers_and_has_more_tickets() -> None:
    opened = Counter(row["opened_at"].date().replace(day=1) for row in rows("support_tickets"))
    incident = MONTHS[-8]
    assert opened[incident] > 1.6 * max(opened[MONTHS[-9]], opened[MONTHS[-7]])
    assert mrr_at(MONTHS[-7]) < mrr_at(incident)


def test_the_mood_rises_over_the_two_years() -> None:
    def nps(first: date, last: date) -> float:
        scores: list[int] = [
            row["score"] for row in rows("nps_responses") if first <= row["responded_at"].date() < last
        ]
        return (sum(score >= 9 for score in scores) - sum(score <= 6 for score in scores)) / len(scores)

    assert nps(MONTHS[-6], END) > nps(MONTHS[0], MONTHS[6]) + 0.1


def test_a_budget_is_split_to_the_cent_over_days_and_channels() -> None:
    by_channel: defaultdict[object, Decimal] = defaultdict(Decimal)
    for row in rows("marketing_spend"):
        amount = row["amount"]
        assert isinstance(amount, Decimal)
        assert amount * 100 == int(amount * 100)
        by_channel[row["channel"]] += amount
    assert set(by_channel) == set(CHANNELS)
    total = sum((row["amount"] for row in rows("marketing_spend")), Decimal(0))
    assert sum(by_channel.values()) == total
    marketing = {row["channel"] for row in rows("marketing_spend") if row["kind"] == "marketing"}
    assert marketing == set(CHANNELS) - {"direct"}


@pytest.mark.req("SAA-4")
def test_what_the_application_reports_is_what_the_rows_say() -> None:
    last = END - timedelta(days=1)
    reported = [
        row for row in rows("prometheus_samples") if row["at"].date() == last and row["metric"] == "revenue_mrr"
    ]
    assert {row["tier"] for row in reported} == set(TIERS)
    assert sum(row["value"] for row in reported) == pytest.approx(float(mrr_at(END)))


def test_the_planted_problems_come_on_top_of_clean_rows() -> None:
    extra = {name: tables(problems=True)[name].num_rows - table.num_rows for name, table in tables().items()}
    assert {name: number for name, number in extra.items() if number} == {
        "customers": 3,
        "mrr_changes": 5,
        "signup_stages": 3,
        "marketing_spend": 1,
        "nps_responses": 4,
        "support_tickets": 6,
    }
    for name, table in tables().items():
        assert tables(problems=True)[name].slice(0, table.num_rows).equals(table)


def test_the_clean_rows_have_unique_keys() -> None:
    catalog = check(pack_folder()).catalog
    for name, table in tables().items():
        key = catalog.dataset(name).key_columns
        columns: list[pa.ChunkedArray] = [table.column(column) for column in key]
        found = list(zip(*(column.to_pylist() for column in columns), strict=True))
        assert len(set(found)) == len(found), name


def test_there_is_a_warehouse_for_the_sample(tmp_path_factory: pytest.TempPathFactory) -> None:
    small = {name: table.slice(0, 50) for name, table in tables().items()}
    assert make_saas_warehouse(tmp_path_factory.mktemp("small"), small).catalog.packs[0].pack == "saas"
