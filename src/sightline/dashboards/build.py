"""A dashboard as one page: all questions planned, equal ones answered once, each panel made from its own answers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sightline.dashboards import finding as findings
from sightline.dashboards.answering import Ask, Asker, Failure, failure, first_failure
from sightline.dashboards.dates import span
from sightline.dashboards.filter_bar import MOST_OPTIONS, Members, filter_bar, variables_of
from sightline.dashboards.formats import joined
from sightline.dashboards.freshness import freshness
from sightline.dashboards.page import Page, PlannedQuestion, PlannedRows, Slot
from sightline.dashboards.panels.frame import PanelKind, without_figures
from sightline.dashboards.panels.registry import KINDS
from sightline.dashboards.parts import Message
from sightline.dashboards.selection import Selection, period_words
from sightline.dashboards.view import DashboardView, PanelView, Sentence, Strip
from sightline.definitions.catalog import did_you_mean
from sightline.definitions.panels import panel_metrics
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.dashboard import AnyPanel, Dashboard, panel_kind
from sightline.errors import NotFound, UserError
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer, SourceState
from sightline.metrics.ask import ask as metrics_ask
from sightline.metrics.members import Member, members
from sightline.metrics.question import Question
from sightline.metrics.rows import RowsPage
from sightline.metrics.warehouse import Warehouse

MOST_ARCHIVED = 10_000
Rows = Mapping[str, RowsPage | Failure]
_NAMED = ("tile", "table", "gauge", "stat", "list")
_SIZE_OF_PANEL = 60_000
"""Bytes a panel's view takes in memory, roughly: for the cache's budget."""


class UnknownMember(NotFound):
    """The page is about a member that does not exist, or that the viewer may not see. The message is the same."""

    code = "SL-E067"


@dataclass(frozen=True)
class PlannedPanel:
    """One panel with its questions, or the failure of planning them."""

    panel: AnyPanel
    slot: Slot
    questions: tuple[PlannedQuestion, ...]
    failed: Failure | None = None
    rows: tuple[PlannedRows, ...] = ()

    @property
    def kind(self) -> PanelKind:
        return KINDS[panel_kind(self.panel) or ""]


def dashboard_view(
    dashboard: Dashboard,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    problems: Sequence[str] = (),
    unusual: Mapping[str, str] | None = None,
    ask: Ask = metrics_ask,
) -> DashboardView:
    """Return the finished page. Raises UnknownMember on the page of one member when there is none such to see.

    `unusual` says of datasets what is odd about them now, in words that this viewer may read.

    A page is kept with the answers it was made of, for ten minutes (ages of sources are words on it): making it from
    known answers still costs tens of milliseconds. One that lacks what a passing fault took is not kept.
    """
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection, ask=ask)
    path = f"d/{dashboard.name}"
    tag = etag_of(path, selection, viewer, warehouse=warehouse, now=now, snapshot=asker.snapshot)
    odd = dict(unusual or {})
    key = ("dashboard", tag, selection.defaults, tuple(problems), tuple(sorted(odd.items())), now.minute // 10)
    known = warehouse.cache.get(key) if ask is metrics_ask else None
    if isinstance(known, DashboardView):
        return replace(known, asked_at=now, elapsed_ms=0.0)
    page = replace(page_of(path, selection, asker), unusual=odd)
    made = _made(dashboard, page, asker, problems=tuple(problems), tag=tag)
    if ask is metrics_ask and made.is_settled and all(each.state not in ("error", "denied") for each in made.panels):
        warehouse.cache.put(key, made, size=_SIZE_OF_PANEL * len(made.panels))
    return made


def _made(dashboard: Dashboard, page: Page, asker: Asker, *, problems: tuple[str, ...], tag: str) -> DashboardView:
    lister = members_of(asker, kind="dashboard", name=dashboard.name)
    member, is_archived = _member(dashboard, page, lister, asker)
    both = [with_rows(each, asker) for each in plan_panels(dashboard, page)]
    planned = [each for each, _ in both]
    opening = findings.plan(dashboard.finding, page=page) if dashboard.finding else ()
    wanted = [each.question for panel in planned for each in panel.questions] + [each.question for each in opening]
    answers = asker.answers(wanted)
    panels = [panel_view(each, answers, rows) for each, rows in both]
    sources = sources_of(answers)
    variables = variables_of(dashboard, page)
    return DashboardView(
        name=dashboard.name,
        title=member[1] if member else dashboard.title,
        icon=dashboard.icon,
        standfirst=_standfirst(dashboard, page, opening, answers),
        filters=filter_bar(page, variables=variables, entity=dashboard.entity or "", members=lister),
        blocks=blocks_of(panels),
        freshness=freshness(sources, catalog=page.catalog, today=page.today),
        period_words=_period_days(page),
        snapshot=asker.snapshot.id,
        etag=tag,
        zone=page.catalog.settings.zone,
        asked_at=asker.now,
        entity=dashboard.entity or "",
        member=member,
        is_archived=is_archived,
        problems=problems,
        elapsed_ms=sum(answer.elapsed_ms for answer in answers.values() if isinstance(answer, Answer)),
        questions=len(answers),
        is_settled=not asker.faults,
    )


def asker_of(
    viewer: Viewer, *, warehouse: Warehouse, now: datetime, selection: Selection, ask: Ask = metrics_ask
) -> Asker:
    """Return what asks for one page: everything at the snapshot the address names, or the newest."""
    return Asker(viewer, warehouse, now, warehouse.lake.snapshot(selection.at), ask)


def page_of(path: str, selection: Selection, asker: Asker) -> Page:
    """Return the page at this address; its today is the workspace's."""
    catalog = asker.warehouse.catalog
    return Page(catalog, selection, asker.now.astimezone(ZoneInfo(catalog.settings.zone)).date(), path)


