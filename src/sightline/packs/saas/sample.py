# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""Return two years of believable data for the saas pack: seeded, tied out, with a few planted problems.

How it is made: sign-ups arrive by day with growth and season, by channel, and pass the stages of the funnel. Whoever
pays becomes a customer with a tier and seats; a month at a time a customer grows, shrinks, leaves or comes back, and
each of these is one signed change of MRR. Invoices, people, their use, tickets and answers follow from that. In the
month of the incident more customers leave, tickets double and the mood drops. Prometheus samples are counted from the
same rows. The problem rows come on top: without them the tables are clean.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

INCIDENT_MONTHS_BACK = 8
BASE_CUSTOMERS = 160
EVENT_DAYS, SAMPLE_DAYS = 365, 60
MANAGERS = ("ana", "bruno", "chidi", "dora", "emil")
COUNTRIES = ("US", "US", "US", "GB", "DE", "FR", "CA", "AU", None)
FIRST = ("Ada", "Ben", "Carla", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Mateo", "Nora")
LAST = ("Abbott", "Brandt", "Castillo", "Dube", "Evans", "Fischer", "Garcia", "Ito", "Jones", "Kaya", "Lopez", "Novak")
NAMES = ("Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Gale", "Harbor", "Iris", "Juniper", "Kestrel", "Lumen")
TRADES = ("Labs", "Foods", "Logistics", "Health", "Media", "Energy", "Systems", "Retail", "Studio", "Partners")
SEASON = (1.06, 1.02, 1.05, 1.0, 0.98, 0.95, 0.86, 0.84, 1.08, 1.1, 1.06, 0.9)
WEEKDAYS = (1.2, 1.25, 1.22, 1.15, 0.98, 0.5, 0.55)
STAGES = ("signup", "activated", "trial", "paid")
STAGE_LAGS = ((1.2, 0.8), (3.0, 0.6), (12.0, 0.35))
"""Median days and spread of each step of the funnel."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Tier:
    """Share of new customers, seats, dollars per seat, and the monthly chance of leaving."""

    share: float
    seats: tuple[int, int]
    price: int
    churn: float


TIERS = {
    "starter": Tier(0.40, (1, 4), 19, 0.046),
    "team": Tier(0.33, (4, 14), 32, 0.028),
    "business": Tier(0.20, (12, 35), 45, 0.016),
    "enterprise": Tier(0.07, (30, 60), 54, 0.009),
}


@dataclass(frozen=True)
class Channel:
    """Share of sign-ups, three step rates, and marketing dollars per sign-up."""

    share: float
    rates: tuple[float, float, float]
    cost: int


CHANNELS = {
    "organic": Channel(0.35, (0.70, 0.55, 0.31), 85),
    "paid": Channel(0.26, (0.61, 0.54, 0.27), 190),
    "referral": Channel(0.16, (0.74, 0.60, 0.38), 42),
    "direct": Channel(0.14, (0.60, 0.52, 0.26), 0),
    "social": Channel(0.09, (0.50, 0.48, 0.20), 171),
}
FEATURES = {
    # feature: (name, key feature, weight)
    "dashboards": ("Dashboards", True, 10.0),
    "reports": ("Reports", True, 7.5),
    "alerts": ("Alerts", True, 5.0),
    "imports": ("Imports", False, 4.2),
    "api": ("API", False, 2.4),
    "sharing": ("Sharing", True, 3.6),
    "comments": ("Comments", False, 2.2),
    "exports": ("Exports", False, 3.1),
    "forecasts": ("Forecasts", False, 1.3),
    "automations": ("Automations", True, 1.6),
    "sso": ("Single sign-on", False, 0.9),
    "mobile": ("Mobile app", False, 0.7),
}
PRIORITIES = {"low": (0.30, 46.0), "normal": (0.44, 22.0), "high": (0.19, 8.0), "urgent": (0.07, 3.2)}
"""Share of tickets and median hours to resolve."""
PAGES = {"home": 0.055, "pricing": 0.092, "demo": 0.118, "templates": 0.048, "compare": 0.071, "webinar": 0.134}
LEVELS = ((0.30, 0.42), (0.55, 0.04), (1.0, 0.002))
"""Cumulative share of people and their sessions a day: daily, now and then, hardly."""


@dataclass
class Draft:
    """The rows so far by dataset, and what the later parts need to know of the customers."""

    rng: random.Random
    start: date
    end: date
    rows: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    lives: dict[str, list[tuple[date, str, Decimal]]] = field(default_factory=dict)
    """Organization → (day, tier, MRR from that day on)."""
    paying: dict[date, list[str]] = field(default_factory=dict)

    def add(self, dataset: str, **row: object) -> Row:
        self.rows[dataset].append(row)
        return row

    @property
    def limit(self) -> datetime:
        return datetime.combine(self.end, time(), UTC)

    def is_incident(self, day: date) -> bool:
        return (self.end.year * 12 + self.end.month) - (day.year * 12 + day.month) == INCIDENT_MONTHS_BACK

    def moment(self, day: date) -> datetime:
        """Return a moment of the day, mostly in working hours."""
        hour = self.rng.choice((7, 8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 17, 19, 21))
        return datetime.combine(day, time(hour), UTC) + timedelta(seconds=self.rng.randrange(3600))

    def level(self, organization: str, day: date) -> tuple[str, Decimal]:
        """Return the tier and MRR of a customer at the end of a day."""
        life = self.lives[organization]
        for since, tier, amount in reversed(life):
            if since <= day:
                return tier, amount
        return life[0][1], Decimal(0)

    def active(self, day: date) -> list[str]:
        """Return the customers that pay at the end of a day."""
        if day not in self.paying:
            self.paying[day] = [key for key in self.lives if self.level(key, day)[1]]
        return self.paying[day]


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
    _prometheus(draft)
    if problems:
        _plant(draft)
    return {name: _table(draft.rows[name], columns.split()) for name, columns in _COLUMNS.items()}


def _days(start: date, end: date) -> Iterator[date]:
    for offset in range((end - start).days):
        yield start + timedelta(days=offset)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, min(day.day, 28))


def split_cents(cents: int, weights: Sequence[float]) -> list[int]:
    """Return whole cents in proportion to the weights that add up exactly: the largest remainders get the odd cents."""
    total = sum(weights)
    exact = [cents * weight / total for weight in weights]
    parts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[: cents - sum(parts)]:
        parts[index] += 1
    return parts


def _poisson(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _spread(rng: random.Random, median: float, sigma: float) -> float:
    return median * math.exp(rng.gauss(0, sigma))


def _signups(draft: Draft) -> None:
    """Add sign-ups with the stages each has reached before the end; who pays becomes a customer."""
    rng, number = draft.rng, 0
    for day in _days(draft.start, draft.end):
        growth = math.exp(0.42 * (day - draft.end).days / 365.25)
        for _ in range(_poisson(rng, 8.6 * growth * SEASON[day.month - 1] * WEEKDAYS[day.weekday()] / 0.98)):
            number += 1
            channel = rng.choices(list(CHANNELS), [each.share for each in CHANNELS.values()])[0]
            key, moment = f"S-{number:05d}", draft.moment(day)
            draft.add("signups", signup_id=key, channel=channel, signed_up_at=moment, country=rng.choice(COUNTRIES))
            _stages(draft, key, channel, moment)


def _stages(draft: Draft, key: str, channel: str, moment: datetime) -> None:
    draft.add("signup_stages", signup_id=key, stage=STAGES[0], reached_at=moment)
    for step, rate in enumerate(CHANNELS[channel].rates):
        moment += timedelta(seconds=int(86400 * _spread(draft.rng, *STAGE_LAGS[step])))
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
                seats = max(1, round(seats * what) + (1 if what > 1 else 0)) if what != 1 else seats
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
            day = begun + timedelta(days=0 if not number else int(_spread(rng, 24, 1.1)))
            if day < min(left, draft.end):
                _person(draft, customer, "admin" if not number else "member", draft.moment(day))
    draft.rows["users"].sort(key=lambda row: (row["created_at"], row["organization_id"]))
    for index, row in enumerate(draft.rows["users"], start=1):
        row["user_id"], row["email"] = f"U-{index:05d}", f"person.{index}@example.com"


def _person(draft: Draft, customer: Row, role: str, moment: datetime) -> None:
    rng = draft.rng
    value = moment + timedelta(seconds=int(86400 * _spread(rng, 2.6 if role == "admin" else 3.4, 0.9)))
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
    for day in _days(draft.start, draft.end):
        active = draft.active(day)
        busy = 2.2 if draft.is_incident(day) else 1.0
        for _ in range(_poisson(rng, 0.0155 * len(active) * busy * WEEKDAYS[day.weekday()])):
            number += 1
            _ticket(draft, f"T-{number:05d}", rng.choice(active), draft.moment(day), busy)


def _ticket(draft: Draft, key: str, organization: str, opened: datetime, busy: float) -> None:
    rng = draft.rng
    priority = rng.choices(list(PRIORITIES), [share for share, _ in PRIORITIES.values()])[0]
    hours = round(_spread(rng, PRIORITIES[priority][1] * busy**0.5, 0.8), 2)
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
    for day in _days(draft.start, draft.end):
        share = (day - draft.start).days / (draft.end - draft.start).days
        promoters, detractors = 0.50 + 0.13 * share, 0.22 - 0.07 * share
        if draft.is_incident(day):
            promoters, detractors = promoters - 0.13, detractors + 0.14
        active = draft.active(day)
        for _ in range(_poisson(rng, 0.0055 * len(active))):
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
    for day in _days(draft.start, draft.end):
        growth = math.exp(0.42 * (day - draft.end).days / 365.25) * WEEKDAYS[day.weekday()]
        for index, (page, rate) in enumerate(PAGES.items()):
            visits = _poisson(rng, 26 * growth / (1 + 0.35 * index))
            converted = sum(rng.random() < rate for _ in range(visits))
            draft.add("landing_pages", landing_page=page, day=day, visits=visits, conversions=converted)
        if day.day in (5, 19):
            _mailing(draft, day)
    invited: list[tuple[datetime, str]] = []
    for user in draft.rows["users"]:
        left = (draft.end - user["created_at"].date()).days
        for _ in range(_poisson(rng, 0.26)):
            day = user["created_at"].date() + timedelta(days=rng.randrange(max(left, 1)))
            if draft.level(user["organization_id"], day)[1]:
                invited.append((max(draft.moment(day), user["created_at"]), user["user_id"]))
    for index, (moment, user_id) in enumerate(sorted(one for one in invited if one[0] < draft.limit), start=1):
        later = moment + timedelta(seconds=int(86400 * _spread(rng, 4, 0.8)))
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
        days = [day for day in _days(month, months_before(month, -1)) if draft.start <= day < draft.end]
        for kind, cost in (("marketing", CHANNELS[channel].cost), ("sales", 118)):
            cents = round(signups * cost * draft.rng.uniform(0.94, 1.06) * 100)
            weights = [WEEKDAYS[day.weekday()] if kind == "marketing" else float(day.weekday() < 5) for day in days]
            if cents and sum(weights):
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


def _prometheus(draft: Draft) -> None:
    """Add a sample a day of every series for the last days, counted from the rows."""
    series, first = Series(), draft.end - timedelta(days=SAMPLE_DAYS)
    _counters(draft, series)
    _gauges_of_customers(draft, series, first)
    _gauges_of_use(draft, series, first)
    for (metric, labels), days in series.added.items():
        total = sum(amount for day, amount in days.items() if day < first)
        for day in _days(first, draft.end):
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
        paid = row["spent_on"] if row["spent_on"] >= draft.end - timedelta(days=SAMPLE_DAYS) else None
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
    for day in _days(first, draft.end):
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
    for day in _days(first, draft.end):
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
    "customers": "organization_id name tier channel subscription account_manager country cohort signup_id signed_up_on:day "
    "seats:whole contact_email",
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
