# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""What the sample of the saas pack is made of: tiers, channels, seasons, and the draft that its rows are added to."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

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


def days_of(start: date, end: date) -> Iterator[date]:
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


def poisson(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def spread(rng: random.Random, median: float, sigma: float) -> float:
    return median * math.exp(rng.gauss(0, sigma))
