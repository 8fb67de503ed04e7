"""What every kind of panel starts from: title, subtitle, state and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sightline.dashboards.figures import stale_words
from sightline.dashboards.formats import joined
from sightline.dashboards.page import Page, PlannedQuestion, PlannedRows, Slot
from sightline.dashboards.parts import Link, Message
from sightline.dashboards.selection import period_words
from sightline.dashboards.view import MessageView, PanelState, PanelView
from sightline.definitions.schema.dashboard import AnyPanel, Panel
from sightline.metrics.answer import Answer

Answers = Mapping[str, Answer]
Of = TypeVar("Of", bound=Panel, contravariant=True)


class Plan(Protocol[Of]):
    """The questions of a panel. Pure."""

    def __call__(self, panel: Of, *, slot: Slot) -> tuple[PlannedQuestion, ...]: ...


class View(Protocol[Of]):
    """The panel from its answers. Pure."""

    def __call__(self, panel: Of, *, slot: Slot, answers: Answers) -> PanelView: ...


class PlanRows(Protocol[Of]):
    """The rows of datasets that a panel shows. Pure."""

    def __call__(self, panel: Of, *, slot: Slot) -> tuple[PlannedRows, ...]: ...


class Follow(Protocol[Of]):
    """The questions that the rows of a panel lead to; `slot` holds them. Pure."""

    def __call__(self, panel: Of, *, slot: Slot) -> tuple[PlannedQuestion, ...]: ...


@dataclass(frozen=True)
class PanelKind:
    """How one kind is made. A `whole` kind is exported as the table it shows, others as the answer behind them.

    A `tolerant` kind is made from what could be answered, and says itself what could not.
    """

    plan: Plan[Any]
    view: View[Any]
    rows: PlanRows[Any] | None = None
    whole: bool = False
    tolerant: bool = False
    follow: Follow[Any] | None = None


def frame(panel: AnyPanel, *, slot: Slot, answer: Answer, metrics: Sequence[str], title: str = "") -> dict[str, Any]:
    """Return the fields of PanelView that every kind fills the same way."""
    page = slot.page
    stale = stale_words(answer.sources, answer)
    return {
        "id": slot.id,
        "title": panel.title or title or joined([page.label(metric) for metric in metrics]),
        "subtitle": panel.subtitle or subtitle(panel, page, metrics),
        "span": panel.span or 12,
        "note": panel.note,
        "state": "stale" if stale else "ok",
        "stale": stale,
        "export_name": f"{page.path.split('/')[-1]}-{slot.id}",
        "notes": tuple(answer.notes),
    }


def subtitle(panel: AnyPanel, page: Page, metrics: Sequence[str]) -> str:
    """Return measure, unit and period in words."""
    labels = joined([page.label(metric) for metric in metrics[:3]]) if panel.title else ""
    units = list(dict.fromkeys(page.unit(metric).header for metric in metrics))
    unit = units[0] if len(units) == 1 else ""
    period = period_words(panel.period or page.selection.period, today=page.today)
    period = period[:1].lower() + period[1:] if labels or unit else period
    return ", ".join(part for part in (labels, unit, period) if part)


def without_figures(
    panel: AnyPanel, *, slot: Slot, state: PanelState, message: Message, title: str = ""
) -> MessageView:
    """Return the panel with a message in place of figures."""
    return MessageView(
        id=slot.id,
        title=panel.title or title,
        subtitle=panel.subtitle,
        span=panel.span or 12,
        note=panel.note,
        state=state,
        message=message,
        exportable=False,
    )


def nothing(panel: AnyPanel, *, slot: Slot, answer: Answer, title: str) -> MessageView:
    """Return the empty panel: filters that match nothing, or data that has yet to come."""
    page = slot.page
    own = page.path.split("/")[-1]
    narrowing = [item for item in page.selection.filters if item.dimension != own]
    period = period_words(panel.period or page.selection.period, today=page.today)
    if any(source.rows for source in answer.sources) or not answer.sources:
        if narrowing:
            words = joined([page.dimension(item.dimension).lower() for item in narrowing])
            clear = page.link(page.selection.without_filters(keep=own))
            message = Message(
                "Nothing matches", f"No rows for this {words} in {period.lower()}.", "Clear filters", clear
            )
            return without_figures(panel, slot=slot, state="no_match", message=message, title=title)
        message = Message("Nothing in this period", f"There are no rows in {period.lower()}. Choose a longer period.")
        return without_figures(panel, slot=slot, state="empty", message=message, title=title)
    names = joined([source.label for source in answer.sources if not source.rows])
    sees_all = all(answer.policy.rows_of(source.dataset) == "all" for source in answer.sources)
    if not sees_all:
        message = Message("Nothing of yours yet", f"{names}: there are no rows that are yours to see.")
    elif answer.policy.allows("import_data"):
        message = Message("No data yet", f"Import {names} to fill this panel.", "Import data", Link("data/import"))
    else:
        message = Message("No data yet", f"{names} have yet to be imported, by somebody whose role may.")
    return without_figures(panel, slot=slot, state="empty", message=message, title=title)
