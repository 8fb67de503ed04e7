"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sightline.accounts.actions.sign_in import sign_in, sign_out
from sightline.accounts.models import User
from sightline.errors import UserError
from sightline.web.client import address_of, way_back
from sightline.web.fields import Field
from sightline.web.page import page

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Return the sign-in page; a good sign-in leads to where the person was going."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(way_back(request))
    if request.method == "GET":
        return _form(request)
    try:
        user = sign_in(
            email=request.POST.get("email", ""),
            password=request.POST.get("password", ""),
            address=address_of(request),
            now=timezone.now(),
        )
    except UserError as problem:
        return _form(request, problem=problem)
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(way_back(request))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session and return to the sign-in page."""
    if isinstance(request.user, User):
        sign_out(user=request.user, address=address_of(request), now=timezone.now())
    logout(request)
    return HttpResponseRedirect(reverse("web:sign-in"))


def _form(request: HttpRequest, problem: UserError | None = None) -> HttpResponse:
    email = request.POST.get("email", "")
    fields = (
        Field("email", "E-mail address", "email", value=email, autocomplete="username", autofocus=not email),
        Field("password", "Password", "password", autocomplete="current-password", autofocus=bool(email)),
    )
    retry = getattr(problem, "retry_after", None)
    response = page(
        request,
        "web/pages/sign_in.html",
        title="Sign in",
        fields=fields,
        problem=problem,
        next=way_back(request, ""),
        status=429 if retry else 400 if problem else 200,
    )
    if retry:
        response["Retry-After"] = str(retry)
    return response
