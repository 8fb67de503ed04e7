"""What every panel of one page shares: definitions, selection, today, and how to name and link things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sightline.dashboards.parts import Link
from sightline.dashboards.selection import Pairs, Selection, dimension_labels
from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import AnyPanel
from sightline.definitions.schema.metric import Grain
from sightline.metrics.calendar import Calendar
from sightline.metrics.question import Filter, Order, Period, Question
from sightline.metrics.rows import RowsPage, RowsRequest


@dataclass(frozen=True)
class PlannedQuestion:
    """A question of a panel, by the name the panel's view knows it under."""

    key: str
    question: Question


@dataclass(frozen=True)
class PlannedRows:
    """Rows of a dataset that a panel shows, by the name its view knows them under.

    What is `extra` (marks on a chart) is left out for a viewer who may not see rows; else the panel says so.
    """

    key: str
    request: RowsRequest
    extra: bool = False


@dataclass(frozen=True)
class Page:
    """The page a panel stands on. `path` is its address within the workspace: `d/shelf`."""

    catalog: Catalog
    selection: Selection
    today: date
    path: str
    mark: tuple[tuple[str, str], ...] = ()  # what its files say where it is confidential
    unusual: Mapping[str, str] = field(default_factory=dict)  # what is odd about datasets, in words for this viewer

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.catalog.settings, self.today)

    def unit(self, metric: str) -> Unit:
        return unit_of(self.catalog.metric(metric).unit, currency=self.catalog.settings.currency)

    def label(self, metric: str) -> str:
        return label_of(metric, self.catalog.metric(metric).label)

    def dimension(self, name: str) -> str:
        return dimension_labels(self.catalog).get(name, label_of(name))

    def link(self, selection: Selection | None = None) -> Link:
        """Return this page with another selection."""
        return (selection or self.selection).link(self.path)

    def explain(self, question: Question, metric: str, held: tuple[Filter, ...] = ()) -> Link:
        """Return the link that opens the explanation of one number; `held` are the members of its row."""
        return Link("explain", self._about(question, metric, held))

    def rows(self, question: Question, metric: str, held: tuple[Filter, ...] = ()) -> Link:
        """Return the link to the rows behind one number."""
        return Link("rows", self._about(question, metric, held))

    def _about(self, question: Question, metric: str, held: tuple[Filter, ...]) -> Pairs:
        named = {item.dimension for item in held}
        filters = tuple(item for item in question.filters if item.dimension not in named) + held
        period = question.period if isinstance(question.period, str) else _dates(question.period)
        about = replace(
            self.selection,
            period=period,
            compare=question.compare,
            filters=filters,
            sorts=(),
            view="",
            defaults=("", ""),
        )
        where = (("where", question.where),) if question.where else ()
        return (("metric", metric), *about.pairs(full=True), *where)


@dataclass(frozen=True)
class Slot:
    """The place of one panel on a page. `id` is unique on the page and stable; `rows` are those it asked for."""

    id: str
    page: Page
    rows: Mapping[str, RowsPage] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)  # of a tolerant panel: why a question has no answer

    @property
    def selection(self) -> Selection:
        return self.page.selection

    @property
    def catalog(self) -> Catalog:
        return self.page.catalog


def asked(
    panel: AnyPanel,
    selection: Selection,
    metrics: tuple[str, ...],
    *,
    group_by: tuple[str, ...] = (),
    grain: Grain | None = None,
    period: str | None = None,
    compare: bool = False,
    order: tuple[Order, ...] = (),
    limit: int | None = None,
) -> Question:
    """Return a question in the panel's period, filters and comparison."""
    chosen = period or panel.period or selection.period
    comparison = (panel.compare or selection.compare) if compare else "none"
    if chosen == "all_time" and comparison not in ("target", "peers"):
        comparison = "none"  # all time has nothing before it
    return Question(
        metrics=tuple(dict.fromkeys(metrics)),
        group_by=tuple(dict.fromkeys(group_by)),
        grain=grain,
        where=panel.where,
        filters=selection.filters,
        period=chosen,
        compare=comparison,
        order=order,
        limit=limit,
    )


def recent(selection: Selection, panel: AnyPanel, grain: Grain) -> tuple[str, Grain]:
    """Return the period and grain of a sparkline: 13 buckets up to now, or the dates the reader chose."""
    chosen = panel.period or selection.period
    if chosen == "all_time" or ".." in chosen:
        return chosen, "month" if chosen == "all_time" or _days(chosen) > 200 else grain
    return f"last_{30 if grain == 'day' else 13}_{grain}s", grain


def _days(text: str) -> int:
    start, end = (date.fromisoformat(part) for part in text.split(".."))
    return (end - start).days


def _dates(period: Period) -> str:
    return f"{period.start}..{period.end}" if period.start and period.end else "all_time"
