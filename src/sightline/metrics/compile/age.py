"""Ages: how long ago the newest row happened, at the end of each bucket or at the last full hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlglot import exp

from sightline.definitions.schema.metric import Simple
from sightline.metrics.calendar import DAY
from sightline.metrics.compile.arm import Arm, grouped, subquery
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of
from sightline.metrics.plan import PERIOD, Plan, Span
from sightline.metrics.question import Period, QuestionError

ON, NEWEST, N = "_day", "_newest", "_n"
"""Columns of the days; no dimension's name begins with an underscore."""

HOURS = 24


@dataclass(frozen=True)
class _Look:
    """One moment at which an age is read: rows of days before `before` count, and `at` is the moment itself."""

    label: date | datetime | None
    before: date
    at: datetime


def age_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Simple) -> Arm:
    """Return the hours from the newest value of a time column to each moment that is looked from, never below zero.

    Rows are folded by day before they meet the moments, else each would be read once for every later one.
    """
    frame = Frame(statement, leaf.dataset)
    if frame.day(leaf.time) is None:
        raise QuestionError(f'"{name}" needs a time column in dataset {leaf.dataset}')
    looks = _looks(plan, span, name, statement.zone)
    days = _days(frame, plan, leaf, Period(None, max(look.before for look in looks)))
    hours = exp.Mul(
        this=statement.functions.days_between(exp.Max(this=column_of("d", NEWEST)), exp.Max(this=column_of("w", "at"))),
        expression=exp.Literal.number(HOURS),
    )
    missing = exp.Is(this=exp.Max(this=column_of("d", NEWEST)), expression=exp.Null())
    age = exp.Case(
        ifs=[exp.If(this=exp.Not(this=missing), true=exp.Greatest(this=hours, expressions=[exp.Literal.number("0.0")]))]
    )
    column = name + span.suffix
    observed = exp.func("coalesce", exp.Sum(this=column_of("d", N)), exp.Literal.number(0))
    keys = {each.name: column_of("d", each.name) for each in plan.dimensions}
    keys |= {PERIOD: column_of("w", "label")} if plan.grain else {}
    columns = {column: age, f"{column}__n": observed}
    query = exp.Select(expressions=[alias_of(each, key) for key, each in (keys | columns).items()])
    query.set("from_", exp.From(this=subquery(days, "d")))
    inside = exp.LT(this=column_of("d", ON), expression=column_of("w", "before"))
    query.append("joins", exp.Join(this=_as_rows(statement, looks), on=inside))
    return Arm(grouped(query, plan.names), tuple(columns))


def _days(frame: Frame, plan: Plan, leaf: Simple, reach: Period) -> exp.Select:
    """Return the newest value of each day, by the groups of the question."""
    keys = {each.name: frame.dimension(each.name) for each in plan.dimensions}
    keys[ON] = frame.day(leaf.time) or exp.Null()
    value = _moment(frame, leaf)
    columns = keys | {NEWEST: exp.Max(this=value), N: exp.Count(this=value.copy())}
    conditions = [*frame.within(reach, leaf.time), *frame.filters(plan.filters, plan.where)]
    where = frame.condition(leaf.where)
    query = frame.select(
        [alias_of(each, key) for key, each in columns.items()], conditions + ([where] if where is not None else [])
    )
    return grouped(query, tuple(keys))


def _moment(frame: Frame, leaf: Simple) -> exp.Expr:
    """Return when a row happened; a date counts from its first moment in the workspace's zone."""
    name = leaf.column or leaf.time or frame.dataset.time or ""
    value = frame.shown(name)
    if name in frame.dataset.columns and frame.dataset.columns[name].type == "date":
        return frame.statement.functions.day_start(value, frame.statement.bind(frame.statement.zone))
    return value


def _looks(plan: Plan, span: Span, name: str, zone: str) -> list[_Look]:
    if plan.grain == "hour":
        raise QuestionError(f'"{name}" is an age at the end of whole days', hint="Choose grain day or coarser.")
    end = span.period.end or plan.calendar.today + DAY
    if not plan.grain:
        return [_Look(None, end, _at(end, plan, zone))]
    if not span.buckets:
        raise QuestionError(f'"{name}" by {plan.grain} needs a bounded period', hint="For example last_12_months.")
    stops = [min(plan.calendar.following(bucket, plan.grain), end) for bucket in span.buckets]
    return [_Look(label, stop, _at(stop, plan, zone)) for label, stop in zip(span.labels, stops, strict=True)]


def _at(end: date, plan: Plan, zone: str) -> datetime:
    """Return the first moment of a day, or the last full hour when that is still to come."""
    hour = datetime.combine(plan.calendar.today, time(plan.calendar.hour), ZoneInfo(zone)).astimezone(UTC)
    return min(datetime.combine(end, time(), ZoneInfo(zone)).astimezone(UTC), hour)


def _as_rows(statement: Statement, looks: Sequence[_Look]) -> exp.Subquery:
    """Return the moments as the relation `w`: before, at and, where they have one, label."""

    def unnested(values: list[object], name: str) -> exp.Expr:
        return alias_of(exp.Anonymous(this="unnest", expressions=[statement.bind(values)]), name)

    columns = [unnested([look.before for look in looks], "before"), unnested([look.at for look in looks], "at")]
    if looks[0].label is not None:
        columns.append(unnested([look.label for look in looks], "label"))
    return subquery(exp.Select(expressions=columns), "w")
