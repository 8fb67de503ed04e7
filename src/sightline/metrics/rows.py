"""The rows behind a number, as this viewer may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from sightline.definitions.catalog import UnknownName, did_you_mean
from sightline.definitions.durations import parse_duration
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
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
from sightline.errors import NotAllowed
from sightline.lake.snapshot import Snapshot
from sightline.metrics.calendar import DAY, Calendar
from sightline.metrics.compile.cumulative import window_start
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.semi_additive import last_rows
from sightline.metrics.compile.simple import aggregate, value_of
from sightline.metrics.compile.statement import Statement, alias_of, statement_for
from sightline.metrics.conditions import require_conditions
from sightline.metrics.plan import Leaf, dataset_of, leaves_of, plan, simple_of
from sightline.metrics.question import Filter, Order, Period, Question, QuestionError
from sightline.metrics.result import Column
from sightline.metrics.warehouse import Warehouse

PAGE = 50
LARGEST_PAGE = 5000
NAME_OF = "_name_of_"


@dataclass(frozen=True)
class RowsRequest:
    """Which rows: those that `metric` counts in the period and under the filters, or all rows of `dataset`.

    `columns`, where a dashboard names them, are the only ones that come back; () is all of them.
    """

    metric: str | None = None
    dataset: str | None = None
    filters: tuple[Filter, ...] = ()
    where: str | None = None
    period: str | Period = "all_time"
    order: Order | None = None
    page: int = 1
    page_size: int = PAGE
    named: bool = False
    columns: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether it is a list of named columns, and not the rows behind a number."""
        return bool(self.columns) and self.metric is None


@dataclass(frozen=True)
class RowsPage:
    """One page of rows. `total` counts all of them; `columns` are the dataset's, personal data masked.

    `names`, of a request that is `named`, holds for each row how the members its columns point to are called.
    `different` is the figure of a metric that counts different values: several of its rows may share one.
    """

    dataset: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    different: int | None
    page: int
    pages: int
    period: Period
    snapshot: Snapshot
    sql: str
    names: tuple[Mapping[str, str], ...] = ()


