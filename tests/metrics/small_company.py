"""A small company: people in teams, what happened to them, and balances. Every question is asked of hand-made rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from tiny_workspace import Rows, make_warehouse, table_of

from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

DATASETS = {
    "teams": """
dataset: teams
entities: {team: {type: primary, column: team_id, label: title}}
columns:
  team_id: {type: string}
  title: {type: string}
  region: {type: string, dimension: true}
""",
    "people": """
dataset: people
entities: {person: {type: primary, column: person_id, label: name}, team: {type: foreign, column: team_id}}
time: began_at
columns:
  person_id: {type: string}
  team_id: {type: string}
  name: {type: string, dimension: true, pii: name}
  email: {type: string, dimension: true, pii: email}
  phone: {type: string, dimension: true, pii: phone}
  badge: {type: integer, dimension: true, pii: id}
  origin: {type: string, dimension: true}
  active: {type: boolean, dimension: true}
  score: {type: integer, dimension: true}
  began_at: {type: timestamp}
""",
    "events": """
dataset: events
entities: {event: {type: primary, column: event_id}, person: {type: foreign, column: person_id}}
time: at
columns:
  event_id: {type: string}
  person_id: {type: string}
  kind: {type: string, dimension: true}
  at: {type: timestamp}
  amount: {type: decimal, currency: currency}
  currency: {type: string, dimension: true}
  weight: {type: number}
""",
    "balances": """
dataset: balances
entities: {balance: {type: primary, column: balance_id}, person: {type: foreign, column: person_id}}
time: at
columns:
  balance_id: {type: string}
  person_id: {type: string}
  at: {type: timestamp}
  held: {type: integer}
""",
}

METRICS = """
metrics:
  people: {type: simple, dataset: people, agg: count}
  total_score: {type: simple, dataset: people, agg: sum, column: score}
  events: {type: simple, dataset: events, agg: count}
  bought: {type: simple, dataset: events, agg: count, where: kind = 'buy'}
  priced: {type: simple, dataset: events, agg: count, column: amount}
  amount: {type: simple, dataset: events, agg: sum, column: amount, unit: usd}
  mean_amount: {type: simple, dataset: events, agg: avg, column: amount, unit: usd, direction: down}
  active_people: {type: simple, dataset: events, agg: count_distinct, column: person_id}
  weight: {type: simple, dataset: events, agg: sum, column: weight, direction: neutral}
  amount_each: {type: ratio, numerator: amount, denominator: bought, unit: usd, min_n: 2}
  bought_share: {type: ratio, numerator: bought, denominator: events, direction: down}
  mixture: {type: derived, expression: "(amount - bought * 2) / (events + 1) + coalesce(mean_amount, 0)"}
  events_per_person: {type: derived, expression: events / people, n: people}
  buyers:
    type: conversion
    entity: person
    base: {dataset: people}
    conversion: {dataset: events, where: kind = 'buy'}
  buyers_7_days:
    type: conversion
    entity: person
    base: {dataset: people}
    conversion: {dataset: events, where: kind = 'buy'}
    window: 7 days
  buyer_count:
    type: conversion
    entity: person
    base: {dataset: people}
    conversion: {dataset: events, where: kind = 'buy'}
    show: count
    unit: count
    maturation: 14 days
  came_back:
    type: conversion
    entity: person
    base: {dataset: events, where: kind = 'visit'}
    conversion: {dataset: events, where: kind = 'buy'}
    window: 3 days
  of_buyers: {type: ratio, numerator: bought, denominator: buyer_count, min_n: 3}
  days_to_buy: {type: interval, entity: person, start: {dataset: people}, end: {dataset: events, where: kind = 'buy'}}
  days_to_buy_p90:
    type: interval
    entity: person
    start: {dataset: people}
    end: {dataset: events, where: kind = 'buy'}
    percentile: 0.9
  days_until_bought:
    type: interval
    entity: person
    start: {dataset: people}
    end: {dataset: events, where: kind = 'buy'}
    population: all
  days_until_bought_p25:
    type: interval
    entity: person
    start: {dataset: people}
    end: {dataset: events, where: kind = 'buy'}
    population: all
    percentile: 0.25
  journey:
    type: funnel
    entity: person
    stages:
      - {name: began, dataset: people}
      - {name: visited, dataset: events, where: kind = 'visit'}
      - {name: bought, label: Bought something, dataset: events, where: kind = 'buy'}
    maturation: 14 days
  journey_7_days:
    type: funnel
    entity: person
    stages:
      - {name: began, dataset: people}
      - {name: visited, dataset: events, where: kind = 'visit'}
      - {name: bought, dataset: events, where: kind = 'buy'}
    window: 7 days
  events_7_days: {type: cumulative, metric: events, window: 7 days}
  events_1_month: {type: cumulative, metric: events, window: 1 month}
  events_this_month: {type: cumulative, metric: events, to_date: month}
  events_this_quarter: {type: cumulative, metric: events, to_date: quarter}
  active_7_days: {type: cumulative, metric: active_people, window: 7 days}
  held: {type: semi_additive, dataset: balances, agg: sum, column: held}
  held_first: {type: semi_additive, dataset: balances, agg: sum, column: held, take: first}
  held_own: {type: semi_additive, dataset: balances, agg: sum, column: held, by: [person]}
  holders: {type: semi_additive, dataset: balances, agg: count}
