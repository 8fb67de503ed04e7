"""Members side by side: a row per metric, a column per member, the best value marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sightline.dashboards import dates, formats
from sightline.dashboards.answering import Asker, Failure
from sightline.dashboards.build import UnknownMember, asker_of, etag_of, members_of, page_of
from sightline.dashboards.figures import delta, figure
from sightline.dashboards.filter_bar import filter_bar
from sightline.dashboards.freshness import freshness
from sightline.dashboards.page import Page
from sightline.dashboards.parts import Link
from sightline.dashboards.reading import Member, held, members
from sightline.dashboards.selection import Selection
from sightline.dashboards.view import Cell, Column, ComparePage, CompareView, Row, RowGroup, TableView
from sightline.definitions.catalog import did_you_mean
from sightline.definitions.policy import Viewer
from sightline.errors import NotAllowed, UserError
from sightline.metrics.answer import Answer
from sightline.metrics.answer import Cell as Number
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

FEWEST, MOST = 2, 6


class CannotCompare(UserError):
    """The comparison as asked makes no sense: too few or too many members, or none of them visible."""

    code = "SL-E064"


@dataclass(frozen=True)
class Compared:
    """What was found about the members: an answer per metric, in order."""

    entity: str
    members: tuple[Member, ...]
    answers: Mapping[str, Answer]
    page: Page

    def numbers(self, metric: str) -> dict[str, Number]:
        """Return the metric's cells by member key; a member without data has none."""
        answer = self.answers[metric]
        at = {member.text_key: row for row, member in enumerate(members(answer, self.entity, self.page))}
        keys = [member.text_key for member in self.members]
        return {key: answer.cell(at[key], metric) for key in keys if key in at}


def compared(entity: str, keys: Sequence[str], metrics: Sequence[str], *, asker: Asker, page: Page) -> Compared:
    """Return the figures of two to six members, in the order asked. Raises CannotCompare or UnknownMember."""
    wanted = list(dict.fromkeys(keys))
    if not FEWEST <= len(wanted) <= MOST:
        raise CannotCompare(f"{len(wanted)} to compare", hint=f"Choose {FEWEST} to {MOST}.")
    answers = {name: _ask(name, entity, wanted, page, asker.answer) for name in metrics}
    return Compared(entity, tuple(_found(entity, wanted, list(answers.values()), page)), answers, page)


def compare_view(
    entity: str,
    keys: Sequence[str],
    metrics: Sequence[str],
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
) -> ComparePage:
    """Return two to six members side by side, in the order asked. Raises CannotCompare or UnknownMember."""
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    page = page_of("compare", selection, asker)
    found = compared(entity, keys, metrics, asker=asker, page=page)
    answers = found.answers.values()
    wanted = [member.text_key for member in found.members]
    own = selection.with_values(entity, ())
    lister = members_of(asker)
    return ComparePage(
        view=_view(found),
        filters=filter_bar(page, variables=[], entity=entity, members=lister),
        candidates=tuple((str(member.key), member.label) for member in lister(entity) if member.key is not None),
        freshness=freshness(
            [source for answer in answers for source in answer.sources], catalog=page.catalog, today=page.today
        ),
        snapshot=asker.snapshot.id,
        etag=etag_of(f"compare/{entity}/{wanted}/{list(metrics)}", own, viewer, warehouse=warehouse, now=now),
    )


def comparable_metrics(entity: str, *, warehouse: Warehouse) -> tuple[str, ...]:
    """Return the metrics to compare members by: what the dashboards show by this entity, else the visible ones."""
    catalog = warehouse.catalog
    shown: list[str] = []
    for dashboard in sorted(catalog.dashboards.values(), key=lambda each: (each.order, each.name)):
        for panel in dashboard.panels:
            by = getattr(panel, "by", None)
            if getattr(panel, "table", None) and entity in ([by] if isinstance(by, str) else by or []):
                shown += [each if isinstance(each, str) else each.metric for each in getattr(panel, "metrics", [])]
    names = list(dict.fromkeys(shown)) or [name for name, metric in catalog.metrics.items() if not metric.hidden]
    return tuple(name for name in names if catalog.metric(name).type != "funnel")[:20]


