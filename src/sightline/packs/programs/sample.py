# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""Return two years of believable data for the programs pack: seeded, tied out, with a few planted problems.

How it is made: each program has a volume, three step rates, a cost per lead and a price. Inquiries arrive by day with
growth, a weekly rhythm and intake peaks. Steps convert by carrying the remainder from lead to lead, so that even a
small program shows its own level, and each step takes a log-normal time, so that young cohorts are still maturing.
Spend is a monthly budget split to the cent; every enrollment has its revenue. The problem rows come on
top: without them the tables are clean.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

CAMPUS = ZoneInfo("America/New_York")
STAGES = ("inquiry", "opportunity", "application", "enrollment")
SCHOOLS = {
    "business": ("Business", date(2019, 7, 1)),
    "health_sciences": ("Health Sciences", date(2020, 1, 15)),
    "education": ("Education", date(2020, 9, 1)),
    "engineering_computing": ("Engineering & Computing", date(2021, 2, 1)),
    "public_policy": ("Public Policy", date(2022, 6, 1)),
}
STALE_SCHOOL, STALE_DAYS = "public_policy", 6


@dataclass(frozen=True)
class Program:
    """One program's level: inquiries in the last 90 days, step rates in percent, dollars per lead and per enrollment.

    `age` is days since launch for a program in validation; `drift` is how far conversion (and volume, by half) has
    moved over the last half year.
    """

    key: str
    school: str
    name: str
    level: str
    volume: int
    rates: tuple[float, float, float]
    cpl: float
    price: int
    status: str
    shelf: str | None
    age: int | None
    drift: float


# key, name, level, inquiries in 90 days, three step rates in %, $ per lead, price, status, shelf, age, drift
_TABLE = """
business
  mba, MBA, degree, 684, 14.8, 24.3, 41.5, 62, 24800, active, top, -, 0
  digital_marketing, Digital Marketing, certificate, 337, 13.1, 26.2, 39.7, 41, 6900, active, middle, -, 0.08
  ms_finance, MS Finance, degree, 278, 8.2, 17.2, 28.6, 71, 22400, under_review, middle, -, -0.28
  project_management, Project Management, certificate, 130, 12.1, 17.0, 25.0, 30, 5400, in_validation, -, 18, 0
health_sciences
  ms_nursing, MS Nursing, degree, 575, 16.2, 28.1, 45.0, 58, 26100, active, top, -, 0.06
  healthcare_admin, Healthcare Administration, degree, 310, 12.6, 20.5, 35.0, 63, 21900, active, middle, -, 0
  public_health, Master of Public Health, degree, 221, 8.4, 13.5, 28.6, 74, 20900, under_review, bottom, -, -0.15
  health_informatics, Health Informatics, certificate, 40, 11.3, 12.5, 25.0, 40, 7000, in_validation, -, 6, 0
education
  med_curriculum, M.Ed. Curriculum, degree, 264, 13.9, 22.8, 40.5, 48, 15600, active, middle, -, 0
  edd_leadership, Ed.D. Leadership, degree, 137, 11.7, 16.2, 30.8, 82, 31100, active, bottom, -, 0
  instructional_design, Instructional Design, certificate, 150, 7.2, 10.3, 20.0, 46, 5200, in_validation, -, 24, 0
engineering_computing
  data_science, MS Data Science, degree, 527, 17.1, 23.6, 39.6, 66, 25600, active, top, -, 0.10
  cybersecurity, MS Cybersecurity, degree, 424, 15.3, 21.9, 36.6, 69, 24200, active, top, -, 0
  cloud_architecture, Cloud Architecture, certificate, 200, 13.7, 22.6, 26.3, 30, 6200, in_validation, -, 29, 0
  engineering_management, Engineering Management, degree, 148, 8.0, 14.5, 22.2, 88, 23800, under_review, bottom, -, -0.2
public_policy
  mpa, Master of Public Administration, degree, 237, 12.2, 20.0, 34.5, 57, 19400, active, middle, -, 0
  paralegal_studies, Paralegal Studies, certificate, 120, 9.0, 19.4, 16.7, 45, 5100, in_validation, -, 21, 0
  nonprofit_management, Nonprofit Management, certificate, 72, 9.6, 14.0, 33.3, 53, 4750, deprioritized, off, -, -0.10
"""


