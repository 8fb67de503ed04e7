"""Masks: personal data is replaced where the table is read, so that no group, filter or export can see through."""

from __future__ import annotations

from sqlglot import exp

from sightline.definitions.policy import Policy
from sightline.definitions.schema.dataset import Column

VISIBLE_TAIL = 4


def masked(value: exp.Expr, *, policy: Policy, dataset: str, name: str, column: Column) -> exp.Expr:
    """Return the column as this viewer may see it: itself, a hash, its first letter and end, or nothing."""
    if column.pii is None:
        return value
    masking = policy.mask_of(dataset, name, column.pii)
    if masking == "show":
        return value
    if masking == "hash":
        return exp.func("substr", exp.func("sha256", _text(value)), exp.Literal.number(1), exp.Literal.number(16))
    if masking == "partial":
        return _partial(value, column.pii)
    return exp.Cast(this=exp.Null(), to=exp.DataType.build("text"))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build("text"))


def _partial(value: exp.Expr, pii: str) -> exp.Expr:
    """`j…@example.org` for an e-mail address, `…0142` for anything else."""
    if pii == "email":
        first = exp.func("left", _text(value), exp.Literal.number(1))
        domain = exp.func(
            "split_part", _text(value.copy()), exp.Literal.string("@"), exp.Literal.number(2), dialect="duckdb"
        )
        return exp.func("concat", first, exp.Literal.string("…@"), domain)
    tail = exp.func("right", _text(value), exp.Literal.number(VISIBLE_TAIL))
    return exp.func("concat", exp.Literal.string("…"), tail)
