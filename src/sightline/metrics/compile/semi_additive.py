"""Semi-additive metrics: a level is added across dimensions, but of each bucket only its last (or first) day counts."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.schema.metric import SemiAdditive
from sightline.metrics.compile.arm import Arm, counted, filed, grouped, held, keys_of, subquery
from sightline.metrics.compile.currency import currency_of, kinds_of
from sightline.metrics.compile.exchange import REASONS, UNRATED, rated
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, all_of, column_of
from sightline.metrics.plan import Plan, Span
from sightline.metrics.question import Period, QuestionError

AGGREGATES: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "avg": exp.Avg}


def semi_additive_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: SemiAdditive) -> Arm:
    """Return the aggregate over the rows of each bucket's last day, or over each entity's own last row (`by`).

    The day is found before the question's filters apply, so that the parts are read on the day the whole is.
    """
    frame = Frame(statement, leaf.dataset)
    if frame.day(leaf.time) is None:
        raise QuestionError(f'"{name}" needs a time column in dataset {leaf.dataset}')
    inner = _marked(frame, plan, span, leaf)
    column = name + span.suffix
    kept = exp.EQ(this=column_of("i", "_at"), expression=column_of("i", "_edge"))
    value = (
        exp.Count(this=exp.Star())
        if leaf.agg == "count" or not leaf.column
        else AGGREGATES[leaf.agg](this=column_of("i", "_value"))
    )
    keys = [alias_of(column_of("i", key), key) for key in plan.names]
    columns = {column: value, f"{column}__n": counted()}
    if currency_of(leaf, statement.catalog) is not None:
        columns[f"{column}__currencies"] = kinds_of(column_of("i", "_currency"))
    if leaf.convert:
        columns |= _converted(column)
    query = exp.Select(expressions=[*keys, *(alias_of(each, key) for key, each in columns.items())])
    query.set("from_", exp.From(this=subquery(inner, "i")))
    query.set("where", exp.Where(this=all_of([kept, column_of("i", "_kept")])))
    names = tuple(columns)
    return Arm(filed(grouped(query, plan.names), plan, span, names, statement), names)


def _converted(column: str) -> dict[str, exp.Expr]:
    """Return how many rows have a rate, how many have none, and why."""
    without = column_of("i", "_reason")
    missing = exp.Is(this=without, expression=exp.Null())
    return {
        f"{column}__n": counted(missing),
        column + UNRATED: exp.Count(this=without.copy()),
        column + REASONS: held(
            exp.ArrayAgg(this=exp.Distinct(expressions=[without.copy()])), exp.Not(this=missing.copy())
        ),
    }


def _marked(frame: Frame, plan: Plan, span: Span, leaf: SemiAdditive) -> exp.Select:
    """Return each row with its day (its moment for `by`), the one that counts, and whether the filters keep it."""
    keys = keys_of(frame, plan, leaf.time)
    parts = [frame.entity(entity) for entity in leaf.by]
    if plan.grain:
        parts.append(frame.bucket(plan.grain, leaf.time, plan.calendar))
    at = _moment(frame, leaf)
    edge = (exp.Max if leaf.take == "last" else exp.Min)(this=at.copy())
    converted = rated(frame, leaf)
    stored = frame.shown(leaf.column) if leaf.column else exp.Literal.number(1)
    value = converted.value() if converted else stored
    filters = all_of(frame.filters(plan.filters, plan.where)) or exp.true()
    columns = [alias_of(each, key) for key, each in keys]
    columns += [
        alias_of(value, "_value"),
        alias_of(at, "_at"),
        alias_of(exp.Window(this=edge, partition_by=parts), "_edge"),
        alias_of(filters, "_kept"),
    ]
    currency = currency_of(leaf, frame.statement.catalog)
    columns += [alias_of(frame.own(currency), "_currency")] if currency is not None else []
    columns += [alias_of(converted.reason_if_unrated(), "_reason")] if converted else []
    return frame.select(columns, _rows_of(frame, span.period, leaf))


def last_rows(frame: Frame, period: Period, leaf: SemiAdditive) -> list[exp.Expr]:
    """Return the conditions that hold rows to those the figure of a period is made of."""
    other = Frame(frame.statement, leaf.dataset, alias="e")
    edge = (exp.Max if leaf.take == "last" else exp.Min)(this=_moment(other, leaf))
    parts = [alias_of(other.entity(entity), f"part_{number}") for number, entity in enumerate(leaf.by)]
    edges = other.select([*parts, alias_of(edge, "_edge")], _rows_of(other, period, leaf))
    inside = exp.Tuple(expressions=[*(frame.entity(entity) for entity in leaf.by), _moment(frame, leaf)])
    edges = grouped(edges, tuple(leaf.by))
    converted = rated(frame, leaf)
    without = [exp.Not(this=exp.Paren(this=converted.is_unrated()))] if converted else []
    return [*_rows_of(frame, period, leaf), exp.In(this=inside, query=exp.Subquery(this=edges)), *without]


def _rows_of(frame: Frame, period: Period, leaf: SemiAdditive) -> list[exp.Expr]:
    where = frame.condition(leaf.where)
    found = frame.within(period, leaf.time)
    return found if where is None else [*found, where]


def _moment(frame: Frame, leaf: SemiAdditive) -> exp.Expr:
    """Return when a row was read: to the day where one day counts for all, to the moment for an entity's own last."""
    return (frame.time(leaf.time) if leaf.by else frame.day(leaf.time)) or exp.Null()
