"""Tie-outs: numbers that must agree, run as checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf, isfinite
from typing import Literal

from sightline.definitions.catalog import Catalog, Location
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Derived, Tieout
from sightline.errors import SightlineError
from sightline.metrics.ask import ask
from sightline.metrics.explain import plain
from sightline.metrics.plan import PERIOD
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

LEFT, RIGHT = "tieout__left", "tieout__right"
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
    worst = max(pairs, key=_apart)
    allowed = max(tieout.tolerance, ROUNDING * max(abs(worst[1]), abs(worst[2])))
    differs = _apart(worst) > (allowed if isfinite(allowed) else tieout.tolerance)
    message = f"{plain(worst[1])} against {plain(worst[2])}" + (f", {worst[0]}" if worst[0] else "")
    return _result(name, tieout, warehouse.catalog, "differs" if differs else "ok", worst, worst[0], message)


def _apart(pair: tuple[str, float, float]) -> float:
    """Return how far the sides are apart; what is not a finite number agrees with nothing."""
    difference = abs(pair[1] - pair[2])
    return difference if isfinite(difference) else inf


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
        difference=_apart(pair) if pair else None,
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
    """Yield both sides wherever either has a value; what is missing on one side counts as nothing."""
    sides = {LEFT: Derived(type="derived", expression=left), RIGHT: Derived(type="derived", expression=right)}
    catalog = warehouse.catalog
    asked = replace(catalog, metrics={**catalog.metrics, **sides}, digest=f"{catalog.digest} {left} = {right}")
    question = Question((LEFT, RIGHT), group_by=tuple(tieout.by), grain=tieout.grain)
    answer = ask(question, SYSTEM_VIEWER, warehouse=replace(warehouse, catalog=asked), now=now)
    for row in range(answer.n_rows):
        values = answer.value(row, LEFT), answer.value(row, RIGHT)
        place = ", ".join(str(answer.value(row, each)) for each in (*tieout.by, *((PERIOD,) if tieout.grain else ())))
        if values != (None, None):
            yield place, float(values[0] or 0), float(values[1] or 0)
