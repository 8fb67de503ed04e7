"""The checks of a dataset as conditions: one rule per column and check, true for a row that breaks it.

Row rules look at one row (and at what is already published). Set rules compare the rows of a batch with each other;
they see only rows that no row rule rejects, so that a broken row never makes a sound one look like a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlglot import exp

from sightline.definitions.durations import parse_duration
from sightline.definitions.expressions import attributes_in, parse_expression
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import CHECKS, CheckBase, Dataset, StageOrderRule, check_kind
from sightline.errors import InternalError
from sightline.lake import sql
from sightline.lake.relation import Relation
from sightline.registry import Registry

BAD_PREFIX = "_bad_"
"""A source that could not convert a value of column `c` leaves `c` empty and the text it saw in `_bad_c`."""

MALFORMED = "_malformed"
"""A source that could not even split a row into columns says here why; all columns of such a row are empty."""


@dataclass(frozen=True)
class Reference:
    """Where the values of a foreign entity must exist: a column of another dataset's published rows."""

    dataset: str
    column: str
    relation: Relation | None


@dataclass(frozen=True)
class Facing:
    """What a batch is checked against: the moment, the zone, what is published and the referenced datasets.

    `provided` are the columns of the batch, `published` those of the published rows (none: nothing is published yet).
    """

    now: datetime
    zone: str
    provided: frozenset[str]
    published: frozenset[str]
    references: Mapping[str, Reference]
    bindings: sql.Bindings


@dataclass(frozen=True)
class Rule:
    """One way to break a check. `broken` is over the alias `i`; `window` is what a set rule must compute first."""

    kind: str
    columns: tuple[str, ...]
    reason: str
    broken: exp.Expr
    severity: Literal["quarantine", "warn"] = "quarantine"
    window: tuple[str, exp.Expr] | None = None


Maker = Callable[[Dataset, Any, Facing], Iterator[Rule]]


def rules_of(dataset: Dataset, facing: Facing) -> tuple[Rule, ...]:
    """Return every rule a batch must meet: its types, its key, then the checks as they are declared."""
    made = [*_type_rules(dataset, facing), *_key_rules(dataset, facing)]
    for number, check in enumerate(dataset.checks):
        for rule in MAKERS[str(check_kind(check))](dataset, check, facing):
            made.append(_with_own_words(rule, check, number))
    return tuple(made)


def must_hold(rule: Rule, dataset: Dataset) -> bool:
    """Return whether nobody can excuse a row from a rule: without it the row could not be stored or told apart."""
    if rule.kind in ("format", "type"):
        return True
    return rule.kind in ("not_null", "unique") and bool(set(rule.columns) & set(dataset.key_columns))


