"""An arm: one aggregate over one dataset and one span, to be combined with the others on the shared dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from sightline.definitions.schema.metric import Grain
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of, name_of
from sightline.metrics.plan import PERIOD, Plan, Span

NULL = exp.Null

UNDATED = "__undated"
"""Ends the name of the column that counts a leaf's rows without a time: no bucket and no bounded period holds them."""


@dataclass(frozen=True)
class Arm:
    """A query and the leaf columns it delivers beside the plan's names."""

    query: exp.Select
    columns: tuple[str, ...]


def keys_of(frame: Frame, plan: Plan, time: str | None) -> list[tuple[str, exp.Expr]]:
    """Return the columns that identify a row, as the frame's dataset reaches them."""
    keys = [(each.name, frame.dimension(each.name)) for each in plan.dimensions]
    if plan.grain:
        keys.append((PERIOD, frame.bucket(plan.grain, time, plan.calendar)))
    return keys


def grouped(query: exp.Select, names: tuple[str, ...]) -> exp.Select:
    """Return the query grouped by its first columns."""
    if names:
        positions = [exp.Literal.number(index + 1) for index in range(len(names))]
        query.set("group", exp.Group(expressions=positions))
    return query


def filed(query: exp.Select, plan: Plan, span: Span, columns: tuple[str, ...], statement: Statement) -> exp.Select:
    """Return the query with the buckets of an earlier span filed under those they are compared with."""
    if not plan.grain or span.labels is span.buckets or not span.buckets:
        return query
    pairs = pairs_of(statement, plan.grain, span)
    kept: list[exp.Expr] = [column_of("a", each.name) for each in plan.dimensions]
    kept.append(alias_of(column_of("m", "now"), PERIOD))
    kept += [column_of("a", name) for name in columns]
    outer = exp.Select(expressions=kept)
    outer.set("from_", exp.From(this=subquery(query, "a")))
    on = exp.EQ(this=column_of("a", PERIOD), expression=column_of("m", "was"))
    outer.append("joins", exp.Join(this=subquery(pairs, "m"), on=on))
    return outer


def pairs_of(statement: Statement, grain: Grain, span: Span) -> exp.Select:
    """Return each bucket of the span (`was`) with the one it is filed under (`now`)."""
    if span.leaves is None:
        was, now = (series(statement, grain, buckets) for buckets in (span.buckets, span.labels))
    else:  # what lies behind 28 and 29 February is one day
        lists = (list(span.buckets), list(span.labels))
        was, now = (exp.Anonymous(this="unnest", expressions=[statement.bind(each)]) for each in lists)
    return exp.Select(expressions=[alias_of(was, "was"), alias_of(now, "now")])


def series(statement: Statement, grain: Grain, buckets: Sequence[date | datetime]) -> exp.Expr:
    """Return the buckets as rows; only the first and the last are bound."""
    ends = statement.bind(buckets[0]), statement.bind(buckets[-1])
    rows = exp.Anonymous(this="unnest", expressions=[statement.functions.buckets(*ends, grain)])
    return exp.Cast(this=rows, to=exp.DataType.build("timestamp" if grain == "hour" else "date"))


def subquery(query: exp.Expr, alias: str) -> exp.Subquery:
    """Return the query in brackets under a name."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=name_of(alias)))


def counted(condition: exp.Expr | None = None) -> exp.Expr:
    """Return COUNT(*), of the rows that meet the condition."""
    return held(exp.Count(this=exp.Star()), condition)


def undated(span: Span, day: exp.Expr | None, condition: exp.Expr | None = None) -> exp.Expr | None:
    """Return how many rows have no day, None where none can be met: in a bounded period, in a timeless dataset."""
    if day is None or span.period.start is not None or span.period.end is not None:
        return None
    missing: exp.Expr = exp.Is(this=day, expression=exp.Null())
    return counted(missing if condition is None else exp.And(this=exp.Paren(this=condition), expression=missing))


def held(aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    """Return the aggregate over the rows that meet the condition."""
    if condition is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))
