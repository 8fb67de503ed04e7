"""A shop: customers place orders, an order has items and payments. Small enough to count by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tiny_workspace import Rows, make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

DATASETS = {
    "customers": """
dataset: customers
entities: {customer: {type: primary, column: customer_id, label: name}}
columns:
  customer_id: {type: string}
  name: {type: string}
  region: {type: string, dimension: true}
""",
    "orders": """
dataset: orders
entities: {order: {type: primary, column: order_id}, customer: {type: foreign, column: customer_id}}
time: ordered_at
columns:
  order_id: {type: string}
  customer_id: {type: string}
  ordered_at: {type: timestamp}
  amount: {type: decimal, currency: currency}
  currency: {type: string, dimension: true}
""",
    "items": """
dataset: items
entities: {item: {type: primary, column: item_id}, order: {type: foreign, column: order_id}}
time: packed_on
columns:
  item_id: {type: string}
  order_id: {type: string}
  sku: {type: string, dimension: true}
  quantity: {type: integer}
  packed_on: {type: date}
""",
    "payments": """
dataset: payments
entities: {payment: {type: primary, column: payment_id}, order: {type: foreign, column: order_id}}
time: paid_at
columns:
  payment_id: {type: string}
  order_id: {type: string}
  paid: {type: decimal}
  paid_at: {type: timestamp}
""",
}
METRICS = """
metrics:
  orders: {type: simple, dataset: orders, agg: count, targets: [{value: 31, per: month}]}
  sales: {type: simple, dataset: orders, agg: sum, column: amount, unit: usd}
  quantity: {type: simple, dataset: items, agg: sum, column: quantity}
  paid: {type: simple, dataset: payments, agg: sum, column: paid, unit: usd}
  buyers: {type: simple, dataset: orders, agg: count_distinct, column: customer_id}
  mean_order: {type: simple, dataset: orders, agg: avg, column: amount, unit: usd}
  largest_order: {type: simple, dataset: orders, agg: max, column: amount, unit: usd}
  order_value: {type: ratio, numerator: sales, denominator: orders, unit: usd, min_n: 2}
  paid_share: {type: ratio, numerator: paid, denominator: sales}
  open_amount: {type: derived, expression: sales - paid, unit: usd}
  paid_rate:
    {type: conversion, entity: order, base: {dataset: orders}, conversion: {dataset: payments}, maturation: 7 days}
  big_buyers:
    type: conversion
    entity: customer
    base: {dataset: orders}
    conversion: {dataset: orders, where: amount >= 100}
  days_to_pay: {type: interval, entity: order, start: {dataset: orders}, end: {dataset: payments}}
  orders_7_days: {type: cumulative, metric: orders, window: 7 days}
  orders_year_to_date: {type: cumulative, metric: orders, to_date: year}
"""
CUSTOMERS: Rows = [
    {"customer_id": "c1", "name": "Ada", "region": "north"},
    {"customer_id": "c2", "name": "Ben", "region": "north"},
    {"customer_id": "c3", "name": "Ben", "region": "south"},
    {"customer_id": "c4", "name": "Dora", "region": None},
]


def utc(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str, *, fold: int = 0) -> datetime:
    """Return a moment on the wall clock of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def order(key: str, customer: str | None, at: datetime, amount: float = 10, currency: str = "USD") -> dict[str, Any]:
    money = Decimal(str(amount))
    return {"order_id": key, "customer_id": customer, "ordered_at": at, "amount": money, "currency": currency}


def item(key: str, of: str, sku: str, quantity: int, day: date = date(2025, 3, 5)) -> dict[str, Any]:
    return {"item_id": key, "order_id": of, "sku": sku, "quantity": quantity, "packed_on": day}


def payment(key: str, of: str, paid: float, at: datetime) -> dict[str, Any]:
    return {"payment_id": key, "order_id": of, "paid": Decimal(str(paid)), "paid_at": at}


def shop(root: Path, *, orders: Rows, items: Rows = (), payments: Rows = (), **settings: Any) -> Warehouse:
    """Return the shop with these rows."""
    rows: Mapping[str, Rows] = {"customers": CUSTOMERS, "orders": orders, "items": items, "payments": payments}
    return make_warehouse(root, datasets=DATASETS, metrics=METRICS, rows=rows, **settings)


def answer(warehouse: Warehouse, *metrics: str, now: str = "2025-06-15T12:00", **question: Any) -> Answer:
    """Return the answer of the system's own viewer."""
    return ask(Question(metrics=metrics, **question), SYSTEM_VIEWER, warehouse=warehouse, now=utc(now))


def values(found: Answer, metric: str) -> dict[Any, float | None]:
    """Return the metric by its one grouping column."""
    by = found.question.group_by[0] if found.question.group_by else "period"
    keys = found.table.column(by).to_pylist()
    return {key: found.cell(row, metric).value for row, key in enumerate(keys)}
