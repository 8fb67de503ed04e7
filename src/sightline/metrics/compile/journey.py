"""Journeys: entities with a base event, and when they reached later events. Conversion, interval and funnel share it.

A journey has one row per entity, group and bucket of the base event: `_start`, and for each stage k `_after_k`, the
first event not before the start, and `_first_k`, the first event at all. An entity whose only event is dated before its
base event is out of order: it has reached the stage, but the time it took is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.metric import Event
from sightline.metrics.compile.arm import keys_of, subquery
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of
from sightline.metrics.plan import PERIOD, Plan, Span, known_by
from sightline.metrics.question import QuestionError

ENTITY, START, DAY = "_entity", "_start", "_day"
"""Columns of a journey; no dimension's name begins with an underscore."""


@dataclass(frozen=True)
class Journey:
    """The query of one journey as `j`, and what can be asked of it.

    `last_day` is the last one its outcomes are known of; those before `end` have all happened and are all known. How
    far the base events reach is no matter: whoever has one is watched from then on.
    """

    source: exp.Subquery
    statement: Statement
    window_days: float | None
    local: bool
    last_day: date
    end: date

    def key(self, name: str) -> exp.Column:
        return column_of("j", name)

    def took(self, stage: int) -> exp.Expr:
        """Return the days from the base event to the stage."""
        return self.statement.functions.days_between(column_of("j", START), column_of("j", f"_after_{stage}"))

    def apart(self, stage: int) -> exp.Expr:
        """Return the days between the base event and the stage, negative when the events are out of order."""
        event = exp.func("coalesce", column_of("j", f"_after_{stage}"), column_of("j", f"_first_{stage}"))
        return self.statement.functions.days_between(column_of("j", START), event)

    def between(self, earlier: int, later: int) -> exp.Expr:
        """Return the days from one stage to a later one (stage 0 is the base event)."""
        start = column_of("j", f"_after_{earlier}") if earlier else column_of("j", START)
        return self.statement.functions.days_between(start, column_of("j", f"_after_{later}"))

    def ordered(self, stage: int) -> exp.Expr:
        """Whether the stage was reached at or after the base event (and within the window)."""
        after = _known(column_of("j", f"_after_{stage}"))
        if self.window_days is None:
            return after
        limit = self.statement.bind(self.window_days)
        return exp.And(this=after, expression=exp.LT(this=self.took(stage), expression=limit))

    def reached(self, stage: int) -> exp.Expr:
        """Whether the stage counts: within the window, or ever, in whichever order the events are dated."""
        return _known(column_of("j", f"_first_{stage}")) if self.window_days is None else self.ordered(stage)

    def passed(self, stage: int, *, last: int) -> exp.Expr:
        """Whether the stage or one after it counts: who got further has been here, recorded or not."""
        return exp.or_(*(self.reached(each) for each in range(stage, last + 1)))

    def early(self, stage: int) -> exp.Expr:
        """Whether every event of the stage is dated before the base event."""
        first = _known(column_of("j", f"_first_{stage}"))
        return exp.And(this=first, expression=exp.Is(this=column_of("j", f"_after_{stage}"), expression=exp.Null()))

    def midnight(self, day: date) -> exp.Expr:
        """Return the moment the local day begins, in the kind of time the journey keeps."""
        begins = exp.Cast(this=self.statement.bind(day), to=exp.DataType.build("timestamp"))
        if self.local:
            return begins
        return exp.Anonymous(this="timezone", expressions=[self.statement.bind(self.statement.zone), begins])

    def mature(self, maturation: str) -> exp.Expr:
        """Whether the base event is old enough, on the last day with data, for its outcome to be known."""
        edge = self.last_day - timedelta(days=round(parse_duration(maturation).approximate / timedelta(days=1)))
        return exp.LTE(this=column_of("j", DAY), expression=self.statement.bind(edge))


