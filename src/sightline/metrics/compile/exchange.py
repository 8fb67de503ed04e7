"""Amounts in one currency: each row's own, times the rate of its own day.

A row finds its rate through its currency and day. Each pair of the two is looked up once, by an as-of join that finds
one rate at most, and the rows meet the pairs by an ordinary join: no rate makes two rows of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.expressions import parse_expression, replace_leaves
from sightline.definitions.lineage import currencies_of
from sightline.definitions.schema.metric import Exchange, SemiAdditive, Simple
from sightline.metrics.compile.arm import held, subquery
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import Statement, alias_of, column_of

UNRATED, REASONS = "__unrated", "__unrated_in"
"""Ends of the names of the columns that count a leaf's rows without a rate, and say which currencies lack it since."""

ALL = f"{UNRATED}__all"
"""Ends the name of the column that counts them over all rows of an answer, also those beyond its limit."""

DAYLESS = "dayless"
"""What stands for the first day of a rate where the row itself has no day."""

_CODE, _DAY, _RATE, _FIRST = "_code", "_day", "_rate", "_first"


@dataclass(frozen=True)
class Rated:
    """Builds the figures of one leaf whose amounts are converted."""

    frame: Frame
    leaf: Simple | SemiAdditive
    exchange: Exchange
    currency: str
    alias: str

    def factor(self) -> exp.Expr:
        """Return what an amount of the row is multiplied by: missing where there is no rate."""
        same = exp.EQ(this=self.frame.own(self.currency), expression=_target(self.frame.statement, self.exchange))
        rate = column_of(self.alias, _RATE)
        return exp.Case(ifs=[exp.If(this=same, true=exp.Literal.number(1))], default=rate)

    def value(self) -> exp.Expr:
        """Return the converted value of a row, missing where there is no rate."""
        if self.leaf.column:
            return self._amount(self.leaf.column)
        known = exp.Not(this=exp.Is(this=exp.Paren(this=self.factor()), expression=exp.Null()))
        return exp.Case(ifs=[exp.If(this=known, true=self._written(self._amount))])

    def is_unrated(self) -> exp.Expr:
        """Return whether the row has a value and no rate for it."""
        stored = self.frame.shown(self.leaf.column) if self.leaf.column else self._written(self.frame.shown)
        missing: exp.Expr = exp.Is(this=exp.Paren(this=self.factor()), expression=exp.Null())
        there = exp.Not(this=exp.Is(this=exp.Paren(this=stored), expression=exp.Null()))
        return exp.And(this=missing, expression=there)

    def reason(self) -> exp.Expr:
        """Return `CHF|2025-01-02`: the row's currency, and the first day on which there is a rate."""
        day = self.frame.day(self.leaf.time) or exp.Null()
        text = exp.DataType.build("text")
        first = exp.func("coalesce", exp.Cast(this=column_of(self.alias, _FIRST), to=text), exp.Literal.string(""))
        dayless = exp.Is(this=day, expression=exp.Null())
        since = exp.Case(ifs=[exp.If(this=dayless, true=exp.Literal.string(DAYLESS))], default=first)
        code = exp.func("coalesce", self.frame.own(self.currency), exp.Literal.string(""))
        return exp.func("concat", code, exp.Literal.string("|"), since)

    def reason_if_unrated(self) -> exp.Expr:
        """Return the reason of a row that is left out, missing for any other."""
        return exp.Case(ifs=[exp.If(this=self.is_unrated(), true=self.reason())])

    def left_out(self, name: str, condition: exp.Expr | None) -> list[tuple[str, exp.Expr]]:
        """Return the columns that count and explain the rows without a rate, of those that meet the condition."""
        unrated: exp.Expr = self.is_unrated()
        if condition is not None:
            unrated = exp.And(this=exp.Paren(this=condition), expression=exp.Paren(this=unrated))
        reasons = exp.ArrayAgg(this=exp.Distinct(expressions=[self.reason()]))
        return [
            (name + UNRATED, held(exp.Count(this=exp.Star()), unrated)),
            (name + REASONS, held(reasons, unrated.copy())),
        ]

    def _amount(self, name: str) -> exp.Expr:
        """Return a column of the expression, converted if it is an amount in the row's currency."""
        own = self.frame.dataset.columns.get(name)
        shown = self.frame.shown(name)
        if own is None or own.currency != self.currency:
            return shown
        return exp.Paren(this=exp.Mul(this=shown, expression=exp.Paren(this=self.factor())))

    def _written(self, column: Callable[[str], exp.Expr]) -> exp.Expr:
        text = getattr(self.leaf, "expression", None) or ""
        return replace_leaves(parse_expression(text), column=column, value=self.frame.statement.bind)


def rated(frame: Frame, leaf: Simple | SemiAdditive) -> Rated | None:
    """Return the conversion of a leaf's amounts, with the join that it needs; None where nothing is converted."""
    currency = next(iter(sorted(currencies_of(leaf, frame.dataset))), None)
    if leaf.convert is None or currency is None:
        return None
    exchange = leaf.convert
    day = frame.day(leaf.time)
    key = (exchange, currency, leaf.time)

    def rates(alias: str) -> exp.Join:
        on = exp.And(
            this=exp.EQ(this=frame.own(currency), expression=column_of(alias, _CODE)),
            expression=exp.EQ(this=(day or exp.Null()).copy(), expression=column_of(alias, _DAY)),
        )
        return exp.Join(this=subquery(_quotes(frame, leaf, exchange, currency), alias), side="LEFT", on=on)

    return Rated(frame, leaf, exchange, currency, frame.attach(key, rates))


