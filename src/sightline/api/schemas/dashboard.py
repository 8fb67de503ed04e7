"""Dashboards, with the answers of all their panels in one response."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from sightline.api.schemas.answer import AnswerBody


class DashboardSummary(Schema):
    name: str
    title: str
    description: str
    entity: str | None = Field(description="The entity it is about one member of; null for a general one.")
    pack: str


class PanelBody(Schema):
    """One panel. `error` says why it has no answers, in words."""

    id: str
    kind: str
    title: str
    answers: dict[str, AnswerBody] = Field(description="By what each is for in the panel: figure, spark, total, …")
    error: str


class DashboardBody(Schema):
    name: str
    title: str
    snapshot: int
    asked_at: datetime
    panels: list[PanelBody]
