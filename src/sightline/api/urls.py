"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from sightline.api.api import api
from sightline.api.errors import unknown_address

urlpatterns = [path("", api.urls), re_path("", unknown_address)]
