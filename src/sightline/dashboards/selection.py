"""What the reader has chosen, as the address says it: the URL is the state.

`period=last_90_days&compare=previous_year&school=business&school=health&sort.programs=-cpl&at=41`. A dimension is its
own parameter, repeated for several values; `~` is the missing value and `~~x` the value "~x".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sightline.dashboards.dates import span
from sightline.dashboards.parts import Link
from sightline.definitions.catalog import Catalog, did_you_mean
from sightline.definitions.periods import is_period
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import Dashboard
from sightline.metrics.question import COMPARISONS, Comparison, Filter, Period

Pairs = tuple[tuple[str, str], ...]
Value = str | float | bool | None

PERIODS = {
    "last_7_days": "Last 7 days",
    "last_30_days": "Last 30 days",
    "last_90_days": "Last 90 days",
    "last_12_months": "Last 12 months",
    "this_month": "This month",
    "last_month": "Last month",
    "this_quarter": "This quarter",
    "last_quarter": "Last quarter",
    "this_year": "This year",
    "last_year": "Last year",
    "all_time": "All time",
}
"""The periods offered. Others that the question language knows may stand in the address all the same."""

COMPARES: dict[Comparison, str] = {
    "none": "Nothing",
    "previous_period": "Previous period",
    "previous_year": "Year before",
    "same_weekdays": "Same weekdays",
    "same_point": "Same point",
    "target": "Target",
    "peers": "Peers",
}
BASES: dict[Comparison, str] = {
    "none": "",
    "previous_period": "vs previous",
    "previous_year": "year on year",
    "same_weekdays": "vs same weekdays",
    "same_point": "vs same point",
    "target": "vs target",
    "peers": "vs peers",
}
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_NOT_OURS = frozenset(
    {
        "from",
        "to",
        "page",
        "panel",
        "fragment",
        "saved",
        "q",
        "format",
        "metric",
        "members",
        "entity",
        "where",
        "context",
        "grain",
        "age",
    }
)
_MOST_VALUES = 200


@dataclass(frozen=True)
class Selection:
    """Period, comparison, filters, sort per panel, snapshot and view, each resolved: nothing is left to a default."""

    period: str
    compare: Comparison
    filters: tuple[Filter, ...] = ()
    sorts: Pairs = ()
    at: int | None = None
    view: str = ""
    defaults: tuple[str, str] = ("", "")

    def values(self, dimension: str) -> tuple[Value, ...]:
        """The values a dimension is held to; () when it is not."""
        return next((item.values for item in self.filters if item.dimension == dimension), ())

    def sort_of(self, panel: str) -> str | None:
        return dict(self.sorts).get(panel)

    def with_sort(self, panel: str, column: str) -> Selection:
        return replace(self, sorts=(*((name, value) for name, value in self.sorts if name != panel), (panel, column)))

    def with_values(self, dimension: str, values: Sequence[Value]) -> Selection:
        """Return the selection with one dimension held to these values; () frees it."""
        others = tuple(item for item in self.filters if item.dimension != dimension)
        added = (Filter(dimension, tuple(values)),) if values else ()
        return replace(self, filters=others + added)

    def without_filters(self, *, keep: str = "") -> Selection:
        """Return the selection with only the filter on `keep` (the page's own member)."""
        return replace(self, filters=tuple(item for item in self.filters if item.dimension == keep))

    def pairs(self, *, full: bool = False) -> Pairs:
        """Return the canonical parameters: sorted, defaults left out unless `full`."""
        period, compare = ("", "") if full else self.defaults
        found: list[tuple[str, str]] = []
        found += [("period", self.period)] if self.period != period else []
        found += [("compare", self.compare)] if self.compare != compare else []
        for item in sorted(self.filters, key=lambda item: item.dimension):
            found += sorted((item.dimension, written(value)) for value in item.values)
        found += [(f"sort.{panel}", column) for panel, column in sorted(self.sorts)]
        found += [("at", str(self.at))] if self.at is not None else []
        found += [("view", self.view)] if self.view else []
        return tuple(found)

    def context_pairs(self) -> Pairs:
        """Return what another page needs to show the same data: period, comparison, filters and snapshot."""
        return replace(self, sorts=(), view="").pairs(full=True)

    def link(self, page: str, *, full: bool = False) -> Link:
        return Link(page, self.pairs(full=full))


@dataclass(frozen=True)
class Parsed:
    """A selection and, in words, what of the address was not understood and therefore left out."""

    selection: Selection
    problems: tuple[str, ...]


def parse(
    query: Mapping[str, Sequence[str]],
    *,
    dashboard: Dashboard | None,
    catalog: Catalog,
    otherwise: tuple[str, Comparison] = ("last_90_days", "previous_period"),
) -> Parsed:
    """Return the selection an address stands for. Never raises: what is wrong is left out and named.

    `otherwise` is the period and comparison of a page that is no dashboard, when the address names none.
    """
    problems: list[str] = []
    period, compare = (dashboard.period, dashboard.compare) if dashboard else otherwise
    selection = Selection(
        period=_period(query, period, problems),
        compare=_compare(query, compare, problems),
        filters=_filters(query, catalog, problems),
        sorts=_sorts(query),
        at=_snapshot(query, problems),
        view=_last(query, "view")[:40],
        defaults=(period, compare),
    )
    return Parsed(selection, tuple(problems))


def period_words(period: str, *, today: date | None = None) -> str:
    """Return a period as a chip says it: Last 90 days, 1 Jan to 31 Jan 2025."""
    if period in PERIODS:
        return PERIODS[period]
    match = _RANGE.fullmatch(period)
    if not match:
        return period.replace("_", " ").capitalize()
    return span(Period(date.fromisoformat(match[1]), date.fromisoformat(match[2])), today=today)


def dimension_labels(catalog: Catalog) -> dict[str, str]:
    """Return every name that may filter or group, with its label."""
    labels: dict[str, str] = {}
    for dataset in catalog.datasets.values():
        for name, entity in dataset.entities.items():
            if entity.type == "primary":
                labels[name] = label_of(name)
            labels.setdefault(name, label_of(name))
        for name, column in dataset.columns.items():
            if column.dimension:
                labels.setdefault(name, label_of(name, column.label))
    return labels


def is_entity(catalog: Catalog, name: str) -> bool:
    """Whether the name is an entity that some dataset has as its primary one."""
    return any(dataset.primary and dataset.primary[0] == name for dataset in catalog.datasets.values())


def _last(query: Mapping[str, Sequence[str]], name: str) -> str:
    values = query.get(name) or ("",)
    return str(values[-1]).strip()


def _period(query: Mapping[str, Sequence[str]], default: str, problems: list[str]) -> str:
    start, end, text = _last(query, "from"), _last(query, "to"), _last(query, "period")
    if start or end:
        text = _inclusive(start, end) or f"{start} to {end}"
    if not text:
        return default
    if is_period(text):
        return text
    hint = did_you_mean(text, PERIODS)
    problems.append(f'The period "{text[:60]}" is not known; {hint} The page shows {period_words(default).lower()}.')
    return default


def _inclusive(start: str, end: str) -> str:
    """Return the range of two form fields, whose last day counts, or "" when they are no dates."""
    try:
        return f"{date.fromisoformat(start)}..{date.fromisoformat(end) + timedelta(days=1)}"
    except (ValueError, OverflowError):
        return ""


def _compare(query: Mapping[str, Sequence[str]], default: Comparison, problems: list[str]) -> Comparison:
    text = _last(query, "compare")
    found = next((name for name in COMPARISONS if name == text), None)
    if text and found is None:
        problems.append(f'The comparison "{text[:60]}" is not known; {did_you_mean(text, COMPARISONS)}')
    return found or default


def _filters(query: Mapping[str, Sequence[str]], catalog: Catalog, problems: list[str]) -> tuple[Filter, ...]:
    known = dimension_labels(catalog)
    found = []
    for name in sorted(query):
        if name in {"period", "compare", "at", "view"} or name in _NOT_OURS or name.startswith("sort."):
            continue
        if name not in known:
            problems.append(f'"{name[:60]}" is not a filter of this workspace; {did_you_mean(name, known)}')
            continue
        raw = [text for text in query[name] if text != ""]
        if len(raw) > _MOST_VALUES:
            problems.append(f"{known[name]}: {len(raw):,} values were given, {_MOST_VALUES} are used.")
        values = dict.fromkeys(_typed(text, name, catalog, problems) for text in raw[:_MOST_VALUES])
        found += [Filter(name, tuple(values))] if values else []
    return tuple(found)


def _typed(text: str, name: str, catalog: Catalog, problems: list[str]) -> Value:
    if text.startswith("~"):
        return text[1:] if text.startswith("~~") else None
    columns = (dataset.columns[name] for dataset in catalog.datasets.values() if name in dataset.columns)
    kind = next((column.type for column in columns if column.dimension), "string")
    if kind == "boolean" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind in {"integer", "number", "decimal"}:
        try:
            return float(text)
        except ValueError:
            problems.append(f'{name}: "{text[:60]}" is not a number.')
    return text


def written(value: Value) -> str:
    """Return a value as the address writes it."""
    if value is None:
        return "~"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if value == round(value, 4) and abs(value) < 1e6 else repr(value)
    return f"~{value}" if value.startswith("~") else value


def _sorts(query: Mapping[str, Sequence[str]]) -> Pairs:
    names = sorted(name for name in query if name.startswith("sort."))
    pairs = ((name.removeprefix("sort."), _last(query, name)) for name in names)
    return tuple((panel, column) for panel, column in pairs if re.fullmatch(r"-?[a-z][a-z0-9_]{0,62}", column))


def _snapshot(query: Mapping[str, Sequence[str]], problems: list[str]) -> int | None:
    text = _last(query, "at")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    problems.append(f'The snapshot "{text[:60]}" is not a number; the newest is shown.')
    return None