def _programs() -> Iterator[Program]:
    school = ""
    for line in _TABLE.strip().splitlines():
        if "," not in line:
            school = line
            continue
        key, name, level, volume, *rates, cpl, price, status, shelf, age, drift = line.strip().split(", ")
        first, second, third = (float(rate) for rate in rates)
        yield Program(
            *(key, school, name, level, int(volume), (first, second, third), float(cpl), int(price), status),
            shelf=None if shelf == "-" else shelf,
            age=None if age == "-" else int(age),
            drift=float(drift),
        )


PROGRAMS = {program.key: program for program in _programs()}


@dataclass(frozen=True)
class Channel:
    """Share of inquiries, share of spend, how well its leads convert, and where they come from."""

    share: float
    spend: float
    quality: float
    sources: tuple[str, ...]


CHANNELS = {
    "paid_search": Channel(0.40, 0.50, 1.10, ("google_ads", "bing_ads")),
    "paid_social": Channel(0.24, 0.27, 0.80, ("linkedin", "facebook")),
    "aggregator": Channel(0.14, 0.18, 0.55, ("degree_finder", "study_portal")),
    "email": Channel(0.06, 0.05, 1.00, ("newsletter",)),
    "organic": Channel(0.11, 0.0, 1.45, ("website", "webinar")),
    "referral": Channel(0.05, 0.0, 1.60, ("alumni", "employer_partner")),
}
QUALITY = sum(channel.share * channel.quality for channel in CHANNELS.values())
WEEKDAYS = (1.14, 1.20, 1.15, 1.06, 0.92, 0.70, 0.83)
INTAKES = (1.22, 1.02, 0.94, 0.98, 1.06, 0.92, 1.04, 1.24, 1.06, 0.92, 0.86, 0.74)
HOURS = (1, 1, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 11, 10, 9, 8, 8, 8, 9, 10, 10, 8, 5, 2)
# median days and spread of each step: about 6, 19 and 34 days from the inquiry
LAGS = ((5.7, 0.62), (12.2, 0.55), (13.5, 0.50))
# what is still on its way is missing from the last period; tests/packs/test_sample.py holds the outcome
CALIBRATION = (1.06, 1.06, 1.02)
COUNTRIES = ("US",) * 16 + ("CA", "GB", "IN", "MX", None)
FIRST = ("Ada", "Ben", "Carla", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Mateo", "Nora")
LAST = ("Abbott", "Brandt", "Castillo", "Dube", "Evans", "Fischer", "Garcia", "Ito", "Jones", "Kaya", "Lopez", "Novak")

Row = dict[str, Any]


@dataclass
class Draft:
    """The rows so far, by dataset."""

    leads: list[Row] = field(default_factory=list)
    lead_stages: list[Row] = field(default_factory=list)
    spend: list[Row] = field(default_factory=list)
    revenue: list[Row] = field(default_factory=list)


def generate(*, seed: int, end: date, months: int = 24, problems: bool = True) -> dict[str, pa.Table]:
    """Return the tables by dataset, in the order to load them. The last day is the one before `end` (UTC).

    The same seed and end give the same tables. With `problems`, rows that the checks must refuse are added at the end.
    """
    rng = random.Random(seed)  # noqa: S311 - sample data, nothing secret
    start = _months_before(end, months)
    limit = datetime.combine(end, time(), UTC)
    draft = Draft()
    people = _People(rng)
    arrivals = [(moment, key) for key, program in PROGRAMS.items() for moment in _arrivals(rng, program, start, end)]
    draft.leads = [_lead(rng, key, people, moment) for moment, key in sorted(arrivals) if moment < limit]
    for key, program in PROGRAMS.items():
        leads = [lead for lead in draft.leads if lead["program_id"] == key]
        _progress(rng, program, leads, draft, limit)
        _spend(rng, program, leads, draft, end)
    _number(draft)
    if problems:
        _plant(rng, draft, end)
    return _tables(draft, end)


def _arrivals(rng: random.Random, program: Program, start: date, end: date) -> Iterator[datetime]:
    """Yield the moments of a program's inquiries, a Poisson number each day."""
    launched = max(start, end - timedelta(days=program.age)) if program.age is not None else start
    recent = [end - timedelta(days=back) for back in range(1, min(90, (end - launched).days) + 1)]
    base = program.volume / sum(_rhythm(program, day, end) for day in recent)
    day = launched
    while day < end:
        for _ in range(_poisson(rng, base * _rhythm(program, day, end))):
            local = datetime.combine(day, time(rng.choices(range(24), HOURS)[0]), CAMPUS)
            yield (local + timedelta(seconds=rng.randrange(3600))).astimezone(UTC)
        day += timedelta(days=1)


def _rhythm(program: Program, day: date, end: date) -> float:
    """Return how busy a day is: growth, intake peaks, the week, and the program's own drift."""
    years_back = (end - day).days / 365.25
    growth = 1.0 if program.age is not None else math.exp(-0.36 * years_back)
    drift = 1 + program.drift / 2 * max(0.0, 1 - years_back / 0.5)
    following = INTAKES[day.month % 12]
    intake = INTAKES[day.month - 1] + (following - INTAKES[day.month - 1]) * (day.day - 1) / 31
    return growth * drift * intake * WEEKDAYS[day.weekday()]


def _poisson(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


class _People:
    """Contacts; now and then somebody who asked lately asks about another program."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._known: list[tuple[Row, set[str]]] = []

    def next(self, program: str) -> Row:
        """Return the contact fields of a person who has not asked about this program before."""
        if len(self._known) > 50 and self._rng.random() < 0.05:
            person, asked = self._known[-self._rng.randrange(1, 51)]
            if program not in asked:
                asked.add(program)
                return person
        person = self._new(len(self._known) + 1)
        self._known.append((person, {program}))
        return person

    def _new(self, number: int) -> Row:
        first, last = self._rng.choice(FIRST), self._rng.choice(LAST)
        phone = f"+1 555 {number % 1000:03d} {number * 7919 % 10000:04d}" if self._rng.random() < 0.9 else None
        email = f"{first}.{last}.{number}@example.com".lower()
        contact = {"contact_id": f"C-{number:06d}", "full_name": f"{first} {last}", "email": email, "phone": phone}
        return {**contact, "country": self._rng.choice(COUNTRIES)}


def _lead(rng: random.Random, program: str, people: _People, moment: datetime) -> Row:
    name = rng.choices(list(CHANNELS), [channel.share for channel in CHANNELS.values()])[0]
    source = rng.choice(CHANNELS[name].sources) if rng.random() > 0.008 else None
    campaign = f"{moment.year}-q{(moment.month + 2) // 3}-{program}" if CHANNELS[name].spend and source else None
    marketing = {"program_id": program, "channel": name, "source": source, "campaign": campaign}
    return {**marketing, "created_at": moment, **people.next(program)}


def _progress(rng: random.Random, program: Program, leads: Sequence[Row], draft: Draft, limit: datetime) -> None:
    """Add the stages each lead reaches before `limit`, and the revenue of those that enroll."""
    carry = [rng.random() for _ in program.rates]
    for lead in leads:
        moment = lead["created_at"]
        draft.lead_stages.append({"lead": lead, "stage": STAGES[0], "reached_at": moment})
        for step, rate in enumerate(program.rates):
            carry[step] += _chance(program, step, rate, lead, limit)
            if carry[step] < 1:
                break
            carry[step] -= 1
            median, spread = LAGS[step]
            moment += timedelta(seconds=int(86400 * median * math.exp(rng.gauss(0, spread))))
            if moment >= limit:
                break
            draft.lead_stages.append({"lead": lead, "stage": STAGES[step + 1], "reached_at": moment})
            if step == len(program.rates) - 1:
                _earn(rng, program, lead, moment, draft)


def _chance(program: Program, step: int, rate: float, lead: Row, limit: datetime) -> float:
    """Return the chance that the lead takes the step: the program's rate, the channel's quality, and the drift."""
    half_years_back = (limit - lead["created_at"]).total_seconds() / 86400 / 182.6
    quality = CHANNELS[lead["channel"]].quality / QUALITY if step == 0 else 1.0
    # the rate is that of the last 90 days; further back the drift has not happened yet
    drift = 1 - program.drift * min(1.0, max(0.0, half_years_back - 0.5)) if step == 0 else 1.0
    return min(0.95, rate / 100 * CALIBRATION[step] * quality * drift)


def _earn(rng: random.Random, program: Program, lead: Row, moment: datetime, draft: Draft) -> None:
    """Add the ledger lines of one enrollment: tuition, and for a degree fees as well."""
    total = Decimal(round(program.price * rng.uniform(0.96, 1.04) * 100)) / 100
    fees = (total * Decimal("0.06")).quantize(Decimal("0.01")) if program.level == "degree" else Decimal(0)
    for kind, amount in (("tuition", total - fees), ("fees", fees)):
        if amount:
            draft.revenue.append({"lead": lead, "kind": kind, "recognised_on": moment.date(), "amount": amount})


def _spend(rng: random.Random, program: Program, leads: Sequence[Row], draft: Draft, end: date) -> None:
    """Add the program's spend: a budget a month, split over its days and channels to the cent."""
    stop = end - timedelta(days=STALE_DAYS if program.school == STALE_SCHOOL else 0)
    months: dict[tuple[int, int], list[date]] = {}
    for lead in leads:
        day = lead["created_at"].date()
        months.setdefault((day.year, day.month), []).append(day)
    for days in months.values():
        cents = round(len(days) * program.cpl * rng.uniform(0.96, 1.04) * 100)
        slots = list(_slots(rng, min(days), max(days)))
        for (day, name, _), amount in zip(slots, split_cents(cents, [weight for *_, weight in slots]), strict=True):
            if amount and day < stop:
                draft.spend.append(_spend_row(program.key, name, day, Decimal(amount) / 100))


def _slots(rng: random.Random, first: date, last: date) -> Iterator[tuple[date, str, float]]:
    """Yield each day and paid channel with its weight in the budget."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for name, channel in CHANNELS.items():
            if channel.spend:
                yield day, name, WEEKDAYS[day.weekday()] * channel.spend * rng.uniform(0.8, 1.2)


def _spend_row(program: str, channel: str, day: date, amount: Decimal) -> Row:
    return {"program_id": program, "channel": channel, "spent_on": day, "amount": amount}


def split_cents(cents: int, weights: Sequence[float]) -> list[int]:
    """Return whole cents in proportion to the weights that add up exactly: the largest remainders get the odd cents."""
    total = sum(weights)
    exact = [cents * weight / total for weight in weights]
    parts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[: cents - sum(parts)]:
        parts[index] += 1
    return parts


def _number(draft: Draft) -> None:
    """Give leads and ledger lines their identifiers, in order of time, and point stages and revenue at them."""
    for index, lead in enumerate(draft.leads, start=1):
        lead["lead_id"] = f"L-{index:06d}"
    for row in (*draft.lead_stages, *draft.revenue):
        row["lead_id"] = row.pop("lead")["lead_id"]
    draft.lead_stages.sort(key=lambda row: (row["reached_at"], row["lead_id"], STAGES.index(row["stage"])))
    draft.revenue.sort(key=lambda row: (row["recognised_on"], row["lead_id"], row["kind"]))
    for index, row in enumerate(draft.revenue, start=1):
        row["revenue_id"] = f"R-{index:06d}"


def _plant(rng: random.Random, draft: Draft, end: date) -> None:
    """Add the rows that the checks must refuse. Nothing that was there changes."""
    recent = [lead for lead in draft.leads if (end - lead["created_at"].date()).days in range(40, 300)]
    _plant_stages(rng, draft, recent)
    _plant_leads(rng, draft, recent)
    yesterday = end - timedelta(days=1)
    for back in range(3):
        draft.spend.append(_spend_row("mba", "referral", yesterday - timedelta(days=back), Decimal("-120.00")))
    draft.spend.append(_spend_row("ms_astrology", "paid_search", yesterday, Decimal("75.00")))
    for number in range(3):
        line = {"kind": "tuition", "recognised_on": yesterday, "amount": Decimal("5000.00")}
        draft.revenue.append({"revenue_id": f"R-9{number:05d}", "lead_id": f"L-8{number:05d}", **line})


def _plant_leads(rng: random.Random, draft: Draft, recent: Sequence[Row]) -> None:
    """Add leads twice under a new and under the same id, of an unknown or no program, and from the future."""
    ids = (f"L-9{number:05d}" for number in range(1, 1000))
    for lead in rng.sample(recent, 60):
        later = lead["created_at"] + timedelta(days=rng.randrange(1, 28))
        draft.leads.append({**lead, "lead_id": next(ids), "created_at": later})
    draft.leads += [dict(lead) for lead in rng.sample(recent, 12)]
    draft.leads += [_stranger(lead, next(ids), program_id="ms_astrology") for lead in rng.sample(recent, 9)]
    draft.leads += [_stranger(lead, next(ids), program_id=None) for lead in rng.sample(recent, 4)]
    for lead in rng.sample(recent, 5):
        draft.leads.append(_stranger(lead, next(ids), created_at=lead["created_at"] + timedelta(days=730)))


def _plant_stages(rng: random.Random, draft: Draft, recent: Sequence[Row]) -> None:
    """Add applications dated before their inquiry, and stages of leads nobody knows."""
    moved = {row["lead_id"] for row in draft.lead_stages if row["stage"] != STAGES[0]}
    for lead in rng.sample([lead for lead in recent if lead["lead_id"] not in moved], 14):
        earlier = lead["created_at"] - timedelta(days=rng.randrange(2, 30))
        draft.lead_stages.append({"lead_id": lead["lead_id"], "stage": "application", "reached_at": earlier})
    for number, lead in enumerate(recent[:6]):
        draft.lead_stages.append({"lead_id": f"L-8{number:05d}", "stage": STAGES[0], "reached_at": lead["created_at"]})


def _stranger(lead: Row, key: str, **changes: object) -> Row:
    """Return a copy of the lead as another person, changed."""
    return {**lead, "lead_id": key, "contact_id": f"C-{key[2:]}", "email": f"{key.lower()}@example.org", **changes}


_COLUMNS = {
    "schools": "school_id name partner_since:day",
    "programs": "program_id school_id name level status shelf launched_on:day tuition:money archived:flag",
    "leads": "lead_id contact_id program_id channel source campaign country created_at:moment full_name email phone",
    "lead_stages": "lead_id stage reached_at:moment",
    "spend": "program_id channel spent_on:day amount:money",
    "revenue": "revenue_id lead_id kind recognised_on:day amount:money",
}
_KINDS = {"": pa.string(), "day": pa.date32(), "money": pa.decimal128(18, 4), "flag": pa.bool_()}
_KINDS["moment"] = pa.timestamp("us", "UTC")


def _tables(draft: Draft, end: date) -> dict[str, pa.Table]:
    schools = [{"school_id": key, "name": name, "partner_since": since} for key, (name, since) in SCHOOLS.items()]
    programs = [_program_row(index, program, end) for index, program in enumerate(PROGRAMS.values())]
    rows = {"schools": schools, "programs": programs, **vars(draft)}
    return {name: _table(rows[name], columns.split()) for name, columns in _COLUMNS.items()}


def _program_row(index: int, program: Program, end: date) -> Row:
    launched = end - timedelta(days=program.age) if program.age is not None else date(2021, 1 + index % 12, 1)
    placed = {"status": program.status, "shelf": program.shelf, "launched_on": launched, "archived": False}
    named = {"program_id": program.key, "school_id": program.school, "name": program.name, "level": program.level}
    return {**named, **placed, "tuition": Decimal(program.price)}


def _table(rows: Sequence[Row], columns: Sequence[str]) -> pa.Table:
    named = [column.partition(":") for column in columns]
    return pa.table({name: pa.array([row[name] for row in rows], _KINDS[kind]) for name, _, kind in named})


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, min(day.day, 28))
