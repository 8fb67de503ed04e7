"""What a request says about where it comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def address_of(request: HttpRequest) -> str:
    """Return the address of the client; behind our own proxy, the one that the proxy saw."""
    if settings.SIGHTLINE.behind_proxy:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if hops:
            return hops[-1]
    return str(request.META.get("REMOTE_ADDR", ""))


def way_back(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the page of ours that `next` names, else the other."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else otherwise


def password_link(request: HttpRequest) -> str:
    """Return a text with {uid} and {token} for links in mails."""
    path = reverse("web:reset-password", kwargs={"uid": "UID", "token": "TOKEN"})
    root = settings.SIGHTLINE.url.rstrip("/") if settings.SIGHTLINE.url else request.build_absolute_uri("/").rstrip("/")
    return root + path.replace("UID", "{uid}").replace("TOKEN", "{token}")
