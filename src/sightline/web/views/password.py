"""Forgotten, reset and changed passwords."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sightline.accounts.actions.change_password import change_password
from sightline.accounts.actions.request_password_reset import request_password_reset
from sightline.accounts.actions.reset_password import reset_password
from sightline.accounts.models import User
from sightline.accounts.passwords import ResetLinkRefused, user_of_reset_code
from sightline.errors import UserError
from sightline.web.client import address_of, password_link
from sightline.web.fields import Field
from sightline.web.guards import signed_in
from sightline.web.page import page

HINT = "At least 10 characters; a sentence works well."


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Return the page that asks for an address; the answer is the same whether or not it is known."""
    if request.method == "GET":
        field = Field("email", "E-mail address", "email", autocomplete="username", autofocus=True)
        return page(request, "web/pages/forgotten.html", title="Reset your password", fields=(field,))
    link = password_link(request)
    request_password_reset(
        email=request.POST.get("email", ""),
        link=lambda uid, token: link.format(uid=uid, token=token),
        address=address_of(request),
        now=timezone.now(),
    )
    return page(request, "web/pages/forgotten.html", title="Check your mail", sent=request.POST.get("email", ""))


@never_cache
@sensitive_post_parameters("new")
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Return the page that a mailed link opens."""
    problem: UserError | None = None
    try:
        if request.method == "POST":
            reset_password(
                uid=uid, token=token, new=request.POST.get("new", ""), now=timezone.now(), address=address_of(request)
            )
            messages.success(request, "Your password is set. Sign in with it.")
            return HttpResponseRedirect(reverse("web:sign-in"))
        user_of_reset_code(uid=uid, token=token, now=timezone.now())
    except ResetLinkRefused as refused:
        return page(request, "web/pages/reset.html", title="This link no longer works", refused=refused, status=400)
    except UserError as error:
        problem = error
    field = Field("new", "New password", "password", autocomplete="new-password", hint=HINT, autofocus=True)
    status = 400 if problem else 200
    return page(
        request, "web/pages/reset.html", title="Choose a password", fields=(field,), problem=problem, status=status
    )


@never_cache
@signed_in
@sensitive_post_parameters("current", "new")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Return the page to change one's own password."""
    problem: UserError | None = None
    if request.method == "POST" and isinstance(request.user, User):
        try:
            change_password(
                user=request.user,
                current=request.POST.get("current", ""),
                new=request.POST.get("new", ""),
                now=timezone.now(),
                address=address_of(request),
            )
        except UserError as error:
            problem = error
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, "Password changed. Other sessions were ended.")
            return HttpResponseRedirect(reverse("web:account"))
    fields = (
        Field("current", "Current password", "password", autocomplete="current-password", autofocus=True),
        Field("new", "New password", "password", autocomplete="new-password", hint=HINT),
    )
    status = 400 if problem else 200
    return page(
        request,
        "web/pages/change_password.html",
        title="Change your password",
        fields=fields,
        problem=problem,
        status=status,
    )
