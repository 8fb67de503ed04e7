"""Two to six members side by side."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.dashboards.compare import comparable_metrics, compare_view
from sightline.dashboards.formats import plural
from sightline.dashboards.selection import is_entity
from sightline.definitions.schema.base import label_of
from sightline.errors import NotFound
from sightline.metrics.warehouse import warehouse_of
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.selecting import carried, compared_keys, selected
from sightline.web.shell import base_of
from sightline.web.table_files import table_files


@require_GET
@member("view")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the comparison that the address asks for."""
    now, entity = timezone.now(), request.GET.get("entity", "")
    if not is_entity(access.catalog, entity):
        raise NotFound(f'there is no entity "{entity}"')
    keys = compared_keys(request)
    warehouse, selection = warehouse_of(access.folder), selected(request, access).selection
    found = compare_view(
        entity,
        keys,
        comparable_metrics(entity, warehouse=warehouse),
        selection,
        access.viewer,
        warehouse=warehouse,
        now=now,
    )
    record_access(
        workspace=access.workspace, actor=access.actor, verb="compared", object=f"{entity}: {', '.join(keys)}", now=now
    )
    base = base_of(access.workspace)
    query = urlencode([("entity", entity), ("members", ",".join(keys)), *selection.pairs()])
    note = plural(found.view.table.total_rows, "row")
    files = table_files(f"{base}export-compare", query=query, note=note)
    return page(
        request,
        "web/pages/compare.html",
        title=f"Compare {label_of(entity).lower()}s",
        access=access,
        current="compare",
        crumbs=(("Metrics", f"{base}metrics"),),
        view=found.view,
        filters=found.filters,
        candidates=found.candidates,
        chosen=keys,
        entity=entity,
        extra_hidden=[("entity", entity), ("members", ",".join(keys))],
        here=f"{base}compare",
        carried=carried(selection),
        freshness=found.freshness,
        files=files if access.viewer.policy.allows("export") else [],
    )
