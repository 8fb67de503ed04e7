"""A club with members, payments and visits up to yesterday: every type of metric and every kind of panel, exported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from sightline.definitions.catalog import Catalog
from sightline.definitions.loader import load
from sightline.definitions.schema.pack import Settings
from sightline.engines.duckdb import DuckDB
from sightline.home import Home
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.warehouse import Warehouse

FILES = {
    "pack.yaml": "pack: club\nlabel: Club\nhome: overview\nmetric_prefix: chom_\n",
    "datasets/members.yaml": """
dataset: members
entities: {member: {type: primary, column: member_id, label: name}}
time: joined_at
columns:
  member_id: {type: string}
  name: {type: string, pii: name}
  tier: {type: string, dimension: true, values: [basic, gold], label: Tier}
  city: {type: string, dimension: true, empty_as: Nowhere}
  joined_at: {type: timestamp}
""",
    "datasets/payments.yaml": """
dataset: payments
entities: {payment: {type: primary, column: payment_id}, member: {type: foreign, column: member_id}}
time: paid_at
columns:
  payment_id: {type: string}
  member_id: {type: string}
  channel: {type: string, dimension: true}
  amount: {type: decimal, currency: EUR}
  paid_at: {type: timestamp}
""",
    "datasets/levels.yaml": """
dataset: levels
entities: {member: {type: foreign, column: member_id}}
key: [member_id, day]
time: day
columns:
  member_id: {type: string}
  day: {type: date}
  points: {type: integer}
""",
    "metrics/all.yaml": """
metrics:
  revenue:
    type: simple
    dataset: payments
    agg: sum
    column: amount
    unit: eur
    label: Revenue
    description: 'Money received, in the "shop" and elsewhere.'
    export: ['revenue{tier}', {name: revenue_by_channel, labels: [channel, period], period: [last_week, last_30_days]}]
    targets: [{value: 900, per: month}, {value: 100, segment: {tier: gold}}]
  payments: {type: simple, dataset: payments, agg: count, label: Payments, description: Payments received.}
  payers: {type: simple, dataset: payments, agg: count_distinct, column: member_id, description: Who paid.,
    export: 'payers{plan=tier}'}
  typical_payment:
    {type: simple, dataset: payments, agg: median, column: amount, unit: eur, description: Half pay less.}
  joined: {type: simple, dataset: members, agg: count, description: New members.}
  raw: {type: simple, dataset: payments, agg: count, hidden: true}
  mean_payment:
    type: ratio
    numerator: revenue
    denominator: payments
    unit: eur
    label: Mean payment
    description: Money per payment.
    owner: treasurer
    bands: {good: ">= 20", warning: "10..20", critical: "< 10"}
    targets: [{value: 15, owner: treasurer, since: 2025-01-01, until: 2099-01-01}]
  rare_rate:
    {type: ratio, numerator: payers, denominator: payments, min_n: 100000, description: Too few., label: Rare rate}
  undefined_rate: {type: derived, expression: revenue / (payments - payments), description: Never a number.}
  balance: {type: semi_additive, dataset: levels, column: points, description: Points at the end.}
  revenue_28_days: {type: cumulative, metric: revenue, window: 28 days, unit: eur, description: Four weeks.}
  paid_after_joining:
    type: conversion
    entity: member
    base: {dataset: members}
    conversion: {dataset: payments}
    window: 7 days
    maturation: 7 days
    label: Paid after joining
    description: Of those who joined, the share that paid within a week.
    bands: {good: "> 90 %", critical: "<= 50 %"}
  days_to_pay:
    {type: interval, entity: member, start: {dataset: members}, end: {dataset: payments}, description: From joining.}
  cohort_retention:
    {type: retention, entity: member, first: {dataset: payments}, description: Who pays again., export: kept}
  health:
    type: score
    components: [{metric: payments, weight: 2, best: 10}, {metric: rare_rate, weight: 1}]
    label: Health
    description: How the club does.
    export: health_score{tier}
  steps:
    type: funnel
    entity: member
    stages: [{name: joined, dataset: members}, {name: paid, dataset: payments}]
    description: From joining to paying.
""",
    "dashboards/overview.yaml": """
