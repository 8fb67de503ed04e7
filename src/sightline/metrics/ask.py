"""The one way to read a number."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Funnel, Retention
from sightline.errors import NotAllowed
from sightline.lake.relation import Relation
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer, Column, Read
from sightline.metrics.calendar import LAST_HOUR, MAX_BUCKETS
from sightline.metrics.compile.combine import BUCKETS, TOTAL, Compiled, compile_plan
from sightline.metrics.compile.statement import Statement, late_values, relations_of
from sightline.metrics.freshness import freshness
from sightline.metrics.hidden import Asked, hidden_among
from sightline.metrics.horizon import horizon_of
from sightline.metrics.notes import notes_of
from sightline.metrics.peers import with_peers
from sightline.metrics.plan import AGE, PERIOD, Plan, plan
from sightline.metrics.question import Period, Question, QuestionError
from sightline.metrics.target_columns import with_targets
from sightline.metrics.warehouse import Warehouse

OBJECTS, EMPTY = 4, 32_768
"""What values weigh as Python objects against Arrow, and what an answer weighs beside them (measured)."""

LONGEST_UNIT = 366
"""Days around the period that a seasonal target's own period (a year at most) may reach."""


def ask(
    question: Question, viewer: Viewer, *, warehouse: Warehouse, now: datetime, at: Snapshot | None = None
) -> Answer:
    """Return the answer as this viewer may know it, read from the current snapshot or from `at`.

    Raises QuestionError when the question cannot be answered as asked, NotAllowed when the viewer may see no numbers.
    """
    if not viewer.policy.allows("view"):
        raise NotAllowed("your role may not see numbers in this workspace", hint="Ask an administrator for access.")
    snapshot = at if at is not None else warehouse.lake.snapshot()
    key = (
        repr(question),  # not the question itself: to Python a filter on True is one on 1
        viewer.policy.digest,
        warehouse.catalog.digest,
        _clock(question, warehouse, now),
        _versions(snapshot),
    )
    known: Answer | None = warehouse.cache.get(key)
    if known is not None:
        return replace(
            known,
            snapshot=snapshot,
            asked_at=now,
            elapsed_ms=0.0,
            sources=freshness(
                (each.dataset for each in known.sources), viewer, warehouse=warehouse, snapshot=snapshot, now=now
            ),
        )
    answer = _complete(_answer(question, viewer, warehouse=warehouse, now=now, snapshot=snapshot), viewer, warehouse)
    warehouse.cache.put(key, answer, size=_weight(answer))
    return answer


def _compiled(
    planned: Plan, viewer: Viewer, warehouse: Warehouse, relations: Mapping[str, Relation | None]
) -> Compiled:
    """Return the statement, the same one for every snapshot whose files look alike."""
    shapes = tuple((name, each and each.shape) for name, each in relations.items())
    clocks = (planned.calendar, planned.horizon)
    key = ("sql", repr(planned.question), viewer.policy.digest, warehouse.catalog.digest, clocks, shapes)
    known: Compiled | None = warehouse.cache.get(key)
    if known is None:
        statement = Statement(
            catalog=warehouse.catalog,
            joins=warehouse.joins,
            policy=viewer.policy,
            relations=relations,
            functions=warehouse.engine.functions,
        )
        known = compile_plan(planned, statement, engine=warehouse.engine.capabilities)
        warehouse.cache.put(key, known, size=2 * len(known.sql))
    return known


def _complete(answer: Answer, viewer: Viewer, warehouse: Warehouse) -> Answer:
    """Return the answer with what further questions tell: last year's season, the targets and the peers."""

    def again(question: Question) -> Answer:
        return _answer(question, viewer, warehouse=warehouse, now=answer.asked_at, snapshot=answer.snapshot)

    answer = replace(answer, pacing=_seasons(answer, again), read=Read())
    if answer.compare == "peers":
        return with_peers(answer, again)
    return with_targets(answer) if answer.compare == "target" else answer


def _clock(question: Question, warehouse: Warehouse, now: datetime) -> tuple[date, int]:
    """Return the local day and, where it makes a difference, the hour."""
    local = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone))
    by_hour = question.grain == "hour" or not warehouse.aging.isdisjoint(question.metrics)
    return local.date(), local.hour if by_hour else LAST_HOUR


def _weight(answer: Answer) -> int:
    """Return about how many bytes an answer holds once it has been read: its values as Python objects, and its SQL."""
    return OBJECTS * int(answer.table.nbytes) + 2 * len(answer.sql) + EMPTY


def _versions(snapshot: Snapshot) -> Hashable:
    return tuple(sorted((name, version.version) for name, version in snapshot.datasets.items()))


