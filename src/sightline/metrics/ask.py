"""The one way to read a number."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from sightline.definitions.durations import parse_duration
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Funnel, Interval
from sightline.errors import NotAllowed
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer, Column, SourceState
from sightline.metrics.compile.combine import TOTAL, compile_plan
from sightline.metrics.compile.statement import Statement
from sightline.metrics.peers import with_peers
from sightline.metrics.plan import PERIOD, Plan, plan
from sightline.metrics.question import Question, QuestionError
from sightline.metrics.warehouse import Warehouse


def ask(
    question: Question, viewer: Viewer, *, warehouse: Warehouse, now: datetime, at: Snapshot | None = None
) -> Answer:
    """Return the answer as this viewer may know it, read from the current snapshot or from `at`.

    Raises QuestionError when the question cannot be answered as asked, NotAllowed when the viewer may see no numbers.
    """
    if not viewer.policy.allows("view"):
        raise NotAllowed("your role may not see numbers in this workspace", hint="Ask an administrator for access.")
    snapshot = at if at is not None else warehouse.lake.snapshot()
    today = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).date()
    key = (question, viewer.policy.digest, warehouse.catalog.digest, today, _versions(snapshot))
    known = warehouse.cache.get(key)
    if known is not None:
        return replace(known, snapshot=snapshot, asked_at=now, elapsed_ms=0.0, sources=_fresh(known, snapshot, warehouse, now))
    answer = _answer(question, viewer, warehouse=warehouse, now=now, snapshot=snapshot)
    warehouse.cache.put(key, answer, size=answer.table.nbytes + 4096)
    return answer


def _versions(snapshot: Snapshot) -> Hashable:
    return tuple(sorted((name, version.version) for name, version in snapshot.datasets.items()))


def _answer(question: Question, viewer: Viewer, *, warehouse: Warehouse, now: datetime, snapshot: Snapshot) -> Answer:
    started = time.perf_counter()
    zone = ZoneInfo(warehouse.catalog.settings.zone)
    planned = plan(question, catalog=warehouse.catalog, joins=warehouse.joins, today=now.astimezone(zone).date())
    statement = statement_for(viewer, warehouse=warehouse, snapshot=snapshot)
    compiled = compile_plan(planned, statement, dialect=warehouse.engine.capabilities.dialect)
    table = warehouse.engine.run(compiled.sql, compiled.parameters)
    total = table.num_rows
    if TOTAL in table.column_names:
        total = table.column(TOTAL)[0].as_py() if table.num_rows else 0
        table = table.drop_columns([TOTAL])
    answer = Answer(
        question=question,
        columns=columns_of(planned, table, warehouse),
        table=table,
        total_rows=total,
        period=planned.period,
        comparison=planned.comparison.period if planned.comparison else None,
        compare=question.compare,
        zone=warehouse.catalog.settings.zone,
        asked_at=now,
        today=planned.calendar.today,
        snapshot=snapshot,
        sources=sources_of(statement.datasets, snapshot, warehouse, now),
        sql=compiled.sql,
        parameters=compiled.parameters,
        elapsed_ms=0.0,
        catalog=warehouse.catalog,
        policy=viewer.policy,
        dimensions=planned.dimensions,
    )
    if question.compare == "peers":
        answer = with_peers(answer, lambda other: _answer(other, viewer, warehouse=warehouse, now=now, snapshot=snapshot))
    return replace(answer, elapsed_ms=(time.perf_counter() - started) * 1000, notes=_notes(answer))


def statement_for(viewer: Viewer, *, warehouse: Warehouse, snapshot: Snapshot) -> Statement:
    """Return an empty statement that reads this snapshot as this viewer. There is no other way to one."""
    relations = {name: warehouse.lake.relation(name, snapshot) for name in warehouse.catalog.datasets}
    return Statement(
        catalog=warehouse.catalog,
        joins=warehouse.joins,
        policy=viewer.policy,
        relations=relations,
        functions=warehouse.engine.functions,
    )


def columns_of(planned: Plan, table: pa.Table, warehouse: Warehouse) -> tuple[Column, ...]:
    """Return the visible columns in order: groups, period, then each metric with its comparison."""
    found: list[Column] = []
    for dimension in planned.dimensions:
        found.append(Column(dimension.name, dimension.label, dimension.type, "", "dimension"))
        if dimension.labels:
            found.append(Column(f"{dimension.name}_label", f"{dimension.label} name", "string", "", "label"))
    if planned.grain:
        kind = "timestamp" if planned.grain == "hour" else "date"
        found.append(Column(PERIOD, planned.grain.capitalize(), kind, "", "period"))
    for name in planned.question.metrics:
        found += _metric_columns(name, planned, table, warehouse)
    return tuple(found)


def _metric_columns(name: str, planned: Plan, table: pa.Table, warehouse: Warehouse) -> list[Column]:
    metric = warehouse.catalog.metric(name)
    label = label_of(name, metric.label)
    if isinstance(metric, Funnel):
        return [Column(f"{name}__n", label, "integer", metric.unit, "metric", name)]
    kind = "integer" if pa.types.is_integer(table.schema.field(name).type) else "number"
    found = [Column(name, label, kind, metric.unit, "metric", name)]
    if planned.comparison:
        found.append(Column(f"{name}__previous", f"{label}, compared", kind, metric.unit, "previous", name))
        points = "points" if metric.unit == "percent" else "percent"
        found.append(Column(f"{name}__change", f"{label}, change", "number", points, "change", name))
    return found


def sources_of(
    datasets: tuple[str, ...], snapshot: Snapshot, warehouse: Warehouse, now: datetime
) -> tuple[SourceState, ...]:
    """Return how fresh each dataset is that was read."""
    return tuple(_source(name, snapshot, warehouse, now) for name in datasets)


def _source(name: str, snapshot: Snapshot, warehouse: Warehouse, now: datetime) -> SourceState:
    definition = warehouse.catalog.dataset(name)
    version = snapshot.datasets.get(name)
    label = label_of(name, definition.label)
    if version is None:
        return SourceState(name, label, 0, None, None, "empty")
    state = "fresh"
    if definition.freshness:
        age = now - (version.data_through or version.loaded_at)
        if age > parse_duration(definition.freshness.error).approximate:
            state = "stale"
        elif age > parse_duration(definition.freshness.warn).approximate:
            state = "late"
    return SourceState(name, label, version.rows, version.data_through, version.loaded_at, state)


def _fresh(known: Answer, snapshot: Snapshot, warehouse: Warehouse, now: datetime) -> tuple[SourceState, ...]:
    return sources_of(tuple(source.dataset for source in known.sources), snapshot, warehouse, now)


def _notes(answer: Answer) -> tuple[str, ...]:
    """Say what the reader must know: rows left out of a figure, and periods that have not ended."""
    found = list(answer.notes)
    for name in answer.question.metrics:
        metric = answer.catalog.metric(name)
        column = f"{name}__excluded"
        if isinstance(metric, Interval) and column in answer.table.column_names:
            left_out = sum(value or 0 for value in answer.table.column(column).to_pylist())
            if left_out:
                verb = "is" if left_out == 1 else "are"
                found.append(
                    f"{label_of(name, metric.label)}: {left_out:,} dated before its start {verb} left out of the figure"
                )
    return tuple(found)


__all__ = ["QuestionError", "ask"]
