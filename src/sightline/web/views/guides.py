"""The guides: written from the definitions at each request, for what the reader sees."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.guides.kinds import GUIDES, Reader, guide_named
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.shell import base_of


@require_GET
@member("view")
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the list of guides."""
    return page(
        request,
        "web/pages/guides.html",
        title="Guides",
        access=access,
        current="guides",
        crumbs=(_metrics(access),),
        guides=tuple(GUIDES.items()),
    )


@require_GET
@member("view")
def show(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return one guide."""
    guide = guide_named(name, _reader(access))
    return page(
        request,
        "web/pages/guide.html",
        title=guide.title,
        access=access,
        current="guides",
        crumbs=(_metrics(access), ("Guides", f"{base_of(access.workspace)}guides/")),
        guide=guide,
        guides=tuple(GUIDES.items()),
    )


def _reader(access: Access) -> Reader:
    """Members are told about their own role; of the others only who manages members."""
    own = (access.membership.role,)
    roles = tuple(access.folder.catalog.roles) if access.allows("manage_members") else own
    return Reader(access.catalog, access.viewer.policy, roles)


def _metrics(access: Access) -> tuple[str, str]:
    return "Metrics", f"{base_of(access.workspace)}metrics"