def _known(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def journey_of(
    statement: Statement,
    plan: Plan,
    span: Span,
    *,
    entity: str,
    base: Event,
    stages: tuple[Event, ...],
    window: str | None,
) -> Journey:
    """Return the journey of the entities whose base event is in the span."""
    local = _mixed_times(statement, (base, *stages))
    keys = (*(each.name for each in plan.dimensions), *((PERIOD,) if plan.grain else ()))
    hits = _hits(statement, plan, span, entity=entity, base=base, stages=stages, local=local)
    columns: list[exp.Expr] = [alias_of(column_of("b", name), name) for name in (*keys, ENTITY, START, DAY)]
    for stage in range(1, len(stages) + 1):
        columns += [column_of("h", f"_after_{stage}"), column_of("h", f"_first_{stage}")]
    query = exp.Select(expressions=columns)
    query.set(
        "from_", exp.From(this=subquery(_base(statement, plan, span, entity=entity, base=base, local=local), "b"))
    )
    same = exp.EQ(this=column_of("b", ENTITY), expression=column_of("h", ENTITY))
    moment = exp.NullSafeEQ(this=column_of("b", START), expression=column_of("h", START))
    query.append("joins", exp.Join(this=subquery(hits, "h"), side="LEFT", on=exp.And(this=same, expression=moment)))
    days = parse_duration(window).approximate / timedelta(days=1) if window else None
    outcomes = {known_by(stage.dataset, stage.time, statement.catalog) for stage in stages}
    last_day, end = plan.horizon.last_day(outcomes), plan.horizon.end(outcomes)
    return Journey(subquery(query, "j"), statement, days, local, last_day, end)


def _mixed_times(statement: Statement, events: tuple[Event, ...]) -> bool:
    """Whether dates meet timestamps, so that all must be taken as local times."""
    kinds = set()
    for event in events:
        dataset = statement.catalog.dataset(event.dataset)
        name = event.time or dataset.time
        if name is None:
            raise QuestionError(f"dataset {event.dataset} has no time column, so its rows are not events")
        kinds.add(dataset.columns[name].type)
    return kinds != {"timestamp"}


def _moment(frame: Frame, event: Event, *, local: bool) -> exp.Expr:
    name = event.time or frame.dataset.time
    moment = frame.time(event.time)
    if moment is None or name is None:
        raise QuestionError(f"dataset {event.dataset} has no time column, so its rows are not events")
    if not local:
        return moment
    if frame.dataset.columns[name].type == "timestamp":
        moment = exp.Anonymous(this="timezone", expressions=[frame.statement.bind(frame.statement.zone), moment])
    return exp.Cast(this=moment, to=exp.DataType.build("timestamp"))


def _base(statement: Statement, plan: Plan, span: Span, *, entity: str, base: Event, local: bool) -> exp.Select:
    """Return the base events: one row per entity, group and bucket, at the first of its moments."""
    frame = Frame(statement, base.dataset)
    keys = keys_of(frame, plan, base.time)
    columns = [alias_of(each, name) for name, each in keys]
    columns.append(alias_of(frame.entity(entity), ENTITY))
    day = frame.day(base.time) or exp.Null()
    primary = frame.dataset.primary
    unique = primary is not None and primary[0] == entity
    moment = _moment(frame, base, local=local)
    columns.append(alias_of(moment if unique else exp.Min(this=moment), START))
    columns.append(alias_of(day if unique else exp.Min(this=day), DAY))
    where = frame.condition(base.where)
    conditions = [*frame.within(span.period, base.time), *frame.filters(plan.filters, plan.where)]
    conditions += [where] if where is not None else []
    conditions.append(_known(frame.entity(entity)))
    query = frame.select(columns, conditions)
    if not unique:
        positions = [exp.Literal.number(index + 1) for index in range(len(keys) + 1)]
        query.set("group", exp.Group(expressions=positions))
    return query


def _hits(
    statement: Statement, plan: Plan, span: Span, *, entity: str, base: Event, stages: tuple[Event, ...], local: bool
) -> exp.Select:
    """Return, for the entities that have any stage event, when each stage was reached."""
    starts = _base(statement, plan, span, entity=entity, base=base, local=local)
    events: exp.Expr | None = None
    for number, stage in enumerate(stages, start=1):
        one = _events(statement, number, entity=entity, stage=stage, local=local)
        events = one if events is None else exp.Union(this=events, expression=one, distinct=False)
    columns: list[exp.Expr] = [column_of("b", ENTITY), column_of("b", START)]
    for number in range(1, len(stages) + 1):
        columns += [
            alias_of(_first(number, in_order=True), f"_after_{number}"),
            alias_of(_first(number, in_order=False), f"_first_{number}"),
        ]
    query = exp.Select(expressions=columns)
    query.set("from_", exp.From(this=subquery(starts, "b")))
    same = exp.EQ(this=column_of("b", ENTITY), expression=column_of("e", ENTITY))
    query.append("joins", exp.Join(this=subquery(events or exp.Select(), "e"), on=same))
    query.set("group", exp.Group(expressions=[exp.Literal.number(1), exp.Literal.number(2)]))
    return query


def _events(statement: Statement, number: int, *, entity: str, stage: Event, local: bool) -> exp.Select:
    frame = Frame(statement, stage.dataset, alias="g")
    columns = [
        alias_of(frame.entity(entity), ENTITY),
        alias_of(_moment(frame, stage, local=local), "t"),
        alias_of(exp.Literal.number(number), "k"),
    ]
    where = frame.condition(stage.where)
    return frame.select(columns, [] if where is None else [where])


def _first(number: int, *, in_order: bool) -> exp.Expr:
    condition: exp.Expr = exp.EQ(this=column_of("e", "k"), expression=exp.Literal.number(number))
    if in_order:
        later = exp.GTE(this=column_of("e", "t"), expression=column_of("b", START))
        condition = exp.And(this=condition, expression=later)
    return exp.Filter(this=exp.Min(this=column_of("e", "t")), expression=exp.Where(this=condition))
