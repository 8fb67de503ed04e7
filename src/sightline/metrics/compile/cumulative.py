"""Cumulative metrics: a simple metric over the days up to the end of each bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.metric import Cumulative, Simple
from sightline.metrics.calendar import DAY, Calendar
from sightline.metrics.compile.arm import Arm, counted, grouped, held, subquery
from sightline.metrics.compile.currency import currency_of, kinds_of
from sightline.metrics.compile.exchange import REASONS, UNRATED, rated
from sightline.metrics.compile.formulas import guarded
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.simple import aggregate, aggregate_of, value_of
from sightline.metrics.compile.statement import Statement, alias_of, column_of
from sightline.metrics.plan import PERIOD, Plan, Span, simple_of
from sightline.metrics.question import Period, QuestionError

ON, VALUE, N, CURRENCY, REASON, LEFT_OUT = "_day", "_value", "_n", "_currency", "_reason", "_left_out"
"""Columns of the days; no dimension's name begins with an underscore."""

FOLDS: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "count": exp.Sum, "min": exp.Min, "max": exp.Max}
"""Aggregates of days that make the aggregate of their rows."""


def cumulative_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Cumulative) -> Arm:
    """Return the aggregate over a window that ends with each bucket: days from `lo` up to but not including `hi`.

    Rows are folded by day before they meet the windows, else each would be read once for every window it is in.
    """
    inner = simple_of(leaf, statement.catalog)
    frame = Frame(statement, inner.dataset)
    if frame.day(inner.time) is None:
        raise QuestionError(f'"{leaf.metric}" has no time column, so "{name}" cannot accumulate it')
    windows = windows_of(plan, span, leaf, name)
    reach = Period(min(low for _, low, _ in windows), max(high for _, _, high in windows))
    days = _days(frame, plan, inner, reach)
    column = name + span.suffix
    columns = {
        column: days.figure,
        f"{column}__n": exp.func("coalesce", exp.Sum(this=column_of("d", N)), exp.Literal.number(0)),
    }
    if currency_of(inner, statement.catalog) is not None:
        columns[f"{column}__currencies"] = kinds_of(column_of("d", CURRENCY))
    if inner.convert:
        reason = column_of("d", REASON)
        without = exp.Not(this=exp.Is(this=reason, expression=exp.Null()))
        columns[column + UNRATED] = exp.func("coalesce", exp.Sum(this=column_of("d", LEFT_OUT)), exp.Literal.number(0))
        columns[column + REASONS] = held(exp.ArrayAgg(this=exp.Distinct(expressions=[reason.copy()])), without)
    keys = {each.name: column_of("d", each.name) for each in plan.dimensions}
    keys |= {PERIOD: column_of("w", "label")} if plan.grain else {}
    query = exp.Select(expressions=[alias_of(each, key) for key, each in (keys | columns).items()])
    query.set("from_", exp.From(this=subquery(days.query, "d")))
    query.append("joins", exp.Join(this=windows_as_rows(statement, windows), on=_inside()))
    return Arm(grouped(query, plan.names), tuple(columns))


@dataclass(frozen=True)
class _Days:
    """What is kept of each day, and the figure made of the days of a window."""

    query: exp.Select
    figure: exp.Expr


def _days(frame: Frame, plan: Plan, inner: Simple, reach: Period) -> _Days:
    """Return the rows of the days in reach: folded by day, or each row by itself for a quantile."""
    keys = {each.name: frame.dimension(each.name) for each in plan.dimensions}
    keys[ON] = frame.day(inner.time) or exp.Null()
    currency = currency_of(inner, frame.statement.catalog)
    keys |= {CURRENCY: frame.own(currency)} if currency is not None else {}
    converted = rated(frame, inner)
    keys |= {REASON: converted.reason_if_unrated()} if converted else {}
    value, kept = value_of(frame, inner), column_of("d", VALUE)
    folded: exp.Expr | None
    figure: exp.Expr
    observed: exp.Expr = exp.Count(this=value if value is not None else exp.Star())
    if inner.agg in FOLDS:
        folded, figure = aggregate(frame, inner), FOLDS[inner.agg](this=kept)
    elif inner.agg == "avg":
        folded, figure = exp.Sum(this=value), guarded(exp.Sum(this=kept), exp.Sum(this=column_of("d", N)))
    else:
        keys[VALUE] = value or exp.Null()
        folded, figure = None, aggregate_of(frame.statement, inner, kept)
        if inner.agg != "count_distinct":
            observed = exp.Cast(
                this=exp.Not(this=exp.Is(this=value, expression=exp.Null())), to=exp.DataType.build("int")
            )
    columns = keys | ({VALUE: folded} if folded is not None else {}) | {N: observed}
    if converted is not None:
        one = converted.is_unrated()
        columns[LEFT_OUT] = counted(one) if folded is not None else exp.Cast(this=one, to=exp.DataType.build("int"))
    conditions = [*frame.within(reach, inner.time), *frame.filters(plan.filters, plan.where)]
    where = frame.condition(inner.where)
    query = frame.select(
        [alias_of(each, key) for key, each in columns.items()], conditions + ([where] if where is not None else [])
    )
    return _Days(grouped(query, tuple(keys)) if isinstance(observed, exp.Count) else query, figure)


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


def windows_as_rows(statement: Statement, windows: Sequence[tuple[date | datetime | None, date, date]]) -> exp.Subquery:
    """Return the windows as the relation `w`: lo, hi and, where they have one, label."""

    def unnested(values: list[object], name: str) -> exp.Expr:
        return alias_of(exp.Anonymous(this="unnest", expressions=[statement.bind(values)]), name)

    columns = [unnested([low for _, low, _ in windows], "lo"), unnested([high for _, _, high in windows], "hi")]
    if windows[0][0] is not None:
        columns.append(unnested([label for label, _, _ in windows], "label"))
    return subquery(exp.Select(expressions=columns), "w")


def _inside() -> exp.Expr:
    after = exp.GTE(this=column_of("d", ON), expression=column_of("w", "lo"))
    return exp.And(this=after, expression=exp.LT(this=column_of("d", ON), expression=column_of("w", "hi")))
