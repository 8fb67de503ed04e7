"""Cohorts: a triangle of retention, each cell with its value, what is still open marked, an average that weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sightline.charts.heatmap import heatmap_chart
from sightline.dashboards import dates, formats
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panel_views import CohortCell, CohortRow, CohortView
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.table_marks import FEWEST_TO_SHADE
from sightline.dashboards.parts import Figure, Link
from sightline.dashboards.reading import buckets, partial
from sightline.dashboards.units import Unit
from sightline.dashboards.view import HeatCell, PanelView
from sightline.definitions.schema.dashboard import CohortChart
from sightline.definitions.schema.metric import Grain, Retention
from sightline.metrics.answer import Answer, Cell
from sightline.metrics.plan import AGE
from sightline.metrics.question import Period

STEPS = 7


def plan(panel: CohortChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the one question: a row per cohort and age."""
    question = asked(panel, slot.selection, (panel.metric,), grain=_grain(panel, slot.page))
    return (PlannedQuestion("cohorts", question),)


def _grain(panel: CohortChart, page: Page) -> Grain:
    metric = page.catalog.metric(panel.metric)
    return panel.grain or (metric.grain if isinstance(metric, Retention) else "month")


def view(panel: CohortChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the triangle, or the message of an empty one."""
    answer, page = answers["cohorts"], slot.page
    title = panel.title or page.label(panel.metric)
    if not answer.n_rows or not any(answer.data[f"{panel.metric}__n"]):
        return nothing(panel, slot=slot, answer=answer, title=title)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.metric,), title=title)
    made = _Triangle(panel, answer, page)
    about["notes"] = (*about["notes"], *made.notes())
    grain = f"{made.grain}s"
    heading = f"{page.label(panel.metric)}, {'entities' if made.counts else '%'}, by {grain} since the first"
    about["subtitle"] = panel.subtitle or heading
    rows = tuple(made.row(cohort) for cohort in made.cohorts)
    return CohortView(
        **about,
        caption=f"{title}, {formats.plural(len(rows), 'cohort')} by {formats.plural(len(made.ages), made.grain)}",
        row_heading=made.grain.capitalize(),
        ages=tuple(str(age) for age in made.ages),
        cohorts=rows,
        average=tuple(made.average(age) for age in made.ages),
        average_label="Weighted average" if not made.counts else "Weighted average, %",
        low=made.words(made.ends[0]),
        high=made.words(made.ends[1]),
        legend=made.legend(),
        picture=_picture(made, rows),
    )


@dataclass(frozen=True)
class _Triangle:
    """The cells of an answer by cohort and age."""

    panel: CohortChart
    answer: Answer
    page: Page

    @property
    def grain(self) -> Grain:
        return _grain(self.panel, self.page)

    @property
    def name(self) -> str:
        return self.panel.metric

    @cached_property
    def counts(self) -> bool:
        metric = self.page.catalog.metric(self.name)
        own = metric.show if isinstance(metric, Retention) else "rate"
        return (self.panel.show or own) == "count"

    @cached_property
    def unit(self) -> Unit:
        return Unit("count") if self.counts else Unit("percent", suffix="%", spoken="%", header="%")

    @cached_property
    def places(self) -> Mapping[tuple[date, int], int]:
        keys = zip(buckets(self.answer), self.answer.data[AGE], strict=True)
        return {key: row for row, key in enumerate(keys)}

    @cached_property
    def every_cohort(self) -> list[date]:
        return sorted({cohort for cohort, _ in self.places})

    @property
    def cohorts(self) -> list[date]:
        return self.every_cohort[-self.panel.limit :]

    @cached_property
    def ages(self) -> list[int]:
        """The ages shown; the first one only where it says something: not everybody is active in it."""
        found = sorted({age for cohort, age in self.places if age <= self.panel.ages and cohort in self.cohorts})
        whole = all(self.active(row) == self.size(row) for (_, age), row in self.places.items() if age == 0)
        return [age for age in found if age or not whole] or found

    def size(self, row: int) -> int:
        return int(self.answer.value(row, f"{self.name}__n") or 0)

    def active(self, row: int) -> int:
        return int(self.answer.value(row, f"{self.name}__active") or 0)

    def is_open(self, row: int) -> bool:
        return self.size(row) > int(self.answer.value(row, f"{self.name}__mature") or 0)

    def value(self, row: int) -> float:
        return self.active(row) if self.counts or not self.size(row) else self.active(row) / self.size(row)

    def firm(self, row: int) -> bool:
        return not self.is_open(row) and self.size(row) >= FEWEST_TO_SHADE

    @cached_property
    def ends(self) -> tuple[float | None, float | None]:
        shown = [row for (cohort, age), row in self.places.items() if age in self.ages and cohort in self.cohorts]
        values = [self.value(row) for row in shown if self.firm(row)]
        return (min(values), max(values)) if values else (None, None)

    def words(self, value: float | None) -> str:
        return "" if value is None else formats.number(value, self.unit, decimals=0)

    def row(self, cohort: date) -> CohortRow:
        first = self.places[cohort, min(age for each, age in self.places if each == cohort)]
        label = dates.bucket(cohort, self.grain, today=self.page.today)
        size = self.size(first)
        link = self._explain(cohort, min(age for each, age in self.places if each == cohort))
        heading = Figure(f"{size:,}", f"{size:,}", f"{label}, size {size:,}", size, explain=link)
        return CohortRow(label, heading, tuple(self._cell(cohort, age, label) for age in self.ages))

    def _cell(self, cohort: date, age: int, label: str) -> CohortCell | None:
        row = self.places.get((cohort, age))
        if row is None:
            return None
        cell = self.answer.cell(row, self.name)
        made = replace(self._figure(cell, row, label, age), explain=self._explain(cohort, age))
        return CohortCell(HeatCell(made, self._step(row)), self.is_open(row))

    def _figure(self, cell: Cell, row: int, label: str, age: int) -> Figure:
        made = figure(cell, self.answer, self.page, place="table", decimals=0, bare=True)
        value = self.value(row)
        spoken = f"{label}, {self.grain} {age}: {self.active(row):,} of {self.size(row):,}"
        exact = f"{self.active(row):,} of {self.size(row):,}"
        if made.state == "too_few" or made.state == "missing":
            return replace(made, spoken=spoken, exact=exact)
        text = formats.number(value, self.unit, decimals=0, bare=True)
        reason = f"{exact}, maturing" if self.is_open(row) else exact
        return replace(made, text=text, exact=exact, reason=reason, spoken=spoken, value=value)

    def _step(self, row: int) -> int:
        low, high = self.ends
        if not self.firm(row) or low is None or high is None:
            return 0
        share = (self.value(row) - low) / (high - low) if high > low else 0.5
        return min(STEPS, 1 + int(share * STEPS))

    def _explain(self, cohort: date, age: int) -> Link:
        first = cohort.date() if isinstance(cohort, datetime) else cohort
        after = self.page.calendar.following(first, self.grain)
        start, end = self.answer.period.start, self.answer.period.end
        inside = Period(max(first, start or first), min(after, end or after))
        link = self.page.explain(replace(self.answer.question, period=inside), self.name)
        return replace(link, query=(*link.query, ("grain", self.grain), ("age", str(age))))

    def average(self, age: int) -> Figure:
        """Return the share over all shown cohorts whose age is over: every entity weighs the same."""
        rows = [self.places[key] for key in ((cohort, age) for cohort in self.cohorts) if key in self.places]
        closed = [row for row in rows if not self.is_open(row)]
        whole, part = sum(map(self.size, closed)), sum(map(self.active, closed))
        if not whole:
            return Figure(formats.MISSING, state="missing", reason="No cohort is old enough")
        exact = f"{part:,} of {whole:,} in {formats.plural(len(closed), 'cohort')}"
        rate = Unit("percent", suffix="%")
        return Figure(formats.number(part / whole, rate, decimals=0, bare=True), exact, exact, part / whole)

    def legend(self) -> tuple[str, ...]:
        lines = []
        shown = [row for (cohort, age), row in self.places.items() if age in self.ages and cohort in self.cohorts]
        if any(self.is_open(row) for row in shown):
            lines.append(f"Dotted: still maturing, the {self.grain} is not over")
        if any(not self.is_open(row) and not self.firm(row) for row in shown):
            lines.append(f"Unshaded: a cohort of fewer than {FEWEST_TO_SHADE}")
        return tuple(lines)

    def notes(self) -> Sequence[str]:
        found = []
        left = len(self.every_cohort) - len(self.cohorts)
        if left:
            found.append(f"{formats.plural(left, 'older cohort')} not shown; an export has all of them.")
        cut = [each for each in self.cohorts if partial(each, self.grain, self.answer, self.page)]
        if cut:
            names = formats.joined([dates.bucket(each, self.grain, today=self.page.today) for each in cut[:2]])
            found.append(f"{names} {formats.cut_words(len(cut), self.grain)}.")
        return found


def _picture(made: _Triangle, rows: Sequence[CohortRow]) -> dict[str, object]:
    cells = [
        (str(age), row.label, cell.shown.figure.value if cell.shown.step else None, cell.shown.figure.text)
        for row in rows
        for age, cell in zip(made.ages, row.cells, strict=True)
        if cell is not None
    ]
    return dict(heatmap_chart(cells, mode="light"))
