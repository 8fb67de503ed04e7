"""Who may open a page: the one place where a request becomes an `Access`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from sightline.accounts.access import Access, NotSignedIn, open_workspace, seen_as
from sightline.accounts.models import User
from sightline.errors import NotAllowed
from sightline.web.pinned import pinned

VIEW_AS = "view_as"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class LookingOnly(NotAllowed):
    """While looking as somebody else nothing can be changed."""

    code = "SL-E062"


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view for people who are signed in; others are sent to sign in and then back here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def member(*permissions: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Return a decorator: the view gets the member's access to the workspace, which has all these permissions."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, workspace: str, **kwargs: Any) -> HttpResponse:
            if not isinstance(request.user, User):
                return to_sign_in(request)
            access = pinned(looking(request, open_workspace(request.user, workspace)))
            for permission in permissions:
                access.require(permission)
            with timezone.override(ZoneInfo(access.folder.catalog.settings.zone)):  # pages tell its times
                return view(request, access, **kwargs)

        return guarded

    return decorate


def looking(request: HttpRequest, own: Access) -> Access:
    """Return the access that an admin tries out (another role), else their own. Looking changes nothing."""
    chosen = request.session.get(VIEW_AS, {}).get(own.workspace)
    if not chosen or not own.allows("manage_members"):
        return own
    if request.method not in SAFE and not request.path.endswith("/view-as"):
        raise LookingOnly("You are looking as somebody else.", hint="Go back to yourself first; nothing was changed.")
    request.viewing_as = chosen["label"]  # type: ignore[attr-defined]  # read by page.framed
    return seen_as(own, role=chosen["role"], attributes=chosen["attributes"])


def person(request: HttpRequest) -> User:
    """Return who is signed in; a guarded view never runs without."""
    if not isinstance(request.user, User):
        raise NotSignedIn("Sign in first.")
    return request.user


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Return the way to the sign-in page; a swapped fragment makes the whole page go there."""
    target = f"{reverse('web:sign-in')}?next={quote(request.get_full_path())}"
    if request.headers.get("HX-Request"):
        here = request.headers.get("HX-Current-URL", "")
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{reverse('web:sign-in')}?next={quote(_path(here) or request.get_full_path())}"
        return response
    return HttpResponseRedirect(target)


def _path(address: str) -> str:
    """Return the path and query of an absolute address."""
    parts = address.split("/", 3)
    return f"/{parts[3]}" if len(parts) == 4 else ""
