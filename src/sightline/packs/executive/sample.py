# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""Return two years of believable data for the executive pack: seeded, and ending in the agreed current values.

How it is made: each KPI has three anchors, its value two years ago, one year ago and now. Between them it goes along a
straight line with a seeded wobble that is nothing at the anchors, in steps of its cadence. After the last closed month
a daily or weekly KPI holds its value, so that every KPI ends in the current one. ARR, and LTV:CAC, follow from their
parts. Two KPIs have missed their last entry, and so are overdue; two have been slipping for three.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Kpi:
    """One KPI: who answers for it, how often, from where, and its values two years ago, one year ago and now."""

    key: str
    name: str
    area: str
    owner: str
    cadence: str
    value_from: str
    is_money: bool
    start: Decimal
    year_ago: Decimal
    current: Decimal

    @property
    def step(self) -> Decimal:
        """The smallest difference its values show."""
        size = abs(self.current)
        if size >= 1000:
            return Decimal(10)
        whole = all(value == value.to_integral_value() for value in (self.start, self.year_ago, self.current))
        return Decimal(1) if whole else Decimal("0.0001") if size <= 3 else Decimal("0.01")


# key, name, owner, cadence, from, amount or not, two years ago, a year ago, now
_TABLE = """
Financial: revenue
  arr | ARR | CRO | monthly | connected | € | 760000 | 937500 | 1200000
  mrr | MRR | CRO | monthly | connected | € | 63300 | 78125 | 100000
  average_deal | Average deal size | CRO | monthly | connected | € | 23400 | 25000 | 28000
  pipeline | Pipeline value | CRO | weekly | connected | € | 2310000 | 2714000 | 3800000
  revenue_per_employee | Revenue per employee | CRO | monthly | manual | € | 95000 | 103000 | 120000
Financial: profitability
  gross_margin | Gross margin | CFO | monthly | connected | - | 0.75 | 0.76 | 0.78
  ebitda_margin | EBITDA margin | CFO | monthly | connected | - | 0.07 | 0.1 | 0.15
  operating_margin | Operating margin | CFO | monthly | connected | - | 0.05 | 0.08 | 0.12
  cash_flow | Operating cash flow | CFO | monthly | connected | € | 98000 | 129500 | 180000
  burn | Burn rate, monthly | CFO | monthly | connected | € | 54000 | 50500 | 45000
Customers: acquisition
  new_customers | New customers | CMO | weekly | connected | - | 27 | 34 | 45
  cac | CAC | CMO | monthly | connected | € | 2790 | 2650 | 2400
  cac_payback | CAC payback | CMO | monthly | connected | - | 10.2 | 9.4 | 8
  lead_conversion | Lead conversion | CMO | weekly | connected | - | 0.085 | 0.098 | 0.12
  sales_cycle | Sales cycle | CRO | monthly | connected | - | 57 | 52 | 45
Customers: retention
  churn | Churn rate, monthly | CRO | monthly | connected | - | 0.046 | 0.041 | 0.032
  ltv | LTV | CRO | monthly | connected | € | 12800 | 15100 | 18500
  ltv_to_cac | LTV:CAC | CRO | monthly | connected | - | 4.6 | 5.7 | 7.7
  nps | NPS | CMO | monthly | connected | - | 57 | 61 | 67
  csat | Customer satisfaction | CMO | monthly | connected | - | 4.55 | 4.62 | 4.7
Operations: product
  uptime | Uptime | CTO | daily | connected | - | 0.9942 | 0.9955 | 0.997
  api_response | API response | CTO | daily | connected | - | 235 | 214 | 180
  feature_adoption | Feature adoption | CTO | monthly | connected | - | 0.5 | 0.56 | 0.65
  bug_resolution | Bug resolution | CTO | weekly | connected | - | 36 | 31 | 24
  security_incidents | Security incidents | CTO | monthly | manual | - | 3 | 1 | 0
Operations: team
  employee_satisfaction | Employee satisfaction | CHRO | quarterly | manual | - | 3.95 | 4.05 | 4.2
  employee_retention | Employee retention | CHRO | monthly | manual | - | 0.885 | 0.9 | 0.92
  productivity_index | Productivity index | CHRO | quarterly | manual | - | 78 | 81 | 85
  training_completion | Training completion | CHRO | monthly | manual | - | 0.64 | 0.7 | 0.78
  innovation_index | Innovation index | CTO | quarterly | manual | - | 6.2 | 6.6 | 7.2
Education: courses
  course_enrollments | Course enrollments | CMO | monthly | connected | - | 95 | 118 | 150
  course_completion | Course completion | CMO | monthly | connected | - | 0.7 | 0.73 | 0.78
  course_nps | Course NPS | CMO | monthly | connected | - | 62 | 66 | 72
  revenue_per_student | Revenue per student | CMO | monthly | connected | € | 2880 | 3010 | 3200
  certification | Certification rate | CMO | monthly | connected | - | 0.54 | 0.58 | 0.65
Education: executive programs
  executive_enrollments | Executive enrollments | CRO | monthly | manual | - | 15 | 19 | 25
  c_level_share | C-level share | CRO | monthly | manual | - | 0.53 | 0.56 | 0.6
  roi_achievement | ROI achievement | CRO | quarterly | manual | - | 2.4 | 2.55 | 2.8
  referral_rate | Referral rate | CRO | monthly | manual | - | 0.28 | 0.31 | 0.35
  alumni | Alumni network | CRO | monthly | manual | - | 76 | 104 | 150
Market: position
  market_share | Market share | CEO | quarterly | manual | - | 0.017 | 0.019 | 0.023
  brand_awareness | Brand awareness | CMO | quarterly | manual | - | 0.1 | 0.12 | 0.15
  win_rate | Win rate | CRO | monthly | connected | - | 0.285 | 0.31 | 0.35
  thought_leadership | Thought leadership | CEO | quarterly | manual | - | 6.5 | 6.9 | 7.5
  recognition | Industry recognition | CMO | quarterly | manual | - | 1 | 2 | 3
Market: geography
  international_revenue | International revenue | CRO | monthly | connected | - | 0.15 | 0.19 | 0.25
  new_markets | New markets | CEO | quarterly | manual | - | 0 | 1 | 2
  partnerships | Local partnerships | CRO | quarterly | manual | - | 3 | 5 | 8
  cultural_adaptation | Cultural adaptation | CHRO | quarterly | manual | - | 6.3 | 6.7 | 7.2
"""