dashboard: overview
title: Overview
standfirst: The club in one page.
variables: [tier, channel, {dimension: city, label: Town, multiple: false}]
period: last_90_days
panels:
  - {tile: revenue}
  - {tile: mean_payment, period: last_30_days}
  - {tile: rare_rate}
  - {table: members, by: member, columns: [city], group: tier, metrics: [revenue, {metric: payments, label: Count}],
    sort: -revenue, drill: member}
  - {table: gold, by: channel, metrics: [payments], where: tier = 'gold'}
  - {chart: line, metrics: [revenue, payments], grain: week}
  - {chart: line, metrics: [revenue], by: tier, grain: month}
  - {chart: bar, metrics: [revenue], by: channel, horizontal: true}
  - {chart: bar, metrics: [revenue], by: channel, stack: tier}
  - {chart: bar, metrics: [payments], grain: month, stack: channel}
  - {chart: funnel, metric: steps}
  - {chart: funnel, stages: [joined, payments]}
  - {chart: scatter, x: revenue, y: mean_payment, by: member, size: payments, colour: tier}
  - {chart: heatmap, metric: payments, x: month, y: tier}
  - {chart: heatmap, metric: payments, x: channel, y: tier}
  - {chart: bullet, metrics: [revenue, mean_payment, balance]}
""",
    "dashboards/member.yaml": """
dashboard: member
title: Member
entity: member
variables: [channel]
panels: [{tile: revenue}, {table: channels, by: channel, metrics: [revenue, payments]}]
""",
    "roles.yaml": """
roles:
  admin: {permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
  town: {permissions: [view], rows: {"*": city in $user.city}, masks: {name: hide}}
  clerk: {permissions: [import_data], rows: {"*": all}}
""",
}
MEMBERS = (("m1", "Ada", "gold", "Bonn", 0), ("m2", "Bob", "basic", "Bonn", 60), ("m3", "Bob", "basic", None, 100))
"""Key, name, tier, town, and the day on which they joined."""

DAYS = 120


def write_pack(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Return the folder with the pack written into it."""
    for name, text in {**FILES, **(changes or {})}.items():
        file = folder / "club" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "club"


def tables(now: datetime) -> dict[str, pa.Table]:
    """Return the rows: everybody pays every third day, the newest yesterday."""
    start = now.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    members = [
        {"member_id": key, "name": name, "tier": tier, "city": city, "joined_at": start + timedelta(days=day)}
        for key, name, tier, city, day in MEMBERS
    ]
    payments, levels = [], []
    for member in members:
        joined = member["joined_at"]
        assert isinstance(joined, datetime)
        for day in range((now - joined).days):
            at = joined + timedelta(days=day)
            levels.append({"member_id": member["member_id"], "day": at.date(), "points": day})
            if day % 3 == 1:
                payments.append(
                    {
                        "payment_id": f"{member['member_id']}-{day}",
                        "member_id": member["member_id"],
                        "channel": "shop" if day % 2 else 'the "web"',
                        "amount": 30.0 if member["tier"] == "gold" else 5.0,
                        "paid_at": at,
                    }
                )
    rows = {"members": members, "payments": payments, "levels": levels}
    return {name: pa.Table.from_pylist(each) for name, each in rows.items()}


def publish(lake: Lake, catalog: Catalog, now: datetime) -> None:
    """Fill the lake."""
    for name, table in tables(now).items():
        publish_table(lake, catalog.dataset(name), table, zone="UTC", now=now, run=f"r-{name}")


def make_club_home(path: Path, *, now: datetime | None = None) -> Path:
    """Return the home, made at this path, with the filled workspace `club`."""
    moment = now or datetime.now(UTC)
    home = Home.create(path)
    (path / "static").mkdir()
    folder = home.create_workspace("club", packs=[str(write_pack(path.parent))])
    assert not folder.issues, "\n".join(map(str, folder.issues))
    publish(folder.lake, folder.catalog, moment)
    return path


def club_warehouse(folder: Path, *, now: datetime, changes: Mapping[str, str] | None = None) -> Warehouse:
    """Return a warehouse over the club."""
    pack = write_pack(folder, changes)
    loaded = load(settings=Settings(workspace="club", packs=[str(pack)], currency="EUR"), packs=[pack], overrides=None)
    assert not loaded.errors, "\n".join(map(str, loaded.errors))
    lake = Lake(folder / "lake")
    publish(lake, loaded.catalog, now)
    return Warehouse(catalog=loaded.catalog, lake=lake, engine=DuckDB(folder / "lake"))
