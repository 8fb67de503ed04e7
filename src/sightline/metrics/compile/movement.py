"""Movements of a level: what entities had at the beginning of a bucket, what they have at its end, and what that is."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.schema.metric import Movement
from sightline.metrics.calendar import DAY
from sightline.metrics.compile.arm import Arm, grouped, held, subquery
from sightline.metrics.compile.cumulative import windows_as_rows
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, all_of, column_of
from sightline.metrics.plan import PERIOD, Plan, Span
from sightline.metrics.question import Period, QuestionError

ENTITY, ON, CHANGE, LEVEL = "_entity", "_day", "_change", "_level"
OPENING, CLOSING, BEFORE = "_opening", "_closing", "_before"
"""Columns of the levels; no dimension's name begins with an underscore."""

PLACES = "6"
"""Sums of binary fractions are rounded so far, so that a level that is nothing is 0."""

BEGINNING = date(1, 1, 1)


def movement_arm(statement: Statement, plan: Plan, span: Span, name: str, leaf: Movement) -> Arm:
    """Return one movement per group and bucket. All changes up to the end of the span are read: levels begin before."""
    frame = Frame(statement, leaf.changes.dataset)
    if frame.day(leaf.changes.time) is None:
        raise QuestionError(f'"{name}" needs a time column in dataset {leaf.changes.dataset}')
    windows = movement_windows(plan, span, name, leaf)
    groups = [each.name for each in plan.dimensions]
    keys = [*groups, *([PERIOD] if plan.grain else [])]
    columns = {
        name + span.suffix: _figure(leaf),
        f"{name}{span.suffix}__n": held(exp.Count(this=exp.Star()), _is(leaf.kind)),
    }
    levels = _levels(statement, _changes(frame, plan, leaf, end=max(high for *_, high in windows)), windows, groups)
    query = exp.Select(
        expressions=[
            *(column_of("l", key) for key in keys),
            *(alias_of(figure, column) for column, figure in columns.items()),
        ]
    )
    query.set("from_", exp.From(this=subquery(levels, "l")))
    return Arm(grouped(query, tuple(keys)), tuple(columns))


Window = tuple[date | datetime | None, date, date]
"""Label, first day, and the day after the last."""


def movement_windows(plan: Plan, span: Span, name: str, leaf: Movement) -> list[Window]:
    """Return the days whose movement each bucket shows. Raises QuestionError by hours."""
    found = _buckets(plan, span, name)
    if not leaf.window:
        return found
    length = parse_duration(leaf.window)
    return [(label, length.before(end), end) for label, _, end in found]


def _buckets(plan: Plan, span: Span, name: str) -> list[Window]:
    if plan.grain == "hour":
        raise QuestionError(f'"{name}" is counted by whole days', hint="Choose grain day or coarser.")
    end = span.period.end or plan.calendar.today + DAY
    if not plan.grain:
        return [(None, span.period.start or BEGINNING, end)]
    if not span.buckets:
        raise QuestionError(f'"{name}" by {plan.grain} needs a bounded period', hint="For example last_12_months.")
    first = span.period.start or BEGINNING
    return [
        (label, max(day_of(bucket), first), min(plan.calendar.following(bucket, plan.grain), end))
        for bucket, label in zip(span.buckets, span.labels, strict=True)
    ]


def day_of(bucket: date | datetime) -> date:
    """Return the day a bucket begins."""
    return bucket.date() if isinstance(bucket, datetime) else bucket


def _changes(frame: Frame, plan: Plan, leaf: Movement, *, end: date) -> exp.Select:
    """Return every change up to the end, with the entity's level after it within its group."""
    groups = {each.name: frame.dimension(each.name) for each in plan.dimensions}
    entity, day = frame.entity(leaf.entity), frame.day(leaf.changes.time) or exp.Null()
    change = frame.shown(leaf.column)
    level = exp.Window(
        this=exp.Sum(this=change.copy()),
        partition_by=[*(each.copy() for each in groups.values()), entity.copy()],
        order=exp.Order(expressions=[exp.Ordered(this=day.copy(), nulls_first=False)]),
    )
    columns = groups | {ENTITY: entity, ON: day, CHANGE: change, LEVEL: level}
    where = frame.condition(leaf.changes.where)
    conditions = [
        *frame.within(Period(None, end), leaf.changes.time),
        *frame.filters(plan.filters, plan.where),
        exp.Not(this=exp.Is(this=frame.entity(leaf.entity), expression=exp.Null())),
    ]
    return frame.select(
        [alias_of(each, key) for key, each in columns.items()], conditions + ([where] if where is not None else [])
    )


def _levels(
    statement: Statement,
    changes: exp.Select,
    windows: list[Window],
    groups: list[str],
) -> exp.Select:
    """Return one row per window, group and entity: its level at both ends, and its highest level before."""
    earlier = exp.LT(this=column_of("c", ON), expression=column_of("w", "lo"))
    keys: dict[str, exp.Expr] = {name: column_of("c", name) for name in groups}
    keys |= {PERIOD: column_of("w", "label")} if windows[0][0] is not None else {}
    keys[ENTITY] = column_of("c", ENTITY)
    zero = exp.Literal.number(0)
    columns = {
        OPENING: _rounded(exp.func("coalesce", held(exp.Sum(this=column_of("c", CHANGE)), earlier), zero)),
        CLOSING: _rounded(exp.Sum(this=column_of("c", CHANGE))),
        BEFORE: _rounded(exp.func("coalesce", held(exp.Max(this=column_of("c", LEVEL)), earlier.copy()), zero.copy())),
    }
    query = exp.Select(expressions=[alias_of(each, key) for key, each in (keys | columns).items()])
    query.set("from_", exp.From(this=subquery(changes, "c")))
    until = exp.LT(this=column_of("c", ON), expression=column_of("w", "hi"))
    query.append("joins", exp.Join(this=windows_as_rows(statement, windows), on=until))
    return grouped(query, tuple(keys))


def _rounded(amount: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="round", expressions=[amount, exp.Literal.number(PLACES)])


def _figure(leaf: Movement) -> exp.Expr:
    if leaf.show == "entities":
        return held(exp.Count(this=exp.Star()), _is(leaf.kind))
    opening, closing = column_of("l", OPENING), column_of("l", CLOSING)
    amount: exp.Expr = exp.Sub(this=closing, expression=opening)
    if leaf.kind in ("opening", "closing"):
        amount = opening if leaf.kind == "opening" else closing
    return exp.func("coalesce", held(exp.Sum(this=amount), _is(leaf.kind)), exp.Literal.number(0))


def _is(kind: str) -> exp.Expr:
    """Return the condition that an entity's levels are a movement of a kind."""
    had, has = _positive(OPENING), _positive(CLOSING)
    before = _positive(BEFORE)
    more = exp.GT(this=column_of("l", CLOSING), expression=column_of("l", OPENING))
    less = exp.LT(this=column_of("l", CLOSING), expression=column_of("l", OPENING))
    conditions = {
        "opening": [had],
        "closing": [has],
        "new": [exp.Not(this=had), has, exp.Not(this=before)],
        "reactivated": [exp.Not(this=had), has, before],
        "churned": [had, exp.Not(this=has)],
        "expansion": [had, has, more],
        "contraction": [had, has, less],
    }
    return all_of(conditions[kind]) or exp.true()


def _positive(name: str) -> exp.Expr:
    return exp.Paren(this=exp.GT(this=column_of("l", name), expression=exp.Literal.number(0)))
