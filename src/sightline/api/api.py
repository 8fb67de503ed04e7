"""The API's table of contents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from sightline.api import errors
from sightline.api.auth import Bearer, SignedIn
from sightline.api.responses import JsonRenderer
from sightline.api.routers import (
    dashboards,
    data_events,
    datasets,
    entries,
    events,
    explain,
    forecasts,
    imports,
    me,
    members,
    metrics,
    prometheus,
    quarantine,
    query,
    rows,
    sources,
)

DESCRIPTION = """
The numbers of Sightline for programs. Every path asks the same way as a page does and sees the same: the token's
person, in that person's role, with its row policy and masks.

Authentication: `Authorization: Bearer <token>`; make one with `sightline token add` or on the account page. Reading
also works with the session of a signed-in browser. Errors are RFC 9457 problem documents with a stable `code`.
A caller may send 200 requests at once and 20 a second after that; a 429 says in `Retry-After` when to go on.
"""
WORKSPACE = "/workspaces/{workspace}"


class Api(NinjaAPI):
    """Ninja's API, whose description says that problems are `application/problem+json`."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        for operation in (each for methods in schema["paths"].values() for each in methods.values()):
            for status, response in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {errors.CONTENT_TYPE: response["content"].pop("application/json")}
        return schema


api = Api(
    title="Sightline",
    version="1",
    description=DESCRIPTION.strip(),
    urls_namespace="api",
    docs_url=None,
    auth=[Bearer(), SignedIn(param_name="session")],
    renderer=JsonRenderer(),
)
errors.install(api)

api.add_router("", me.router)
for noun in (
    query,
    explain,
    forecasts,
    metrics,
    prometheus,
    rows,
    dashboards,
    datasets,
    imports,
    sources,
    data_events,
    events,
    members,
    quarantine,
    entries,
):
    api.add_router(WORKSPACE, noun.router)
