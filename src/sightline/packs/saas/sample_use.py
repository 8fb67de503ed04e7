# ruff: noqa: INP001 - a pack is a folder of content that is loaded by path, not a package
"""The sample's people: their logins, what they do in the product, the tickets they open and the answers they give."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sightline.packs.saas.sample_draft import (
    EVENT_DAYS,
    FEATURES,
    FIRST,
    LAST,
    LEVELS,
    PRIORITIES,
    WEEKDAYS,
    Draft,
    Row,
    days_of,
    poisson,
    spread,
)


def add_people(draft: Draft) -> None:
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


def add_events(draft: Draft) -> None:
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


def add_support(draft: Draft) -> None:
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


def add_answers(draft: Draft) -> None:
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
