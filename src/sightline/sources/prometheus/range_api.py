"""The HTTP API of a Prometheus server: values of series over a range of time, and what it knows of metrics.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from sightline.sources.base import SourceAnswer, SourceUnavailable
from sightline.sources.http import Http
from sightline.sources.prometheus.sample import Family, known_type

MOST_POINTS = 11_000
"""Points per series that a server gives in one answer."""

FIRST_POINTS = 100
SAMPLES_PER_PAGE = 20_000
HARMLESS = "PromQL warning"
"""How warnings begin that concern the query. All others mean that the answer lacks data."""


class MatrixSeries(BaseModel):
    """A series of an answer: its labels, and pairs of a time in seconds and a value as text."""

    metric: dict[str, str]
    values: list[tuple[float, str]] = []


class _Metadata(BaseModel):
    type: str = "unknown"
    unit: str = ""
    help: str = ""


_MATRIX = TypeAdapter(list[MatrixSeries])
_METADATA = TypeAdapter(dict[str, list[_Metadata]])
_NAMES = TypeAdapter(list[str])


@dataclass(frozen=True)
class Window:
    """Some steps of a range, the last included. Times are whole seconds since 1970, multiples of the step."""

    first: int
    last: int
    step: int

    @property
    def points(self) -> int:
        return (self.last - self.first) // self.step + 1


def next_window(*, position: int, last: int, step: int, points: int) -> Window:
    """Return the window that begins at a position, of at most so many points and never more than a server gives."""
    size = max(1, min(points, MOST_POINTS))
    return Window(position, min(position + (size - 1) * step, last), step)


def next_points(*, samples: int, window: Window) -> int:
    """Return how many points the next window should have, so that a page has about SAMPLES_PER_PAGE samples."""
    per_point = max(samples / window.points, SAMPLES_PER_PAGE / MOST_POINTS)
    return max(1, int(SAMPLES_PER_PAGE / per_point))


class PrometheusApi:
    """Questions to a server. Raises what Http raises, and SourceAnswer for answers that are not of the API."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def query_range(self, promql: str, window: Window) -> Sequence[MatrixSeries]:
        """Return the values at the steps of a window."""
        form = {"query": promql, "start": str(window.first), "end": str(window.last), "step": str(window.step)}
        data = self._data("POST", "api/v1/query_range", form=form)
        if not isinstance(data, dict) or data.get("resultType") != "matrix":
            raise SourceAnswer(f"api/v1/query_range answered no matrix for {promql}")
        found: Sequence[MatrixSeries] = _checked(_MATRIX, data.get("result"), "api/v1/query_range")
        return found

    def instant(self, promql: str) -> int:
        """Return how many series a query has now."""
        data = self._data("POST", "api/v1/query", form={"query": promql})
        if not isinstance(data, dict) or data.get("resultType") != "vector":
            raise SourceAnswer(
                f"the answer to {promql} is no instant vector",
                hint="Use a selector without a range, or an expression such as rate(…[5m]).",
            )
        return len(data.get("result") or ())

    def families(self) -> Mapping[str, Family]:
        """Return what the targets say of their metrics; nothing when the server does not keep it."""
        try:
            data = self._data("GET", "api/v1/metadata")
        except SourceAnswer:
            return {}  # an optional part of the API: servers that speak only PromQL lack it
        found = _checked(_METADATA, data, "api/v1/metadata")
        return {name: _family(entries[0]) for name, entries in found.items() if entries}

    def labels(self, selectors: Sequence[str]) -> Sequence[str]:
        """Return the names of the labels that the selected series have."""
        data = self._data("GET", "api/v1/labels", params={"match[]": list(selectors)})
        return [name for name in _checked(_NAMES, data, "api/v1/labels") if name != "__name__"]

    def _data(self, method: str, path: str, **parts: Any) -> Any:
        answer = self._http.json(method, path, **parts)
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise SourceAnswer(
                f"{path} did not answer as a Prometheus server does", hint="Check the address of the server."
            )
        lacking = [text for text in answer.get("warnings") or () if not str(text).startswith(HARMLESS)]
        if lacking:
            raise SourceUnavailable(f"{path} answered in part only: {lacking[0]}", hint="The next sync tries again.")
        return answer.get("data")


def values_of(series: MatrixSeries) -> Iterator[tuple[float, float]]:
    """Yield the times and values of a series."""
    return ((at, float(value)) for at, value in series.values)


def _family(entry: _Metadata) -> Family:
    return Family(known_type(entry.type), entry.unit, entry.help)


def _checked(adapter: TypeAdapter[Any], data: Any, path: str) -> Any:
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise SourceAnswer(f"{path} answered something unforeseen at data.{where}: {problem['msg']}") from error
