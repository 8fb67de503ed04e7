"""What the metrics of the saas pack should be, in plain SQL over the raw tables: nothing of Sightline is used here.

`expected` returns {group: value}. A group is a tuple of the grouped columns and, with a grain, the first day of the
month. Written from the definitions in words (docs/packs/saas.md), not from the YAML.
"""

# ruff: noqa: S608 - SQL is the point here, and every name in it is written in this file
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
from saas_words import (
    ALL_TIME,
    CONVERSIONS,
    CUMULATIVE,
    FACTS,
    FORMULAS,
    INTERVALS,
    MOVEMENTS,
    OF_A_MONTH,
    REPORTED,
    SCORES,
    VIEWS,
)

Groups = dict[tuple[Any, ...], float | None]
LEVELS = """
  SELECT {keys} organization, sum(amount) FILTER (day < $start) AS opening, sum(amount) FILTER (day < $end) AS closing,
         max(level) FILTER (day < $start) AS before
  FROM (SELECT *, sum(amount) OVER (PARTITION BY {keys} organization ORDER BY day) AS level FROM mrr_x)
  WHERE day < $end GROUP BY ALL
"""
IS = {
    "opening": "o > 0",
    "closing": "c > 0",
    "new": "o <= 0 AND c > 0 AND b <= 0",
    "reactivated": "o <= 0 AND c > 0 AND b > 0",
    "churned": "o > 0 AND c <= 0",
    "expansion": "o > 0 AND c > 0 AND c > o",
    "contraction": "o > 0 AND c > 0 AND c < o",
}


