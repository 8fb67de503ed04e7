# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""Return two years of believable data for the saas pack: seeded, tied out, with a few planted problems.

How it is made: sign-ups arrive by day with growth and season, by channel, and pass the stages of the funnel. Whoever
pays becomes a customer with a tier and seats; a month at a time a customer grows, shrinks, leaves or comes back, and
each of these is one signed change of MRR. Invoices, people, their use, tickets and answers follow from that. In the
month of the incident more customers leave, tickets double and the mood drops. Prometheus samples are counted from the
same rows. The problem rows come on top: without them the tables are clean.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa

from sightline.packs.saas.sample_customers import add_base_customers, add_invoices, add_life, add_signups
from sightline.packs.saas.sample_draft import (
    CHANNELS,
    INCIDENT_MONTHS_BACK,
    PAGES,
    WEEKDAYS,
    Draft,
    Row,
    days_of,
    months_before,
    poisson,
    split_cents,
    spread,
)
from sightline.packs.saas.sample_series import add_series
from sightline.packs.saas.sample_use import add_answers, add_events, add_people, add_support


def generate(*, seed: int, end: date, months: int = 24, problems: bool = True) -> dict[str, pa.Table]:
    """Return the tables by dataset, in the order to load them. The last day is the one before `end` (UTC).

    The same seed and end give the same tables. With `problems`, rows that the checks must refuse are added at the end.
    """
    rng = random.Random(seed)  # noqa: S311 - sample data, nothing secret
    draft = Draft(rng, months_before(end, months), end)
    add_signups(draft)
    add_base_customers(draft)
    for row in draft.rows["customers"]:
        add_life(draft, row)
    add_invoices(draft)
    add_people(draft)
    add_events(draft)
    add_support(draft)
    add_answers(draft)
    _marketing(draft)
    _spend(draft)
    _annotations(draft)
    add_series(draft)
    if problems:
        _plant(draft)
    return {name: _table(draft.rows[name], columns.split()) for name, columns in _COLUMNS.items()}


def _marketing(draft: Draft) -> None:
    """Add landing pages by day, mailings, and referrals by people who have been here a month."""
    rng = draft.rng
    for day in days_of(draft.start, draft.end):
        growth = math.exp(0.42 * (day - draft.end).days / 365.25) * WEEKDAYS[day.weekday()]
        for index, (page, rate) in enumerate(PAGES.items()):
            visits = poisson(rng, 26 * growth / (1 + 0.35 * index))
            converted = sum(rng.random() < rate for _ in range(visits))
            draft.add("landing_pages", landing_page=page, day=day, visits=visits, conversions=converted)
        if day.day in (5, 19):
            _mailing(draft, day)
    invited: list[tuple[datetime, str]] = []
    for user in draft.rows["users"]:
        left = (draft.end - user["created_at"].date()).days
        for _ in range(poisson(rng, 0.26)):
            day = user["created_at"].date() + timedelta(days=rng.randrange(max(left, 1)))
            if draft.level(user["organization_id"], day)[1]:
                invited.append((max(draft.moment(day), user["created_at"]), user["user_id"]))
    for index, (moment, user_id) in enumerate(sorted(one for one in invited if one[0] < draft.limit), start=1):
        later = moment + timedelta(seconds=int(86400 * spread(rng, 4, 0.8)))
        done = later if rng.random() < 0.31 and later < draft.limit else None
        draft.add("referrals", referral_id=f"R-{index:05d}", user_id=user_id, sent_at=moment, completed_at=done)


def _mailing(draft: Draft, day: date) -> None:
    rng, number = draft.rng, len(draft.rows["email_campaigns"]) + 1
    kind = rng.choice(("newsletter", "onboarding", "product", "winback"))
    sent = 1800 + 55 * number + rng.randrange(300)
    opened = round(sent * rng.uniform(0.17, 0.28))
    clicked = round(opened * rng.uniform(0.12, 0.24))
    counts = {"sent": sent, "opened": opened, "clicked": clicked, "converted": round(clicked * rng.uniform(0.06, 0.16))}
    draft.add("email_campaigns", campaign=f"{day:%Y-%m-%d} {kind}", kind=kind, sent_on=day, **counts)


