"""Which part answers which address."""

from __future__ import annotations

from django.urls import include, path

from sightline.config.health import health

urlpatterns = [
    path("health", health),
    path("api/v1/", include("sightline.api.urls")),
    path("", include("sightline.web.urls")),
]
