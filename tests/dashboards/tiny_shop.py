"""A tiny pack with numbers that can be checked by hand: three programs, 160 leads in the last 90 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from sightline.dashboards.view import DashboardView
from sightline.definitions import loader
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.warehouse import Warehouse

NOW = datetime(2026, 1, 23, 11, 0, tzinfo=UTC)
TODAY = date(2026, 1, 23)
ZONE = "America/New_York"
Show = Callable[..., DashboardView]

FILES = {
    "pack.yaml": "pack: tiny\nlabel: Tiny\nhome: shelf\n",
    "datasets/programs.yaml": """
dataset: programs
label: Programs
entities: {program: {type: primary, column: program_id, label: name}}
columns:
  program_id: {type: string}
  name: {type: string}
  school: {type: string, dimension: true}
""",
    "datasets/leads.yaml": """
dataset: leads
label: Leads
entities: {lead: {type: primary, column: lead_id}, program: {type: foreign, column: program_id}}
time: created_at
freshness: {warn: 3 days, error: 6 days}
columns:
  lead_id: {type: string}
  program_id: {type: string}
  source: {type: string, dimension: true, empty_as: unknown}
  created_at: {type: timestamp}
""",
    "datasets/wins.yaml": """
dataset: wins
label: Wins
entities: {lead: {type: foreign, column: lead_id}, program: {type: foreign, column: program_id}}
key: [lead_id]
time: won_at
columns:
  lead_id: {type: string}
  program_id: {type: string}
  won_at: {type: timestamp}
""",
    "datasets/spend.yaml": """
dataset: spend
label: Spend
entities: {program: {type: foreign, column: program_id}}
key: [program_id, day]
time: day
columns:
  program_id: {type: string}
  day: {type: date}
  amount: {type: number}
""",
    "metrics/all.yaml": """
metrics:
  leads: {type: simple, dataset: leads, agg: count, label: Leads}
  wins: {type: simple, dataset: wins, agg: count, label: Wins}
  win_rate: {type: ratio, numerator: wins, denominator: leads, label: Win rate, benchmark: 0.1, min_n: 20,
    bands: {good: ">= 0.12", warning: "0.10..0.12", critical: "< 0.10"}, description: Wins over leads of the period.}
  spend: {type: simple, dataset: spend, agg: sum, column: amount, unit: usd, direction: neutral, label: Spend}
  cpl: {type: ratio, numerator: spend, denominator: leads, unit: usd, direction: down, label: Cost per lead,
    targets: [{value: 40}]}
  cohort_rate:
    type: conversion
    label: Win rate by cohort
    entity: lead
    base: {dataset: leads}
    conversion: {dataset: wins}
    benchmark: 0.1
    maturation: 90 days
  funnel:
    type: funnel
    label: Funnel
    entity: lead
    stages:
      - {name: lead, label: Leads, dataset: leads}
      - {name: win, label: Wins, dataset: wins}
    maturation: 90 days
""",
    "dashboards/shelf.yaml": """
dashboard: shelf
title: Shelf
variables: [school, source]
finding: {metric: win_rate, by: program, share_of: [spend, wins]}
panels:
  - {tile: leads}
  - {tile: win_rate}
  - {tile: cpl}
  - table: programs
    title: Programs
    by: program
    group: school
    metrics: [{metric: leads, change: true}, {metric: win_rate, heat: total}, cpl]
    sparkline: leads
    sort: -leads
    badges: leads
    drill: program
  - {chart: line, metrics: [leads], grain: week}
  - {chart: line, metrics: [leads], by: program, grain: month, limit: 2, title: By program}
  - {chart: bar, metrics: [leads], by: source}
  - {chart: bar, metrics: [leads], grain: month, stack: program, title: Stacked}
  - {chart: scatter, x: leads, y: win_rate, by: program, size: spend, quadrants: total}
  - {chart: funnel, metric: funnel}
  - {chart: funnel, stages: [leads, wins], title: Period funnel}
  - {chart: heatmap, metric: leads, x: month, y: program}
  - {chart: bullet, metrics: [cpl, leads]}
""",
    "dashboards/program.yaml": """
dashboard: program
title: Program
entity: program
panels: [{tile: leads}, {table: sources, by: source, metrics: [leads], limit: 1}]
""",
    "roles.yaml": """
roles:
  all: {permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
""",
}

# program, school, leads of the last 90 days, wins of them, leads of the 90 days before
PROGRAMS = (
    ("a", "Alpha", "Business", 100, 20, 80),
    ("b", "Beta", "Business", 50, 3, 50),
    ("c", "Gamma", "Health", 10, 3, 20),
)


def write_pack(folder: Path) -> Path:
    """Return the folder with the pack written into it."""
    for name, text in FILES.items():
        file = folder / "tiny" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "tiny"


def catalog_of(folder: Path, *, zone: str = ZONE) -> Catalog:
    """Return the catalogue of the tiny pack; it has no errors."""
    pack = write_pack(folder)
    settings = Settings(workspace="tiny", packs=[str(pack)], zone=zone, currency="USD")
    loaded = loader.load(settings=settings, packs=[pack], overrides=None)
    errors = [issue for issue in loaded.issues if issue.level == "error"]
    assert not errors, "\n".join(map(str, errors))
    return loaded.catalog


def tables(*, through: date = date(2026, 1, 22)) -> dict[str, pa.Table]:
    """Return the rows: leads spread evenly over each 90 days, the newest on `through`."""
    leads: list[dict[str, object]] = []
    wins: list[dict[str, object]] = []
    spend: list[dict[str, object]] = []
    for key, _, _, now, won, before in PROGRAMS:
        for count, first in ((now, 0), (before, 90)):
            for n in range(count):
                day = through - timedelta(days=first + n * 90 // count)
                at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
                lead = f"{key}-{first}-{n}"
                source = None if n % 5 == 4 else ("search", "social")[n % 2]
                leads.append({"lead_id": lead, "program_id": key, "source": source, "created_at": at})
                if first == 0 and n < won:
                    wins.append({"lead_id": lead, "program_id": key, "won_at": at})
        spend += [{"program_id": key, "day": through - timedelta(days=n), "amount": 10.0 * now / 20} for n in range(90)]
    programs: list[dict[str, object]] = [
        {"program_id": key, "name": name, "school": school} for key, name, school, *_ in PROGRAMS
    ]
    rows: dict[str, list[dict[str, object]]] = {"programs": programs, "leads": leads, "wins": wins, "spend": spend}
    return {name: pa.Table.from_pylist(each) for name, each in rows.items()}


def warehouse_at(
    folder: Path, *, filled: bool = True, through: date = date(2026, 1, 22), zone: str = ZONE
) -> Warehouse:
    """Return a warehouse over the tiny pack, with or without its rows."""
    catalog, lake = catalog_of(folder, zone=zone), Lake(folder / "lake")
    for name, table in tables(through=through).items() if filled else ():
        publish_table(lake, catalog.dataset(name), table, zone=zone, now=NOW, run=f"r-{name}")
    return Warehouse(catalog=catalog, lake=lake, engine=DuckDB(folder / "lake"))
