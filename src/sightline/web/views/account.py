"""One's own account: appearance, password, tokens; and the workspaces one can open."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sightline.accounts.access import workspaces_of
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.actions.revoke_token import revoke_token
from sightline.accounts.models import ApiToken, User
from sightline.errors import UserError
from sightline.web.appearance import changed, remember
from sightline.web.client import address_of, way_back
from sightline.web.guards import person, signed_in
from sightline.web.page import page

SCOPE_WORDS = (
    ("read", "Read: dashboards, metrics, rows and exports"),
    ("import", "Import: load data, see the quarantine"),
    ("admin", "Admin: everything your roles allow"),
)


@require_GET
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Return the only workspace of a person, or the list to choose from."""
    places = workspaces_of(person(request))
    if len(places) == 1:
        return HttpResponseRedirect(f"/w/{places[0].name}/")
    return page(request, "web/pages/workspaces.html", title="Workspaces", places=places)


@require_GET
@signed_in
def workspaces(request: HttpRequest) -> HttpResponse:
    """Return the list of workspaces, also when there is only one."""
    return page(request, "web/pages/workspaces.html", title="Workspaces", places=workspaces_of(person(request)))


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Return the account page; making a token shows its secret once."""
    secret, problem = "", None
    try:
        if request.POST.get("revoke"):
            revoke_token(
                user=person(request), prefix=request.POST["revoke"], now=timezone.now(), address=address_of(request)
            )
            messages.success(request, "Token ended")
            return HttpResponseRedirect(reverse("web:account"))
        if request.POST.get("create"):
            secret = _made(request, person(request))
    except UserError as error:
        problem = error
    return page(
        request,
        "web/pages/account.html",
        title="Your account",
        tokens=ApiToken.objects.filter(user=person(request), revoked_at=None),
        scopes=SCOPE_WORDS,
        secret=secret,
        problem=problem,
        status=400 if problem else 200,
    )


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep theme and density in a cookie."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
    else:
        response = HttpResponseRedirect(way_back(request))
    remember(response, changed(request))
    return response


def _made(request: HttpRequest, user: User) -> str:
    now, days = timezone.now(), request.POST.get("days", "")
    made = create_token(
        user=user,
        name=request.POST.get("name", ""),
        scopes=request.POST.getlist("scopes"),
        expires_at=now + timedelta(days=int(days)) if days.isdigit() else None,
        now=now,
        address=address_of(request),
    )
    return made.secret
