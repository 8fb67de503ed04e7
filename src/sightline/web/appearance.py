"""How a person likes the pages: kept in a cookie, so that the first paint is right and no query is needed."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "sightline_look"
THEMES = ("light", "dark")
DENSITIES = ("compact",)
YEAR = 365 * 86_400


@dataclass(frozen=True)
class Appearance:
    """Empty is the default: the system's theme, comfortable rows, single-key shortcuts on."""

    theme: str = ""
    density: str = ""
    keys: str = ""


def appearance_of(request: HttpRequest) -> Appearance:
    """Return what the cookie says; anything unknown counts as the default."""
    theme, density, keys = [*request.COOKIES.get(COOKIE, "").split("."), "", "", ""][:3]
    return Appearance(
        theme=theme if theme in THEMES else "",
        density=density if density in DENSITIES else "",
        keys="off" if keys == "off" else "",
    )


def changed(request: HttpRequest) -> Appearance:
    """Return the appearance with what a form sends; fields it does not send stay as they are."""
    before = appearance_of(request)
    theme, density = request.POST.getlist("theme"), request.POST.getlist("density")
    keys = request.POST.getlist("keys")
    return Appearance(
        theme=(theme[-1] if theme[-1] in THEMES else "") if theme else before.theme,
        density=(density[-1] if density[-1] in DENSITIES else "") if density else before.density,
        keys=("off" if keys[-1] == "off" else "") if keys else before.keys,
    )


def remember(response: HttpResponse, look: Appearance) -> None:
    """Set the cookie for a year."""
    response.set_cookie(
        COOKIE,
        f"{look.theme}.{look.density}.{look.keys}",
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
