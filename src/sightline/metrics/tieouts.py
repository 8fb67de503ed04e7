"""Tie-outs: numbers that must agree, run as checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlglot import exp

from sightline.definitions.catalog import Catalog, Location
from sightline.definitions.expressions import columns_in, parse_expression
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Tieout
from sightline.errors import SightlineError
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.explain import plain
from sightline.metrics.plan import PERIOD
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

ROUNDING = 1e-6
"""Share of the larger side that binary arithmetic may lose."""


@dataclass(frozen=True)
class TieoutResult:
    """Whether the two sides of one tie-out agree. `difference` is the largest found, `where` the place of it."""

    name: str
    label: str
    state: Literal["ok", "differs", "error"]
    left: float | None
    right: float | None
    difference: float | None
    tolerance: float
    where: str
    message: str
    location: Location | None


def run_tieouts(warehouse: Warehouse, *, now: datetime) -> list[TieoutResult]:
    """Return the result of every tie-out of the workspace, in order of name."""
    return [_run(name, tieout, warehouse, now) for name, tieout in sorted(warehouse.catalog.tieouts.items())]


def _run(name: str, tieout: Tieout, warehouse: Warehouse, now: datetime) -> TieoutResult:
    try:
        pairs = list(_pairs(tieout, warehouse, now))
    except SightlineError as error:
        return _result(name, tieout, warehouse.catalog, "error", None, "", str(error))
    if not pairs:
        return _result(name, tieout, warehouse.catalog, "ok", None, "", "no data yet")
    worst = max(pairs, key=lambda pair: abs(pair[1] - pair[2]))
    allowed = max(tieout.tolerance, ROUNDING * max(abs(worst[1]), abs(worst[2])))
    differs = abs(worst[1] - worst[2]) > allowed
    message = f"{plain(worst[1])} against {plain(worst[2])}" + (f", {worst[0]}" if worst[0] else "")
    return _result(name, tieout, warehouse.catalog, "differs" if differs else "ok", worst, worst[0], message)


def _result(
    name: str,
    tieout: Tieout,
    catalog: Catalog,
    state: Literal["ok", "differs", "error"],
    pair: tuple[str, float, float] | None,
    where: str,
    message: str,
) -> TieoutResult:
    return TieoutResult(
        name=name,
        label=label_of(name, tieout.label),
        state=state,
        left=pair[1] if pair else None,
        right=pair[2] if pair else None,
        difference=abs(pair[1] - pair[2]) if pair else None,
        tolerance=tieout.tolerance,
        where=where,
        message=message,
        location=catalog.locations.get(("tieout", name)),
    )


def _pairs(tieout: Tieout, warehouse: Warehouse, now: datetime) -> Iterator[tuple[str, float, float]]:
    """Yield (place, left, right) for every row that the two sides must agree on."""
    if tieout.parts:
        yield from _parts(tieout.parts, tieout, warehouse, now)
    elif tieout.left and tieout.right:
        yield from _sides(tieout.left, tieout.right, tieout, warehouse, now)


def _parts(metric: str, tieout: Tieout, warehouse: Warehouse, now: datetime) -> Iterator[tuple[str, float, float]]:
    whole = ask(Question((metric,), grain=tieout.grain), SYSTEM_VIEWER, warehouse=warehouse, now=now)
    question = Question((metric,), group_by=tuple(tieout.by), grain=tieout.grain)
    parts = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=now)
    sums: dict[object, float] = {}
    for row in range(parts.n_rows):
        place = parts.value(row, PERIOD)
        sums[place] = sums.get(place, 0.0) + (parts.value(row, metric) or 0.0)
    for row in range(whole.n_rows):
        place = whole.value(row, PERIOD)
        yield str(place or ""), sums.get(place, 0.0), whole.value(row, metric) or 0.0


def _sides(
    left: str, right: str, tieout: Tieout, warehouse: Warehouse, now: datetime
) -> Iterator[tuple[str, float, float]]:
    names = tuple(sorted(columns_in(parse_expression(left)) | columns_in(parse_expression(right))))
    question = Question(names, group_by=tuple(tieout.by), grain=tieout.grain)
    answer = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=now)
    for row in range(answer.n_rows):
        sides = evaluate(left, answer, row), evaluate(right, answer, row)
        place = ", ".join(str(answer.value(row, each)) for each in (*tieout.by, *((PERIOD,) if tieout.grain else ())))
        if sides[0] is not None and sides[1] is not None:
            yield place, sides[0], sides[1]


def evaluate(expression: str, answer: Answer, row: int) -> float | None:
    """Return the value of an arithmetic expression over the metrics of one row, None when one is missing."""
    return _value(parse_expression(expression), answer, row)


def _value(node: exp.Expr, answer: Answer, row: int) -> float | None:
    if isinstance(node, exp.Paren):
        return _value(node.this, answer, row)
    if isinstance(node, exp.Column):
        value = answer.value(row, node.name)
        return None if value is None else float(value)
    if isinstance(node, exp.Literal):
        return float(node.this)
    if isinstance(node, exp.Neg):
        inner = _value(node.this, answer, row)
        return None if inner is None else -inner
    left, right = _value(node.this, answer, row), _value(node.expression, answer, row)
    if left is None or right is None:
        return None
    if isinstance(node, exp.Div):
        return left / right if right else None
    operations: dict[type[exp.Expr], float] = {exp.Add: left + right, exp.Sub: left - right, exp.Mul: left * right}
    return operations.get(type(node))
