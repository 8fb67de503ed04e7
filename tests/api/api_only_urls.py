"""The API's addresses without the pages: its tests do not depend on those."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/v1/", include("sightline.api.urls"))]