def _spend(draft: Draft) -> None:
    """Add cost by day, channel and kind: a budget a month, split to the cent."""
    counts: defaultdict[tuple[date, str], int] = defaultdict(int)
    for row in draft.rows["signups"]:
        counts[row["signed_up_at"].date().replace(day=1), row["channel"]] += 1
    for (month, channel), signups in sorted(counts.items()):
        days = [day for day in days_of(month, months_before(month, -1)) if draft.start <= day < draft.end]
        for kind, cost in (("marketing", CHANNELS[channel].cost), ("sales", 118)):
            cents = round(signups * cost * draft.rng.uniform(0.94, 1.06) * 100)
            weights: list[float] = [
                WEEKDAYS[day.weekday()] if kind == "marketing" else float(day.weekday() < 5) for day in days
            ]
            if cents and any(weights):
                for day, amount in zip(days, split_cents(cents, weights), strict=True):
                    if amount:
                        paid = Decimal(amount) / 100
                        draft.add("marketing_spend", spent_on=day, channel=channel, kind=kind, amount=paid)
    draft.rows["marketing_spend"].sort(key=lambda row: (row["spent_on"], row["channel"], row["kind"]))


def _annotations(draft: Draft) -> None:
    happened = (
        (20, "release", "Reports rebuilt"),
        (15, "pricing", "Team price per seat raised for new customers"),
        (INCIDENT_MONTHS_BACK, "incident", "Two days of outage"),
        (6, "release", "Automations for all tiers"),
        (4, "campaign", "Referral reward doubled"),
        (1, "release", "Mobile app"),
    )
    for number, (back, kind, title) in enumerate(happened, start=1):
        day = months_before(draft.end, back).replace(day=9)
        if draft.start <= day < draft.end:
            draft.add("annotations", annotation_id=f"A-{number:02d}", happened_on=day, kind=kind, title=title)


def _plant(draft: Draft) -> None:
    """Add the rows that the checks must refuse. Nothing that was there changes."""
    rows, yesterday = draft.rows, draft.end - timedelta(days=1)
    moment = datetime.combine(yesterday, time(9), UTC)
    rows["customers"] += [dict(row) for row in rows["customers"][:3]]
    for number in range(5):
        unknown = {"organization_id": f"O-9{number:03d}", "tier": "team", "at": yesterday}
        draft.add("mrr_changes", **unknown, amount=Decimal(99))
    draft.add("marketing_spend", spent_on=yesterday, channel="direct", kind="marketing", amount=Decimal(-75))
    for number in range(4):
        about = {"organization_id": "O-0001", "score": 11, "category": "promoter", "responded_at": moment}
        draft.add("nps_responses", nps_id=f"N-9{number:04d}", **about, comment=None)
    for number in range(6):
        late = {"opened_at": moment, "resolved_at": moment - timedelta(hours=5), "resolution_hours": -5.0}
        about = {"organization_id": "O-0001", "priority": "high", "status": "resolved"}
        draft.add("support_tickets", ticket_id=f"T-9{number:04d}", **about, **late)
    for number in range(3):
        stage = {"stage": "paid", "reached_at": moment + timedelta(days=400)}
        draft.add("signup_stages", signup_id=rows["signups"][number]["signup_id"], **stage)


_COLUMNS = {
    "customers": "organization_id name tier channel subscription account_manager country cohort signup_id "
    "signed_up_on:day seats:whole contact_email",
    "mrr_changes": "organization_id tier at:day amount:money",
    "invoices": "invoice_id organization_id invoiced_on:day amount:money",
    "signups": "signup_id channel country signed_up_at:moment",
    "signup_stages": "signup_id stage reached_at:moment",
    "users": "user_id organization_id role created_at:moment first_value_at:moment full_name email",
    "features": "feature_id name is_key:flag",
    "user_events": "event_id user_id kind feature_id at:moment user_day signed_in:flag minutes:number actions:whole",
    "support_tickets": "ticket_id organization_id priority status opened_at:moment resolved_at:moment "
    "resolution_hours:number",
    "csat_responses": "csat_id organization_id ticket_id rating:whole responded_at:moment",
    "nps_responses": "nps_id organization_id score:whole category responded_at:moment comment",
    "marketing_spend": "spent_on:day channel kind amount:money",
    "email_campaigns": "campaign kind sent_on:day sent:whole opened:whole clicked:whole converted:whole",
    "landing_pages": "landing_page day:day visits:whole conversions:whole",
    "referrals": "referral_id user_id sent_at:moment completed_at:moment",
    "annotations": "annotation_id happened_on:day kind title",
    "prometheus_samples": "metric series at:moment value:number increase:number type unit labels job tier "
    "organization_id channel category feature_id status priority campaign landing_page cohort month spend_period",
}
_KINDS = {"": pa.string(), "day": pa.date32(), "money": pa.decimal128(18, 4), "flag": pa.bool_()}
_KINDS |= {"moment": pa.timestamp("us", "UTC"), "number": pa.float64(), "whole": pa.int64()}


def _table(rows: Sequence[Row], columns: Sequence[str]) -> pa.Table:
    named = [column.partition(":") for column in columns]
    return pa.table({name: pa.array([row.get(name) for row in rows], _KINDS[kind]) for name, _, kind in named})
