"""Masks: personal data is replaced where the table is read, so that no group, filter or export can see through."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sightline.definitions.policy import Policy
from sightline.definitions.schema.dataset import Column

VISIBLE_TAIL = 4


def masked(
    value: exp.Expr,
    *,
    policy: Policy,
    dataset: str,
    name: str,
    column: Column,
    missing: exp.Expr,
    key: Callable[[], exp.Expr],
) -> exp.Expr:
    """Return the column as this viewer may see it: itself, a hash under the workspace's key, a part of it, or nothing.

    Only text has a hash or a part; of any other type nothing (`missing`) is seen, so that a column keeps its type.
    """
    if column.pii is None:
        return value
    masking = policy.mask_of(dataset, name, column.pii)
    if masking == "show":
        return value
    if column.type != "string":
        return missing
    if masking == "hash":
        return _hashed(value, key())
    if masking == "partial":
        return _partial(value, column.pii)
    return missing


def _hashed(value: exp.Expr, key: exp.Expr) -> exp.Expr:
    """Return the start of a hash under the key: the same for the same value in all datasets of the workspace.

    Without the key, whoever hashes all phone numbers would find out whose each hash is. `||` keeps what is missing so.
    """
    keyed = exp.DPipe(this=key, expression=_text(value))
    return exp.func("substr", exp.func("sha256", keyed), exp.Literal.number(1), exp.Literal.number(16))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build("text"))


def _partial(value: exp.Expr, pii: str) -> exp.Expr:
    """`j…@example.org` for an e-mail address, `…0142` for anything else; of short values less, never all."""
    text = _text(value)
    if pii == "email":
        name, domain = _piece(text, 1), _piece(text, 2)
        return exp.func("concat", exp.func("left", name, _half(name, 1)), exp.Literal.string("…@"), domain)
    return exp.func("concat", exp.Literal.string("…"), exp.func("right", text, _half(text, VISIBLE_TAIL)))


def _piece(text: exp.Expr, number: int) -> exp.Expr:
    parts = [text.copy(), exp.Literal.string("@"), exp.Literal.number(number)]
    return exp.Anonymous(this="split_part", expressions=parts)


def _half(text: exp.Expr, most: int) -> exp.Expr:
    """Return how many letters may be seen: at most so many, and at most half of all."""
    half = exp.Anonymous(
        this="floor", expressions=[exp.Div(this=exp.Length(this=text.copy()), expression=exp.Literal.number(2))]
    )
    least = exp.Least(this=half, expressions=[exp.Literal.number(most)])
    return exp.Cast(this=least, to=exp.DataType.build("bigint"))
