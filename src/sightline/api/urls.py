"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from sightline.api.api import api
from sightline.api.errors import unknown_address, with_problems

patterns, app, namespace = api.urls
for pattern in patterns:
    if isinstance(pattern, URLPattern):  # Ninja answers a wrong method without its error handlers
        pattern.callback = with_problems(pattern.callback)

urlpatterns = [path("", (patterns, app, namespace)), re_path("", unknown_address)]
