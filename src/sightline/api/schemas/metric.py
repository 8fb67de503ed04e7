"""The metric catalogue."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class MetricSummary(Schema):
    name: str
    label: str
    description: str
    type: str
    unit: str
    direction: str
    owner: str
    group: str
    pack: str


class MetricBody(MetricSummary):
    """One metric with its definition as written, and what it can be grouped by."""

    definition: dict[str, Any] = Field(description="The definition, in the language of packs.")
    location: str = Field(description="File and line of the definition.")
    made_of: list[str] = Field(description="Metrics it is computed from.")
    dimensions: list[str] = Field(description="What it can be grouped and filtered by.")
