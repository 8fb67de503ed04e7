"""Cumulative metrics: a simple metric over the days up to the end of each bucket."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.metric import Cumulative
from sightline.metrics.calendar import DAY, Calendar
from sightline.metrics.compile.arm import Arm, grouped, subquery
from sightline.metrics.compile.currency import currency_of, kinds_of
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.simple import aggregate, value_of
from sightline.metrics.compile.statement import Statement, alias_of, all_of, column_of
from sightline.metrics.plan import PERIOD, Plan, Span, simple_of
from sightline.metrics.question import QuestionError


def cumulative_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Cumulative) -> Arm:
    """Return the aggregate over a window that ends with each bucket: days from `lo` up to but not including `hi`."""
    inner = simple_of(leaf, statement.catalog)
    frame = Frame(statement, inner.dataset)
    day = frame.day(inner.time)
    if day is None:
        raise QuestionError(f'"{leaf.metric}" has no time column, so "{name}" cannot accumulate it')
    windows = windows_of(plan, span, leaf, name)
    keys = [(each.name, frame.dimension(each.name)) for each in plan.dimensions]
    keys += [(PERIOD, column_of("w", "label"))] if plan.grain else []
    column = name + span.suffix
    value = value_of(frame, inner)
    observed = exp.Count(this=value if value is not None else exp.Star())
    conditions = [
        exp.GTE(this=day, expression=statement.bind(min(low for _, low, _ in windows))),
        exp.LT(this=frame.day(inner.time), expression=statement.bind(max(high for _, _, high in windows))),
        *frame.filters(plan.filters, plan.where),
    ]
    where = frame.condition(inner.where)
    conditions += [where] if where is not None else []
    selected = [(column, aggregate(frame, inner)), (f"{column}__n", observed)]
    currency = currency_of(inner, statement.catalog)
    selected += [(f"{column}__currencies", kinds_of(frame.own(currency)))] if currency is not None else []
    query = frame.select([alias_of(each, key) for key, each in (*keys, *selected)], [])
    query.append("joins", exp.Join(this=_windows(statement, windows), on=_inside(frame, inner.time)))
    query.set("where", exp.Where(this=all_of(conditions)))
    return Arm(grouped(query, plan.names), tuple(each for each, _ in selected))


def windows_of(plan: Plan, span: Span, leaf: Cumulative, name: str) -> list[tuple[date | datetime | None, date, date]]:
    """Return (label, first day, day after the last) of each window."""
    if plan.grain == "hour":
        raise QuestionError(f'"{name}" is counted by whole days', hint="Choose grain day or coarser.")
    end = span.period.end or plan.calendar.today + DAY
    if not plan.grain:
        return [(None, window_start(leaf, end, plan.calendar), end)]
    if not span.buckets:
        raise QuestionError(f'"{name}" by {plan.grain} needs a bounded period', hint="For example last_12_months.")
    found: list[tuple[date | datetime | None, date, date]] = []
    for bucket, label in zip(span.buckets, span.labels, strict=True):
        stop = min(plan.calendar.following(bucket, plan.grain), end)
        found.append((label, window_start(leaf, stop, plan.calendar), stop))
    return found


def window_start(leaf: Cumulative, end: date, calendar: Calendar) -> date:
    """Return the first day of the window that ends before `end`."""
    if leaf.window:
        return parse_duration(leaf.window).before(end)
    if leaf.to_date:
        return calendar.bucket(end - DAY, leaf.to_date)
    raise QuestionError(f'a figure that accumulates "{leaf.metric}" needs a window or a beginning')


def _windows(statement: Statement, windows: list[tuple[date | datetime | None, date, date]]) -> exp.Subquery:
    def unnested(values: list[object], name: str) -> exp.Expr:
        return alias_of(exp.Anonymous(this="unnest", expressions=[statement.bind(values)]), name)

    columns = [unnested([low for _, low, _ in windows], "lo"), unnested([high for _, _, high in windows], "hi")]
    if windows[0][0] is not None:
        columns.append(unnested([label for label, _, _ in windows], "label"))
    return subquery(exp.Select(expressions=columns), "w")


def _inside(frame: Frame, time: str | None) -> exp.Expr:
    after = exp.GTE(this=frame.day(time), expression=column_of("w", "lo"))
    return exp.And(this=after, expression=exp.LT(this=frame.day(time), expression=column_of("w", "hi")))
