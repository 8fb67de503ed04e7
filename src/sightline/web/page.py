"""Rendering: every page gets its frame, its appearance and nothing it did not ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sightline.accounts.access import Access
from sightline.web.appearance import appearance_of
from sightline.web.shell import base_of, shell_of

PRODUCT = "Sightline"


def page(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    access: Access | None = None,
    current: str = "",
    crumbs: Sequence[tuple[str, str]] = (),
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Return a whole page: in the frame of the workspace, or bare before there is one."""
    frame: dict[str, Any] = {"title": title, "product": PRODUCT, "appearance": appearance_of(request), "crumbs": crumbs}
    if access is not None:
        frame |= framed(request, access, current=current)
    return render(request, template, frame | context, status=status)


def framed(request: HttpRequest, access: Access, *, current: str) -> dict[str, Any]:
    """Return what the templates of a workspace's pages need, whatever the page."""
    viewing_as = getattr(request, "viewing_as", "")
    branding = access.folder.catalog.settings.branding
    base = base_of(access.folder.name)
    return {
        "base": base,
        "can_export": access.viewer.policy.allows("export"),
        "can_see_rows": access.viewer.policy.allows("see_rows"),
        "brand_css": f"{base}brand.css?v={branding.accent[1:]}" if branding.accent else "",
        "shell": shell_of(
            access,
            current=current,
            viewing_as=viewing_as,
            can_view_as=not viewing_as and access.viewer.policy.allows("manage_members"),
        ),
    }


def fragment(request: HttpRequest, template: str, *, access: Access, status: int = 200, **context: Any) -> HttpResponse:
    """Return a piece of a page, for a swap."""
    base = base_of(access.folder.name)
    allowed = {
        "can_export": access.viewer.policy.allows("export"),
        "can_see_rows": access.viewer.policy.allows("see_rows"),
    }
    return render(request, template, {"base": base} | allowed | context, status=status)