def etag_of(
    path: str,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    snapshot: Snapshot | None = None,
) -> str:
    """Return a tag that changes whenever the page may: data, definitions, policy, address, the hour (ages of sources).

    It costs no question, so a page can be answered "not modified" before anything is computed.
    """
    chosen = snapshot if snapshot is not None else warehouse.lake.snapshot(selection.at)
    versions = sorted((name, each.version) for name, each in chosen.datasets.items())
    hour = now.astimezone(ZoneInfo(warehouse.catalog.settings.zone)).strftime("%Y-%m-%dT%H")
    parts = (
        path,
        selection.pairs(full=True),
        viewer.policy.digest,
        warehouse.catalog.digest,
        versions,
        chosen.id,
        hour,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def members_of(asker: Asker, *, kind: str = "", name: str = "") -> Members:
    """Return a function that lists the members of a dimension, once per page and never raising.

    Of two packs that have the dimension, that of the dashboard or metric (`kind`) with this name is meant.
    """
    pack = asker.warehouse.catalog.pack_of.get((kind, name), "")
    known: dict[str, tuple[Member, ...]] = {}

    def listed(dimension: str) -> tuple[Member, ...]:
        if dimension not in known:
            try:
                found = members(
                    dimension,
                    asker.viewer,
                    warehouse=asker.warehouse,
                    limit=MOST_OPTIONS + 1,
                    at=asker.snapshot,
                    pack=pack,
                )
            except UserError as error:
                asker.failed(error, dimension)
                found = []
            known[dimension] = tuple(found)
        return known[dimension]

    return listed


def _member(dashboard: Dashboard, page: Page, lister: Members, asker: Asker) -> tuple[tuple[str, str] | None, bool]:
    """Return the (key, label) the page is about, None on a page about no one member; and whether it is archived."""
    if not dashboard.entity:
        return None, False
    chosen = page.selection.values(dashboard.entity)
    label = page.dimension(dashboard.entity).lower()
    listed = lister(dashboard.entity)
    if not chosen:
        return None, False
    key = str(chosen[0])
    found = next((member for member in listed if member.key == key), None)
    if found is not None:
        return (key, found.label), False
    gone = next((member for member in _archived(dashboard.entity, asker) if member.key == key), None)
    if gone is not None:  # it is not offered any more, but its history stays
        return (key, gone.label), True
    if len(listed) > MOST_OPTIONS:
        return (key, key), False
    raise UnknownMember(f'no {label} "{key[:60]}"', hint=did_you_mean(key, [member.key or "" for member in listed]))


def _archived(entity: str, asker: Asker) -> list[Member]:
    return members(
        entity, asker.viewer, warehouse=asker.warehouse, limit=MOST_ARCHIVED, at=asker.snapshot, archived=True
    )


def plan_panels(dashboard: Dashboard, page: Page) -> list[PlannedPanel]:
    """Return every panel with its questions. A panel that cannot be planned fails alone."""
    found = []
    for panel, name in zip(dashboard.panels, panel_ids(dashboard), strict=True):
        slot = Slot(name, page)
        try:
            found.append(planned_panel(panel, slot))
        except Exception as error:  # noqa: BLE001 - named and shown in place of the panel
            found.append(PlannedPanel(panel, slot, (), failure(error, name)))
    return found


def planned_panel(panel: AnyPanel, slot: Slot) -> PlannedPanel:
    """Return the panel with what it asks for."""
    kind = KINDS[panel_kind(panel) or ""]
    rows = kind.rows(panel, slot=slot) if kind.rows else ()
    return PlannedPanel(panel, slot, kind.plan(panel, slot=slot), rows=rows)


def dataset_rows(planned: PlannedPanel, asker: Asker) -> Rows:
    """Return the rows of datasets that a panel asked for; marks on a chart are left out where they may not be seen."""
    reads = asker.viewer.policy.reads_list
    found = {each: asker.rows(each.request) for each in planned.rows if not each.extra or reads(each.request.dataset)}
    return {each.key: page for each, page in found.items() if not (each.extra and isinstance(page, Failure))}


def with_rows(planned: PlannedPanel, asker: Asker) -> tuple[PlannedPanel, Rows]:
    """Return the panel with the questions that its rows lead to, and the rows."""
    rows = dataset_rows(planned, asker)
    if planned.kind.follow is None:
        return planned, rows
    seen = {key: page for key, page in rows.items() if isinstance(page, RowsPage)}
    more = planned.kind.follow(planned.panel, slot=replace(planned.slot, rows=seen))
    return replace(planned, questions=(*planned.questions, *more)), rows


def panel_ids(dashboard: Dashboard) -> tuple[str, ...]:
    """Return a stable, unique id per panel: a table's own name, else kind and what it shows, numbered when repeated."""
    found: list[str] = []
    for panel in dashboard.panels:
        kind = panel_kind(panel) or "panel"
        name = str(getattr(panel, kind, "") or "") if kind in _NAMED else kind
        base = f"{kind}_{name}" if kind in _NAMED and kind != "table" else name
        same = sum(1 for each in found if each == base or each.startswith(f"{base}_n"))
        found.append(base if not same else f"{base}_n{same + 1}")
    return tuple(found)


def panel_view(
    planned: PlannedPanel, answers: Mapping[Question, Answer | Failure], rows: Rows | None = None
) -> PanelView:
    """Return one panel; whatever goes wrong becomes its message."""
    return replace(_drawn(planned, answers, rows), below=planned.panel.below, unusual=_unusual(planned, answers))


def _unusual(planned: PlannedPanel, answers: Mapping[Question, Answer | Failure]) -> str:
    """Return what is odd about the data that a panel's figures are made of."""
    said = planned.slot.page.unusual
    if not said:
        return ""
    own = {each.question: answers[each.question] for each in planned.questions}
    return " ".join(dict.fromkeys(said[each.dataset] for each in sources_of(own) if each.dataset in said))


def _drawn(planned: PlannedPanel, answers: Mapping[Question, Answer | Failure], rows: Rows | None) -> PanelView:
    own = {each.key: answers[each.question] for each in planned.questions}
    good = {key: answer for key, answer in own.items() if isinstance(answer, Answer)}
    unanswered = None if planned.kind.tolerant and (good or rows) else first_failure(own)
    failed = planned.failed or unanswered or first_failure(rows or {})
    if failed is None and _is_hidden(tuple(good.values())):
        failed = Failure(True, "your role does not show what these figures are computed from")
    if failed is None:
        seen = {key: page for key, page in (rows or {}).items() if isinstance(page, RowsPage)}
        said = {key: each.text for key, each in own.items() if isinstance(each, Failure)}
        slot = replace(planned.slot, rows=seen, failures=said)
        try:
            return planned.kind.view(planned.panel, slot=slot, answers=good)
        except Exception as error:  # noqa: BLE001 - named, logged and shown in place of the panel
            failed = failure(error, planned.slot.id)
    return _failed(planned, failed)


def _is_hidden(answers: Collection[Answer]) -> bool:
    """Whether the viewer's role shows nothing of any figure that a panel asked for."""
    return bool(answers) and all(answer.hidden.issuperset(answer.question.metrics) for answer in answers)


def _measures(planned: PlannedPanel) -> str:
    """Return the labels of what a panel shows, as far as it is defined."""
    page = planned.slot.page
    known = [name for _, name in panel_metrics(planned.panel) if name in page.catalog.metrics]
    return joined([page.label(name) for name in dict.fromkeys(known)])


def _failed(planned: PlannedPanel, failed: Failure) -> PanelView:
    title = planned.panel.title or _measures(planned) or planned.slot.id.replace("_", " ").capitalize()
    if failed.denied:
        text = f"{failed.text[:1].upper()}{failed.text[1:]}".rstrip(".") + "."
        message = Message("Not for your role", f"{text} {failed.hint}".strip())
        return without_figures(planned.panel, slot=planned.slot, state="denied", message=message, title=title)
    text = f"{failed.text[:1].upper()}{failed.text[1:]}".rstrip(".") + f". {failed.hint}"
    message = Message("This panel did not load", text.strip(), "Retry", planned.slot.page.link(), failed.reference)
    return without_figures(planned.panel, slot=planned.slot, state="error", message=message, title=title)


def blocks_of(panels: Sequence[PanelView]) -> tuple[Strip, ...]:
    """Return the panels in order, consecutive tiles (failed ones too) gathered in one strip."""
    blocks: list[Strip] = []
    for panel in panels:
        is_tile = panel.kind == "tile" or (panel.kind == "message" and panel.id.startswith("tile_"))
        if is_tile and blocks and blocks[-1].tiles:
            blocks[-1] = Strip(tiles=(*blocks[-1].tiles, panel))
        else:
            blocks.append(Strip(tiles=(panel,)) if is_tile else Strip(panel=panel))
    return tuple(blocks)


def _standfirst(
    dashboard: Dashboard,
    page: Page,
    opening: Sequence[PlannedQuestion],
    answers: Mapping[Question, Answer | Failure],
) -> Sentence:
    said = Sentence(((dashboard.standfirst, False),)) if dashboard.standfirst else Sentence()
    own = {each.key: answers[each.question] for each in opening}
    if dashboard.finding is None or first_failure(own) is not None:
        return said
    good = {key: answer for key, answer in own.items() if isinstance(answer, Answer)}
    found = findings.sentence(dashboard.finding, page=page, answers=good) if good else Sentence()
    return found if found.parts else said


def _period_days(page: Page) -> str:
    try:
        period = page.calendar.period(page.selection.period)
    except UserError:
        return period_words(page.selection.period, today=page.today)
    return span(period, today=page.today)


def sources_of(answers: Mapping[Question, Answer | Failure]) -> list[SourceState]:
    """Return the sources behind all answers."""
    return [source for answer in answers.values() if isinstance(answer, Answer) for source in answer.sources]
