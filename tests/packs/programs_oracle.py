"""What every metric of the programs pack should be, in plain SQL over the raw files: nothing of Sightline is used here.

`expected` returns {group: value}. A group is a tuple of the grouped columns and, with a grain, the first day of the
month. Written from the definitions in words (docs/packs/programs.md), not from the YAML.
"""

# ruff: noqa: S608 - SQL is the point here, and every name in it is written in this file
from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import duckdb
from scipy.stats import CensoredData, ecdf

ZONE = "America/New_York"
VIEWS = f"""
CREATE OR REPLACE VIEW lead_x AS
  SELECT l.lead_id, l.contact_id, l.created_at AS at, CAST(timezone('{ZONE}', l.created_at) AS DATE) AS day,
         l.program_id AS program, p.school_id AS school, p.level, p.status, l.channel, l.source, l.country, 1 AS amount,
         l.email, l.campaign
  FROM raw_leads l LEFT JOIN raw_programs p ON p.program_id = l.program_id;
CREATE OR REPLACE VIEW stage_x AS
  SELECT t.lead_id, x.contact_id, t.stage, t.reached_at AS at, CAST(timezone('{ZONE}', t.reached_at) AS DATE) AS day,
         x.program, x.school, x.level, x.status, x.channel, x.source, x.country, 1 AS amount
  FROM raw_lead_stages t LEFT JOIN lead_x x ON x.lead_id = t.lead_id;
CREATE OR REPLACE VIEW spend_x AS
  SELECT s.spent_on AS day, s.program_id AS program, p.school_id AS school, p.level, p.status, s.channel, s.amount
  FROM raw_spend s LEFT JOIN raw_programs p ON p.program_id = s.program_id;
CREATE OR REPLACE VIEW revenue_x AS
  SELECT r.recognised_on AS day, r.lead_id, x.program, x.school, x.level, x.status,
         x.channel, x.source, x.country, r.amount
  FROM raw_revenue r LEFT JOIN lead_x x ON x.lead_id = r.lead_id;
"""

