"""Dashboards, with the answers of all their panels in one response."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from ninja import Router

from sightline.accounts.access import Access
from sightline.api.auth import access_to, note_access, request_time
from sightline.api.errors import InvalidRequest
from sightline.api.paths import Workspace
from sightline.api.responses import json_response
from sightline.api.schemas.dashboard import DashboardBody, DashboardSummary
from sightline.api.schemas.problem import PROBLEMS
from sightline.dashboards.answering import Failure, first_failure
from sightline.dashboards.build import PlannedPanel, asker_of, page_of, plan_panels
from sightline.dashboards.selection import Selection, parse
from sightline.definitions.schema.dashboard import Dashboard, panel_kind
from sightline.metrics.answer import Answer
from sightline.metrics.document import Document, answer_document
from sightline.metrics.question import Question
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["dashboards"])
Answers = Mapping[Question, Answer | Failure]


@router.get(
    "/dashboards",
    response={200: list[DashboardSummary], **PROBLEMS},
    operation_id="dashboards",
    summary="List the dashboards",
)
def dashboards(request: HttpRequest, workspace: Workspace) -> list[DashboardSummary]:
    """In the order of the navigation."""
    catalog = access_to(request, workspace).catalog
    return [
        DashboardSummary(
            name=name,
            title=each.title,
            description=each.description,
            entity=each.entity,
            pack=catalog.pack_of.get(("dashboard", name), ""),
        )
        for name, each in sorted(catalog.dashboards.items(), key=lambda item: (item[1].order, item[0]))
    ]


@router.get(
    "/dashboards/{dashboard}",
    response={200: DashboardBody, **PROBLEMS},
    operation_id="dashboard",
    summary="Answer a dashboard",
)
def dashboard(request: HttpRequest, workspace: Workspace, dashboard: str) -> HttpResponse:
    """The parameters are those of the page: `period`, `compare`, `at` (a snapshot), and a filter per dimension.

    A filter is the name of a dimension, repeated for several values; `~` is the missing value.
    """
    access = access_to(request, workspace)
    definition = access.catalog.dashboard(dashboard)
    query = {name: request.GET.getlist(name) for name in request.GET}
    parsed = parse(query, dashboard=definition, catalog=access.folder.catalog)
    if parsed.problems:
        raise InvalidRequest(" ".join(parsed.problems), hint="nothing was answered")
    note_access(access, request, verb="dashboard_seen", thing=dashboard)
    return json_response(answered(access, definition, parsed.selection))


def answered(access: Access, definition: Dashboard, selection: Selection) -> Document:
    """Return every panel with its answers; one that fails says why and fails alone."""
    now = request_time()
    asker = asker_of(access.viewer, warehouse=warehouse_of(access.folder), now=now, selection=selection)
    panels = plan_panels(definition, page_of(f"d/{definition.name}", selection, asker))
    answers = asker.answers(each.question for panel in panels for each in panel.questions)
    return {
        "name": definition.name,
        "title": definition.title,
        "snapshot": asker.snapshot.id,
        "asked_at": now,
        "panels": [_panel(each, answers) for each in panels],
    }


def _panel(planned: PlannedPanel, answers: Answers) -> Document:
    own = {each.key: answers[each.question] for each in planned.questions}
    failed = planned.failed or first_failure(own)
    return {
        "id": planned.slot.id,
        "kind": panel_kind(planned.panel),
        "title": planned.panel.title,
        "answers": {key: answer_document(each) for key, each in own.items() if isinstance(each, Answer)},
        "error": " ".join(part for part in (failed.text, failed.hint, failed.reference) if part) if failed else "",
    }
