"""Events that are sent to us, and those that were given up."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class EventsReceipt(Schema):
    """The events are on disk: they outlive a kill and a power cut, and are in the lake within seconds."""

    accepted: int = Field(description="Records in the request.")
    id: str = Field(description="The key of the batch: the Idempotency-Key, or one that was made.")


class DeadLetterBody(Schema):
    """A request that was acknowledged and could not be stored."""

    id: int
    key: str
    format: str = Field(description="json, ndjson, remote_write, or held: records of a stream that is not there.")
    records: int
    received_at: datetime
    attempts: int
    problem: str
    size: int = Field(description="Bytes of the body.")
    body: str = Field(description="As it came; empty in lists. Of remote writes in hexadecimal digits.")


class DeadLettersBody(Schema):
    """Some dead letters, newest first."""

    letters: list[DeadLetterBody]
    total: int
    shows_bodies: bool = Field(description="Whether the caller may see bodies: they pass no row policy and no mask.")


class ReplayedBody(Schema):
    """How many were put back."""

    replayed: int


class DiscardBody(Schema):
    """Why a dead letter is let go."""

    reason: str = Field(min_length=1, max_length=500)
