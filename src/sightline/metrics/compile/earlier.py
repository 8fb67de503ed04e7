"""Which earlier figures are known: those of a time at which the data had begun. Before it nothing is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from sightline.definitions.lineage import events_of
from sightline.definitions.schema.metric import Cumulative, SemiAdditive
from sightline.metrics.calendar import DAY, Calendar
from sightline.metrics.compile.arm import pairs_of, subquery
from sightline.metrics.compile.cumulative import window_start
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of, name_of
from sightline.metrics.parts import KNOWN
from sightline.metrics.plan import PERIOD, Leaf, Plan, Span, dataset_of, simple_of
from sightline.metrics.question import Period

Source = tuple[str, str | None]
"""A dataset, and another time column than its own."""

ROWS, FIRST = "known", "day"


@dataclass(frozen=True)
class Known:
    """Named queries, the last of which has the rows of the source and a truth for each earlier leaf: `columns`."""

    parts: tuple[tuple[str, exp.Expr], ...]
    columns: tuple[str, ...]


def known_of(plan: Plan, statement: Statement, *, source: str) -> Known:
    """Return the rows of the source with what is known of earlier times."""
    began: dict[Source, tuple[str, exp.Select]] = {}
    cells: dict[str, exp.Expr] = {}
    for span in plan.earlier:
        for name, leaf in plan.leaves_in(span):
            wanted = _source(leaf, statement)
            if wanted not in began:
                began[wanted] = (f"began_{len(began) + 1}", _first_day(statement, *wanted))
            cells[f"{name}{span.suffix}{KNOWN}"] = _reaches(plan, span, statement, leaf, began[wanted][0])
    rows = exp.Select(
        expressions=[
            exp.Column(this=exp.Star(), table=name_of(source)),
            *(alias_of(cell, name) for name, cell in cells.items()),
        ]
    )
    rows.set("from_", exp.From(this=exp.Table(this=name_of(source))))
    return Known((*began.values(), (ROWS, rows)), tuple(cells))


def _source(leaf: Leaf, statement: Statement) -> Source:
    counted = simple_of(leaf, statement.catalog) if isinstance(leaf, Cumulative) else leaf
    event = next((event for _, event in events_of(counted)), None)
    if event is not None:
        return event.dataset, event.time
    return dataset_of(leaf, statement.catalog), getattr(counted, "time", None)


def _first_day(statement: Statement, dataset: str, time: str | None) -> exp.Select:
    """Return the day of the first row that the viewer may see; none where rows have no day."""
    frame = Frame(statement, dataset)
    return frame.select([alias_of(exp.Min(this=frame.day(time) or exp.Null()), FIRST)], [])


def _reaches(plan: Plan, span: Span, statement: Statement, leaf: Leaf, began: str) -> exp.Expr:
    """Return whether the data had begun in the bucket that a row looks back to, or when the earlier period did."""
    first = exp.Select(expressions=[column_of(began, FIRST)])
    first.set("from_", exp.From(this=exp.Table(this=name_of(began))))
    bucket = statement.functions.bucket(
        exp.Cast(this=exp.Subquery(this=first), to=exp.DataType.build("date")),
        "day" if span.unit == "hour" else span.unit,
        week_start=plan.calendar.week_start,
        fiscal_year_start=plan.calendar.fiscal_year_start,
    )
    if not plan.grain:
        return _truth(exp.LTE(this=bucket, expression=statement.bind(_needed_from(leaf, span.period, plan.calendar))))
    if not span.buckets:
        return exp.false()
    since = exp.Select(expressions=[exp.Min(this=column_of("m", "now"))])
    since.set("from_", exp.From(this=subquery(pairs_of(statement, plan.grain, span), "m")))
    since.set("where", exp.Where(this=exp.GTE(this=column_of("m", "was"), expression=bucket)))
    return _truth(exp.GTE(this=exp.Column(this=name_of(PERIOD)), expression=exp.Subquery(this=since)))


def _needed_from(leaf: Leaf, period: Period, calendar: Calendar) -> date | None:
    """Return the first day of a bounded period whose rows the figure is made of: of a last level only the last."""
    if period.end is not None and isinstance(leaf, SemiAdditive) and leaf.take == "last":
        return period.end - DAY
    if period.end is not None and isinstance(leaf, Cumulative):
        return window_start(leaf, period.end, calendar)
    return period.start


def _truth(condition: exp.Expr) -> exp.Expr:
    return exp.func("coalesce", exp.Paren(this=condition), exp.false())
