"""Errors, as RFC 9457 problem documents."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class FieldProblem(Schema):
    field: str
    where: str = Field(alias="in", description="query, path, body, form or file")
    message: str


class Problem(Schema):
    """What went wrong, where, and the next step."""

    type: str = Field(description="Identifies the kind of problem.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What is wrong with this request.")
    code: str = Field(description="Stable code for scripts, such as SL-E020.")
    instance: str = Field(description="The address that was asked for.")
    hint: str = Field(description="The next step; may be empty.")
    errors: list[FieldProblem] = Field(default=[], description="Invalid fields, when that is the problem.")


PROBLEMS = {frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503}): Problem}
"""What every operation may answer besides its result."""
