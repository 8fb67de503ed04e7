"""Rows that are left out of a converted figure, in words: which currencies have no rate, and since when they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sightline.definitions.schema.base import label_of
from sightline.metrics.compile.currency import exchange_of
from sightline.metrics.compile.exchange import ALL, DAYLESS, REASONS, UNRATED
from sightline.metrics.parts import BACK
from sightline.metrics.plan import leaves_of

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer


def unrated_in(answer: Answer, name: str, rows: Sequence[int]) -> Iterator[str]:
    """Yield what is left out of a metric in these rows, of all its parts and of what it is compared with."""
    leaves = leaves_of((name,), answer.catalog)
    for leaf, metric in leaves.items():
        exchange = exchange_of(metric, answer.catalog)
        if exchange is None:
            continue
        seen = "" if answer.policy.rows_of(exchange.rates) == "all" else " that you may see"
        of = f" of {label_of(leaf, metric.label).lower()}" if len(leaves) > 1 else ""
        for column in _columns(answer, leaf):
            counts = [answer.value(row, column + UNRATED) or 0 for row in rows]
            total = sum(counts) if len(rows) < answer.n_rows else max(sum(counts), _everywhere(answer, column))
            found = {each for row in rows for each in answer.value(row, column + REASONS) or ()}
            if total:
                yield _said(int(total), sorted(found), of + _when(column.removeprefix(leaf)), seen)


def _columns(answer: Answer, leaf: str) -> Iterator[str]:
    """Yield the columns of a leaf's figures: of the time asked about, of the one compared with, of earlier ones."""
    ends = (UNRATED, f"__previous{UNRATED}")
    for name in answer.table.column_names:
        rest = name.removeprefix(leaf)
        if rest in ends or (name != rest and rest.endswith(UNRATED) and BACK in rest and rest.startswith("__")):
            yield name.removesuffix(UNRATED)


def _when(suffix: str) -> str:
    if BACK in suffix:
        return " at the time looked back to"
    return " in the period compared with" if suffix else ""


def _everywhere(answer: Answer, column: str) -> int:
    return int(answer.value(0, column + ALL) or 0) if answer.n_rows else 0


def _said(total: int, reasons: Sequence[str], of: str, seen: str) -> str:
    """Return `3 rows in CHF have no rate before 2025-01-02 and are left out`."""
    one = total == 1
    rows = ("1 row" if one else f"{total:,} rows") + of
    has, are = ("has", "is") if one else ("have", "are")
    if len(reasons) == 1:
        code, since = _parts(reasons[0])
        if since == DAYLESS and code:
            return f"{rows} in {code} {has} no day, so no rate, and {are} left out"
        if not code:
            return f"{rows} {has} no currency and {are} left out"
        return f"{rows} in {code} {has} no rate{seen}{f' before {since}' if since else ''} and {are} left out"
    why = f": {'; '.join(_each(reason) for reason in reasons)}" if reasons else ""
    return f"{rows} {has} no rate{seen} and {are} left out{why}"


def _each(reason: str) -> str:
    code, since = _parts(reason)
    if not code:
        return "some have no currency"
    if since == DAYLESS:
        return f"some in {code} have no day"
    return f"{code} has none before {since}" if since else f"{code} has none"


def _parts(reason: str) -> tuple[str, str]:
    code, _, since = reason.rpartition("|")
    return code, since