def _kpis() -> Iterator[Kpi]:
    area = ""
    for line in _TABLE.strip().splitlines():
        if "|" not in line:
            area = line
            continue
        key, name, owner, cadence, value_from, money, *values = (part.strip() for part in line.split("|"))
        start, year_ago, current = (Decimal(value) for value in values)
        yield Kpi(key, name, area, owner, cadence, value_from, money == "€", start, year_ago, current)


KPIS = {kpi.key: kpi for kpi in _kpis()}
OVERDUE = ("brand_awareness", "training_completion")
SLIPPING = ("course_nps", "win_rate")
"""They were better: three entries running, each has been worse than the one before."""
PEOPLE = {
    "CEO": "Helena Brandt",
    "CFO": "Idris Okafor",
    "CRO": "Marta Lindqvist",
    "CMO": "Tomás Ferreira",
    "CTO": "Wei Zhang",
    "CHRO": "Ana Kowalska",
}
# title, level, trend, mitigation, owner, days until the review
RISKS = (
    ("Customer concentration", "medium", "stable", "Diversify the client base", "CRO", 26),
    ("Technology dependency", "low", "stable", "Backup systems", "CTO", 54),
    ("Regulatory changes", "medium", "rising", "Compliance monitoring", "CFO", 12),
    ("Competitive pressure", "medium", "rising", "Innovation focus", "CMO", 19),
    ("Economic downturn", "low", "stable", "Cost optimization", "CFO", 75),
)
# title, kpi, horizon, owner, days since the start (None: not started), days until due, progress, status
ACTIONS: tuple[tuple[str, str, str, str, int | None, int, str, str], ...] = (
    ("Retention program for accounts at risk", "churn", "30 days", "CRO", 21, 9, "0.60", "in_progress"),
    ("More outbound in DACH", "pipeline", "30 days", "CRO", 34, -4, "0.70", "in_progress"),
    ("Engagement survey and follow-up", "employee_satisfaction", "30 days", "CHRO", 10, 14, "0.35", "in_progress"),
    ("Learner support program", "course_completion", "30 days", "CMO", None, 26, "0", "not_started"),
    ("Triage of serious bugs within an hour", "bug_resolution", "90 days", "CTO", 40, 50, "0.45", "in_progress"),
    ("Referral offer for alumni", "referral_rate", "90 days", "CRO", 15, 70, "0.20", "in_progress"),
    ("Move spend from paid social to search", "cac", "90 days", "CMO", 55, 32, "0.80", "in_progress"),
    ("Renegotiate hosting", "gross_margin", "90 days", "CFO", 130, -45, "1", "done"),
    ("Collect prepayment on annual plans", "cash_flow", "90 days", "CFO", 30, 58, "0.40", "in_progress"),
    ("Open the Nordic market", "new_markets", "12 months", "CEO", 90, 210, "0.30", "in_progress"),
    ("Partner program abroad", "partnerships", "12 months", "CRO", 75, 250, "0.25", "blocked"),
    ("Leadership curriculum for managers", "training_completion", "12 months", "CHRO", 60, 280, "0.20", "in_progress"),
    ("Research report of the year", "thought_leadership", "12 months", "CEO", None, 240, "0", "not_started"),
    ("Shorter demos, one decision maker", "sales_cycle", "90 days", "CRO", 330, -225, "1", "done"),
    ("Onboarding calls in the first week", "churn", "90 days", "CRO", 300, -200, "1", "done"),
    ("Sales training", "win_rate", "90 days", "CRO", 200, -110, "1", "done"),
)
# days before the end, what happened
EVENTS = (
    (610, "Series A closed"),
    (455, "New pricing"),
    (320, "Support team doubled"),
    (205, "Release 4"),
    (118, "Office in Vienna"),
)
# what one unit was worth in euros two years ago, and now
RATES = {"USD": ("0.9450", "0.8620"), "GBP": ("1.1890", "1.1430"), "CHF": ("1.0560", "1.0710")}
OUTCOMES = ("confirmed", "confirmed", "confirmed", "watch", "watch", "action_agreed", "target_changed")
REVIEWS = {"monthly": 31, "quarterly": 92, "annual": 366}


