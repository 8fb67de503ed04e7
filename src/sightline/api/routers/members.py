"""Members of an entity and values of a dimension."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from sightline.api.auth import access_to
from sightline.api.paths import Workspace
from sightline.api.schemas.member import MemberBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.metrics.members import members
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["query"])


@router.get(
    "/members/{dimension}",
    response={200: list[MemberBody], **PROBLEMS},
    operation_id="members",
    summary="List values of a dimension",
)
def members_of_dimension(
    request: HttpRequest,
    workspace: Workspace,
    dimension: str,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> list[MemberBody]:
    """Only values in rows that the caller may see."""
    access = access_to(request, workspace)
    found = members(dimension, access.viewer, warehouse=warehouse_of(access.folder), search=search, limit=limit)
    return [MemberBody(key=member.key, label=member.label) for member in found]
