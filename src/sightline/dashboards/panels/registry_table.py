"""The registry: a row per metric with value, change, target, gap, status and why, owner, cadence, last and next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.dashboards import formats
from sightline.dashboards.cadence import Entry, course_question, entry
from sightline.dashboards.figures import delta, figure, spark, stale_words
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked
from sightline.dashboards.panels.frame import Answers, without_figures
from sightline.dashboards.panels.registry_forecast import Next, cell_of, next_of, planned_history
from sightline.dashboards.parts import Delta, Figure, Link, Message, Spark, Standing
from sightline.dashboards.reading import buckets, cells, partial
from sightline.dashboards.selection import period_words
from sightline.dashboards.sheets import Heading
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import trend_of
from sightline.dashboards.view import Cell, Column, Judged, PanelView, Row, RowGroup, Sorted, TableView
from sightline.definitions.panels import registry_metrics
from sightline.definitions.schema.dashboard import RegistryPanel
from sightline.metrics.answer import Answer
from sightline.metrics.answer import Cell as Number

COURSE = "course:"
LEVELS: dict[Judged, str] = {
    "critical": "Critical",
    "warning": "Warning",
    "excellent": "Opportunity",
    "good": "On target",
    "none": "No status",
}
"""The alerts that statuses are, by their icon and colour: red, yellow, blue, green, none."""
_OWNERS = ("label", "owner", "due", "status")
"""Columns that sort upwards at the first click."""


def plan(panel: RegistryPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return per metric its figure, its course in buckets of its cadence, and what a forecast learns from."""
    found = []
    for name in names_of(panel, slot.page):
        found.append(PlannedQuestion(name, asked(panel, slot.selection, (name,), compare=True)))
        found.append(PlannedQuestion(COURSE + name, course_question(panel, name, slot)))
        found += planned_history(panel, name, slot=slot)
    return tuple(found)


def names_of(panel: RegistryPanel, page: Page) -> list[str]:
    """Return the metrics of the panel in order."""
    return registry_metrics(panel, page.catalog.metrics)


@dataclass(frozen=True)
class _Line:
    """One metric of the registry."""

    name: str
    label: str
    group: str
    owner: str
    figure: Figure
    number: Number | None
    delta: Delta | None
    standing: Standing
    entry: Entry
    spark: Spark | None
    following: Next | None

    @property
    def relative_gap(self) -> float | None:
        """How far beyond its target it is, as a share of the target: gaps of several units sort by this."""
        number = self.number
        if number is None or number.gap is None or not number.target:
            return None
        return number.gap / abs(number.target)