def generate(*, seed: int, end: date, months: int = 24) -> dict[str, pa.Table]:
    """Return the tables by dataset, in the order to load them. No day is later than the one before `end`.

    The same seed and end give the same tables.
    """
    rng = random.Random(seed)  # noqa: S311 - sample data, nothing secret
    closed = end.replace(day=1) - DAY
    rows: dict[str, list[Row]] = {
        "kpis": [_registered(kpi) for kpi in KPIS.values()],
        "kpi_values": list(_values(rng, closed, end, months)),
        "risks": [_risk(number, risk, end) for number, risk in enumerate(RISKS, start=1)],
        "actions": [_action(number, action, end) for number, action in enumerate(ACTIONS, start=1)],
        "reviews": list(_reviews(rng, end)),
        "kpi_annotations": [{"happened_on": end - timedelta(days=back), "event": event} for back, event in EVENTS],
        "exchange_rates": list(_rates(rng, closed, months)),
    }
    return {name: _table(rows[name], columns.split()) for name, columns in _COLUMNS.items()}


def _registered(kpi: Kpi) -> Row:
    named = {"kpi": kpi.key, "name": kpi.name, "area": kpi.area}
    return {**named, "owner": kpi.owner, "cadence": kpi.cadence, "value_from": kpi.value_from}


def _values(rng: random.Random, closed: date, end: date, months: int) -> Iterator[Row]:
    series = {kpi.key: _series(rng, kpi, closed, end, months) for kpi in KPIS.values()}
    series["arr"] = {day: 12 * value for day, value in series["mrr"].items()}
    ltv, cac = series["ltv"], series["cac"]
    series["ltv_to_cac"] = {day: (ltv[day] / cac[day]).quantize(Decimal("0.1")) for day in ltv}
    for key, values in series.items():
        kpi = KPIS[key]
        by = PEOPLE[kpi.owner] if kpi.value_from == "manual" else "Finance and CRM connection"
        for day, value in sorted(values.items())[: -1 if key in OVERDUE else None]:
            currency = "EUR" if kpi.is_money else None
            yield {"kpi": key, "at": day, "value": value, "currency": currency, "entered_by": by}


def _series(rng: random.Random, kpi: Kpi, closed: date, end: date, months: int) -> dict[date, Decimal]:
    """Return a value for each day on which one is due; an overdue KPI reaches its current value one entry early."""
    days = list(_due(kpi.cadence, closed, end, months))
    last = days[-2] if kpi.key in OVERDUE else max(day for day in days if day <= closed)
    year = _months_before(last, 12)
    first = days[0]
    size = float(max(abs(kpi.current - kpi.year_ago), abs(kpi.year_ago - kpi.start))) * 0.12
    phase = rng.uniform(0, math.tau)
    found = {}
    before = [day for day in days if day < last][:-4:-1] if kpi.key in SLIPPING else []
    for day in days:
        base = _between(kpi, first, year, last, day)
        wobble = size * math.sin(phase + (day - first).days / 40) * rng.uniform(0.4, 1.0)
        exact = base + Decimal(wobble) if day not in (first, year) and day < last else base
        if day in before:
            exact = kpi.current + (kpi.current - kpi.year_ago) * (before.index(day) + 1) / 5
        found[day] = max(Decimal(0), (exact / kpi.step).quantize(Decimal(1)) * kpi.step)
    return found


