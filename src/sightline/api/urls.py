"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from sightline.api.api import api
from sightline.api.errors import problems_for_methods, unknown_address

patterns, app, namespace = api.urls
for pattern in patterns:
    if isinstance(pattern, URLPattern):  # Ninja answers a wrong method before any handler of errors
        pattern.callback = problems_for_methods(pattern.callback)

urlpatterns = [path("", (patterns, app, namespace)), re_path("", unknown_address)]