# metric → (view, aggregate, condition)
FACTS = {
    "inquiries": ("lead_x", "count(*)", "true"),
    "opportunities": ("stage_x", "count(*)", "stage = 'opportunity'"),
    "applications": ("stage_x", "count(*)", "stage = 'application'"),
    "enrollments": ("stage_x", "count(*)", "stage = 'enrollment'"),
    "stage_inquiries": ("stage_x", "count(*)", "stage = 'inquiry'"),
    "people": ("lead_x", "count(DISTINCT contact_id)", "true"),
    "programs_with_inquiries": ("lead_x", "count(DISTINCT program)", "true"),
    "enrolled_leads_with_revenue": ("revenue_x", "count(DISTINCT lead_id)", "true"),
    "spend": ("spend_x", "sum(amount)", "true"),
    "revenue": ("revenue_x", "sum(amount)", "true"),
    "leads_with_email": ("lead_x", "count(*)", "email IS NOT NULL"),
    "leads_with_source": ("lead_x", "count(*)", "source IS NOT NULL"),
    "leads_with_campaign": ("lead_x", "count(*)", "campaign IS NOT NULL"),
    "leads_with_country": ("lead_x", "count(*)", "country IS NOT NULL"),
    "spend_days": ("spend_x", "count(DISTINCT day)", "true"),
    "largest_payment": ("revenue_x", "max(amount)", "true"),
    "typical_daily_spend": ("spend_x", "quantile_cont(CAST(amount AS DOUBLE), 0.5)", "true"),
}
FILLED = (
    "(leads_with_email + leads_with_source + leads_with_campaign + leads_with_country) / (4 * nullif(inquiries, 0))"
)
STAGED = "stage_inquiries / nullif(inquiries, 0)"
FIELDS = ("leads_with_email", "leads_with_source", "leads_with_campaign", "leads_with_country", "inquiries")
# metric → SQL over facts, which are zero where a group has no rows
FORMULAS = {
    "contribution": "revenue - spend",
    "cpl": "spend / nullif(inquiries, 0)",
    "cpo": "spend / nullif(opportunities, 0)",
    "cpa": "spend / nullif(applications, 0)",
    "cpe": "spend / nullif(enrollments, 0)",
    "roi": "(revenue - spend) / nullif(spend, 0)",
    "revenue_per_enrollment": "revenue / nullif(enrollments, 0)",
    "inquiry_to_opportunity_in_period": "opportunities / nullif(inquiries, 0)",
    "opportunity_to_application_in_period": "applications / nullif(opportunities, 0)",
    "application_to_enrollment_in_period": "enrollments / nullif(applications, 0)",
    "inquiry_to_enrollment_in_period": "enrollments / nullif(inquiries, 0)",
    "cpe_90_days": "spend_90_days / nullif(enrollments_90_days, 0)",
    "lead_fields_filled": FILLED,
    "stage_dates_known": STAGED,
    # 100 points: 40 for fields, 25 for stages, 20 for days with spend, 15 for activity; without leads only the last two
    "data_completeness": f"""
        CASE WHEN inquiries > 0
             THEN 40 * ({FILLED}) + 25 * least(1, {STAGED})
                  + 20 * least(1, spend_days_30_days / 30.0) + 15 * least(1, inquiries_14_days / 5.0)
             ELSE (20 * least(1, spend_days_30_days / 30.0) + 15 * least(1, inquiries_14_days / 5.0)) / 0.35 END""",
}
OPERANDS = {
    "contribution": ("revenue", "spend"),
    "cpl": ("spend", "inquiries"),
    "cpo": ("spend", "opportunities"),
    "cpa": ("spend", "applications"),
    "cpe": ("spend", "enrollments"),
    "roi": ("revenue", "spend"),
    "revenue_per_enrollment": ("revenue", "enrollments"),
    "inquiry_to_opportunity_in_period": ("opportunities", "inquiries"),
    "opportunity_to_application_in_period": ("applications", "opportunities"),
    "application_to_enrollment_in_period": ("enrollments", "applications"),
    "inquiry_to_enrollment_in_period": ("enrollments", "inquiries"),
    "cpe_90_days": ("spend_90_days", "enrollments_90_days"),
    "lead_fields_filled": FIELDS,
    "stage_dates_known": ("stage_inquiries", "inquiries"),
    "data_completeness": (*FIELDS, "stage_inquiries", "spend_days_30_days", "inquiries_14_days"),
}
# metric → (stage of the cohort, stages that count as converted, window in days)
COHORTS: dict[str, tuple[str, tuple[str, ...], int | None]] = {
    "inquiry_to_opportunity": ("inquiry", ("opportunity",), None),
    "opportunity_to_application": ("opportunity", ("application", "enrollment"), None),
    "application_to_enrollment": ("application", ("enrollment",), None),
    "inquiry_to_application": ("inquiry", ("application",), None),
    "inquiry_to_enrollment": ("inquiry", ("enrollment",), None),
    "inquiry_to_opportunity_30_days": ("inquiry", ("opportunity",), 30),
    "inquiry_to_enrollment_90_days": ("inquiry", ("enrollment",), 90),
    "cohort_opportunities": ("inquiry", ("opportunity",), None),
    "cohort_enrollments": ("inquiry", ("enrollment",), None),
}
# metric → (metric accumulated, trailing days or the unit whose start it counts from)
CUMULATIVE: dict[str, tuple[str, int | str]] = {
    "inquiries_28_days": ("inquiries", 28),
    "spend_90_days": ("spend", 90),
    "spend_days_30_days": ("spend_days", 30),
    "inquiries_14_days": ("inquiries", 14),
    "enrollments_90_days": ("enrollments", 90),
    "inquiries_quarter_to_date": ("inquiries", "quarter"),
    "enrollments_year_to_date": ("enrollments", "year"),
    "spend_month_to_date": ("spend", "month"),
}
PAIRS = [
    ("inquiry", "opportunity"),
    ("inquiry", "application"),
    ("inquiry", "enrollment"),
    ("opportunity", "application"),
    ("opportunity", "enrollment"),
    ("application", "enrollment"),
]
INTERVALS = {
    f"{word}_days_{start}_to_{end}": (start, end, fraction)
    for start, end in PAIRS
    for word, fraction in (("median", 0.5), ("p90", 0.9))
}
WAITING = {
    "time_until_tenth_opportunity": ("inquiry", "opportunity", 0.10),
    "time_until_fifteen_percent_application": ("opportunity", "application", 0.15),
    "time_until_quarter_enrollment": ("application", "enrollment", 0.25),
}
# metric → (view, when a row happened)
AGES = {"lead_age": ("lead_x", "lead_x.at"), "spend_age": ("spend_x", f"timezone('{ZONE}', CAST(day AS TIMESTAMP))")}
METRICS = (*FACTS, *FORMULAS, *COHORTS, *CUMULATIVE, *INTERVALS, *WAITING, *AGES, "latest_day_spend")

