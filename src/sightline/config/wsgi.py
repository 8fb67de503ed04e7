"""The WSGI application that `sightline serve` runs."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sightline.config.settings")
application = get_wsgi_application()
# load all pages now: a fault shows at the start, and the first visitor does not wait
get_resolver().url_patterns  # noqa: B018 - loading is what reading it does
