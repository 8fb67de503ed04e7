# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""The sample's Prometheus series: what an application would have exported, counted from the rows of the draft."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sightline.packs.saas.sample_draft import (
    FEATURES,
    PRIORITIES,
    SAMPLE_DAYS,
    TIERS,
    Draft,
    Row,
    days_of,
    months_before,
)

Labels = tuple[tuple[str, str], ...]


@dataclass
class Series:
    """What an application would have exported: counters by what was added on a day, gauges by their value that day."""

    added: defaultdict[tuple[str, Labels], defaultdict[date, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    levels: defaultdict[tuple[str, Labels], dict[date, float]] = field(default_factory=lambda: defaultdict(dict))

    def count(self, metric: str, moment: date | datetime | None, amount: float = 1, **labels: str) -> None:
        if moment is not None:
            day = moment.date() if isinstance(moment, datetime) else moment
            self.added[metric, tuple(labels.items())][day] += amount

    def gauge(self, metric: str, day: date, value: float, **labels: str) -> None:
        self.levels[metric, tuple(labels.items())][day] = round(value, 4)


def add_series(draft: Draft) -> None:
    """Add a sample a day of every series for the last days, counted from the rows."""
    series, first = Series(), draft.end - timedelta(days=SAMPLE_DAYS)
    _counters(draft, series)
    _gauges_of_customers(draft, series, first)
    _gauges_of_use(draft, series, first)
    for (metric, labels), days in series.added.items():
        total = sum(amount for day, amount in days.items() if day < first)
        for day in days_of(first, draft.end):
            grown = round(days.get(day, 0.0), 4)
            total = round(total + grown, 4)
            _sample(draft, metric, labels, day, "counter", total, grown if day > first else None)
    for (metric, labels), values in series.levels.items():
        for day, value in values.items():
            _sample(draft, metric, labels, day, "gauge", value, None)
    draft.rows["prometheus_samples"].sort(key=lambda row: (row["at"], row["metric"], row["series"]))


def _sample(
    draft: Draft, metric: str, labels: Labels, day: date, kind: str, value: float, increase: float | None
) -> None:
    text = json.dumps(dict(labels), sort_keys=True)
    key = hashlib.blake2b(f"chom_{metric}{text}".encode(), digest_size=12).hexdigest()
    at = datetime.combine(day, time(16), UTC)
    known = {"metric": metric, "series": key, "type": kind, "unit": None, "labels": text, "job": "app"}
    draft.add("prometheus_samples", **known, **dict(labels), at=at, value=value, increase=increase)


def _counters(draft: Draft, series: Series) -> None:
    rows, before = draft.rows, {"signup": "signups", "activated": "activated", "trial": "trial_started", "paid": "paid"}
    channel = {row["organization_id"]: row["channel"] for row in rows["customers"]}
    for life in draft.lives.values():
        series.count("customers_new_total", life[0][0])
        for on, _, amount in life:
            series.count("customers_churned_total", on if not amount else None)
    for row in rows["signups"]:
        series.count("users_signups_total", row["signed_up_at"], channel=row["channel"])
    for row in rows["signup_stages"]:
        series.count(f"funnel_{before[row['stage']]}_total", row["reached_at"])
        series.count("users_activated_total", row["reached_at"] if row["stage"] == "activated" else None)
    for row in rows["marketing_spend"]:
        month = f"{row['spent_on']:%Y-%m}"
        is_counted = row["kind"] == "marketing" and row["spent_on"] >= draft.end - timedelta(days=SAMPLE_DAYS)
        paid = row["spent_on"] if is_counted else None
        series.count("marketing_spend_total", paid, float(row["amount"]), spend_period=month, channel=row["channel"])
    for row in rows["invoices"]:
        paid_by = channel[row["organization_id"]]
        series.count("revenue_by_channel", row["invoiced_on"], float(row["amount"]), channel=paid_by)
    for row in rows["nps_responses"]:
        series.count("nps_responses", row["responded_at"], category=row["category"])
    for row in rows["support_tickets"]:
        series.count("support_tickets_total", row["opened_at"], status=row["status"], priority=row["priority"])
    for row in rows["referrals"]:
        series.count("referrals_sent_total", row["sent_at"])
        series.count("referrals_completed_total", row["completed_at"])
    for row in rows["landing_pages"]:
        for what in ("visits", "conversions"):
            series.count(f"landing_page_{what}", row["day"], row[what], landing_page=row["landing_page"])
    for row in rows["email_campaigns"][-4:]:
        for what in ("sent", "opened", "clicked", "converted"):
            series.count(f"email_campaign_{what}", row["sent_on"], row[what], campaign=row["campaign"])
    for row in rows["user_events"]:
        if row["kind"] == "feature":
            series.count("feature_usage_total", row["at"], feature_id=row["feature_id"])
        series.count("user_logins_total", row["at"] if row.get("signed_in") else None)


def _gauges_of_customers(draft: Draft, series: Series, first: date) -> None:
    for day in days_of(first, draft.end):
        by_tier = dict.fromkeys(TIERS, Decimal(0))
        active = draft.active(day)
        for key in active:
            tier, amount = draft.level(key, day)
            by_tier[tier] += amount
        for tier, amount in by_tier.items():
            series.gauge("revenue_mrr", day, float(amount), tier=tier)
        earlier = draft.active(day - timedelta(days=30))
        series.gauge("customers_total", day, len(active))
        series.gauge("churn_rate_monthly", day, len(set(earlier) - set(active)) / len(earlier))
        _gauges_of_opinion(draft, series, day)
    last = draft.end - timedelta(days=1)
    people = {row["organization_id"] for row in draft.rows["users"] if row["first_value_at"]}
    for key in draft.active(last):
        tier, _ = draft.level(key, last)
        score = 46 + 8 * list(TIERS).index(tier) + (14 if key in people else 0) + int(key[2:]) % 17
        series.gauge("customer_health_score", last, score, organization_id=key)
    for back in range(1, 7):
        begun = months_before(draft.end.replace(day=1), back)
        cohort = [row["organization_id"] for row in draft.rows["customers"] if row["cohort"] == f"{begun:%Y-%m}"]
        for age in range(back):
            stay = set(draft.active(months_before(begun, -age - 1) - timedelta(days=1)))
            kept = sum(key in stay for key in cohort) / max(len(cohort), 1)
            series.gauge("cohort_retention", last, kept, cohort=f"{begun:%Y-%m}", month=str(age))


def _gauges_of_opinion(draft: Draft, series: Series, day: date) -> None:
    since = datetime.combine(day - timedelta(days=89), time(), UTC)
    until = datetime.combine(day + timedelta(days=1), time(), UTC)

    def recent(dataset: str, at: str) -> list[Row]:
        return [row for row in draft.rows[dataset] if row[at] is not None and since <= row[at] < until]

    scores = [row["category"] for row in recent("nps_responses", "responded_at")]
    moods = [row["rating"] for row in recent("csat_responses", "responded_at")]
    waits = [row["first_value_at"] - row["created_at"] for row in recent("users", "first_value_at")]
    series.gauge("nps_score", day, 100 * (scores.count("promoter") - scores.count("detractor")) / len(scores))
    series.gauge("csat_score", day, sum(mood > 3 for mood in moods) / len(moods))
    series.gauge("time_to_first_value_days", day, sorted(waits)[len(waits) // 2] / timedelta(days=1))
    solved = recent("support_tickets", "resolved_at")
    for priority in PRIORITIES:
        hours = [row["resolution_hours"] for row in solved if row["priority"] == priority]
        series.gauge("support_resolution_time_hours", day, sum(hours) / len(hours), priority=priority)


def _gauges_of_use(draft: Draft, series: Series, first: date) -> None:
    by_day: defaultdict[date, list[Row]] = defaultdict(list)
    for row in draft.rows["user_events"]:
        by_day[row["at"].date()].append(row)
    seen = {day: {row["user_id"] for row in rows if row["kind"] == "session"} for day, rows in by_day.items()}
    for day in days_of(first, draft.end):
        for name, length in (("daily", 1), ("weekly", 7), ("monthly", 30)):
            users = set().union(*(seen.get(day - timedelta(days=back), set()) for back in range(length)))
            series.gauge(f"users_active_{name}", day, len(users))
        sessions = [row for row in by_day[day] if row["kind"] == "session"]
        minutes, actions = (sum(row[each] for row in sessions) / len(sessions) for each in ("minutes", "actions"))
        series.gauge("session_duration_minutes", day, minutes)
        series.gauge("actions_per_session", day, actions)
        series.gauge("customer_engagement_score", day, min(100, 1.6 * minutes + 4 * actions))
        for feature in FEATURES:
            users = {row["user_id"] for row in by_day[day] if row.get("feature_id") == feature}
            series.gauge("feature_users", day, len(users), feature_id=feature)
