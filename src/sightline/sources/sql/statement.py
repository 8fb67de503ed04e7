"""The SELECT statements for pages and counts: values are always bound, never written into the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sightline.sources.sql.dialect import Dialect
from sightline.sources.sql.place import Place, Values
from sightline.sources.sql.relation import Relation
from sightline.sources.sql.values import UNSET, Kind

Selected = sa.Select[Any]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Limits:
    """Which rows of a relation are read: made within a span of time, and settled (see `settle_seconds`)."""

    since: datetime | None = None
    until: datetime | None = None
    settled: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """How moments are told to a database: in its dialect, and in the zone of columns that name none."""

    dialect: Dialect
    zone: ZoneInfo

    def bound(self, moment: datetime, kind: Kind) -> sa.BindParameter[Any]:
        """Return a moment in the terms of a column: a date counts from its beginning in UTC."""
        if kind == "zoneless":
            moment = moment.astimezone(self.zone).replace(tzinfo=None)
        if kind == "day":
            moment = _first_whole_day(moment)
        return bind(self.dialect.bound(moment))


def bind(value: Any) -> sa.BindParameter[Any]:
    """Return a bound value that the driver gives to the database as it is, so that the column decides its type."""
    return sa.bindparam(None, value, type_=sa.types.NullType(), unique=True)


def page_of(relation: Relation, columns: Sequence[str], place: Place, limits: Limits, terms: Terms) -> Selected:
    """Return the statement for everything behind a place, in the order of the cursor and then the key."""
    order = [relation.column(name) for name in (*filter(None, (relation.cursor,)), *relation.key)]
    found = _selected(relation, columns).order_by(*order)
    if relation.cursor:
        found = found.where(relation.column(relation.cursor).is_not(None))
    if place.at is not None:
        found = found.where(order[0] >= bind(place.at[0]) if place.whole_day else behind(order, place.at))
    return found.where(*_within(relation, limits, terms))


def unchanged_of(relation: Relation, columns: Sequence[str], place: Place, limits: Limits, terms: Terms) -> Selected:
    """Return the statement for rows whose cursor has no value, behind a place."""
    keys = [relation.column(name) for name in relation.key]
    found = _selected(relation, columns).where(relation.column(relation.cursor).is_(None)).order_by(*keys)
    if place.unchanged is not None:
        found = found.where(behind(keys, place.unchanged))
    return found.where(*_within(relation, Limits(limits.since, limits.until), terms))


def behind(columns: Sequence[sa.ColumnElement[Any]], values: Values) -> Condition:
    """Return the condition that rows come behind one, by several columns in order.

    Written out, because MySQL finds no index for the comparison of whole rows; the first part is the index's range.
    """
    first, rest = columns[0], columns[1:]
    if not rest:
        return first > bind(values[0])
    later = sa.or_(first > bind(values[0]), sa.and_(first == bind(values[0]), behind(rest, values[1:])))
    return sa.and_(first >= bind(values[0]), later)


def counts_of(relation: Relation, days: Sequence[date], terms: Terms) -> Selected:
    """Return the statement for how many rows were created on each UTC day, one column a day."""
    kind, moment = relation.kind(relation.created), terms.dialect.as_moment(relation.column(relation.created))

    def during(first: date, last: date) -> Condition:
        since, until = terms.bound(start_of(first), kind), terms.bound(start_of(last) + timedelta(days=1), kind)
        return sa.and_(moment >= since, moment < until)

    one: sa.ColumnElement[Any] = sa.literal_column("1")
    counts: list[sa.ColumnElement[Any]] = [
        sa.func.count(sa.case((during(day, day), one))).label(f"d{number}") for number, day in enumerate(days)
    ]
    found: sa.Select[Any] = sa.select(*counts).select_from(relation.rows).where(during(min(days), max(days)))
    return found if relation.deleted is None else found.where(_is_alive(relation.column(relation.deleted)))


def keys_of(relation: Relation) -> Selected:
    """Return the statement for the key of every row that was not deleted softly."""
    found = _selected(relation, relation.key)
    return found if relation.deleted is None else found.where(_is_alive(relation.column(relation.deleted)))


def start_of(day: date) -> datetime:
    """Return the beginning of a UTC day."""
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)


def _first_whole_day(moment: datetime) -> datetime:
    """Return the beginning of the first UTC day that begins at a moment or later."""
    begun = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (begun if begun == moment else begun + timedelta(days=1)).replace(tzinfo=None)


def _selected(relation: Relation, columns: Sequence[str]) -> Selected:
    return sa.select(*(relation.column(name) for name in columns)).select_from(relation.rows)


def _within(relation: Relation, limits: Limits, terms: Terms) -> list[Condition]:
    found: list[Condition] = []
    if relation.bounded_by:
        moment, kind = (
            terms.dialect.as_moment(relation.column(relation.bounded_by)),
            relation.kinds[relation.bounded_by],
        )
        found += [moment >= terms.bound(limits.since, kind)] if limits.since else []
        found += [moment < terms.bound(limits.until, kind)] if limits.until else []
    if relation.cursor and limits.settled:
        found.append(relation.column(relation.cursor) <= terms.bound(limits.settled, relation.kind(relation.cursor)))
    return found


def _is_alive(column: sa.ColumnElement[Any]) -> Condition:
    """Return the condition that a row was not deleted softly, whether the column is a flag or a moment."""
    text = sa.func.lower(sa.cast(column, sa.String))
    return sa.or_(column.is_(None), text.in_(bind(word) for word in UNSET))
