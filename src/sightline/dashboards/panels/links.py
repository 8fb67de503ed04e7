"""Ways to other dashboards. Period, comparison, filters and snapshot go along."""

from __future__ import annotations

from sightline.dashboards.page import PlannedQuestion, Slot
from sightline.dashboards.panel_views import LinksView, Way
from sightline.dashboards.panels.frame import Answers
from sightline.dashboards.parts import Link
from sightline.definitions.schema.dashboard import LinksPanel
from sightline.definitions.schema.list_panels import DashboardLink


def plan(panel: LinksPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:  # noqa: ARG001 - every kind is asked alike
    """Return no question: nothing is read."""
    return ()


def view(panel: LinksPanel, *, slot: Slot, answers: Answers) -> LinksView:  # noqa: ARG001 - every kind is asked alike
    """Return a way per dashboard, by its title and description unless the panel says otherwise."""
    ways = []
    for each in panel.links:
        written = each if isinstance(each, DashboardLink) else DashboardLink(dashboard=each)
        there = slot.catalog.dashboard(written.dashboard)
        link = Link(f"d/{there.name}", slot.selection.context_pairs())
        ways.append(Way(written.label or there.title, written.text or there.description, link))
    return LinksView(
        id=slot.id,
        title=panel.title or "Dashboards",
        subtitle=panel.subtitle,
        span=panel.span or 12,
        note=panel.note,
        ways=tuple(ways),
    )
