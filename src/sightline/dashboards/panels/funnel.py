"""A funnel: a row per stage. It says whether it follows the cohort of the period or counts the events of the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sightline.dashboards import formats
from sightline.dashboards.figures import base_words, figure
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.twin import Lines, twin
from sightline.dashboards.parts import Figure
from sightline.dashboards.units import unit_of
from sightline.dashboards.view import Column, FunnelStageView, FunnelView, PanelView, TableView
from sightline.definitions.bands import Status
from sightline.definitions.schema.dashboard import FunnelChart
from sightline.definitions.schema.metric import Conversion, Event, Funnel, Ratio
from sightline.metrics.answer import Answer
from sightline.stats.proportion import wilson

FEWEST = 20
"""A step over fewer entities is shown as its counts and interval."""


def plan(panel: FunnelChart, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the one question of the funnel."""
    metrics = (panel.metric,) if panel.metric else tuple(panel.stages)
    return (PlannedQuestion("funnel", asked(panel, slot.selection, metrics, compare=True)),)


@dataclass(frozen=True)
class _Stage:
    name: str
    label: str
    count: float
    rate: float | None
    overall: float | None
    previous: str
    median: str
    explain: Figure | None = None


def view(panel: FunnelChart, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the funnel with its view in words, or the message of an empty one."""
    answer, page = answers["funnel"], slot.page
    title = panel.title or ("Funnel" if panel.metric is None else page.label(panel.metric))
    stages = _cohort(answer, page) if panel.metric else _period(panel, answer, page)
    if not stages or not stages[0].count:
        return nothing(panel, slot=slot, answer=answer, title=title)
    metrics = [panel.metric] if panel.metric else list(panel.stages)
    about = frame(panel, slot=slot, answer=answer, metrics=metrics, title=title)
    headings = _headings(stages, answer)
    places = [place for place, (_, wanted) in enumerate(headings) if wanted]
    compared = tuple(headings[place][0] for place in places)
    shown = tuple(_stage(stage, stages, index, panel, page, places) for index, stage in enumerate(stages))
    return FunnelView(
        **about,
        view=_words(panel, answer, page),
        view_kind="cohort" if panel.metric else "period",
        stages=shown,
        compared_labels=compared,
        table=_table(about, shown, compared),
    )


def _words(panel: FunnelChart, answer: Answer, page: Page) -> str:
    if panel.metric is None:
        return "Period view: events of the period, whenever the cohort began; a step rate compares two counts of events"
    metric = page.catalog.metric(panel.metric)
    first = metric.stages[0] if isinstance(metric, Funnel) else None
    began = (first.label or first.name).lower() if first else "cohort"
    share = answer.cell(0, panel.metric).maturing if metric.maturation and answer.n_rows else None
    if share is None:
        return f"Cohort view: by date of {began}" + (", all matured" if metric.maturation else "")
    return f"Cohort view: by date of {began}, {formats.fixed(share * 100, 0)}% matured"


def _headings(stages: Sequence[_Stage], answer: Answer) -> list[tuple[str, bool]]:
    base = base_words(answer).removeprefix("vs ").capitalize() or "Previous"
    return [(base, any(stage.previous for stage in stages)), ("Median time", any(stage.median for stage in stages))]


def _cohort(answer: Answer, page: Page) -> list[_Stage]:
    days = unit_of("days", currency=page.catalog.settings.currency)
    return [
        _Stage(
            name=stage.name,
            label=stage.label,
            count=stage.count,
            rate=stage.step_rate,
            overall=stage.overall_rate,
            previous=_percent(stage.previous_step_rate) if stage.previous_step_rate is not None else "",
            median=formats.number(stage.median_days, days) if stage.median_days is not None else "",
        )
        for stage in answer.funnel()
    ]


def _period(panel: FunnelChart, answer: Answer, page: Page) -> list[_Stage]:
    if not answer.n_rows:
        return []
    cells = [answer.cell(0, metric) for metric in panel.stages]
    found: list[_Stage] = []
    for index, cell in enumerate(cells):
        before = cells[index - 1] if index else None
        rate = cell.value / before.value if before and before.value and cell.value is not None else None
        held = before.previous if before else None
        was = cell.previous / held if held and cell.previous is not None else None
        overall = cell.value / cells[0].value if index and cells[0].value and cell.value is not None else None
        made = figure(cell, answer, page, place="table")
        previous = _percent(was) if was is not None else ""
        found.append(_Stage(cell.metric, page.label(cell.metric), cell.value or 0, rate, overall, previous, "", made))
    return found


def _percent(share: float | None) -> str:
    return formats.number(share, unit_of("percent", currency="USD"))


def _stage(
    stage: _Stage, stages: Sequence[_Stage], index: int, panel: FunnelChart, page: Page, compared: Sequence[int]
) -> FunnelStageView:
    text = f"{stage.count:,.0f}"
    count = stage.explain or Figure(text, text, f"{stage.label} {text}", stage.count)
    before = stages[index - 1].count if index else 0
    rate = _rate(stage, before) if index else None
    benchmark = _benchmark(panel, index, page)
    words, status = _against(stage.rate, benchmark, before)
    return FunnelStageView(
        name=stage.name,
        label=stage.label,
        count=count,
        share=round(min(100.0, stage.count / stages[0].count * 100), 2),
        rate=rate,
        overall=_percent(stage.overall) if stage.overall is not None else "",
        below=words,
        status=status,
        compared=tuple((stage.previous, stage.median)[place] if index else "" for place in compared),
    )


def _rate(stage: _Stage, before: float) -> Figure:
    if stage.rate is None:
        return Figure(formats.MISSING, spoken="no step rate", state="missing", reason="Nothing at the stage before")
    exact, n = _percent(stage.rate), int(before)
    if n >= FEWEST or stage.rate > 1:
        return Figure(exact, exact, f"step rate {exact}", stage.rate)
    found = wilson(successes=int(stage.count), n=n)
    interval = formats.share_range(found.low, found.high)
    text = f"{int(stage.count):,} of {n:,}"
    return Figure(
        text, exact, f"{text}, between {interval}", stage.rate, "too_few", f"n too small ({n})", interval=interval
    )


def _against(rate: float | None, benchmark: float | None, before: float) -> tuple[str, Status | None]:
    if rate is None or benchmark is None or before < FEWEST:
        return "", None
    limit = formats.limit(benchmark, unit_of("percent", currency="USD"))
    return (f"Below {limit}", "critical") if rate < benchmark else (f"Above {limit}", "good")


def _benchmark(panel: FunnelChart, index: int, page: Page) -> float | None:
    """Return the benchmark of the catalogue's metric that measures the same step, if there is one."""
    if index == 0:
        return None
    for metric in page.catalog.metrics.values():
        if metric.benchmark is None:
            continue
        if panel.metric is None:
            if isinstance(metric, Ratio) and (metric.numerator, metric.denominator) == (
                panel.stages[index],
                panel.stages[index - 1],
            ):
                return metric.benchmark
            continue
        funnel = page.catalog.metric(panel.metric)
        if isinstance(funnel, Funnel) and isinstance(metric, Conversion):
            step = (_event(funnel.stages[index - 1]), _event(funnel.stages[index]))
            if (_event(metric.base), _event(metric.conversion)) == step:
                return metric.benchmark
    return None


def _event(event: Event) -> tuple[str, str | None, str | None]:
    return event.dataset, event.where, event.time


def _table(about: dict[str, Any], stages: Sequence[FunnelStageView], compared: Sequence[str]) -> TableView:
    columns = [Column("stage", "Stage"), Column("count", "Count", "", True), Column("rate", "Step rate", "%", True)]
    columns += [Column("overall", "Of the first", "%", True)]
    columns += [Column(f"c{index}", label, "", True) for index, label in enumerate(compared)]
    blank = Figure(formats.MISSING)
    rows: Lines = [
        (each.label, [each.count, each.rate or blank, each.overall or formats.MISSING, *each.compared])
        for each in stages
    ]
    return twin(about, columns=columns, rows=rows)
