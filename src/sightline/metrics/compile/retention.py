"""Retention: cohorts by the bucket of an entity's first event, and how many are active in each bucket since.

Every cohort has a row for every bucket in which anybody was active, so that nobody coming back is a row with 0.
"""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.schema.metric import Event, Retention
from sightline.metrics.compile.arm import Arm, grouped, subquery
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of
from sightline.metrics.plan import AGE, PERIOD, Plan, Span, known_by
from sightline.metrics.question import Period, QuestionError

ENTITY, ON, NTH, KEPT, SIZE = "_entity", "_bucket", "_nth", "_kept", "_size"
"""Columns of the cohorts; no dimension's name begins with an underscore."""


def retention_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Retention) -> Arm:
    """Return cohort and age, and of each: its size, how many are active, and the size again where the age is over."""
    column = name + span.suffix
    groups = [each.name for each in plan.dimensions]
    cohorts, active = _cohorts(statement, plan, span, leaf), _active(statement, plan, leaf)
    keys: dict[str, exp.Expr] = {each: column_of("s", each) for each in (*groups, PERIOD)}
    keys[AGE] = statement.functions.buckets_between(
        column_of("s", PERIOD), column_of("b", ON), plan.grain or leaf.grain
    )
    size = column_of("s", SIZE)
    over = exp.LT(this=column_of("b", ON), expression=statement.bind(_open_bucket(plan, statement, leaf)))
    columns = {
        f"{column}__active": exp.func("coalesce", column_of("k", "_active"), exp.Literal.number(0)),
        f"{column}__n": size,
        f"{column}__mature": exp.Case(ifs=[exp.If(this=over, true=size.copy())], default=exp.Literal.number(0)),
    }
    query = exp.Select(expressions=[alias_of(each, key) for key, each in (keys | columns).items()])
    query.set("from_", exp.From(this=subquery(_sizes(cohorts, groups), "s")))
    since = exp.GTE(this=column_of("b", ON), expression=column_of("s", PERIOD))
    query.append("joins", exp.Join(this=subquery(_buckets(active), "b"), on=since))
    same = _same("s", "k", [*groups, PERIOD])
    same = exp.And(this=same, expression=exp.EQ(this=column_of("b", ON), expression=column_of("k", ON)))
    query.append("joins", exp.Join(this=subquery(_counts(cohorts, active, groups), "k"), side="LEFT", on=same))
    return Arm(query, tuple(columns))


def _cohorts(statement: Statement, plan: Plan, span: Span, leaf: Retention) -> exp.Select:
    """Return each entity once: its groups and bucket at the first of all its events that the viewer may see.

    The question's filters judge that event and do not decide which one is first.
    """
    frame = Frame(statement, leaf.first.dataset)
    moment = frame.time(leaf.first.time)
    if moment is None or plan.grain is None:
        raise QuestionError(f"dataset {leaf.first.dataset} has no time column, so nothing is first")
    columns = {each.name: frame.dimension(each.name) for each in plan.dimensions}
    columns |= {PERIOD: frame.bucket(plan.grain, leaf.first.time, plan.calendar), ENTITY: frame.entity(leaf.entity)}
    order = [moment, *(columns[each.name].copy() for each in plan.dimensions)]
    by = exp.Order(expressions=[exp.Ordered(this=each, nulls_first=False) for each in order])
    nth = exp.Window(this=exp.RowNumber(), partition_by=[frame.entity(leaf.entity)], order=by)
    whole = Period(plan.calendar.bucket(span.period.start, plan.grain) if span.period.start else None, span.period.end)
    kept = exp.and_(exp.true(), *frame.filters(plan.filters, plan.where), *frame.within(whole, leaf.first.time))
    rows = frame.select(
        [*(alias_of(each, key) for key, each in columns.items()), alias_of(nth, NTH), alias_of(kept, KEPT)],
        _counted(frame, leaf.entity, leaf.first),
    )
    query = exp.Select(expressions=[column_of("f", key) for key in columns])
    query.set("from_", exp.From(this=subquery(rows, "f")))
    first = exp.EQ(this=column_of("f", NTH), expression=exp.Literal.number(1))
    query.set("where", exp.Where(this=exp.And(this=first, expression=column_of("f", KEPT))))
    return query


def _sizes(cohorts: exp.Select, groups: list[str]) -> exp.Select:
    keys = (*groups, PERIOD)
    size = alias_of(exp.Count(this=exp.Star()), SIZE)
    query = exp.Select(expressions=[*(column_of("z", key) for key in keys), size])
    query.set("from_", exp.From(this=subquery(cohorts.copy(), "z")))
    return grouped(query, keys)


def _active(statement: Statement, plan: Plan, leaf: Retention) -> exp.Select:
    """Return each entity and bucket in which it is active, once."""
    frame = Frame(statement, leaf.active.dataset, alias="g")
    bucket = frame.bucket(plan.grain or leaf.grain, leaf.active.time, plan.calendar)
    columns = [alias_of(frame.entity(leaf.entity), ENTITY), alias_of(bucket, ON)]
    query = frame.select(columns, _counted(frame, leaf.entity, leaf.active))
    query.set("distinct", exp.Distinct())
    return query


def _buckets(active: exp.Select) -> exp.Select:
    query = exp.Select(expressions=[column_of("d", ON)], distinct=exp.Distinct())
    query.set("from_", exp.From(this=subquery(active.copy(), "d")))
    return query


def _counts(cohorts: exp.Select, active: exp.Select, groups: list[str]) -> exp.Select:
    keys = [*(column_of("c", key) for key in (*groups, PERIOD)), column_of("a", ON)]
    query = exp.Select(expressions=[*keys, alias_of(exp.Count(this=exp.Star()), "_active")])
    query.set("from_", exp.From(this=subquery(cohorts.copy(), "c")))
    query.append("joins", exp.Join(this=subquery(active.copy(), "a"), on=_same("c", "a", [ENTITY])))
    return grouped(query, tuple(str(number) for number in range(len(keys))))


def _same(left: str, right: str, names: list[str]) -> exp.Expr:
    return exp.and_(*(exp.NullSafeEQ(this=column_of(left, name), expression=column_of(right, name)) for name in names))


def _counted(frame: Frame, entity: str, event: Event) -> list[exp.Expr]:
    known: list[exp.Expr] = [exp.Not(this=exp.Is(this=frame.entity(entity), expression=exp.Null()))]
    where = frame.condition(event.where)
    return known if where is None else [*known, where]


def _open_bucket(plan: Plan, statement: Statement, leaf: Retention) -> object:
    """Return the first bucket that is not over: what happens in it, or is still unknown, may count up."""
    sources = {known_by(leaf.active.dataset, leaf.active.time, statement.catalog)}
    return plan.calendar.bucket(plan.horizon.end(sources), plan.grain or leaf.grain)
