"""What became of chosen rows, in words: once after the form was sent, as a toast and above the table."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from sightline.dashboards.formats import plural
from sightline.ingest.replays import Settled

KEPT = "settled"


def words_of(settled: Settled) -> str:
    """Return what became of rows in one sentence."""
    parts = [
        (settled.released, "released"),
        (settled.held_again, "held again"),
        (settled.discarded, "discarded"),
        (settled.gone, "dealt with before by somebody else"),
    ]
    said = [f"{plural(count, 'row')} {words}" for count, words in parts if count]
    return ", ".join(said) or "Nothing was chosen"


def tell(request: HttpRequest, settled: Settled, *, workspace: str) -> None:
    """Keep what became of the rows for the next page: its toast, and the reasons of those held again."""
    words = words_of(settled)
    if settled.released or settled.discarded:
        messages.success(request, words)
    else:
        messages.error(request, words)
    request.session[KEPT] = {
        "workspace": workspace,
        "words": words,
        "reasons": list(settled.reasons),
        "snapshot": settled.snapshot if settled.released else None,
        "good": not settled.held_again and not settled.gone,
    }


def told_once(request: HttpRequest, workspace: str) -> dict[str, Any] | None:
    """Return what became of rows, once: a page loaded again has forgotten it."""
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict) or kept.get("workspace") != workspace:
        return None
    del request.session[KEPT]
    return kept