def _between(kpi: Kpi, first: date, year: date, last: date, day: date) -> Decimal:
    if day >= last:
        return kpi.current
    if day >= year:
        return kpi.year_ago + (kpi.current - kpi.year_ago) * (day - year).days / (last - year).days
    return kpi.start + (kpi.year_ago - kpi.start) * (day - first).days / (year - first).days


def _due(cadence: str, closed: date, end: date, months: int) -> Iterator[date]:
    """Yield the last day of each span a value covers, over so many closed months and what came after them."""
    ends = [_months_before(closed, back) for back in reversed(range(months))]
    if cadence == "monthly":
        yield from ends
    elif cadence == "quarterly":
        yield from (day for day in ends if day.month % 3 == 0)
    else:
        day = ends[0]
        while day < end:
            if cadence == "daily" or day == ends[0] or day.weekday() == 6:
                yield day
            day += DAY


def _risk(number: int, risk: tuple[str, str, str, str, str, int], end: date) -> Row:
    title, level, trend, mitigation, owner, days = risk
    named = {"risk_id": f"R-{number:02d}", "title": title, "level": level, "trend": trend}
    return {**named, "mitigation": mitigation, "owner": owner, "review_on": end + timedelta(days=days)}


def _action(number: int, action: tuple[str, str, str, str, int | None, int, str, str], end: date) -> Row:
    title, kpi, horizon, owner, since, until, progress, status = action
    named = {"action_id": f"A-{number:02d}", "title": title, "kpi": kpi, "horizon": horizon, "owner": owner}
    started = None if since is None else end - timedelta(days=since)
    due = {"started_on": started, "due_on": end + timedelta(days=until)}
    due["done_on"] = due["due_on"] if status == "done" else None
    return {**named, **due, "progress": Decimal(progress), "status": status}


def _reviews(rng: random.Random, end: date) -> Iterator[Row]:
    """Yield a year of reviews: the heavy KPIs each month, the others each quarter, and all of them once a year."""
    number = 0
    for index, kpi in enumerate(KPIS.values()):
        rhythm = "monthly" if kpi.key in ("mrr", "cash_flow", "churn") else "quarterly"
        for name in (rhythm, "annual"):
            held = end - timedelta(days=3 + index % 20 + (40 if name == "annual" else 0))
            while held > end - timedelta(days=365):
                number += 1
                seen = {"kpi": kpi.key, "held_on": held, "review_cadence": name, "reviewer": PEOPLE["CEO"]}
                yield {"review_id": f"V-{number:04d}", **seen, "outcome": rng.choice(OUTCOMES)}
                held -= timedelta(days=REVIEWS[name])


def _rates(rng: random.Random, closed: date, months: int) -> Iterator[Row]:
    """Yield a rate for each currency at the end of each month."""
    for currency, (first, last) in RATES.items():
        for back in reversed(range(months)):
            way = Decimal(months - 1 - back) / (months - 1)
            level = Decimal(first) + (Decimal(last) - Decimal(first)) * way
            rate = level * Decimal(1 + rng.uniform(-0.01, 0.01)) if back else level
            yield {"currency": currency, "rated_on": _months_before(closed, back), "rate": round(rate, 4)}


_COLUMNS = {
    "kpis": "kpi name area owner cadence value_from",
    "kpi_values": "kpi at:day value:number currency entered_by",
    "risks": "risk_id title level trend mitigation owner review_on:day",
    "actions": "action_id title kpi horizon owner started_on:day due_on:day done_on:day progress:number status",
    "reviews": "review_id kpi held_on:day review_cadence reviewer outcome",
    "kpi_annotations": "happened_on:day event",
    "exchange_rates": "currency rated_on:day rate:number",
}
_KINDS = {"": pa.string(), "day": pa.date32(), "number": pa.decimal128(18, 4)}


def _table(rows: Sequence[Row], columns: Sequence[str]) -> pa.Table:
    named = [column.partition(":") for column in columns]
    return pa.table({name: pa.array([row[name] for row in rows], _KINDS[kind]) for name, _, kind in named})


def _months_before(day: date, months: int) -> date:
    """Return the last day of the month so many months before that of `day`."""
    index = day.year * 12 + day.month - months
    return date(index // 12, index % 12 + 1, 1) - DAY
