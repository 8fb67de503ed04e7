"""A club that is paid in several currencies, and plain SQL that converts its fees without the planner."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from small_company import sql, utc
from tiny_workspace import Rows, make_warehouse

from sightline.metrics.warehouse import Warehouse

DATASETS = {
    "fees": """
dataset: fees
label: Fees
entities: {fee: {type: primary, column: fee_id}}
time: paid_at
columns:
  fee_id: {type: string}
  paid_at: {type: timestamp}
  booked_on: {type: date}
  branch: {type: string, dimension: true}
  amount: {type: decimal, currency: currency}
  discount: {type: decimal, currency: currency}
  currency: {type: string, dimension: true}
""",
    "deposits": """
dataset: deposits
entities: {deposit: {type: primary, column: deposit_id}, member: {type: foreign, column: member, standalone: true}}
time: at
columns:
  deposit_id: {type: string}
  member: {type: string}
  at: {type: date}
  held: {type: decimal, currency: currency}
  currency: {type: string, dimension: true}
""",
    "rates": """
dataset: rates
label: Exchange rates
key: [currency, rated_on]
time: rated_on
columns:
  currency: {type: string, dimension: true}
  rated_on: {type: date}
  rate: {type: decimal}
""",
}
RATES_IN_DOLLARS = DATASETS | {
    "rates": DATASETS["rates"].replace("rate: {type: decimal}", "rate: {type: decimal, currency: USD}")
}
HOME = "convert: {to: workspace, rates: rates}"
METRICS = f"""
metrics:
  fees: {{type: simple, dataset: fees, agg: sum, column: amount, {HOME}}}
  fees_in_dollars: {{type: simple, dataset: fees, agg: sum, column: amount, convert: {{to: USD, rates: rates}}}}
  booked: {{type: simple, dataset: fees, agg: sum, column: amount, time: booked_on, {HOME}}}
  mean_fee: {{type: simple, dataset: fees, agg: avg, column: amount, {HOME}}}
  median_fee: {{type: simple, dataset: fees, agg: median, column: amount, {HOME}}}
  largest_fee: {{type: simple, dataset: fees, agg: max, column: amount, {HOME}}}
  net: {{type: simple, dataset: fees, agg: sum, expression: "amount - coalesce(discount, 0)", {HOME}}}
  north_fees: {{type: simple, dataset: fees, agg: sum, column: amount, where: branch = 'north', {HOME}}}
  paid: {{type: simple, dataset: fees, agg: count}}
  fee_each: {{type: ratio, numerator: fees, denominator: paid, unit: currency}}
  fees_week: {{type: cumulative, metric: fees, window: 7 days, unit: currency}}
  mean_week: {{type: cumulative, metric: mean_fee, window: 7 days, unit: currency}}
  median_week: {{type: cumulative, metric: median_fee, window: 7 days, unit: currency}}
  fees_gain:
    type: derived
    expression: fees - before
    inputs: {{before: {{metric: fees, offset: 1 month}}}}
    unit: currency
  held: {{type: semi_additive, dataset: deposits, column: held, {HOME}}}
  held_own: {{type: semi_additive, dataset: deposits, column: held, by: [member], {HOME}}}
"""
RATE = """
CASE WHEN {currency} = '{to}' THEN 1.0 ELSE (
  SELECT r.rate FROM rates r WHERE r.currency = {currency} AND r.rated_on <= {day} ORDER BY r.rated_on DESC LIMIT 1
) END
"""


def rate(currency: str, day: str, worth: float) -> dict[str, Any]:
    return {"currency": currency, "rated_on": date.fromisoformat(day), "rate": Decimal(str(worth))}


def fee(
    key: str, paid: str | datetime | None, amount: float | None, currency: str | None, **more: Any
) -> dict[str, Any]:
    at = utc(paid) if isinstance(paid, str) else paid
    row = {"fee_id": key, "paid_at": at, "booked_on": at.date() if at else None, "branch": "north"}
    money = None if amount is None else Decimal(str(amount))
    return row | {"amount": money, "currency": currency, **more}


def deposit(member: str, at: str, held: float, currency: str) -> dict[str, Any]:
    row = {"deposit_id": f"{member}-{at}-{currency}", "member": member, "at": date.fromisoformat(at)}
    return row | {"held": Decimal(str(held)), "currency": currency}


def club(
    root: Path,
    *,
    fees: Rows = (),
    deposits: Rows = (),
    rates: Rows = (),
    datasets: dict[str, str] = DATASETS,
    **settings: Any,
) -> Warehouse:
    """Return the club with these rows; its own currency is the euro."""
    rows = {"fees": fees, "deposits": deposits, "rates": rates}
    given = {"currency": "EUR", **settings}
    return make_warehouse(root, datasets=datasets, metrics=METRICS, rows=rows, **given)


def in_sql(
    warehouse: Warehouse,
    figure: str,
    *,
    fees: Rows,
    rates: Rows,
    where: str = "true",
    zone: str = "UTC",
    to: str = "EUR",
) -> list[tuple[Any, ...]]:
    """Return what plain SQL says of `figure` over the fees: `x` is the converted amount, `day` the local day."""
    query = f"""
    WITH dated AS (SELECT *, CAST(timezone('{zone}', paid_at) AS DATE) AS day FROM fees),
    priced AS (SELECT *, {RATE.format(currency="dated.currency", day="dated.day", to=to)} AS rate FROM dated),
    f AS (SELECT *, amount * rate AS x FROM priced)
    SELECT {figure} FROM f WHERE {where}
    """  # noqa: S608 - the test's own words
    return sql(warehouse, query, fees=fees, rates=rates)
