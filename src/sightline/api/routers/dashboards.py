"""Dashboards."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from sightline.api.auth import access_to
from sightline.api.paths import Workspace
from sightline.api.schemas.dashboard import DashboardSummary
from sightline.api.schemas.problem import PROBLEMS

router = Router(tags=["dashboards"])


@router.get(
    "/dashboards",
    response={200: list[DashboardSummary], **PROBLEMS},
    operation_id="dashboards",
    summary="List the dashboards",
)
def dashboards(request: HttpRequest, workspace: Workspace) -> list[DashboardSummary]:
    """In the order of the navigation."""
    catalog = access_to(request, workspace).folder.catalog
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
