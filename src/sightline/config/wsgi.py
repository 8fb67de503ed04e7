"""The WSGI application that `sightline serve` runs."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

from sightline.config.in_turns import in_turns
from sightline.home import WorkspaceFolder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sightline.config.settings")
LOOK_AGAIN_SECONDS = 0.5
"""A definition file that was changed is seen by pages this late; looking costs a call to the system per file."""

application = get_wsgi_application()
WorkspaceFolder.look_again_seconds = LOOK_AGAIN_SECONDS
# load all pages now: a fault shows at the start, and the first visitor does not wait
get_resolver().url_patterns  # noqa: B018 - loading is what reading it does
application = import_string("sightline.config.events_first.events_first")(in_turns(application))  # needs Django set up
gc.freeze()  # what is loaded by now stays: looking through it for garbage stopped every page for 90 ms
