"""The script that draws charts. It holds no data, so it needs no sign-in and may be kept for ever."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from sightline.charts.bundle import Script, script


@lru_cache(maxsize=1)
def chart_script() -> Script:
    """Return the script of this installation."""
    folder = Path(settings.SIGHTLINE_HOME)
    return script(cache_folder=folder / "cache" if folder.is_dir() else None)


def chart_script_address() -> str:
    """Return where pages load the script from; the name changes with the content."""
    return f"/charts/{chart_script().name}"


@require_GET
def serve(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Return the script."""
    found = chart_script()
    if name != found.name:
        raise Http404
    response = HttpResponse(found.body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
