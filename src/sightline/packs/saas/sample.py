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
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa

from sightline.packs.saas.sample_draft import (
    BASE_CUSTOMERS,
    CHANNELS,
    COUNTRIES,
    EVENT_DAYS,
    FEATURES,
    FIRST,
    INCIDENT_MONTHS_BACK,
    LAST,
    LEVELS,
    MANAGERS,
    NAMES,
    PAGES,
    PRIORITIES,
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
    split_cents,
    spread,
)
from sightline.packs.saas.sample_series import add_series


def generate(*, seed: int, end: date, months: int = 24, problems: bool = True) -> dict[str, pa.Table]:
    """Return the tables by dataset, in the order to load them. The last day is the one before `end` (UTC).

    The same seed and end give the same tables. With `problems`, rows that the checks must refuse are added at the end.
    """
    rng = random.Random(seed)  # noqa: S311 - sample data, nothing secret
    draft = Draft(rng, months_before(end, months), end)
    _signups(draft)
    _base_customers(draft)
    for row in draft.rows["customers"]:
        _life(draft, row)
    _invoices(draft)
    _people(draft)
    _events(draft)
    _support(draft)
    _answers(draft)
    _marketing(draft)
    _spend(draft)
    _annotations(draft)
    add_series(draft)
    if problems:
        _plant(draft)
    return {name: _table(draft.rows[name], columns.split()) for name, columns in _COLUMNS.items()}


def _signups(draft: Draft) -> None:
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


def _base_customers(draft: Draft) -> None:
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


def _life(draft: Draft, row: Row) -> None:
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


def _invoices(draft: Draft) -> None:
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


def _people(draft: Draft) -> None:
    """Add the people of each customer: about two thirds of its seats, most of them in the first months."""
    rng = draft.rng
    for customer in draft.rows["customers"]:
        begun, life = customer["signed_up_on"], draft.lives[customer["organization_id"]]
        left = next((on for on, _, amount in life if not amount), draft.end)
        for number in range(max(1, round(customer["seats"] * 0.66))):
            day = begun + timedelta(days=0 if not number else int(spread(rng, 24, 1.1)))
            if day < min(left, draft.end):
                _person(draft, customer, "admin" if not number else "member", draft.moment(day))
    draft.rows["users"].sort(key=lambda row: (row["created_at"], row["organization_id"]))
    for index, row in enumerate(draft.rows["users"], start=1):
        row["user_id"], row["email"] = f"U-{index:05d}", f"person.{index}@example.com"


def _person(draft: Draft, customer: Row, role: str, moment: datetime) -> None:
    rng = draft.rng
    value = moment + timedelta(seconds=int(86400 * spread(rng, 2.6 if role == "admin" else 3.4, 0.9)))
    reached = value if rng.random() < 0.86 and value < draft.limit else None
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    known = {"organization_id": customer["organization_id"], "role": role, "full_name": name}
    draft.add("users", **known, created_at=moment, first_value_at=reached)


def _events(draft: Draft) -> None:
    """Add the sessions and feature uses of the last year: each person has a habit and a few features."""
    rng, begin = draft.rng, draft.end - timedelta(days=EVENT_DAYS)
    for key, (name, is_key, _) in FEATURES.items():
        draft.add("features", feature_id=key, name=name, is_key=is_key)
    drafted: list[Row] = []
    for user in draft.rows["users"]:
        habit = rng.random()
        level = next(rate for share, rate in LEVELS if habit <= share)
        used = rng.choices(list(FEATURES), [each[2] for each in FEATURES.values()], k=rng.randrange(1, 7))
        at = max((user["created_at"].date() - begin).days, 0) - 1 + rng.expovariate(level)
        while at < EVENT_DAYS:
            day = begin + timedelta(days=int(at))
            at += rng.expovariate(level) * (2.0 if day.weekday() > 4 or draft.is_incident(day) else 1.0)
            moment = max(draft.moment(day), user["created_at"])
            if draft.level(user["organization_id"], day)[1] and moment < draft.limit:
                drafted += _visit(rng, user["user_id"], moment, used)
    drafted.sort(key=lambda row: (row["at"], row["user_id"], row["kind"]))
    for index, row in enumerate(drafted, start=1):
        row["event_id"] = f"E-{index:07d}"
    draft.rows["user_events"] = drafted


