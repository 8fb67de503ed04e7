"""Plain paragraphs, as they are written."""

from __future__ import annotations

import re

from sightline.dashboards.page import PlannedQuestion, Slot
from sightline.dashboards.panel_views import TextView
from sightline.dashboards.panels.frame import Answers
from sightline.definitions.schema.dashboard import TextPanel


def plan(panel: TextPanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:  # noqa: ARG001 - every kind is asked alike
    """Return no question: nothing is read."""
    return ()


def view(panel: TextPanel, *, slot: Slot, answers: Answers) -> TextView:  # noqa: ARG001 - every kind is asked alike
    """Return the paragraphs; lines of one paragraph are joined."""
    blocks = re.split(r"\n\s*\n", panel.text.strip())
    return TextView(
        id=slot.id,
        title=panel.title,
        subtitle=panel.subtitle,
        span=panel.span or 12,
        note=panel.note,
        paragraphs=tuple(" ".join(block.split()) for block in blocks if block.strip()),
    )
