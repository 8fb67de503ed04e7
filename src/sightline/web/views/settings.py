"""Workspace settings: zone, currency, calendar, branding."""

from __future__ import annotations

import calendar
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from sightline.accounts.access import Access
from sightline.accounts.actions.change_settings import change_settings
from sightline.definitions.schema.pack import Settings
from sightline.errors import NotFound, UserError
from sightline.web.brand import accent_problem, style_sheet
from sightline.web.guards import member
from sightline.web.page import page
from sightline.web.shell import base_of

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "BRL", "CAD", "AUD", "JPY", "INR", "SEK", "NOK", "DKK", "PLN", "MXN", "SGD")
WEEK_STARTS = (("monday", "Monday"), ("sunday", "Sunday"), ("saturday", "Saturday"))
MONTHS = tuple((number, calendar.month_name[number]) for number in range(1, 13))
LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
MOST = 1 << 20


class AccentRefused(UserError):
    """The accent could not be read on the page."""

    code = "SL-E063"


@require_http_methods(["GET", "POST"])
@member("manage_settings")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the settings page; saving it keeps the version before."""
    problem: UserError | None = None
    shown: Settings | dict[str, Any] = access.folder.settings
    if request.method == "POST":
        try:
            _save(request, access)
        except UserError as error:
            problem = error
        else:
            messages.success(request, "Settings saved")
            return HttpResponseRedirect(f"{base_of(access.workspace)}admin/settings")
    return page(
        request,
        "web/pages/settings.html",
        title="Settings",
        access=access,
        current="settings",
        crumbs=(("Admin", ""),),
        settings=shown,
        zones=sorted(available_timezones()),
        currencies=sorted({*CURRENCIES, access.folder.settings.currency}),
        week_starts=WEEK_STARTS,
        months=MONTHS,
        problem=problem,
        status=400 if problem else 200,
    )


@require_GET
@member("view")
def logo(request: HttpRequest, access: Access) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the workspace's logo."""
    file = access.folder.logo
    if file is None or file.suffix not in LOGO_TYPES:
        raise NotFound("this workspace has no logo")
    response = HttpResponse(file.read_bytes(), content_type=LOGO_TYPES[file.suffix])
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_GET
@member("view")
def brand(request: HttpRequest, access: Access) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the style sheet that sets the workspace's accent."""
    response = HttpResponse(style_sheet(access.folder.catalog.settings.branding.accent), content_type="text/css")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _save(request: HttpRequest, access: Access) -> None:
    form = request.POST
    accent = form.get("accent", "").strip().lower() if form.get("own_accent") else None
    if accent and (refused := accent_problem(accent)):
        raise AccentRefused(refused, hint="Choose a darker or more saturated colour.")
    branding: dict[str, Any] = {"name": form.get("brand_name", "").strip(), "accent": accent or None}
    if form.get("remove_logo"):
        branding["logo"] = None
    upload = request.FILES.get("logo")
    changes = {
        "label": form.get("label", "").strip(),
        "zone": form.get("zone", "").strip(),
        "currency": form.get("currency", "").strip().upper(),
        "week_start": form.get("week_start", ""),
        "fiscal_year_start": form.get("fiscal_year_start", ""),
        "holidays": form.get("holidays", "").split(),
        "branding": branding,
    }
    change_settings(access=access, changes=changes, now=timezone.now(), logo=upload.read(MOST) if upload else None)
