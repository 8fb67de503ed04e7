"""The leaves that are measured on journeys: conversion, funnel and interval."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.schema.metric import Conversion, Funnel, Interval
from sightline.metrics.compile.arm import UNDATED, Arm, counted, filed, grouped, held, subquery, undated
from sightline.metrics.compile.journey import DAY, START, Journey, journey_of
from sightline.metrics.compile.statement import Statement, alias_of, all_of, column_of
from sightline.metrics.plan import Plan, Span

TOLERANCE = "0.000000000001"
"""Kept from deciding whether a survival estimate has reached the fraction by rounding alone."""

Columns = list[tuple[str, exp.Expr]]


def conversion_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Conversion) -> Arm:
    """Return entities with the base event, and how many converted, by cohort of the base event."""
    journey = journey_of(
        statement, plan, span, entity=leaf.entity, base=leaf.base, stages=(leaf.conversion,), window=leaf.window
    )
    column = name + span.suffix
    columns: Columns = [
        (f"{column}__n", counted()),
        (f"{column}__converted", counted(journey.reached(1))),
        (f"{column}__early", counted(journey.early(1))),
    ]
    columns += _undated(column, span)
    maturation = leaf.maturation or leaf.window
    if maturation:
        columns.append((f"{column}__mature", counted(journey.mature(maturation))))
    return _arm(journey, plan, span, statement, columns)


def funnel_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Funnel) -> Arm:
    """Return entities by the furthest stage they reached, with the median days from the stage before."""
    journey = journey_of(
        statement,
        plan,
        span,
        entity=leaf.entity,
        base=leaf.stages[0],
        stages=tuple(leaf.stages[1:]),
        window=leaf.window,
    )
    column = name + span.suffix
    columns: Columns = [(f"{column}__n", counted()), *_undated(column, span)]
    half = statement.bind(0.5)
    for stage in range(1, len(leaf.stages)):
        columns.append((f"{column}__stage_{stage}", counted(journey.passed(stage, last=len(leaf.stages) - 1))))
        steps = journey.between(stage - 1, stage)
        forward = exp.GTE(this=steps.copy(), expression=exp.Literal.number(0))
        timed = exp.And(this=forward, expression=journey.ordered(stage))
        columns.append((f"{column}__days_{stage}", held(statement.functions.quantile(steps, half), timed)))
    if leaf.maturation or leaf.window:
        columns.append((f"{column}__mature", counted(journey.mature(leaf.maturation or leaf.window or ""))))
    return _arm(journey, plan, span, statement, columns)


def interval_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Interval) -> Arm:
    """Return a quantile of the days between two events; those still waiting and those out of order are counted."""
    journey = journey_of(statement, plan, span, entity=leaf.entity, base=leaf.start, stages=(leaf.end,), window=None)
    column = name + span.suffix
    waiting = exp.Is(this=column_of("j", "_first_1"), expression=exp.Null())
    columns: Columns = [
        (f"{column}__n", counted(journey.ordered(1))),
        (f"{column}__base", counted()),
        (f"{column}__waiting", counted(waiting)),
        (f"{column}__excluded", counted(journey.early(1))),
        (f"{column}__all_ordered", statement.functions.quantile(journey.apart(1), statement.bind(leaf.percentile))),
    ]
    columns += _undated(column, span)
    if leaf.maturation:
        columns.append((f"{column}__mature", counted(journey.mature(leaf.maturation))))
    if leaf.population == "converted":
        took = statement.functions.quantile(journey.took(1), statement.bind(leaf.percentile))
        columns.insert(0, (column, held(took, journey.ordered(1))))
        return _arm(journey, plan, span, statement, columns)
    counts = _query(journey, plan, columns)
    return _joined(statement, plan, span, counts, _survival(statement, journey, plan, column, leaf), columns, column)


def _undated(column: str, span: Span) -> Columns:
    lost = undated(span, column_of("j", DAY))
    return [(column + UNDATED, lost)] if lost is not None else []


def _query(journey: Journey, plan: Plan, columns: Columns) -> exp.Select:
    keys = [alias_of(journey.key(name), name) for name in plan.names]
    query = exp.Select(expressions=[*keys, *(alias_of(each, name) for name, each in columns)])
    query.set("from_", exp.From(this=journey.source))
    return grouped(query, plan.names)


def _arm(journey: Journey, plan: Plan, span: Span, statement: Statement, columns: Columns) -> Arm:
    names = tuple(name for name, _ in columns)
    return Arm(filed(_query(journey, plan, columns), plan, span, names, statement), names)


def _survival(statement: Statement, journey: Journey, plan: Plan, column: str, leaf: Interval) -> exp.Select:
    """Return the first time by which the wanted share has converted, by the product-limit estimate.

    Kaplan and Meier (1958): S(t) is the product over event times up to t of (1 - events / at risk). Everybody is
    watched until today began, or to the end of the last day with data: who had not converted by then leaves the
    estimate without an event. Counting what happened since would favour those who converted over those who still wait.
    """
    seen_until = journey.midnight(journey.end)
    began, ended = column_of("j", START), column_of("j", "_after_1")
    converted = exp.func("coalesce", exp.LT(this=ended, expression=seen_until), exp.false())
    last_seen = exp.Case(ifs=[exp.If(this=converted, true=ended.copy())], default=seen_until.copy())
    time = statement.functions.days_between(began, last_seen)
    event = exp.Cast(this=converted.copy(), to=exp.DataType.build("int"))
    keys = [alias_of(journey.key(name), name) for name in plan.names]
    rows = exp.Select(expressions=[*keys, alias_of(time, "_t"), alias_of(event, "_e")])
    rows.set("from_", exp.From(this=journey.source.copy()))
    watched: list[exp.Expr] = [
        exp.LT(this=began.copy(), expression=seen_until.copy()),
        exp.Not(this=exp.Paren(this=journey.early(1))),
    ]
    rows.set("where", exp.Where(this=all_of(watched)))
    times = _step(
        rows, plan, [("_t", column_of("r", "_t")), ("_e", exp.Sum(this=column_of("r", "_e"))), ("_c", counted())], "r"
    )
    times.set("group", exp.Group(expressions=[exp.Literal.number(i + 1) for i in range(len(plan.names) + 1)]))
    at_risk = exp.Window(
        this=exp.Sum(this=column_of("r", "_c")), partition_by=_parts("r", plan), order=_by_time("r", desc=True)
    )
    risk = _step(times, plan, [("_t", column_of("r", "_t")), ("_e", column_of("r", "_e")), ("_a", at_risk)], "r")
    share = exp.Sub(
        this=exp.Literal.number("1.0"), expression=exp.Div(this=column_of("r", "_e"), expression=column_of("r", "_a"))
    )
    everyone = exp.EQ(this=column_of("r", "_e"), expression=column_of("r", "_a"))
    step = exp.Case(ifs=[exp.If(this=everyone, true=exp.Literal.number("-1000000"))], default=exp.func("ln", share))
    logs = exp.Window(this=exp.Sum(this=step), partition_by=_parts("r", plan), order=_by_time("r", desc=False))
    curve = _step(
        risk, plan, [("_t", column_of("r", "_t")), ("_e", column_of("r", "_e")), ("_s", exp.func("exp", logs))], "r"
    )
    remaining = exp.Add(this=statement.bind(1 - leaf.percentile), expression=exp.Literal.number(TOLERANCE))
    there = exp.And(
        this=exp.LTE(this=column_of("r", "_s"), expression=remaining),
        expression=exp.GT(this=column_of("r", "_e"), expression=exp.Literal.number(0)),
    )
    return grouped(_step(curve, plan, [(column, held(exp.Min(this=column_of("r", "_t")), there))], "r"), plan.names)


def _step(source: exp.Select, plan: Plan, columns: Columns, alias: str) -> exp.Select:
    keys = [alias_of(column_of(alias, name), name) for name in plan.names]
    query = exp.Select(expressions=[*keys, *(alias_of(each, name) for name, each in columns)])
    query.set("from_", exp.From(this=subquery(source, alias)))
    return query


def _parts(alias: str, plan: Plan) -> list[exp.Expr]:
    return [column_of(alias, name) for name in plan.names]


def _by_time(alias: str, *, desc: bool) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=column_of(alias, "_t"), desc=desc)])


def _joined(
    statement: Statement, plan: Plan, span: Span, counts: exp.Select, values: exp.Select, columns: Columns, column: str
) -> Arm:
    names = (column, *(name for name, _ in columns))
    query = exp.Select(
        expressions=[
            *(alias_of(column_of("c", name), name) for name in plan.names),
            alias_of(column_of("v", column), column),
            *(column_of("c", name) for name, _ in columns),
        ]
    )
    query.set("from_", exp.From(this=subquery(counts, "c")))
    on = all_of([exp.NullSafeEQ(this=column_of("c", name), expression=column_of("v", name)) for name in plan.names])
    query.append("joins", exp.Join(this=subquery(values, "v"), side="LEFT", on=on or exp.true()))
    return Arm(filed(query, plan, span, names, statement), names)