def _answer(question: Question, viewer: Viewer, *, warehouse: Warehouse, now: datetime, snapshot: Snapshot) -> Answer:
    started = time.perf_counter()
    today, hour = _clock(question, warehouse, now)
    horizon = horizon_of(snapshot, today=today)
    planned = plan(question, catalog=warehouse.catalog, joins=warehouse.joins, today=today, hour=hour, horizon=horizon)
    relations = relations_of(warehouse, snapshot)
    compiled = _compiled(planned, viewer, warehouse, relations)
    late = late_values(compiled.files, relations, warehouse, keyed=compiled.keyed)
    table = plain_numbers(warehouse.engine.run(compiled.sql, {**compiled.parameters, **late}))
    table = _bounded(table, question)
    total = table.num_rows
    if TOTAL in table.column_names:
        total = table.column(TOTAL)[0].as_py() if table.num_rows else 0
        table = table.drop_columns([TOTAL])
    answer = Answer(
        question=planned.question,
        columns=columns_of(planned, table, warehouse),
        table=table,
        total_rows=total,
        period=planned.period,
        comparison=planned.comparison.period if planned.comparison else None,
        compare=question.compare,
        zone=warehouse.catalog.settings.zone,
        asked_at=now,
        today=planned.calendar.today,
        horizon=horizon,
        snapshot=snapshot,
        sources=freshness(compiled.datasets, viewer, warehouse=warehouse, snapshot=snapshot, now=now),
        sql=compiled.sql,
        parameters=compiled.parameters,
        elapsed_ms=0.0,
        catalog=warehouse.catalog,
        policy=viewer.policy,
        dimensions=planned.dimensions,
        hidden=hidden_among(planned.question.metrics, Asked(warehouse.catalog, warehouse.joins, viewer.policy)),
    )
    return replace(answer, elapsed_ms=(time.perf_counter() - started) * 1000, notes=notes_of(answer))


def _bounded(table: pa.Table, question: Question) -> pa.Table:
    """Return the table without the number of its buckets. Raises QuestionError when the data spans too many."""
    if BUCKETS not in table.column_names:
        return table
    if table.num_rows and table.column(BUCKETS)[0].as_py() > MAX_BUCKETS:
        raise QuestionError(
            f"the data by {question.grain} is more than {MAX_BUCKETS} points",
            hint="Choose a coarser grain, or a period that begins and ends.",
        )
    return table.drop_columns([BUCKETS])


def _seasons(answer: Answer, again: Callable[[Question], Answer]) -> dict[str, dict[date, float]]:
    """Return the days of the year before by metric, for targets that follow the season."""
    start, end = answer.period.start, answer.period.end
    if start is None or end is None:
        return {}
    found: dict[str, dict[date, float]] = {}
    for name in answer.question.metrics:
        if not any(each.pacing == "seasonal" for each in answer.catalog.metric(name).targets):
            continue
        year = Period(start - timedelta(days=364 + LONGEST_UNIT), end - timedelta(days=364 - LONGEST_UNIT), "season")
        days = Question((name,), grain="day", period=year, filters=answer.question.filters, where=answer.question.where)
        series = again(days)
        found[name] = {day: value or 0.0 for day, value in zip(series.data[PERIOD], series.data[name], strict=True)}
    return found


def plain_numbers(table: pa.Table) -> pa.Table:
    """Return the table with exact decimals as 64-bit numbers: whole ones as integers, others as floats."""
    for index, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            kind = pa.int64() if field.type.scale == 0 else pa.float64()
            table = table.set_column(index, field.name, table.column(index).cast(kind))
    return table


def columns_of(planned: Plan, table: pa.Table, warehouse: Warehouse) -> tuple[Column, ...]:
    """Return the visible columns in order: groups, period, then each metric with its comparison."""
    found: list[Column] = []
    for dimension in planned.dimensions:
        found.append(Column(dimension.name, dimension.label, dimension.type, "", "dimension"))
        if dimension.labels:
            found.append(Column(f"{dimension.name}_label", f"{dimension.label} name", "string", "", "label"))
    if planned.grain:
        kind = "timestamp" if planned.grain == "hour" else "date"
        found.append(Column(PERIOD, "Cohort" if planned.has_ages else planned.grain.capitalize(), kind, "", "period"))
    if planned.has_ages:
        found.append(Column(AGE, f"{planned.grain}s since".capitalize(), "integer", "", "dimension"))
    for name in planned.question.metrics:
        found += _metric_columns(name, planned, table, warehouse)
    return tuple(found)


def _metric_columns(name: str, planned: Plan, table: pa.Table, warehouse: Warehouse) -> list[Column]:
    metric = warehouse.catalog.metric(name)
    label = label_of(name, metric.label)
    if isinstance(metric, Funnel):
        return [Column(f"{name}__n", label, "integer", metric.unit, "metric", name)]
    kind = "integer" if pa.types.is_integer(table.schema.field(name).type) else "number"
    if isinstance(metric, Retention):
        counts = [(f"{name}__active", "active"), (f"{name}__n", "in the cohort")]
        parts = [Column(column, f"{label}, {words}", "integer", "count", "part") for column, words in counts]
        return [Column(name, label, kind, metric.unit, "metric", name), *parts]
    found = [Column(name, label, kind, metric.unit, "metric", name)]
    if planned.comparison:
        found.append(Column(f"{name}__previous", f"{label}, compared", kind, metric.unit, "previous", name))
        points = "points" if metric.unit == "percent" else "percent"
        found.append(Column(f"{name}__change", f"{label}, change", "number", points, "change", name))
    return found


__all__ = ["QuestionError", "ask"]
