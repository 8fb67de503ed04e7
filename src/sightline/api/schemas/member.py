"""Values of a dimension, for filters and autocomplete."""

from __future__ import annotations

from ninja import Schema


class MemberBody(Schema):
    key: str | None
    label: str
