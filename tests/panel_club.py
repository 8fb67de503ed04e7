"""A small club that shows every kind of panel, with numbers that can be counted by hand or by a few lines of Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from panel_club_pack import FILES
from sightline.definitions import loader
from sightline.definitions.catalog import Catalog
from sightline.definitions.policy import Viewer, policy_of
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.warehouse import Warehouse

TODAY = date(2026, 1, 23)
NOW = datetime(2026, 1, 23, 11, 0, tzinfo=UTC)
ZONE = "Europe/Berlin"
CHANNELS = ("ads", "mail", "friends", "walk-in")
Rows = list[dict[str, object]]


def write_pack(folder: Path) -> Path:
    """Return the folder with the pack written into it."""
    for name, text in FILES.items():
        file = folder / "club" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "club"


def catalog_of(folder: Path) -> Catalog:
    """Return the catalogue of the club; it has no errors."""
    pack = write_pack(folder)
    settings = Settings(workspace="club", packs=[str(pack)], zone=ZONE, currency="EUR")
    loaded = loader.load(settings=settings, packs=[pack], overrides=None)
    assert [str(issue) for issue in loaded.issues if issue.level == "error"] == []
    return loaded.catalog


def months_back(today: date, count: int) -> date:
    """Return the first day of the month so many months before."""
    number = today.year * 12 + today.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def visits(today: date) -> Rows:
    """Return eleven cohorts of 30 (the oldest of 10); of each, fewer come back the longer ago they began."""
    rows: Rows = []
    for back in range(10, -1, -1):
        for n in range(10 if back == 10 else 30):
            for age in range(back + 1):
                month = months_back(today, back - age)
                stays = n < 30 - 2 * age - back // 3
                days = [month + timedelta(days=n % 14), month + timedelta(days=n % 14 + 1 + age % 3)] if stays else []
                channel = CHANNELS[min(3, n % 5)]
                rows += [{"person": f"p{back}-{n}", "day": day, "channel": channel} for day in days if day < today]
    return rows


def fees(today: date) -> Rows:
    """Return joining, moving and leaving: of each month's eight people, by their number."""
    rows: Rows = []
    for back in range(10, -1, -1):
        for n in range(8):
            begin = months_back(today, back) + timedelta(days=n)
            tier = "pro" if n % 4 == 0 else "basic"
            moves = [(0, 40.0 if tier == "pro" else 20.0)]
            moves += [(70, 15.0)] if n == 2 else [(75, -5.0)] if n == 3 else [(80, -20.0)] if n == 5 else []
            for later, amount in moves:
                day = begin + timedelta(days=later)
                if day < today:
                    rows.append({"person": f"f{back}-{n}", "tier": tier, "day": day, "amount": amount})
    return rows


def rows_of(today: date) -> dict[str, Rows]:
    """Return every dataset's rows."""
    moods = ("happy", "happy", "fine", "happy", "upset", "happy", "fine")
    turnover = (0.04, 0.05, 0.06, 0.08)
    entries: Rows = [
        {"kpi": "turnover", "day": months_back(today, 5 - n), "value": value} for n, value in enumerate(turnover)
    ]
    entries.append({"kpi": "training", "day": months_back(today, 1), "value": 6.0})
    risks = (
        ("1", "Hall is closed", "open", "high", "ads", "Ann Lee", "visits", today - timedelta(days=3)),
        ("2", "Coach leaves", "in progress", "medium", "mail", "Bo Ek", "per_person", today + timedelta(days=9)),
        ("3", "Roof leaks", "done", "low", "ads", "Cy Fox", None, today - timedelta(days=30)),
        ("4", "No heating", "open", "high", "mail", "Di Orr", "forgotten", None),
    )
    names = ("risk_id", "title", "state", "impact", "channel", "holder", "measure", "due")
    return {
        "visits": visits(today),
        "fees": fees(today),
        "answers": [{"day": today - timedelta(days=1 + n), "mood": moods[n % 7]} for n in range(170)],
        "entries": entries,
        "risks": [dict(zip(names, risk, strict=True)) for risk in risks],
        "launches": [
            {"day": today - timedelta(days=60), "name": "New hall", "channel": "ads"},
            {"day": today - timedelta(days=20), "name": "Price change", "channel": "mail"},
            {"day": today - timedelta(days=400), "name": "Long ago", "channel": "ads"},
        ],
    }


def warehouse_at(folder: Path, *, filled: bool = True) -> Warehouse:
    """Return the club's warehouse, with or without its rows."""
    catalog, lake = catalog_of(folder), Lake(folder / "lake")
    for name, rows in rows_of(TODAY).items() if filled else ():
        publish_table(lake, catalog.dataset(name), pa.Table.from_pylist(rows), zone=ZONE, now=NOW, run=f"r-{name}")
    return Warehouse(catalog=catalog, lake=lake, engine=DuckDB(folder / "lake"))


def viewer(warehouse: Warehouse, role: str) -> Viewer:
    """Return somebody with a role of the club."""
    return Viewer(role, policy_of(warehouse.catalog.roles[role], {}))
