"""Arms → one statement: joined on the shared dimensions, filled over the time spine, formulas, order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from sightline.definitions.schema.metric import (
    Conversion,
    Cumulative,
    Funnel,
    Interval,
    Movement,
    Retention,
    SemiAdditive,
    Simple,
)
from sightline.engines.base import Capabilities
from sightline.metrics.calendar import MAX_BUCKETS
from sightline.metrics.compile import formulas
from sightline.metrics.compile.age import age_arm
from sightline.metrics.compile.arm import UNDATED, Arm, series, subquery
from sightline.metrics.compile.cohort import conversion_arm, funnel_arm, interval_arm
from sightline.metrics.compile.cumulative import cumulative_arm
from sightline.metrics.compile.earlier import known_of
from sightline.metrics.compile.exchange import ALL, UNRATED
from sightline.metrics.compile.movement import movement_arm
from sightline.metrics.compile.retention import retention_arm
from sightline.metrics.compile.semi_additive import semi_additive_arm
from sightline.metrics.compile.simple import simple_arm
from sightline.metrics.compile.statement import Statement, alias_of, all_of, column_of, name_of
from sightline.metrics.plan import AGE, PERIOD, Leaf, Plan, Span

TOTAL, BUCKETS = "_total", "_buckets"
"""Columns beside the answer: rows before the limit, and buckets of a period whose ends are those of the data."""

LONGEST = {"hour": MAX_BUCKETS // 24 + 2, "day": MAX_BUCKETS + 1, "week": 7 * (MAX_BUCKETS + 1)}
"""Days that hold more buckets than an answer may have; of coarser grains a calendar has not enough."""


@dataclass(frozen=True)
class Compiled:
    """A statement with its fixed parameters.

    When it runs, those in `files` are bound to a snapshot's file lists, and the masks' key to theirs if it is `keyed`.
    """

    sql: str
    parameters: Mapping[str, Any]
    files: Mapping[str, str]
    datasets: tuple[str, ...]
    keyed: bool


def compile_plan(plan: Plan, statement: Statement, *, engine: Capabilities) -> Compiled:
    """Return the SQL of a plan. Scans come last, when every column they must deliver is known."""
    arms = [arm for span in plan.spans for arm in _arms(plan, span, statement)]
    columns = tuple(dict.fromkeys(name for arm in arms for name in arm.columns))
    parts = [("combined", _combined(arms, plan.names, columns, by_name=engine.union_by_name))]
    if plan.grain and not plan.has_ages:  # a retention fills its own rows
        parts.append(("spine", _spine(plan, statement)))
        parts.append(("filled", _filled(plan, columns)))
    if plan.earlier:
        known = known_of(plan, statement, source=parts[-1][0])
        parts += known.parts
        columns += known.columns
    parts.append(("figures", _figures(plan, statement, columns, source=parts[-1][0])))
    final = _final(plan, statement, columns)
    named = [exp.CTE(this=query, alias=exp.TableAlias(this=name_of(name))) for name, query in parts]
    final.set("with_", exp.With(expressions=[*statement.scans(), *named]))
    sql = final.sql(dialect=engine.dialect, copy=False)
    return Compiled(sql, statement.parameters, statement.files, statement.datasets, statement.keyed)


Maker = Callable[[Statement, Plan, Span, str, Any], Arm]
ARMS: Mapping[type, Maker] = {
    Simple: age_arm,  # the others of that type are aggregated together
    Cumulative: cumulative_arm,
    SemiAdditive: semi_additive_arm,
    Conversion: conversion_arm,
    Funnel: funnel_arm,
    Interval: interval_arm,
    Movement: movement_arm,
    Retention: retention_arm,
}


def _arms(plan: Plan, span: Span, statement: Statement) -> list[Arm]:
    together: dict[tuple[str, str | None], list[tuple[str, Simple]]] = {}
    alone: list[tuple[str, Leaf]] = []
    for name, leaf in plan.leaves_in(span):
        if isinstance(leaf, Simple) and leaf.agg != "age":
            together.setdefault((leaf.dataset, leaf.time), []).append((name, leaf))
        else:
            alone.append((name, leaf))
    arms = [simple_arm(statement, plan, span, leaves) for leaves in together.values()]
    return arms + [ARMS[type(leaf)](statement, plan, span, name, leaf) for name, leaf in alone]


def _combined(arms: list[Arm], names: tuple[str, ...], columns: tuple[str, ...], *, by_name: bool) -> exp.Expr:
    """Return one row per group: the arms stacked, each with its own columns, and folded by the names they share.

    An engine that stacks `by_name` adds the other columns itself. Else each arm names them all, which for a score of
    fifty components makes a statement that takes longer to write and to read than to answer.
    """
    if len(arms) == 1:
        return arms[0].query
    stacked: exp.Expr | None = None
    for arm in arms:
        cells: list[exp.Expr] = [column_of("a", name) for name in names]
        own = frozenset(arm.columns)
        cells += [
            column_of("a", name) if name in own else alias_of(exp.Null(), name)
            for name in columns
            if name in own or not by_name
        ]
        one = exp.Select(expressions=cells)
        one.set("from_", exp.From(this=subquery(arm.query, "a")))
        stacked = one if stacked is None else exp.Union(this=stacked, expression=one, distinct=False, by_name=by_name)
    query = exp.Select(
        expressions=[
            *(column_of("u", name) for name in names),
            *(alias_of(exp.Max(this=column_of("u", name)), name) for name in columns),
        ]
    )
    query.set("from_", exp.From(this=subquery(stacked or exp.Select(), "u")))
    if names:
        query.set("group", exp.Group(expressions=[column_of("u", name) for name in names]))
    return query


def _spine(plan: Plan, statement: Statement) -> exp.Select:
    """Return every bucket of the period, so that a bucket without rows is a row."""
    if plan.current.labels:
        labels = series(statement, plan.grain or "day", plan.current.labels)
        return exp.Select(expressions=[alias_of(labels, PERIOD)])
    first, last = exp.Min(this=column_of("c", PERIOD)), exp.Max(this=column_of("c", PERIOD))
    end: exp.Expr = last
    if plan.grain in LONGEST:  # one wrong date must not make millions of rows; that there are too many is told later
        bound = statement.functions.add_days(first.copy(), exp.Literal.number(LONGEST[plan.grain]))
        end = exp.Least(this=last, expressions=[bound])
    found = exp.Anonymous(this="unnest", expressions=[statement.functions.buckets(first, end, plan.grain or "day")])
    kind = "timestamp" if plan.grain == "hour" else "date"
    query = exp.Select(expressions=[alias_of(exp.Cast(this=found, to=exp.DataType.build(kind)), PERIOD)])
    query.set("from_", exp.From(this=exp.Table(this=name_of("combined"), alias=exp.TableAlias(this=name_of("c")))))
    return query


def _filled(plan: Plan, columns: tuple[str, ...]) -> exp.Select:
    """Return the combined rows over groups × spine."""
    groups = [each.name for each in plan.dimensions]
    query = exp.Select(
        expressions=[
            *(column_of("g", name) for name in groups),
            column_of("s", PERIOD),
            *(column_of("c", name) for name in columns),
        ]
    )
    spine = exp.Table(this=name_of("spine"), alias=exp.TableAlias(this=name_of("s")))
    combined = exp.Table(this=name_of("combined"), alias=exp.TableAlias(this=name_of("c")))
    if groups:
        distinct = exp.Select(expressions=[column_of("combined", name) for name in groups], distinct=exp.Distinct())
        distinct.set("from_", exp.From(this=exp.Table(this=name_of("combined"))))
        query.set("from_", exp.From(this=subquery(distinct, "g")))
        query.append("joins", exp.Join(this=spine, kind="CROSS"))
    else:
        query.set("from_", exp.From(this=spine))
    same: list[exp.Expr] = [exp.EQ(this=column_of("s", PERIOD), expression=column_of("c", PERIOD))]
    same += [exp.NullSafeEQ(this=column_of("g", name), expression=column_of("c", name)) for name in groups]
    query.append("joins", exp.Join(this=combined, side="LEFT", on=all_of(same)))
    return query


def _figures(plan: Plan, statement: Statement, columns: tuple[str, ...], *, source: str) -> exp.Select:
    """Return names, leaf columns and the value of every metric, now and compared."""
    cells: dict[str, exp.Expr] = {name: column_of(formulas.VALUES, name) for name in plan.names}
    reached = frozenset(span.suffix for span in plan.spans)
    for name, back in formulas.composites(plan.question.metrics, statement.catalog):
        if not isinstance(statement.catalog.metric(name), Funnel):
            for suffix in (span.suffix + back for span in plan.compared):
                cells[name + suffix] = formulas.value(statement, name, suffix, reached)
    for name in columns:
        if not name.endswith(UNDATED):
            cells.setdefault(name, column_of(formulas.VALUES, name))
    query = exp.Select(expressions=[alias_of(cell, name) for name, cell in cells.items()])
    query.set(
        "from_", exp.From(this=exp.Table(this=name_of(source), alias=exp.TableAlias(this=name_of(formulas.VALUES))))
    )
    return query


def _final(plan: Plan, statement: Statement, columns: tuple[str, ...]) -> exp.Select:
    """Return the figures with labels and changes, in order and cut to the limit."""
    figures, joins = "figures", list[exp.Join]()
    cells: dict[str, exp.Expr] = {}
    for dimension in plan.dimensions:
        if dimension.labels:
            cells[f"{dimension.name}_label"] = _label(statement, dimension.name, dimension.labels, joins)
    for name in plan.question.metrics if plan.comparison else ():
        if not isinstance(statement.catalog.metric(name), Funnel):
            cells[f"{name}__change"] = formulas.change(statement.catalog.metric(name), name, figures)
    for name in columns:
        if name.endswith(UNDATED):
            cells[name] = _scalar(exp.Sum(this=exp.Column(this=name_of(name))), source="combined")
        if name.endswith(UNRATED):
            cells[name.removesuffix(UNRATED) + ALL] = _scalar(
                exp.Sum(this=exp.column(name, quoted=True)), source="combined"
            )
    if plan.grain and not plan.has_ages and not plan.current.labels:
        cells[BUCKETS] = _scalar(exp.Count(this=exp.Star()), source="spine")
    everything = exp.Column(this=exp.Star(), table=name_of(figures))
    query = exp.Select(expressions=[everything, *(alias_of(cell, name) for name, cell in cells.items())])
    if plan.question.limit is not None:
        query.append("expressions", alias_of(exp.Window(this=exp.Count(this=exp.Star())), TOTAL))
        query.set("limit", exp.Limit(expression=exp.Literal.number(plan.question.limit)))
    query.set("from_", exp.From(this=exp.Table(this=name_of(figures))))
    for join in joins:
        query.append("joins", join)
    query.set("order", _order(plan, cells))
    return query


def _scalar(figure: exp.Expr, *, source: str) -> exp.Expr:
    """Return one whole number over all rows of a part, also those that no bucket or limit leaves in the answer."""
    query = exp.Select(expressions=[exp.Cast(this=figure, to=exp.DataType.build("bigint"))])
    query.set("from_", exp.From(this=exp.Table(this=name_of(source))))
    return exp.Subquery(this=query)


def _label(statement: Statement, name: str, labels: tuple[str, str, str], joins: list[exp.Join]) -> exp.Expr:
    dataset, key, label = labels
    alias = f"l{len(joins) + 1}"
    table = statement.scan(dataset, (key, label))
    table.set("alias", exp.TableAlias(this=name_of(alias)))
    on = exp.EQ(this=column_of("figures", name), expression=column_of(alias, key))
    joins.append(exp.Join(this=table, side="LEFT", on=on))
    return column_of(alias, label)


def _order(plan: Plan, cells: Mapping[str, exp.Expr]) -> exp.Order | None:
    asked = [(order.column, order.descending) for order in plan.order]
    names = [name for name in reversed(plan.names) if name != AGE] + ([AGE] if plan.has_ages else [])
    asked += [(name, False) for name in names if name not in {column for column, _ in asked}]
    by = []
    for name, descending in asked:
        label = f"{name}_label"
        shown = [label, name] if label in cells else [name]
        by += [exp.Ordered(this=exp.Column(this=name_of(each)), desc=descending, nulls_first=False) for each in shown]
    return exp.Order(expressions=by) if by else None
