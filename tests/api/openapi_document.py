"""docs/openapi.json, written from the API itself: `python tests/api/openapi_document.py`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import django

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def openapi_text() -> str:
    """Return the description of the API. Django must be set up."""
    from sightline.api.api import api  # after django.setup()
    from sightline.api.urls import urlpatterns  # the addresses that the paths are made from

    assert urlpatterns
    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sightline.config.settings")
    django.setup()
    DOCUMENT.write_text(openapi_text(), encoding="utf-8")
