"""Who asks, and where."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from sightline.accounts.access import open_workspace, workspaces_of
from sightline.accounts.models import ApiToken
from sightline.api.auth import caller_of
from sightline.api.schemas.me import MeBody, WorkspaceOfMe
from sightline.api.schemas.problem import PROBLEMS

router = Router(tags=["me"])


@router.get("/me", response={200: MeBody, **PROBLEMS}, operation_id="me", summary="Say who asks")
def me(request: HttpRequest) -> MeBody:
    """The person behind the token or session, and the workspaces that can be opened."""
    caller = caller_of(request)
    user = caller.user if isinstance(caller, ApiToken) else caller
    accesses = [(place, open_workspace(caller, place.name)) for place in workspaces_of(user)]
    return MeBody(
        email=user.email,
        name=user.shown_name,
        scopes=list(caller.scopes) if isinstance(caller, ApiToken) else ["read"],
        workspaces=[
            WorkspaceOfMe(
                name=place.name,
                label=place.label,
                role=place.role,
                permissions=sorted(access.viewer.policy.permissions),
            )
            for place, access in accesses
        ],
    )