def rows_behind(
    request: RowsRequest, viewer: Viewer, *, warehouse: Warehouse, now: datetime, at: Snapshot | None = None
) -> RowsPage:
    """Return one page of rows. Needs the permission `see_rows`, or for a list of named columns that the role reads the
    dataset's lists; row policy and masks hold as for every number.
    """
    if not (viewer.policy.reads_list(request.dataset) if request.is_list else viewer.policy.allows("see_rows")):
        raise NotAllowed("your role may not see single rows", hint="Ask an administrator for access.")
    if request.page < 1 or not 1 <= request.page_size <= LARGEST_PAGE:
        raise QuestionError(
            f"page {request.page} of size {request.page_size} does not exist", hint=f"sizes: 1..{LARGEST_PAGE}"
        )
    snapshot = at if at is not None else warehouse.lake.snapshot()
    today = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).date()
    asked = _asked(request, warehouse, today)
    definition = warehouse.catalog.dataset(asked.dataset)
    statement = statement_for(viewer, warehouse=warehouse, snapshot=snapshot)
    frame = Frame(statement, asked.dataset)
    conditions = [*_counted(frame, asked), *frame.filters(request.filters, request.where)]
    named = warehouse.joins.member_names(asked.dataset) if request.named else {}
    cells = [alias_of(frame.own(name), name) for name in definition.columns]
    cells += [alias_of(frame.reached(where), NAME_OF + column) for column, where in named.items()]
    query = frame.select(cells, conditions)
    query.set("order", _order(request, definition))
    query.set("limit", exp.Limit(expression=exp.Literal.number(request.page_size)))
    query.set("offset", exp.Offset(expression=exp.Literal.number((request.page - 1) * request.page_size)))
    # Counted apart: a count beside the rows would hold all of them in memory to show fifty.
    counts = [alias_of(exp.Count(this=exp.Star()), "total"), alias_of(_different(frame, asked.leaf), "different")]
    counting = frame.select(counts, [each.copy() for each in conditions])
    counted = _run(counting, statement, warehouse)[1][0]
    total = counted["total"]
    sql, records = _run(query, statement, warehouse)
    shown = [name for name in definition.columns if not request.columns or name in request.columns]
    if not records and request.page > 1:
        raise QuestionError(f"there is no page {request.page}", hint="Go back to page 1.")
    return RowsPage(
        dataset=asked.dataset,
        label=label_of(asked.dataset, definition.label),
        columns=_columns(definition, shown),
        rows=tuple(tuple(record[name] for name in shown) for record in records),
        total=total,
        different=counted["different"],
        page=request.page,
        pages=max(1, -(-total // request.page_size)),
        period=asked.period,
        snapshot=snapshot,
        sql=sql,
        names=tuple(
            {
                column: str(record[NAME_OF + column])
                for column in named
                if column in shown and record[NAME_OF + column] is not None
            }
            for record in records
        ),
    )


def runs_behind(
    request: RowsRequest,
    viewer: Viewer,
    *,
    prefixes: Sequence[str],
    warehouse: Warehouse,
    now: datetime,
    at: Snapshot | None = None,
) -> dict[str, int]:
    """Return how many of the rows each run brought, of runs whose id begins so. Permission and policy as for rows."""
    if not viewer.policy.allows("see_rows"):
        raise NotAllowed("your role may not see single rows", hint="Ask an administrator for access.")
    snapshot = at if at is not None else warehouse.lake.snapshot()
    asked = _asked(request, warehouse, now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).date())
    statement = statement_for(viewer, warehouse=warehouse, snapshot=snapshot)
    frame = Frame(statement, asked.dataset)
    run = frame.own("_run")
    begins = exp.or_(*[exp.Like(this=run.copy(), expression=statement.bind(f"{prefix}%")) for prefix in prefixes])
    conditions = [*_counted(frame, asked), *frame.filters(request.filters, request.where), begins]
    query = frame.select([alias_of(run, "run"), alias_of(exp.Count(this=exp.Star()), "rows")], conditions)
    query.set("group", exp.Group(expressions=[run.copy()]))
    return {found["run"]: found["rows"] for found in _run(query, statement, warehouse)[1]}


def _run(query: exp.Select, statement: Statement, warehouse: Warehouse) -> tuple[str, list[dict[str, Any]]]:
    query.set("with_", exp.With(expressions=statement.scans()))
    sql = query.sql(dialect=warehouse.engine.capabilities.dialect, copy=False)
    return sql, warehouse.engine.run(sql, statement.bound(warehouse)).to_pylist()


@dataclass(frozen=True)
class _Asked:
    """Whose rows are asked for: a dataset's, or those that one leaf of a metric counts. `seen` has begun."""

    dataset: str
    leaf: Leaf | None
    period: Period
    seen: Period
    calendar: Calendar


def _asked(request: RowsRequest, warehouse: Warehouse, today: date) -> _Asked:
    catalog, joins = warehouse.catalog, warehouse.joins
    if request.metric:
        name, leaf = next(iter(leaves_of((request.metric,), catalog).items()))
        question = Question((name,), filters=request.filters, where=request.where, period=request.period)
        planned = plan(question, catalog=catalog, joins=joins, today=today)
        return _Asked(dataset_of(leaf, catalog), leaf, planned.period, planned.current.period, planned.calendar)
    dataset = request.dataset or ""
    if dataset not in catalog.datasets:
        raise UnknownName("dataset", dataset, catalog.datasets)
    readers = {f'dataset "{dataset}"': dataset}
    require_conditions(request.filters, request.where, readers=readers, joins=joins)
    calendar = Calendar.of(catalog.settings, today)
    period = calendar.period(request.period)
    return _Asked(dataset, None, period, period, calendar)


def _event(leaf: Leaf) -> tuple[str, str | None, str | None]:
    """Return dataset, condition and time column of the rows a leaf counts."""
    if isinstance(leaf, Simple):
        return leaf.dataset, leaf.where, leaf.time
    if isinstance(leaf, Conversion):
        return leaf.base.dataset, leaf.base.where, leaf.base.time
    if isinstance(leaf, Interval):
        return leaf.start.dataset, leaf.start.where, leaf.start.time
    if isinstance(leaf, Funnel):
        return leaf.stages[0].dataset, leaf.stages[0].where, leaf.stages[0].time
    if isinstance(leaf, Movement):
        return leaf.changes.dataset, leaf.changes.where, leaf.changes.time
    if isinstance(leaf, Retention):
        return leaf.active.dataset, leaf.active.where, leaf.active.time
    raise QuestionError(f"{leaf.type} metrics have no rows of their own")


def _counted(frame: Frame, asked: _Asked) -> list[exp.Expr]:
    """Return the conditions that hold the rows to those the figure is made of."""
    leaf, period = asked.leaf, asked.seen
    if leaf is None:
        return frame.within(period, None)
    if isinstance(leaf, SemiAdditive):
        return last_rows(frame, period, leaf)
    if isinstance(leaf, Cumulative):
        end = period.end or asked.calendar.today + DAY
        period = Period(window_start(leaf, end, asked.calendar), end)
        leaf = simple_of(leaf, frame.statement.catalog)
    if isinstance(leaf, Movement) and leaf.window:
        end = period.end or asked.calendar.today + DAY
        period = Period(parse_duration(leaf.window).before(end), end)
    if isinstance(leaf, Simple) and leaf.agg == "age":
        period = Period(None, period.end)
    _, where, time = _event(leaf)
    found = [*frame.within(period, time), frame.condition(where)]
    value = value_of(frame, leaf) if isinstance(leaf, Simple) else None
    found += [exp.Not(this=exp.Is(this=exp.Paren(this=value), expression=exp.Null()))] if value is not None else []
    return [each for each in found if each is not None]


def _different(frame: Frame, leaf: Leaf | None) -> exp.Expr:
    """Return how many different values the rows hold, where that is what the metric counts."""
    if isinstance(leaf, Cumulative):
        leaf = simple_of(leaf, frame.statement.catalog)
    if isinstance(leaf, Simple) and leaf.agg == "count_distinct":
        return aggregate(frame, leaf)
    return exp.Null()


def _order(request: RowsRequest, definition: Dataset) -> exp.Order:
    names = list(definition.columns)
    if request.order and request.order.column not in names:
        raise QuestionError(f'cannot sort by "{request.order.column}"', hint=did_you_mean(request.order.column, names))
    first = request.order or Order(definition.time or names[0], descending=definition.time is not None)
    by = [(first.column, first.descending), *((name, False) for name in definition.key_columns if name != first.column)]
    return exp.Order(
        expressions=[exp.Ordered(this=exp.column(name, quoted=True), desc=desc, nulls_first=False) for name, desc in by]
    )


def _columns(definition: Dataset, shown: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        Column(name, label_of(name, spec.label), spec.type, spec.unit or "", "dimension")
        for name, spec in definition.columns.items()
        if name in shown
    )
