"""Who asks."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class WorkspaceOfMe(Schema):
    name: str
    label: str
    role: str
    permissions: list[str]


class MeBody(Schema):
    """The person behind the token or session, and where that person is a member."""

    email: str
    name: str
    scopes: list[str] = Field(description="What the token may do; a session may only read.")
    workspaces: list[WorkspaceOfMe]
