# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""The sample's sign-ups and what becomes of them: customers, each change of what they pay, and their invoices."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

from sightline.packs.saas.sample_draft import (
    BASE_CUSTOMERS,
    CHANNELS,
    COUNTRIES,
    MANAGERS,
    NAMES,
    SEASON,
    STAGE_LAGS,
    STAGES,
    TIERS,
    TRADES,
    WEEKDAYS,
    Draft,
    Row,
    days_of,
    months_before,
    poisson,
    spread,
)


def add_signups(draft: Draft) -> None:
    """Add sign-ups with the stages each has reached before the end; who pays becomes a customer."""
    rng, number = draft.rng, 0
    for day in days_of(draft.start, draft.end):
        growth = math.exp(0.42 * (day - draft.end).days / 365.25)
        for _ in range(poisson(rng, 8.6 * growth * SEASON[day.month - 1] * WEEKDAYS[day.weekday()] / 0.98)):
            number += 1
            channel = rng.choices(list(CHANNELS), [each.share for each in CHANNELS.values()])[0]
            key, moment = f"S-{number:05d}", draft.moment(day)
            draft.add("signups", signup_id=key, channel=channel, signed_up_at=moment, country=rng.choice(COUNTRIES))
            _stages(draft, key, channel, moment)


def _stages(draft: Draft, key: str, channel: str, moment: datetime) -> None:
    draft.add("signup_stages", signup_id=key, stage=STAGES[0], reached_at=moment)
    for step, rate in enumerate(CHANNELS[channel].rates):
        moment += timedelta(seconds=int(86400 * spread(draft.rng, *STAGE_LAGS[step])))
        if draft.rng.random() >= rate or moment >= draft.limit:
            return
        draft.add("signup_stages", signup_id=key, stage=STAGES[step + 1], reached_at=moment)
    _customer(draft, channel, moment.date(), key)


def add_base_customers(draft: Draft) -> None:
    """Add the customers of the year before, who have no sign-up on record."""
    for _ in range(BASE_CUSTOMERS):
        channel = draft.rng.choices(list(CHANNELS), [each.share for each in CHANNELS.values()])[0]
        _customer(draft, channel, draft.start - timedelta(days=draft.rng.randrange(1, 365)), None)
    draft.rows["customers"].sort(key=lambda row: (row["signed_up_on"], row["signup_id"] or "", row["name"]))
    for index, row in enumerate(draft.rows["customers"], start=1):
        row["organization_id"], row["name"] = f"O-{index:04d}", f"{row['name']} {index}"
        row["contact_email"] = f"billing.{index}@example.com"


def _customer(draft: Draft, channel: str, day: date, signup: str | None) -> None:
    rng = draft.rng
    tier = rng.choices(list(TIERS), [each.share for each in TIERS.values()])[0]
    known = {"tier": tier, "channel": channel, "account_manager": rng.choice(MANAGERS)}
    named = {"name": f"{rng.choice(NAMES)} {rng.choice(TRADES)}", "country": rng.choice(COUNTRIES)}
    since = {"signup_id": signup, "signed_up_on": day, "cohort": f"{day:%Y-%m}"}
    draft.add("customers", **known, **named, **since, seats=rng.randint(*TIERS[tier].seats))


def add_life(draft: Draft, row: Row) -> None:
    """Add a customer's changes of MRR: one a month at most, of which each has a tier and a signed amount."""
    key, tier, seats = row["organization_id"], row["tier"], row["seats"]
    price = Decimal(TIERS[tier].price) * Decimal(draft.rng.randrange(92, 109)) / 100
    day, level, back = row["signed_up_on"], Decimal(0), None
    life = draft.lives[key] = []

    def move(on: date, to: str, amount: Decimal) -> None:
        nonlocal level, tier
        if level and to != tier:
            draft.add("mrr_changes", organization_id=key, tier=tier, at=on, amount=-level)
            draft.add("mrr_changes", organization_id=key, tier=to, at=on, amount=amount)
        else:
            draft.add("mrr_changes", organization_id=key, tier=to, at=on, amount=amount - level)
        level, tier = amount, to
        life.append((on, to, amount))

    move(day, tier, price * seats)
    month = months_before(day.replace(day=1), -1)
    while month < draft.end:
        on = month + timedelta(days=draft.rng.randrange(28))
        what = _happening(draft, tier, month, level, back)
        if on < draft.end and what is not None:
            if what == "churn":
                back = months_before(month, -draft.rng.randrange(2, 7)) if draft.rng.random() < 0.16 else date.max
                move(on, tier, Decimal(0))
            elif what == "upgrade":
                to = list(TIERS)[list(TIERS).index(tier) + 1]
                seats = max(seats, TIERS[to].seats[0])
                price = Decimal(TIERS[to].price)
                move(on, to, price * seats)
            else:
                seats = max(1, round(seats * what) + (1 if float(what) > 1 else 0)) if what != 1 else seats
                if price * seats != level:
                    move(on, tier, price * seats)
        month = months_before(month, -1)
    row["tier"], row["seats"], row["subscription"] = tier, seats, "active" if level else "ended"


def _happening(draft: Draft, tier: str, month: date, level: Decimal, back: date | None) -> str | float | None:
    """Return what a customer does this month: leaves, moves up a tier, or the factor by which its seats change."""
    chance = draft.rng.random()
    if not level:
        return 1.0 if back is not None and month >= back else None
    churn = TIERS[tier].churn * (2.4 if draft.is_incident(month) else 1.0)
    if chance < churn:
        return "churn"
    if chance < churn + 0.007 and tier != "enterprise":
        return "upgrade"
    if chance < churn + 0.007 + 0.075:
        return draft.rng.uniform(1.08, 1.3)
    if chance < churn + 0.007 + 0.075 + 0.028:
        return draft.rng.uniform(0.65, 0.9)
    return None


def add_invoices(draft: Draft) -> None:
    """Add an invoice on the day a customer begins, or begins again, and on the first of each month it still pays."""
    lines: list[Row] = []
    for key, life in draft.lives.items():
        begins = [on for index, (on, _, amount) in enumerate(life) if amount and (not index or not life[index - 1][2])]
        first = months_before(life[0][0].replace(day=1), -1)
        firsts = {first} if first < draft.end else set()
        while (first := months_before(first, -1)) < draft.end:
            firsts.add(first)
        for day in sorted(firsts | set(begins)):
            amount = draft.level(key, day)[1]
            if amount and day < draft.end:
                lines.append({"organization_id": key, "invoiced_on": day, "amount": amount})
    lines.sort(key=lambda row: (row["invoiced_on"], row["organization_id"]))
    for index, row in enumerate(lines, start=1):
        draft.add("invoices", invoice_id=f"I-{index:06d}", **row)
