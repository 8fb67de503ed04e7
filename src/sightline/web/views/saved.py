"""Saved views: a person's named selections of a dashboard."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.accounts.actions.save_filter import delete_filter, save_filter
from sightline.accounts.models import SavedFilter
from sightline.web.guards import member
from sightline.web.page import fragment
from sightline.web.shell import base_of


@require_http_methods(["GET", "POST"])
@member("view")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the menu of saved views; a form on it saves or removes one."""
    name = request.POST.get("dashboard") or request.GET.get("dashboard", "")
    dashboard = access.catalog.dashboard(name)
    here = f"{base_of(access.workspace)}d/{dashboard.name}"
    if request.method == "POST":
        return _changed(request, access, dashboard.name, here)
    return fragment(
        request,
        "web/parts/saved.html",
        access=access,
        here=here,
        dashboard=dashboard.name,
        saved_filters=SavedFilter.objects.filter(
            user=access.user, workspace=access.workspace, dashboard=dashboard.name
        ),
        query=urlsplit(request.headers.get("HX-Current-URL", "")).query,
    )


def _changed(request: HttpRequest, access: Access, dashboard: str, here: str) -> HttpResponse:
    now, remove = timezone.now(), request.POST.get("remove", "")
    query = request.POST.get("query", "")
    if remove:
        delete_filter(access=access, filter_id=int(remove) if remove.isdigit() else 0, now=now)
        messages.success(request, "View removed")
        return HttpResponseRedirect(here)
    saved = save_filter(
        access=access,
        dashboard=dashboard,
        name=request.POST.get("name", ""),
        query=query,
        is_default=bool(request.POST.get("is_default")),
        now=now,
    )
    messages.success(request, f"{saved.name} was saved")
    return HttpResponseRedirect(f"{here}?{saved.query}" if saved.query else here)