"""
TEAMS: Rows = [
    {"team_id": "red", "title": "The Reds", "region": "north"},
    {"team_id": "blue", "title": "The Blues", "region": "south"},
    {"team_id": "grey", "title": "The Greys", "region": "south"},
]


def utc(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def person(key: str, began: str, *, team: str | None = "red", **more: Any) -> dict[str, Any]:
    return {"person_id": key, "team_id": team, "began_at": utc(began), "name": key.upper(), **more}


def event(key: str, who: str | None, kind: str, at: str, amount: float | None = None, **more: Any) -> dict[str, Any]:
    money = None if amount is None else Decimal(str(amount))
    row = {"event_id": key, "person_id": who, "kind": kind, "at": utc(at), "amount": money, "currency": "USD"}
    return row | more


def balance(who: str, at: str, held: int) -> dict[str, Any]:
    return {"balance_id": f"{who}-{at}", "person_id": who, "at": utc(at), "held": held}


def company(
    root: Path, *, people: Rows = (), events: Rows = (), balances: Rows = (), metrics: str = METRICS, **settings: Any
) -> Warehouse:
    """Return the company with these rows."""
    rows = {"teams": TEAMS, "people": people, "events": events, "balances": balances}
    return make_warehouse(root, datasets=DATASETS, metrics=metrics, rows=rows, **settings)


def answer(
    warehouse: Warehouse,
    *metrics: str,
    now: str = "2025-06-15T12:00",
    viewer: Viewer = SYSTEM_VIEWER,
    **question: Any,
) -> Answer:
    """Return the answer, by default of the system's own viewer."""
    return ask(Question(metrics=metrics, **question), viewer, warehouse=warehouse, now=utc(now))


def value(warehouse: Warehouse, metric: str, **question: Any) -> float | None:
    """Return the one figure of an answer without groups."""
    return answer(warehouse, metric, **question).cell(0, metric).value


def values(found: Answer, metric: str) -> dict[Any, float | None]:
    """Return the metric by the grouping columns of the answer."""
    names = [*found.question.group_by, *(["period"] if found.question.grain else [])]
    keys = [tuple(found.value(row, name) for name in names) for row in range(found.n_rows)]
    return {key if len(names) > 1 else key[0]: found.cell(row, metric).value for row, key in enumerate(keys)}


def viewer(
    rows: dict[str, str],
    *,
    permissions: Sequence[str] = ("view", "see_rows"),
    masks: dict[str, str] | None = None,
    **attributes: tuple[str, ...],
) -> Viewer:
    """Return somebody with this row policy, these masks and attributes."""
    policy = Policy(permissions=frozenset(permissions), rows=rows, masks=masks or {}, attributes=attributes)
    return Viewer("somebody", policy)


def sql(warehouse: Warehouse, query: str, **rows: Rows) -> list[tuple[Any, ...]]:
    """Return what plain SQL says of the rows given, in the zone of the workspace."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, given in rows.items():
        connection.register(name, table_of(warehouse.catalog.dataset(name), given))
    return connection.execute(query).fetchall()


def days(first: str, count: int) -> list[date]:
    """Return so many days from the first on."""
    start = date.fromisoformat(first)
    return [date.fromordinal(start.toordinal() + each) for each in range(count)]
