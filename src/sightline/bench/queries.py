"""What the metrics layer costs per question, on top of the engine's own time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pyarrow as pa

from sightline.bench.figures import Figure, median
from sightline.bench.home import BenchHome
from sightline.bench.load import quantile
from sightline.bench.periods import WHOLE, distinct_periods
from sightline.bench.raw import RawDashboard
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.engines.base import Engine
from sightline.metrics.ask import ask
from sightline.metrics.question import Period, Question
from sightline.metrics.warehouse import warehouse_of

OVERHEAD_TARGET_MS = 5.0
ROUNDS = 10
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

QUESTIONS: Mapping[str, Question] = {
    "leads": Question(metrics=("leads",)),
    "won": Question(metrics=("won",)),
    "win_rate": Question(metrics=("win_rate",)),
    "pipeline_value": Question(metrics=("pipeline_value",)),
    "leads by week": Question(metrics=("leads",), grain="week"),
    "win_rate by month": Question(metrics=("win_rate",), grain="month"),
    "leads by source": Question(metrics=("leads",), group_by=("source",)),
    "pipeline_value by level": Question(metrics=("pipeline_value",), group_by=("level",)),
    "won by month and level": Question(metrics=("won",), group_by=("level",), grain="month"),
    "win_rate by region and source": Question(metrics=("win_rate",), group_by=("region", "source")),
    "leads and win_rate by program": Question(metrics=("leads", "win_rate"), group_by=("program",)),
    "table by program": Question(metrics=("leads", "won", "win_rate", "pipeline_value"), group_by=("program",)),
}
"""The twelve panels as questions, named as the statements are."""


class TimedEngine:
    """An engine that counts the time spent inside it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.spent = 0.0
        self.capabilities = engine.capabilities
        self.functions = engine.functions

    def run(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        started = time.perf_counter()
        try:
            return self._engine.run(sql, parameters)
        finally:
            self.spent += time.perf_counter() - started


def measure_queries(*, home: BenchHome, rounds: int = ROUNDS) -> list[Figure]:
    """Return the time per new question, how much of it is ours, and the time of a question asked before."""
    folder = home.folder()
    shared = warehouse_of(folder)
    engine = TimedEngine(shared.engine)
    warehouse = replace(shared, engine=engine)
    raw = RawDashboard(folder)
    totals, overheads, repeats, direct = [], [], [], []
    for panel, period in _asked(rounds):
        question = replace(QUESTIONS[panel], period=period)
        engine.spent, started = 0.0, time.perf_counter()
        ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
        totals.append(_ms(started))
        overheads.append(totals[-1] - engine.spent * 1000)
        started = time.perf_counter()
        ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=NOW)
        repeats.append(_ms(started))
        started = time.perf_counter()
        raw.run_one(panel, period)
        direct.append(_ms(started))
    raw.close()
    return [
        Figure("new question, p50", median(totals), "ms", raw=median(direct)),
        Figure("new question, p95", quantile(sorted(totals), 0.95), "ms", raw=quantile(sorted(direct), 0.95)),
        Figure("metrics layer per question, p50", median(overheads), "ms", target=OVERHEAD_TARGET_MS),
        Figure("metrics layer per question, p95", quantile(sorted(overheads), 0.95), "ms"),
        Figure("question asked before, p50", median(repeats), "ms"),
    ]


def _asked(rounds: int) -> Iterator[tuple[str, Period]]:
    """Yield every panel with periods nobody asked about before; the first round, over all days, warms the files up."""
    for period in (WHOLE, *islice(distinct_periods(), 1, rounds)):
        yield from ((panel, period) for panel in QUESTIONS)


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
