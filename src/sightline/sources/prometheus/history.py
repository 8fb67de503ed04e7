"""A Prometheus server read step by step: from the last moment read, or over the bounds of a backfill."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sightline.sources.base import Checked, Cursor, Page, ReadRequest, Stream, Surroundings
from sightline.sources.http import Http
from sightline.sources.prometheus.config import PrometheusConfig
from sightline.sources.prometheus.counters import State
from sightline.sources.prometheus.range_api import (
    FIRST_POINTS,
    MOST_POINTS,
    PrometheusApi,
    Window,
    next_points,
    next_window,
    values_of,
)
from sightline.sources.prometheus.records import COLUMNS, records_of
from sightline.sources.prometheus.sample import Family, Sample
from sightline.sources.prometheus.scraping import credentials
from sightline.sources.prometheus.selectors import count_query, narrowed
from sightline.sources.prometheus.streams import EVERYTHING, streams_of


@dataclass(frozen=True)
class Queries:
    """What is asked for a stream: selectors, and expressions whose answers are named."""

    selectors: tuple[str, ...]
    expressions: Mapping[str, str]

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield a name for series without one, and the PromQL."""
        yield from (("", selector) for selector in self.selectors)
        yield from self.expressions.items()


@dataclass(frozen=True)
class Span:
    """The steps to read: whole seconds since 1970, multiples of the step, the last included."""

    first: int
    last: int


def span_of(request: ReadRequest, config: PrometheusConfig, now: datetime) -> Span:
    """Return the steps to read. Steps are multiples of `step_seconds`, so reading twice meets the same moments.

    `since` bounds what is read anew; `until` marks a backfill, whose cursor is told from that of a sync.
    """
    step = config.step_seconds
    begin = request.since or now - timedelta(days=config.history_days)
    first = math.ceil(begin.timestamp() / step) * step
    cursor = resumed(request)
    if cursor:
        first = max(first if request.since else 0, (int(cursor["at"]) // step + 1) * step)
    last = math.floor((now.timestamp() - config.delay_seconds) / step) * step
    if request.until is not None:
        last = min(last, (math.ceil(request.until.timestamp() / step) - 1) * step)
    return Span(first, last)


def resumed(request: ReadRequest) -> Cursor | None:
    """Return the cursor if it belongs to this request: that of a sync to a sync, that of a backfill to the same one."""
    cursor = request.cursor
    return cursor if cursor and cursor.get("until") == _until(request) else None


def _until(request: ReadRequest) -> str | None:
    return request.until.isoformat() if request.until else None


class ServerSource:
    """A server that keeps the history of its series."""

    def __init__(self, config: PrometheusConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._now = surroundings.now
        sent = credentials(config.auth, config.username, config.token, config.password)
        self._http = Http(config.url, surroundings=surroundings, credentials=sent)
        self._api = PrometheusApi(self._http)

    def check(self) -> Checked:
        """Ask every query for its present series."""
        queries = self._queries(EVERYTHING)
        found = {promql: self._api.instant(promql) for _, promql in queries.all()}
        return Checked(f"Prometheus at {self._config.url}", {promql: f"{n} series" for promql, n in found.items()})

    def streams(self) -> Sequence[Stream]:
        """Return the streams, with a column for every label. Expressions make labels of their own: none are known."""
        if self._config.expressions:
            return streams_of(self._config.metrics, columns=())
        labels = self._api.labels(self._config.selectors)
        return streams_of(self._config.metrics, columns=(*COLUMNS, *(f"label.{name}" for name in sorted(labels))))

    def read(self, request: ReadRequest) -> Iterator[Page]:
        """Yield a page per window of time. Its cursor keeps the counters, and how many samples were left out so far."""
        queries = self._queries(request.stream.name)
        span = span_of(request, self._config, self._now())
        cursor = resumed(request) or {}
        state: State | None = cursor.get("counters")
        left_out: Counter[str] = Counter(cursor.get("left_out", {}))
        points, position = FIRST_POINTS, span.first
        step = self._config.step_seconds
        families: Mapping[str, Family] | None = None
        while position <= span.last:
            window = next_window(position=position, last=span.last, step=step, points=points)
            samples = self._samples(queries, window)
            families = self._api.families() if families is None else families
            if state is None:
                state = self._baseline(queries, position - step, families)
            made = records_of(
                samples, naming=self._config.naming, state=state, now=float(window.last), families=families
            )
            state, position = made.state, window.last + step
            points = next_points(samples=len(samples), window=window)
            left_out.update(made.left_out)
            yield Page(
                made.records,
                {"at": window.last, "until": _until(request), "counters": state, "left_out": dict(left_out)},
            )

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        """Return how many samples the server has by day. Days without any are left out: it may have dropped them."""
        queries = self._queries(stream.name)
        promql = count_query(queries.selectors, queries.expressions)
        counted = {day: self._counted(promql, day) for day in days}
        return {day: number for day, number in counted.items() if number}

    def close(self) -> None:
        self._http.close()

    def _counted(self, promql: str, day: date) -> int:
        step = self._config.step_seconds
        start = int(datetime.combine(day, time(), UTC).timestamp())
        first, last = math.ceil(start / step) * step, (math.ceil((start + 86_400) / step) - 1) * step
        number, position = 0, first
        while position <= last:
            window = next_window(position=position, last=last, step=step, points=MOST_POINTS)
            answer = self._api.query_range(promql, window)
            number += sum(int(value) for series in answer for _, value in values_of(series))
            position = window.last + step
        return number

    def _queries(self, stream: str) -> Queries:
        config = self._config
        if stream == EVERYTHING:
            return Queries(config.selectors, config.expressions)
        only = (narrowed(selector, stream) for selector in config.selectors)
        expressions = {name: promql for name, promql in config.expressions.items() if name == stream}
        return Queries(tuple(selector for selector in only if selector), expressions)

    def _samples(self, queries: Queries, window: Window) -> list[Sample]:
        """Return the samples of a window. Those of one series share their labels."""
        found = []
        for named, promql in queries.all():
            for series in self._api.query_range(promql, window):
                labels = {name: value for name, value in series.metric.items() if name != "__name__"}
                name = named or series.metric.get("__name__", "")
                found += [Sample(name, labels, value, at) for at, value in values_of(series)]
        return found

    def _baseline(self, queries: Queries, at: int, families: Mapping[str, Family]) -> State:
        """Return the counters one step before the beginning, so that the first sample has an increase."""
        before = self._samples(queries, Window(at, at, self._config.step_seconds))
        return records_of(before, naming=self._config.naming, state=None, now=float(at), families=families).state
