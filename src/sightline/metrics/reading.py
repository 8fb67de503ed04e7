"""Reads cells out of an answer: value, state, change, target and status, each for itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sightline.definitions.bands import Status, parsed, status_in
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.bands import Ranges
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import (
    Computed,
    Conversion,
    Cumulative,
    Funnel,
    Interval,
    Metric,
    Ratio,
    Retention,
    SemiAdditive,
    Simple,
)
from sightline.metrics.compile.exchange import UNRATED
from sightline.metrics.parts import KNOWN, parts_of
from sightline.metrics.plan import LEAVES, operands
from sightline.metrics.result import Cell, FunnelStage, State
from sightline.metrics.targets import segment_of, target_of

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

FLAT = 1e-12


def cell(answer: Answer, row: int, name: str) -> Cell:
    """Return one metric of one row."""
    metric = answer.catalog.metric(name)
    value = number(answer.value(row, name))
    change = number(answer.value(row, f"{name}__change"))
    due = target_of(answer, row, name, metric)
    n = observations(answer, row, name)
    maturity, state = maturing(answer, row, name), state_of(answer, row, name)
    ranges = metric.bands.of(segment_of(answer, row)) if metric.bands else None
    unrated = int(answer.value(row, name + UNRATED) or 0)
    return Cell(
        metric=name,
        value=value,
        state=state,
        n=n,
        previous=number(answer.value(row, f"{name}__previous")),
        change=change,
        change_kind="difference" if metric.unit == "percent" else "relative",
        good=_good(change, metric, is_maturing=maturity is not None),
        target=due.whole if due else None,
        expected=due.by_now if due else None,
        due_by=due.until if due else None,
        gap=value - due.by_now if due and value is not None else None,
        status=_status(value, ranges) if state == "ok" and maturity is None else None,
        ranges=ranges,
        maturing=maturity,
        excluded=int(answer.value(row, f"{name}__excluded") or 0) + unrated,
        unrated=unrated,
    )


def number(value: Any) -> float | None:
    """Return the value as a number, None for what is not one."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, int) else float(value)


def _good(change: float | None, metric: Metric, *, is_maturing: bool) -> bool | None:
    if change is None or abs(change) < FLAT or metric.direction == "neutral":
        return None
    if is_maturing and change < 0:  # a young cohort still rises, so that it is lower says nothing
        return None
    return (change > 0) == (metric.direction == "up")


def _status(value: float | None, ranges: Ranges | None) -> Status | None:
    return None if value is None or ranges is None else status_in(parsed(ranges), value)


def observations(answer: Answer, row: int, name: str) -> int | None:
    """Return how many observations stand behind the figure: for a rate, its denominator."""
    metric = answer.catalog.metric(name)
    if isinstance(metric, Computed):
        return observations(answer, row, metric.n) if metric.n else None
    if isinstance(metric, Ratio):
        if _is_a_count(answer.catalog.metric(metric.denominator), answer.catalog):
            return int(answer.value(row, metric.denominator) or 0)
        return observations(answer, row, metric.denominator)
    return int(answer.value(row, f"{name}__n") or 0)


def _is_a_count(metric: Metric, catalog: Catalog) -> bool:
    if isinstance(metric, Cumulative):
        return _is_a_count(catalog.metric(metric.metric), catalog)
    if isinstance(metric, Conversion):
        return metric.show == "count"
    return isinstance(metric, (Simple, SemiAdditive)) and metric.agg in ("count", "count_distinct")


def state_of(answer: Answer, row: int, name: str, back: str = "") -> State:
    """Return why the figure is, or is not, a number; `back` is the suffix of an earlier one."""
    metric = answer.catalog.metric(name)
    raw = answer.value(row, name + back)
    value = number(raw)
    if value is None:
        return "undefined" if raw is not None else _missing(answer, row, name, metric, back)
    if not back and metric.min_n and (observations(answer, row, name) or 0) < metric.min_n:
        return "too_few"
    return "ok"


def _missing(answer: Answer, row: int, name: str, metric: Metric, back: str) -> State:
    column = name + back
    if name in answer.hidden:
        return "hidden"
    if back and isinstance(metric, LEAVES) and not answer.value(row, column + KNOWN):
        return "no_history"
    if (answer.value(row, f"{column}__currencies") or 0) > 1:
        return "mixed_currencies"
    if answer.value(row, column + UNRATED):
        return "no_rate"
    if isinstance(metric, (Conversion, Retention)):
        return "zero_denominator"
    if isinstance(metric, Interval) and metric.population == "all" and (answer.value(row, f"{column}__base") or 0) > 0:
        return "not_reached"
    parts = parts_of(metric)
    for part in parts:
        below = state_of(answer, row, part.metric, back + part.suffix)
        if below not in ("ok", "too_few"):
            return below
    return "zero_denominator" if parts else "no_data"


def maturing(answer: Answer, row: int, name: str) -> float | None:
    """Return the share of the cohort that has had time to convert, None when all have or the metric has no cohort."""
    metric = answer.catalog.metric(name)
    if isinstance(metric, (Ratio, Computed)):
        shares = [share for each in operands(metric) if (share := maturing(answer, row, each)) is not None]
        return min(shares) if shares else None
    mature = answer.value(row, f"{name}__mature")
    whole = answer.value(row, f"{name}__base") or answer.value(row, f"{name}__n")
    if mature is None or not whole or mature >= whole:
        return None
    return float(mature / whole)


def funnel(answer: Answer, row: int) -> list[FunnelStage]:
    """Return the stages of a funnel, the first with everybody who entered."""
    name = answer.question.metrics[0]
    metric = answer.catalog.metric(name)
    if not isinstance(metric, Funnel) or not answer.n_rows or name in answer.hidden:
        return []
    counts = _stage_counts(answer, row, name, metric, "")
    before = _stage_counts(answer, row, name, metric, "__previous") if answer.comparison else None
    return [
        FunnelStage(
            name=stage.name,
            label=label_of(stage.name, stage.label),
            count=counts[index],
            step_rate=_share(counts[index], counts[index - 1]) if index else None,
            overall_rate=_share(counts[index], counts[0]) if index else None,
            median_days=number(answer.value(row, f"{name}__days_{index}")),
            previous=before[index] if before else None,
            previous_step_rate=_share(before[index], before[index - 1]) if before and index else None,
        )
        for index, stage in enumerate(metric.stages)
    ]


def _stage_counts(answer: Answer, row: int, name: str, metric: Funnel, suffix: str) -> list[int]:
    later = [f"{name}{suffix}__stage_{index}" for index in range(1, len(metric.stages))]
    return [int(answer.value(row, column) or 0) for column in (f"{name}{suffix}__n", *later)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