Groups = dict[tuple[Any, ...], float | None]


def uses_spend(metric: str) -> bool:
    """Whether the metric stands on spend, which knows no lead and so no lead source."""
    return "spend" in metric or "spend" in FORMULAS.get(metric, "")


class Oracle:
    """Answers by plain SQL."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, today: date) -> None:
        self.connection = connection
        self.today = today
        connection.execute(VIEWS)

    def expected(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Return the value of each group that has one."""
        if metric in FACTS:
            return self._fact(metric, by, grain, start, end)
        if metric in COHORTS:
            return self._cohort(metric, by, grain, start, end)
        if metric in INTERVALS:
            return self._interval(metric, by, grain, start, end)
        if metric in WAITING:
            return self._waiting(metric, by, grain, start, end)
        if metric in CUMULATIVE:
            return self._cumulative(metric, by, grain, start, end)
        if metric in AGES:
            return self._age(metric, by, grain, start, end)
        if metric == "latest_day_spend":
            return self._latest(by, grain, start, end)
        return self._formula(metric, by, grain, start, end)

    def _rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, parameters).fetchall()

    def _grouped(self, sql: str, keys: list[str], **parameters: object) -> Groups:
        found = self._rows(sql, **parameters)
        return {tuple(row[: len(keys)]): None if row[-1] is None else float(row[-1]) for row in found}

    def _keys(self, by: tuple[str, ...], grain: str | None) -> list[str]:
        return [*by, *([f"CAST(date_trunc('{grain}', day) AS DATE)"] if grain else [])]

    def _fact(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        view, aggregate, condition = FACTS[metric]
        keys = self._keys(by, grain)
        select = ", ".join([*keys, aggregate])
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        sql = f"SELECT {select} FROM {view} WHERE {condition} AND day >= $start AND day < $end {group}"
        return self._grouped(sql, keys, start=start, end=end)

    def _formula(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Each operand aggregated by itself, then put side by side: nothing is joined before it is added up."""
        parts = {name: self.expected(name, by, grain, start, end) for name in OPERANDS[metric]}
        groups = {group for part in parts.values() for group in part}
        found: Groups = {}
        for group in groups:
            values = {name: part.get(group) or 0 for name, part in parts.items()}
            cells = ", ".join(f"CAST(${name} AS DOUBLE) AS {name}" for name in values)
            found[group] = self._rows(f"SELECT {FORMULAS[metric]} FROM (SELECT {cells})", **values)[0][0]
        return found

    def _cohort(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        stage, later, window = COHORTS[metric]
        keys = self._keys(by, grain)
        after = "epoch(t.reached_at) - epoch(b.at)"
        inside = f"AND {after} >= 0 AND {after} < {window} * 86400" if window else ""
        stages = ", ".join(f"'{each}'" for each in later)
        hit = f"EXISTS (SELECT 1 FROM raw_lead_stages t WHERE t.lead_id = b.lead_id AND t.stage IN ({stages}) {inside})"
        count = "sum(CAST(hit AS INT))"
        value = count if metric.startswith("cohort_") else f"{count} / nullif(count(*), 0)"
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        sql = f"""SELECT {", ".join([*keys, value])} FROM (SELECT b.*, {hit} AS hit FROM ({_base(stage)}) b)
                  WHERE day >= $start AND day < $end {group}"""
        return self._grouped(sql, keys, start=start, end=end)

    def _spans(self, stage: str, later: str, keys: list[str], *, join: str = "LEFT JOIN") -> str:
        """Days each lead of the cohort took, or how long it has been waiting at the start of today."""
        took = "(epoch(t.reached_at) - epoch(b.at)) / 86400.0"
        age = f"greatest(epoch(CAST(DATE '{self.today}' AS TIMESTAMP)) - epoch(timezone('{ZONE}', b.at)), 0) / 86400.0"
        return f"""SELECT {", ".join([*keys, took, age])}
                   FROM ({_base(stage)}) b {join} raw_lead_stages t ON t.lead_id = b.lead_id AND t.stage = '{later}'
                   WHERE day >= $start AND day < $end"""

    def _interval(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        stage, later, fraction = INTERVALS[metric]
        found: defaultdict[tuple[Any, ...], list[float]] = defaultdict(list)
        sql = self._spans(stage, later, self._keys(by, grain), join="JOIN")
        for *group, took, _ in self._rows(sql, start=start, end=end):
            if took >= 0:
                found[tuple(group)].append(took)
        return {group: _quantile(sorted(days), fraction) for group, days in found.items()}

    def _waiting(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Kaplan and Meier by SciPy: those still waiting are censored at the start of today."""
        stage, later, fraction = WAITING[metric]
        events: defaultdict[tuple[Any, ...], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for *group, took, age in self._rows(self._spans(stage, later, self._keys(by, grain)), start=start, end=end):
            events[tuple(group)][0 if took is not None else 1].append(float(took if took is not None else age))
        return {group: _reached(took, waiting, fraction) for group, (took, waiting) in events.items()}

    def _cumulative(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        inner, length = CUMULATIVE[metric]
        found: Groups = {}
        for bucket, stop in self._buckets(grain, start, end):
            last = stop - timedelta(days=1)
            first = stop - timedelta(days=length) if isinstance(length, int) else _floor(last, length)
            label = (bucket,) if grain else ()
            for group, value in self._fact(inner, by, None, first, stop).items():
                found[(*group, *label)] = value
        return found

    def _age(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Hours from the newest row so far to the end of each bucket, in the zone's own midnight."""
        view, moment = AGES[metric]
        found: Groups = {}
        for bucket, stop in self._buckets(grain, start, end):
            age = f"(epoch(timezone('{ZONE}', CAST(DATE '{stop}' AS TIMESTAMP))) - epoch(max({moment}))) / 3600"
            group = f"GROUP BY {', '.join(by)}" if by else ""
            sql = f"SELECT {', '.join([*by, age])} FROM {view} WHERE day < DATE '{stop}' {group}"
            label = (bucket,) if grain else ()
            found |= {(*key, *label): value for key, value in self._grouped(sql, list(by)).items()}
        return found

    def _buckets(self, grain: str | None, start: date, end: date) -> list[tuple[date, date]]:
        if grain is None:
            return [(start, end)]
        assert grain == "month"
        found, first = [], _floor(start, "month")
        while first < end:
            following = _floor(first + timedelta(days=32), "month")
            found.append((first, min(following, end)))
            first = following
        return found

    def _latest(self, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        keys = self._keys(by, grain)
        month = "date_trunc('month', day)" if grain else "1"
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        marked = f"""SELECT *, max(day) OVER (PARTITION BY program, {month}) AS last_day
                     FROM spend_x WHERE day >= $start AND day < $end"""
        sql = f"SELECT {', '.join([*keys, 'sum(amount)'])} FROM ({marked}) WHERE day = last_day {group}"
        return self._grouped(sql, keys, start=start, end=end)


def _base(stage: str) -> str:
    return "SELECT * FROM lead_x" if stage == "inquiry" else f"SELECT * FROM stage_x WHERE stage = '{stage}'"


def _floor(day: date, unit: str) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _quantile(days: list[float], fraction: float) -> float:
    """Linear interpolation between the closest ranks."""
    position = (len(days) - 1) * fraction
    low = int(position)
    high = min(low + 1, len(days) - 1)
    return days[low] + (days[high] - days[low]) * (position - low)


def _reached(took: list[float], waiting: list[float], fraction: float) -> float | None:
    if not took:
        return None
    curve = ecdf(CensoredData(uncensored=took, right=waiting)).sf
    below = [
        time for time, share in zip(curve.quantiles, curve.probabilities, strict=True) if share <= 1 - fraction + 1e-12
    ]
    return float(below[0]) if below else None