def required_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns without which no row can be accepted: the key and those that may not be empty."""
    required = dict.fromkeys(dataset.key_columns)
    for check in dataset.checks:
        if check_kind(check) == "not_null" and check.severity == "quarantine":
            required.update(dict.fromkeys(_names(getattr(check, "not_null"))))  # noqa: B009 # a union of checks
    return tuple(required)


def _with_own_words(rule: Rule, check: CheckBase, number: int) -> Rule:
    window = (f"{rule.window[0]}_{number}", rule.window[1]) if rule.window else None
    broken = rule.broken
    if rule.window and window:
        old, new = rule.window[0], window[0]
        broken = broken.transform(lambda node: sql.column(new, "i") if _is_column(node, old) else node)
    return Rule(rule.kind, rule.columns, check.message or rule.reason, broken, check.severity, window)


def _is_column(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name == name


def _names(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _said(dataset: Dataset, names: Sequence[str]) -> str:
    return " and ".join(label_of(name, dataset.columns[name].label) for name in names)


def _here(name: str) -> exp.Column:
    return sql.column(name, "i")


def _empty(name: str) -> exp.Expr:
    return exp.Is(this=_here(name), expression=exp.null())


def _filled(names: Sequence[str]) -> exp.Expr:
    return sql.all_of(exp.Not(this=_empty(name)) for name in names)


def _type_rules(dataset: Dataset, facing: Facing) -> Iterator[Rule]:
    if MALFORMED in facing.provided:
        yield Rule("format", (MALFORMED,), "The row cannot be read", exp.not_(_empty(MALFORMED)))
    for name, column in dataset.columns.items():
        bad = BAD_PREFIX + name
        if bad in facing.provided:
            article = "an" if column.type == "integer" else "a"
            reason = f"{_said(dataset, [name])} is not {article} {column.type}"
            yield Rule("type", (name,), reason, exp.Not(this=_empty(bad)))


def _key_rules(dataset: Dataset, facing: Facing) -> Iterator[Rule]:
    keys = dataset.key_columns
    for key in keys:
        yield Rule("not_null", (key,), f"{_said(dataset, [key])} is empty", _blank(key, facing))
    if keys:
        yield from _repeated(dataset, keys, "_nth_of_key")


def _blank(name: str, facing: Facing) -> exp.Expr:
    """Empty in the source, as against a value of the wrong type or a malformed row (which have their own rules)."""
    others = [other for other in (BAD_PREFIX + name, MALFORMED) if other in facing.provided]
    return sql.all_of(_empty(column) for column in (name, *others))


def _repeated(dataset: Dataset, names: Sequence[str], window: str) -> Iterator[Rule]:
    nth = exp.Window(
        this=exp.RowNumber(),
        partition_by=[_here(name) for name in names],
        order=exp.Order(expressions=[exp.Ordered(this=_here("_row"), nulls_first=False)]),
    )
    broken = exp.and_(exp.GT(this=_here(window), expression=exp.Literal.number(1)), _filled(names))
    reason = f"Duplicate: the same {_said(dataset, names)} is in an earlier row of this batch"
    yield Rule("unique", tuple(names), reason, broken, window=(window, nth))


def _unique(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    names = _names(check.unique)
    if set(names) != set(dataset.key_columns):  # the key has its own rule, always
        yield from _repeated(dataset, names, "_nth")
        if set(names) <= facing.published:
            reason = f"Duplicate: the same {_said(dataset, names)} is published already"
            broken = exp.and_(_filled(names), _published(exp.and_(_other_key(dataset), _all_equal(names))))
            yield Rule("unique", tuple(names), reason, broken)


def _published(condition: exp.Expr, *, among: str = "published") -> exp.Exists:
    """Whether a published row (alias `r`) meets a condition; `remaining` are those that this batch does not replace."""
    return exp.Exists(this=exp.select("1").from_(f"{among} AS r").where(condition))


def _other_key(dataset: Dataset) -> exp.Expr:
    """Whether the published row has another key, so that this row will not replace it."""
    return exp.not_(_all_equal(dataset.key_columns)) if dataset.key_columns else exp.true()


def _all_equal(names: Sequence[str]) -> exp.Expr:
    return sql.all_of(exp.EQ(this=sql.column(name, "r"), expression=_here(name)) for name in names)


def _not_null(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    for name in _names(check.not_null):
        if name not in dataset.key_columns:
            yield Rule("not_null", (name,), f"{_said(dataset, [name])} is empty", _blank(name, facing))


def _not_future(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    today = facing.now.astimezone(ZoneInfo(facing.zone)).date()
    for name in _names(check.not_future):
        limit = today if dataset.columns[name].type == "date" else facing.now
        broken = exp.GT(this=_here(name), expression=facing.bindings.value(limit))
        yield Rule("not_future", (name,), f"{_said(dataset, [name])} is in the future", broken)


def _not_negative(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:  # noqa: ARG001 # one signature for all
    for name in _names(check.not_negative):
        broken = exp.LT(this=_here(name), expression=exp.Literal.number(0))
        yield Rule("not_negative", (name,), f"{_said(dataset, [name])} is negative", broken)


def _references(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    entity = dataset.entities[check.references]
    target = facing.references.get(check.references)
    if target is None:
        raise InternalError(
            f'the caller of a write to "{dataset.name}" must say where entity "{check.references}" lives'
        )
    unknown = f"Unknown {label_of(check.references).lower()}"
    if target.relation is None:
        yield Rule(
            "references", (entity.column,), f"{unknown}: {target.dataset} has no rows yet", _filled([entity.column])
        )
        return
    found = exp.select("1").from_(sql.scan(target.relation.files, facing.bindings, "t"))
    found = found.where(exp.EQ(this=sql.column(target.column, "t"), expression=_here(entity.column)))
    broken = exp.and_(_filled([entity.column]), exp.Not(this=exp.Exists(this=found)))
    yield Rule("references", (entity.column,), f"{unknown}: not among {target.dataset}", broken)


def _accepted(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    text = sql.cast(_here(check.accepted), "VARCHAR")
    values = [facing.bindings.value(value) for value in check.values]
    shown = ", ".join(check.values[:8]) + (", …" if len(check.values) > 8 else "")
    reason = f"{_said(dataset, [check.accepted])} is not one of {shown}"
    yield Rule("accepted", (check.accepted,), reason, exp.Not(this=exp.In(this=text, expressions=values)))


def _interval(text: str) -> exp.Interval:
    length = parse_duration(text)
    return exp.Interval(this=exp.Literal.string(str(length.number)), unit=exp.var(length.unit.upper()))


def _no_duplicate(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    rule = check.no_duplicate
    names, time, within = list(rule.columns), rule.time, _interval(rule.within)
    here = _here(time)
    previous = exp.Window(
        this=exp.Lag(this=here.copy()),
        partition_by=[_here(name) for name in names],
        order=exp.Order(expressions=[exp.Ordered(this=_here(name), nulls_first=False) for name in (time, "_row")]),
    )
    said = f"{_said(dataset, names)} within {parse_duration(rule.within)}"
    soon = exp.GTE(this=_here("_previous"), expression=exp.Sub(this=here.copy(), expression=within.copy()))
    broken = exp.and_(soon, _filled(names))
    yield Rule(
        "no_duplicate",
        (*names, time),
        f"Duplicate: the same {said} in this batch",
        broken,
        window=("_previous", previous),
    )
    if {*names, time} <= facing.published:
        there = sql.column(time, "r")
        near = exp.Between(
            this=there,
            low=exp.Sub(this=here.copy(), expression=within.copy()),
            high=exp.Add(this=here.copy(), expression=within.copy()),
        )
        broken = exp.and_(_filled(names), _published(exp.and_(_other_key(dataset), _all_equal(names), near)))
        yield Rule("no_duplicate", (*names, time), f"Duplicate: the same {said} is published already", broken)


def _stage_order(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:
    rule: StageOrderRule = check.stage_order
    entity = dataset.entities[rule.entity].column if rule.entity in dataset.entities else rule.entity
    columns = (entity, rule.stage, rule.time)
    place, time = _place(rule, "i", facing), _here(rule.time)
    latest_before = exp.Window(
        this=exp.Max(this=time.copy()),
        partition_by=[_here(entity)],
        order=exp.Order(expressions=[exp.Ordered(this=place.copy(), nulls_first=False)]),
        spec=exp.WindowSpec(
            kind="RANGE", start="UNBOUNDED", start_side="PRECEDING", end=exp.Literal.number(1), end_side="PRECEDING"
        ),
    )
    reason = f"{_said(dataset, [rule.stage])} is dated before an earlier stage"
    broken = exp.and_(
        exp.LT(this=time.copy(), expression=_here("_latest_before")),
        exp.Not(this=exp.Is(this=place.copy(), expression=exp.null())),
    )
    yield Rule("stage_order", columns, reason, broken, window=("_latest_before", latest_before))
    if set(columns) <= facing.published:
        there, then = _place(rule, "r", facing), sql.column(rule.time, "r")
        against = exp.or_(
            exp.and_(exp.LT(this=there, expression=place.copy()), exp.GT(this=then, expression=time.copy())),
            exp.and_(
                exp.GT(this=there.copy(), expression=place.copy()), exp.LT(this=then.copy(), expression=time.copy())
            ),
        )
        known = f"{_said(dataset, [rule.stage])} is out of order with a published stage"
        yield Rule(
            "stage_order", columns, known, _published(exp.and_(_all_equal([entity]), against), among="remaining")
        )


def _place(rule: StageOrderRule, table: str, facing: Facing) -> exp.Case:
    """The number of a stage in the declared order."""
    case = exp.Case(this=sql.column(rule.stage, table))
    for number, stage in enumerate(rule.stages):
        case = case.when(facing.bindings.value(stage), exp.Literal.number(number))
    return case


def _condition(dataset: Dataset, check: Any, facing: Facing) -> Iterator[Rule]:  # noqa: ARG001 # one signature for all
    tree: exp.Expr = parse_expression(check.condition, names=dataset.columns)
    if attributes_in(tree):
        raise InternalError(f'a check of "{dataset.name}" reads $user, but rows are checked for everybody')
    columns = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    holds = tree.transform(_in_batch)
    broken = exp.Not(this=exp.Coalesce(this=exp.paren(holds), expressions=[exp.true()]))
    yield Rule("condition", columns, f"Not true: {check.condition}", broken)


def _in_batch(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Column):
        return _here(node.name)
    if isinstance(node, exp.Div):  # division by zero is no answer, neither infinity nor an error
        zero = exp.Literal.number(0)
        return exp.Div(
            this=node.this, expression=exp.Nullif(this=node.expression, expression=zero), typed=False, safe=False
        )
    return node


MAKERS: Registry[Maker] = Registry(
    "check",
    {
        "unique": _unique,
        "not_null": _not_null,
        "not_future": _not_future,
        "not_negative": _not_negative,
        "references": _references,
        "accepted": _accepted,
        "no_duplicate": _no_duplicate,
        "stage_order": _stage_order,
        "condition": _condition,
    },
)
assert set(MAKERS) == set(CHECKS)  # noqa: S101 # a new kind of check needs its rule here