def view(panel: RegistryPanel, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the table. A metric that these filters cannot answer has its own row and says so."""
    page = slot.page
    title = panel.title or "Measures"
    every = [_line(name, panel, slot, answers) for name in names_of(panel, page)]
    lines = [line for line in every if _is_wanted(line, panel)]
    if not lines:
        return without_figures(panel, slot=slot, state="empty", message=_none(panel, len(every)), title=title)
    lines = _sorted(lines, panel, slot)
    stale = " ".join(dict.fromkeys(filter(None, (stale_words(each.sources, each) for each in answers.values()))))
    groups = _groups(lines, panel, page)
    return TableView(
        id=slot.id,
        title=title,
        subtitle=panel.subtitle or _subtitle(every, panel, page),
        span=panel.span or 12,
        note=panel.note,
        state="stale" if stale else "ok",
        stale=stale,
        export_name=f"{page.path.split('/')[-1]}-{slot.id}",
        caption=f"{title}, {formats.plural(len(lines), 'measure')}",
        columns=tuple(column for column in _columns(panel, slot) if _is_shown(column.key, panel)),
        groups=groups,
        total_rows=len(lines),
        shown_rows=len(lines),
        scrolls=True,
    )


def _line(name: str, panel: RegistryPanel, slot: Slot, answers: Answers) -> _Line:
    page, metric = slot.page, slot.catalog.metric(name)
    answer, course = answers.get(name), answers.get(COURSE + name)
    kept = entry(name, page=page, course=course)
    ahead = next_of(name, page=page, answers=answers) if panel.forecast else None
    about = (name, page.label(name), metric.group or "Other", formats.owner_words(metric.owner))
    if answer is None or not answer.n_rows:
        reason = slot.failures.get(name, "No data in this period")
        made = Figure(formats.MISSING, spoken=f"{page.label(name)}: {reason}", state="missing", reason=reason)
        return _Line(*about, made, None, None, Standing("none", "No value", reason), kept, None, ahead)
    cell = answer.cell(0, name)
    made = figure(cell, answer, page, place="table")
    stands, drawn = standing(cell, made, page, trend=trend_of(cell, answer, course, page)), _course(name, course, page)
    return _Line(*about, made, cell, delta(cell, answer, page), stands, kept, drawn, ahead)


def _course(name: str, answer: Answer | None, page: Page) -> Spark | None:
    if answer is None or answer.question.grain is None or not answer.n_rows:
        return None
    values = [cell.value for cell in cells(answer, name)]
    open_end = partial(buckets(answer)[-1], answer.question.grain, answer, page)
    return spark(values, label=page.label(name), open_end=open_end)


def _is_wanted(line: _Line, panel: RegistryPanel) -> bool:
    match panel.only:
        case "overdue":
            return line.entry.is_overdue
        case "off_track":
            return line.standing.is_off
        case "alerts":
            return line.standing.is_off or line.standing.judged == "excellent"
    return True


def _none(panel: RegistryPanel, count: int) -> Message:
    measures = formats.plural(count, "measure")
    if not count:
        return Message("No measures", "No metric has this group and owner.")
    if panel.only == "overdue":
        return Message("Nothing is overdue", f"All of {measures} have the values their cadence asks for.")
    if panel.only == "alerts":
        return Message("No alerts", f"None of {measures} is off track, on watch or ahead.")
    return Message("Nothing is off track", f"None of {measures} is off track or on watch.")


def _levels(lines: Sequence[_Line]) -> str:
    """Return how many alerts of each level there are: "1 critical, 21 warnings, 2 opportunities, 25 on target"."""
    counts = Counter(line.standing.judged for line in lines)
    said = [
        f"{counts['critical']} critical",
        formats.plural(counts["warning"], "warning"),
        formats.plural(counts["excellent"], "opportunity", "opportunities"),
        f"{counts['good']} on target",
    ]
    unknown = sum(1 for line in lines if line.figure.state == "missing")
    return ", ".join([*said, f"{unknown} without a value"] if unknown else said)


def _subtitle(lines: Sequence[_Line], panel: RegistryPanel, page: Page) -> str:
    if panel.gathered == "level":
        return _levels(lines)
    judged = [line for line in lines if line.standing.is_well or line.standing.is_off]
    good = sum(1 for line in judged if line.standing.is_well)
    late = sum(1 for line in lines if line.entry.is_overdue)
    parts = [f"{good} of {len(judged)} on track"] if judged else []
    parts += [f"{late} overdue"] if late else []
    return ", ".join([*parts, period_words(panel.period or page.selection.period, today=page.today).lower()])


Weight = Callable[[_Line], Any]
_WEIGHTS: dict[str, Weight] = {
    "label": lambda line: line.label.casefold(),
    "value": lambda line: line.figure.value,
    "change": lambda line: line.number.change if line.number and line.delta else None,
    "gap": lambda line: line.relative_gap,
    "status": lambda line: line.standing.rank,
    "owner": lambda line: line.owner.casefold() or None,
    "due": lambda line: line.entry.due_on,
}


def _order(panel: RegistryPanel, slot: Slot) -> tuple[str, bool]:
    chosen = slot.selection.sort_of(slot.id) or ""
    text = chosen if chosen.removeprefix("-") in _WEIGHTS else panel.sort or ""
    return text.removeprefix("-"), text.startswith("-")


def _sorted(lines: list[_Line], panel: RegistryPanel, slot: Slot) -> list[_Line]:
    key, descending = _order(panel, slot)
    if not key:
        return lines
    weight = _WEIGHTS[key]
    present = [line for line in lines if weight(line) is not None]
    return [*sorted(present, key=weight, reverse=descending), *(line for line in lines if weight(line) is None)]


def _groups(lines: Sequence[_Line], panel: RegistryPanel, page: Page) -> tuple[RowGroup, ...]:
    if panel.gathered == "level":
        return tuple(
            RowGroup(LEVELS[level], tuple(_row(line, panel, page) for line in held), (), level, level)
            for level in LEVELS
            if (held := [line for line in lines if _level(line) == level and line.figure.state != "missing"])
        )
    names = list(dict.fromkeys(line.group for line in lines))
    if not panel.gathered or len(names) < 2:
        return (RowGroup("", tuple(_row(line, panel, page) for line in lines)),)
    return tuple(
        RowGroup(name, tuple(_row(line, panel, page) for line in lines if line.group == name), (), name)
        for name in names
    )


def _level(line: _Line) -> str:
    return line.standing.judged or "none"


def _is_shown(key: str, panel: RegistryPanel) -> bool:
    if key == "forecast":
        return panel.forecast
    return panel.columns is None or key == "label" or key in panel.columns


def _columns(panel: RegistryPanel, slot: Slot) -> tuple[Column, ...]:
    number = Heading("", "number")
    return (
        _column("label", "Measure", panel, slot),
        _column("value", "Now", panel, slot, numeric=True, file=Heading("Now", number.kind)),
        _column("change", "Change", panel, slot, numeric=True, minor=True),
        Column("target", "Target", numeric=True, file=Heading("Target", number.kind)),
        _column("gap", "Gap to target", panel, slot, numeric=True, minor=True, file=Heading("Gap to target", "number")),
        Column("course", "Course", spark=True, minor=True),
        Column("forecast", "Forecast", numeric=True, minor=True, file=Heading("Forecast", number.kind)),
        _column("status", "Status", panel, slot, file=Heading("Status", "text")),
        _column("owner", "Owner", panel, slot, minor=True),
        Column("cadence", "Cadence", minor=True),
        Column("last", "Last value", minor=True, file=Heading("Last value", "date")),
        _column("due", "Next due", panel, slot, minor=panel.only != "overdue", file=Heading("Next due", "date")),
    )


def _column(
    key: str,
    label: str,
    panel: RegistryPanel,
    slot: Slot,
    *,
    numeric: bool = False,
    minor: bool = False,
    file: Heading | None = None,
) -> Column:
    sorted_by, descending = _order(panel, slot)
    state: Sorted = "none"
    following = key if key in _OWNERS else f"-{key}"
    if key == sorted_by:
        state = "descending" if descending else "ascending"
        following = key if descending else f"-{key}"
    link = slot.page.link(slot.selection.with_sort(slot.id, following))
    return Column(key, label, numeric=numeric, sortable=True, sorted=state, sort_link=link, minor=minor, file=file)


def _row(line: _Line, panel: RegistryPanel, page: Page) -> Row:
    number, unit = line.number, page.unit(line.name)
    target = number.target if number else None
    link = Link(f"metrics/{line.name}", page.selection.context_pairs())
    judged: Judged = "overdue" if line.entry.is_overdue else ""
    cadence = page.catalog.metric(line.name).cadence
    every = {
        "label": Cell(line.label, link=link),
        "value": Cell(line.figure.text, line.figure.value, figure=line.figure),
        "change": Cell("" if line.delta else formats.MISSING, delta=line.delta, raw=_change(line)),
        "target": Cell(formats.limit(target, unit) if target is not None else formats.MISSING, raw=target),
        "gap": Cell(_gap(line, page), raw=number.gap if number else None),
        "course": Cell("" if line.spark else formats.MISSING, spark=line.spark),
        "forecast": cell_of(line.name, line.following, page) if line.following else Cell(formats.MISSING),
        "status": Cell(line.standing.words, status=line.standing.judged or "none", reason=line.standing.reason),
        "owner": Cell(line.owner or formats.MISSING),
        "cadence": Cell(cadence.capitalize() if cadence else formats.MISSING),
        "last": Cell(line.entry.last_words, raw=line.entry.last_on),
        "due": Cell(
            line.entry.due_words(page), status=judged, reason=line.entry.since_words(page), raw=line.entry.due_on
        ),
    }
    shown = tuple(cell for key, cell in every.items() if _is_shown(key, panel))
    return Row(line.name, shown, link, file=metric_heading("", line.name, page, whole=False))


def _change(line: _Line) -> str | None:
    if line.delta is None:
        return None
    sign = {"up": "+", "down": formats.MINUS, "flat": ""}[line.delta.arrow]
    return f"{sign}{line.delta.text} {line.delta.base}".strip()


def _gap(line: _Line, page: Page) -> str:
    """Return the distance to what is due by now, with its sign; a rate in points."""
    gap = line.number.gap if line.number else None
    if gap is None or line.figure.state in ("missing", "too_few"):
        return formats.MISSING
    size = formats.change_size(gap, "difference", page.unit(line.name))
    if not any(digit in "123456789" for digit in size):
        return size
    return f"{'+' if gap > 0 else formats.MINUS}{size}"
