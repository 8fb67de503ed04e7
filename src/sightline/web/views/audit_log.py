"""The audit log of a workspace."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.accounts.models import AuditEntry, Membership
from sightline.web.guards import member
from sightline.web.page import page

PAGE = 50


@require_GET
@member("see_audit")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return what happened in this workspace and to its members' accounts, newest first."""
    emails = list(Membership.objects.filter(workspace=access.workspace).values_list("user__email", flat=True))
    entries = AuditEntry.objects.filter(Q(workspace=access.workspace) | Q(workspace="", actor__in=emails))
    who, what = request.GET.get("actor", "").strip(), request.GET.get("verb", "").strip()
    entries = entries.filter(actor__icontains=who) if who else entries
    entries = entries.filter(verb=what) if what else entries
    verbs = AuditEntry.objects.filter(workspace__in=(access.workspace, "")).values_list("verb", flat=True)
    found = Paginator(entries.order_by("-id"), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return page(
        request,
        "web/pages/audit.html",
        title="Audit log",
        access=access,
        current="audit",
        crumbs=(("Admin", ""),),
        found=found,
        actor=who,
        verb=what,
        verbs=sorted(set(verbs.order_by().distinct())),
        carried=query.urlencode(),
    )