def _ask(metric: str, entity: str, keys: Sequence[str], page: Page, ask: object) -> Answer:
    selection = page.selection.with_values(entity, keys)
    unbounded = selection.period == "all_time" and selection.compare not in ("target", "peers")
    question = Question(
        metrics=(metric,),
        group_by=(entity,),
        filters=selection.filters,
        period=selection.period,
        compare="none" if unbounded else selection.compare,
    )
    found = ask(question)  # type: ignore[operator] # Asker.answer
    if isinstance(found, Failure):
        raise NotAllowed(found.text, hint=found.hint) if found.denied else CannotCompare(found.text, hint=found.hint)
    return found  # type: ignore[no-any-return] # Answer | Failure


def _found(entity: str, keys: Sequence[str], answers: Sequence[Answer], page: Page) -> list[Member]:
    known = {member.text_key: member for answer in answers for member in members(answer, entity, page)}
    missing = [key for key in keys if key not in known]
    if missing:
        label = page.dimension(entity).lower()
        raise UnknownMember(
            f'no {label} "{missing[0][:60]}" with data in this period', hint=did_you_mean(missing[0], known)
        )
    return [known[key] for key in keys]


def _view(found: Compared) -> CompareView:
    entity, page = found.entity, found.page
    best: set[tuple[str, str]] = set()
    rows = []
    for metric, answer in found.answers.items():
        numbers = found.numbers(metric)
        best |= {(metric, key) for key in _best(numbers, page.catalog.metric(metric).direction)}
        label = Cell(page.label(metric), page.label(metric), link=Link(f"metrics/{metric}"))
        rows.append(
            Row(
                metric,
                (label, *(_cell(numbers.get(each.text_key), each, entity, answer, page) for each in found.members)),
            )
        )
    columns = (Column("metric", "Metric"), *(Column(each.text_key, each.label, numeric=True) for each in found.members))
    title = side_by_side(found)
    table = TableView(
        id="compare_table",
        title=title,
        caption=title,
        columns=columns,
        groups=(RowGroup("", tuple(rows)),),
        total_rows=len(rows),
        shown_rows=len(rows),
        legend=("Marked: the best value of the row",),
    )
    return CompareView(
        id="compare",
        title=title,
        subtitle=_period_words(found),
        entity=entity,
        members=tuple((member.text_key, member.label) for member in found.members),
        table=table,
        best=frozenset(best),
    )


def side_by_side(found: Compared) -> str:
    """Return the title of a comparison: MBA and MS Finance side by side."""
    return f"{formats.joined([member.label for member in found.members])} side by side"


def _period_words(found: Compared) -> str:
    """Return the days compared: 24 Aug to 21 Nov, against 26 May to 23 Aug."""
    answer = next(iter(found.answers.values()))
    words = dates.span(answer.period, today=found.page.today)
    return f"{words}, against {dates.span(answer.comparison, today=found.page.today)}" if answer.comparison else words


def _cell(number: Number | None, member: Member, entity: str, answer: Answer, page: Page) -> Cell:
    if number is None:
        return Cell(formats.MISSING)
    made = figure(number, answer, page, place="table", held=(held(entity, member),))
    return Cell(made.text, number.value, figure=made, delta=delta(number, answer, page))


def _best(numbers: dict[str, Number], direction: str) -> set[str]:
    """Return the keys with the best firm value; none when nothing is better than anything."""
    firm = {key: cell.value for key, cell in numbers.items() if cell.value is not None and cell.state == "ok"}
    if len(firm) < FEWEST or direction == "neutral" or len(set(firm.values())) == 1:
        return set()
    pick = min(firm.values()) if direction == "down" else max(firm.values())
    return {key for key, value in firm.items() if value == pick}