def _visit(rng: random.Random, user: str, moment: datetime, used: Sequence[str]) -> Iterator[Row]:
    """Yield a session, and perhaps the use of one feature in it."""
    minutes, actions = round(rng.gammavariate(2.2, 7.0), 1), 1 + int(rng.gammavariate(2.0, 4.5))
    shared = {"user_id": user, "at": moment}
    used_on = f"{user} {moment:%Y-%m-%d}"
    session = {"kind": "session", "user_day": used_on, "signed_in": rng.random() < 0.62}
    yield {**shared, **session, "minutes": minutes, "actions": actions}
    if rng.random() < 0.5:
        part = round(minutes * rng.uniform(0.2, 0.8), 1)
        yield {**shared, "kind": "feature", "minutes": part, "feature_id": rng.choice(used)}


def _support(draft: Draft) -> None:
    """Add tickets and how content people were with their solution."""
    rng, number = draft.rng, 0
    for day in days_of(draft.start, draft.end):
        active = draft.active(day)
        busy = 2.2 if draft.is_incident(day) else 1.0
        for _ in range(poisson(rng, 0.0155 * len(active) * busy * WEEKDAYS[day.weekday()])):
            number += 1
            _ticket(draft, f"T-{number:05d}", rng.choice(active), draft.moment(day), busy)


def _ticket(draft: Draft, key: str, organization: str, opened: datetime, busy: float) -> None:
    rng = draft.rng
    priority = rng.choices(list(PRIORITIES), [share for share, _ in PRIORITIES.values()])[0]
    hours = round(spread(rng, PRIORITIES[priority][1] * busy**0.5, 0.8), 2)
    known = {"ticket_id": key, "organization_id": organization, "priority": priority, "opened_at": opened}
    resolved = opened + timedelta(hours=hours)
    if resolved >= draft.limit:
        status = rng.choice(("open", "open", "pending"))
        draft.add("support_tickets", **known, status=status, resolved_at=None, resolution_hours=None)
        return
    status = "closed" if draft.limit - resolved > timedelta(days=14) else "resolved"
    draft.add("support_tickets", **known, status=status, resolved_at=resolved, resolution_hours=hours)
    if resolved + timedelta(hours=2) < draft.limit and rng.random() < 0.45:
        mood = rng.choices((1, 2, 3, 4, 5), (9, 10, 15, 34, 32) if busy > 1 else (3, 5, 10, 36, 46))[0]
        about = {"organization_id": organization, "ticket_id": key, "rating": mood}
        answer = f"C-{len(draft.rows['csat_responses']) + 1:05d}"
        draft.add("csat_responses", csat_id=answer, **about, responded_at=resolved + timedelta(hours=1))


def _answers(draft: Draft) -> None:
    """Add answers to the recommendation question: the mood rises slowly and drops in the month of the incident."""
    rng = draft.rng
    for day in days_of(draft.start, draft.end):
        share = (day - draft.start).days / (draft.end - draft.start).days
        promoters, detractors = 0.50 + 0.13 * share, 0.22 - 0.07 * share
        if draft.is_incident(day):
            promoters, detractors = promoters - 0.13, detractors + 0.14
        active = draft.active(day)
        for _ in range(poisson(rng, 0.0055 * len(active))):
            chance = rng.random()
            score = rng.choice((9, 9, 10)) if chance < promoters else rng.choice((7, 8))
            score = rng.choice((2, 4, 5, 6, 6)) if chance > 1 - detractors else score
            category = "promoter" if score > 8 else "detractor" if score < 7 else "passive"
            about = {"organization_id": rng.choice(active), "score": score, "category": category}
            number = len(draft.rows["nps_responses"]) + 1
            draft.add("nps_responses", nps_id=f"N-{number:05d}", **about, responded_at=draft.moment(day), comment=None)


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