def _target(statement: Statement, exchange: Exchange) -> exp.Expr:
    return statement.bind(exchange.target(statement.catalog.settings.currency))


def base_of(catalog: Catalog, exchange: Exchange) -> str:
    """Return the currency in which the rates say what another is worth."""
    return catalog.dataset(exchange.rates).columns[exchange.rate].currency or catalog.settings.currency


def _quotes(frame: Frame, leaf: Simple | SemiAdditive, exchange: Exchange, currency: str) -> exp.Select:
    """Return the rate of each currency and day that rows of the dataset have, and the first day of one."""
    statement = frame.statement
    base = base_of(statement.catalog, exchange)
    target = exchange.target(statement.catalog.settings.currency)
    pairs = _pairs(frame, leaf, currency)
    is_base = exp.EQ(this=column_of("p", _CODE), expression=statement.bind(base))
    joins = [_as_of(_rates(statement, exchange), "r", code=column_of("p", _CODE)), _since(statement, exchange, "s")]
    rate: exp.Expr = column_of("r", _RATE)
    first: exp.Expr = column_of("s", _FIRST)
    if target != base:
        joins += [
            _as_of(_rates(statement, exchange, only=target), "t"),
            exp.Join(this=subquery(_firsts(statement, exchange, only=target), "u"), kind="CROSS"),
        ]
        rate = exp.Case(ifs=[exp.If(this=is_base, true=exp.Literal.number(1))], default=rate)
        real = exp.Cast(this=exp.Paren(this=rate), to=exp.DataType.build("double"))
        rate = exp.Div(this=real, expression=column_of("t", _RATE))
        first = _later(is_base.copy(), first, column_of("u", _FIRST))
    query = exp.Select(
        expressions=[
            column_of("p", _CODE),
            column_of("p", _DAY),
            alias_of(rate, _RATE),
            alias_of(first, _FIRST),
        ]
    )
    query.set("from_", exp.From(this=subquery(pairs, "p")))
    query.set("joins", joins)
    return query


def _pairs(frame: Frame, leaf: Simple | SemiAdditive, currency: str) -> exp.Select:
    """Return each currency and day that rows have. Without a day there is none: DuckDB may find a rate for it."""
    rows = Frame(frame.statement, leaf.dataset, alias="k")
    code, day = rows.own(currency), rows.day(leaf.time) or exp.Null()
    there: list[exp.Expr] = [exp.Not(this=exp.Is(this=each.copy(), expression=exp.Null())) for each in (code, day)]
    pairs = rows.select([alias_of(code, _CODE), alias_of(day, _DAY)], there)
    pairs.set("distinct", exp.Distinct())
    return pairs


def _later(is_base: exp.Expr, own: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return the first day on which both rates are known; the base needs none of its own."""
    unknown = exp.Or(
        this=exp.Is(this=own.copy(), expression=exp.Null()), expression=exp.Is(this=other.copy(), expression=exp.Null())
    )
    both = exp.Greatest(this=own, expressions=[other.copy()])
    return exp.Case(ifs=[exp.If(this=is_base, true=other), exp.If(this=unknown, true=exp.Null())], default=both)


def _rates(statement: Statement, exchange: Exchange, *, only: str | None = None) -> exp.Select:
    """Return currency, day and rate of the rows of rates that the viewer may see."""
    source = Frame(statement, exchange.rates, alias="x")
    columns = [
        alias_of(source.shown(exchange.currency), _CODE),
        alias_of(source.day(None) or exp.Null(), _DAY),
        alias_of(source.shown(exchange.rate), _RATE),
    ]
    held_to = [exp.EQ(this=source.shown(exchange.currency), expression=statement.bind(only))] if only else []
    there = exp.Not(this=exp.Is(this=source.shown(exchange.rate), expression=exp.Null()))
    return source.select(columns, [there, *held_to])


def _firsts(statement: Statement, exchange: Exchange, *, only: str | None = None) -> exp.Select:
    """Return the first day of a rate, by currency or of one alone."""
    code = [] if only else [column_of("y", _CODE)]
    query = exp.Select(expressions=[*code, alias_of(exp.Min(this=column_of("y", _DAY)), _FIRST)])
    query.set("from_", exp.From(this=subquery(_rates(statement, exchange, only=only), "y")))
    if not only:
        query.set("group", exp.Group(expressions=[column_of("y", _CODE)]))
    return query


def _as_of(rates: exp.Select, alias: str, *, code: exp.Expr | None = None) -> exp.Join:
    """Return the join that finds the last rate on or before a pair's day."""
    on: exp.Expr = exp.GTE(this=column_of("p", _DAY), expression=column_of(alias, _DAY))
    if code is not None:
        on = exp.And(this=exp.EQ(this=code, expression=column_of(alias, _CODE)), expression=on)
    return exp.Join(this=subquery(rates, alias), method="ASOF", side="LEFT", on=on)


def _since(statement: Statement, exchange: Exchange, alias: str) -> exp.Join:
    on = exp.EQ(this=column_of("p", _CODE), expression=column_of(alias, _CODE))
    return exp.Join(this=subquery(_firsts(statement, exchange), alias), side="LEFT", on=on)
