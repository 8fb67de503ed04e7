"""Amounts of money in formulas: which currency each part is in, and where two of them meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from sqlglot import exp

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
ISO_4217 = frozenset(_CODES.split())

Money = Mapping[str, int]
"""Currency → power: dollars are `{"USD": 1}`, leads per dollar `{"USD": -1}`, a share of dollars in dollars nothing."""

NOTHING: Money = {}
LOGIC = (exp.And, exp.Or, exp.Not)
COMPARISON = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is)


class MixedMoney(ValueError):
    """Amounts in two currencies meet."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(" and ".join(codes))
        self.codes = codes


def code_of(unit: str) -> str | None:
    """Return the currency that a unit names, None when it is something else."""
    return unit.upper() if unit.upper() in ISO_4217 else None


def amount(code: str | None) -> Money:
    """Return what is in one currency; nothing for None."""
    return {code: 1} if code else NOTHING


def money_in(tree: exp.Expr, money_of: Callable[[str], Money]) -> Money:
    """Return the currency of an expression. Raises MixedMoney where amounts of two are added, compared or divided."""
    if isinstance(tree, exp.Column):
        return money_of(tree.name)
    if isinstance(tree, exp.Identifier):
        return NOTHING
    if isinstance(tree, exp.Round):
        return money_in(tree.this, money_of)
    parts = [money_in(each, money_of) for each in tree.iter_expressions()]
    if isinstance(tree, exp.Mul):
        return reduce(_times, parts, NOTHING)
    if isinstance(tree, exp.Div):
        return divided(*parts)
    if isinstance(tree, (exp.Case, exp.If)):
        return _met([money_in(each, money_of) for each in _results(tree)])
    if isinstance(tree, LOGIC):
        return NOTHING
    met = _met(parts)
    return NOTHING if isinstance(tree, COMPARISON) else met


def divided(numerator: Money, denominator: Money) -> Money:
    """Return the currency of a quotient: none when both parts are in one. Raises MixedMoney."""
    return _times(numerator, {code: -power for code, power in denominator.items()})


def _results(choice: exp.Case | exp.If) -> list[exp.Expr]:
    """Return what a choice may come to; of a branch of a `case` only its own result."""
    branches = choice.args["ifs"] if isinstance(choice, exp.Case) else [choice]
    last = choice.args.get("default") if isinstance(choice, exp.Case) else choice.args.get("false")
    return [*(each.args["true"] for each in branches), *([last] if last is not None else [])]


def _met(parts: list[Money]) -> Money:
    known = [each for each in parts if each]
    _require_one({code for each in known for code in each})
    return known[0] if known else NOTHING


def _times(one: Money, other: Money) -> Money:
    powers = {code: one.get(code, 0) + other.get(code, 0) for code in {*one, *other}}
    found = {code: power for code, power in powers.items() if power}
    _require_one(set(found))
    return found


def _require_one(codes: set[str]) -> None:
    if len(codes) > 1:
        raise MixedMoney(tuple(sorted(codes)))
