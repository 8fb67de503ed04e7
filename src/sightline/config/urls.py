"""Which part answers which address."""

from __future__ import annotations

from django.urls import include, path

from sightline.config.health import health

urlpatterns = [
    path("health", health),
    path("api/v1/", include("sightline.api.urls")),
    path("", include("sightline.web.urls")),
]

handler400 = "sightline.web.views.problems.bad_request"
handler403 = "sightline.web.views.problems.forbidden"
handler404 = "sightline.web.views.problems.not_found"
handler500 = "sightline.web.views.problems.server_error"
