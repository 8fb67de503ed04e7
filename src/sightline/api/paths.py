"""Parts of addresses."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Schema

from sightline.api.errors import InvalidRequest
from sightline.definitions.catalog import did_you_mean

Workspace = Annotated[str, Path(description="Name of the workspace.")]


def require_known(request: HttpRequest, parameters: type[Schema]) -> None:
    """Refuse an address with a parameter that is not there: a filter that is misspelt must not be left out."""
    for name in request.GET:
        if name not in parameters.model_fields:
            raise InvalidRequest(f'unknown parameter "{name}"', hint=did_you_mean(name, parameters.model_fields))
