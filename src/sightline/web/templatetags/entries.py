"""Template tags: what an entry changed, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()

Line = tuple[str, str | None, str | None]


@register.simple_tag
def changed(
    before: Mapping[str, str | None] | None, after: Mapping[str, str | None], labels: Mapping[str, str]
) -> list[Line]:
    """Return (column in words, before, after) of what an entry set; a new row does not tell what it left empty."""
    lines = [(labels.get(name, name), (before or {}).get(name), value) for name, value in after.items()]
    return lines if before is not None else [line for line in lines if line[2] is not None]