class Oracle:
    """Answers by plain SQL."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, today: date) -> None:
        self.connection = connection
        self.today = today
        connection.execute(VIEWS)

    def expected(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Return the value of each group that has one."""
        kinds: list[tuple[Any, Callable[..., Groups]]] = [
            (FACTS, self._fact),
            (MOVEMENTS, self._movement),
            (CUMULATIVE, self._cumulative),
            (CONVERSIONS, self._conversion),
            (INTERVALS, self._interval),
            (REPORTED, self._reported),
            (FORMULAS, self._formula),
            (SCORES, self._score),
        ]
        answer = next(method for known, method in kinds if metric in known)
        return answer(metric, by, grain, start, end)

    def _grouped(self, sql: str, width: int, **parameters: object) -> Groups:
        found = self.connection.execute(sql, parameters).fetchall()
        return {tuple(row[:width]): None if row[-1] is None else float(row[-1]) for row in found}

    def _fact(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        view, aggregate, condition, day = FACTS[metric]
        keys = [*by, *([f"CAST(date_trunc('{grain}', {day}) AS DATE)"] if grain else [])]
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        sql = f"""SELECT {", ".join([*keys, aggregate])} FROM {view}
                  WHERE ({condition}) AND {day} >= $start AND {day} < $end {group}"""
        return self._grouped(sql, len(keys), start=start, end=end)

    def _movement(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        kind, show = MOVEMENTS[metric]
        amount = {"opening": "o", "closing": "c"}.get(kind, "c - o")
        figure = "count(*)" if show == "entities" else f"sum({amount})"
        found: Groups = {}
        for first, last in buckets(grain, start, end):
            begin = first if metric not in OF_A_MONTH else month_before(last)
            keys = "".join(f"{name}, " for name in by)
            group = f"GROUP BY {', '.join(by)}" if by else ""
            cells = "coalesce(opening, 0) AS o, coalesce(closing, 0) AS c, coalesce(before, 0) AS b"
            sql = f"""SELECT {keys} {figure} FROM (SELECT {keys} {cells} FROM ({LEVELS.format(keys=keys)}))
                      WHERE {IS[kind]} {group}"""
            for key, value in self._grouped(sql, len(by), start=begin, end=last).items():
                found[(*key, *((first,) if grain else ()))] = value
        return found

    def _cumulative(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        inner, length = CUMULATIVE[metric]
        found: Groups = {}
        for first, stop in buckets(grain, start, end):
            begin = date(1990, 1, 1) if length == ALL_TIME else stop - timedelta(days=length)
            for group, value in self._fact(inner, by, None, begin, stop).items():
                found[(*group, *((first,) if grain else ()))] = value
        return found

    def _conversion(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        base, entity, hit, show = CONVERSIONS[metric]
        keys = [*by, *([f"CAST(date_trunc('{grain}', b.day) AS DATE)"] if grain else [])]
        count = "count(DISTINCT CASE WHEN hit THEN b.key END)"
        value = count if show == "count" else f"{count} / nullif(count(DISTINCT b.key), 0)"
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        inner = f"SELECT b.*, b.{entity} AS key, ({hit}) AS hit FROM {base} b"
        sql = f"SELECT {', '.join([*keys, value])} FROM ({inner}) b WHERE day >= $start AND day < $end {group}"
        return self._grouped(sql, len(keys), start=start, end=end)

    def _interval(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        keys = [*by, *([f"CAST(date_trunc('{grain}', day) AS DATE)"] if grain else [])]
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        took = "(epoch(first_value_at) - epoch(created_at)) / 86400.0"
        sql = f"""SELECT {", ".join([*keys, f"quantile_cont({took}, {INTERVALS[metric]})"])} FROM user_x
                  WHERE first_value_at IS NOT NULL AND day >= $start AND day < $end {group}"""
        return self._grouped(sql, len(keys), start=start, end=end)

    def _reported(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """A gauge at the last sample of each series, a counter by what it has grown."""
        how = REPORTED[metric]
        name = metric.removesuffix("_reported")
        month = "date_trunc('month', day)" if grain else "1"
        rows = f"SELECT * FROM sample_x WHERE metric = '{name}' AND day >= $start AND day < $end"
        figure, last = ("sum(increase)", "true") if how == "counter" else (f"{how}(value)", "moment = newest")
        marked = f"SELECT *, max(moment) OVER (PARTITION BY series, {month}) AS newest FROM ({rows})"
        keys = [*by, *([f"CAST(date_trunc('{grain}', day) AS DATE)"] if grain else [])]
        group = f"GROUP BY {', '.join(keys)}" if keys else ""
        return self._grouped(
            f"SELECT {', '.join([*keys, figure])} FROM ({marked}) WHERE {last} {group}", len(keys), start=start, end=end
        )

    def _formula(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        """Each operand by itself, then put side by side: nothing is joined before it is added up."""
        sql, operands = FORMULAS[metric]
        parts = {name: self.expected(name, by, grain, start, end) for name in operands}
        found: Groups = {}
        for group in {group for part in parts.values() for group in part}:
            values = {name: self._or_nothing(name, part.get(group)) for name, part in parts.items()}
            cells = ", ".join(f"CAST(${name} AS DOUBLE) AS {name}" for name in values)
            found[group] = self._grouped(f"SELECT {sql} FROM (SELECT {cells})", 0, **values)[()]
        return found

    def _or_nothing(self, metric: str, value: float | None) -> float | None:
        """Return 0 for a missing amount or count: nothing was sold is a number, nothing was measured is not."""
        adds = metric in MOVEMENTS or (metric in FACTS and FACTS[metric][1].startswith(("count", "sum")))
        adds = adds or (metric in CUMULATIVE and FACTS[CUMULATIVE[metric][0]][1].startswith(("count", "sum")))
        adds = adds or (metric in CONVERSIONS and CONVERSIONS[metric][3] == "count")
        return (value or 0) if adds else value

    def _score(self, metric: str, by: tuple[str, ...], grain: str | None, start: date, end: date) -> Groups:
        parts = {name: self.expected(name, by, grain, start, end) for name, *_ in SCORES[metric]}
        found: Groups = {}
        for group in {group for part in parts.values() for group in part}:
            earned = weights = 0.0
            for name, weight, worst, best in SCORES[metric]:
                value = parts[name].get(group)
                if value is not None:
                    earned += weight * min(1.0, max(0.0, (value - worst) / (best - worst)))
                    weights += weight
            found[group] = 100 * earned / weights if weights else None
        return found


def month_before(day: date) -> date:
    """Return the same day of the month before, for days that every month has."""
    assert day.day <= 28
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, day.day)


def buckets(grain: str | None, start: date, end: date) -> list[tuple[date, date]]:
    """Return the months of a period: first day, and the day after the last inside it."""
    if grain is None:
        return [(start, end)]
    assert grain == "month"
    assert start.day == 1
    found, first = [], start
    while first < end:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        found.append((first, min(following, end)))
        first = following
    return found
