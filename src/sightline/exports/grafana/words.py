"""Panels of words: text, links to dashboards, and what stays in Sightline because it is no figure."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from typing import Any

from sightline.definitions.catalog import Catalog
from sightline.exports.grafana.drawings import Drawing, Figure, gauges

LONGEST_UID = 40


def uid_of(dashboard: str, workspace: str) -> str:
    """Return the id of a dashboard in Grafana's addresses; it stays the same from export to export."""
    uid = f"sightline-{workspace}-{dashboard}"
    if len(uid) <= LONGEST_UID:
        return uid
    return f"{uid[: LONGEST_UID - 9]}-{hashlib.sha256(uid.encode()).hexdigest()[:8]}"


def text(panel: Any, _figures: Sequence[Figure], _catalog: Catalog) -> Drawing:
    """Return the paragraphs as they are: what looks like mark-up is none."""
    paragraphs = (each.strip() for each in str(panel.text).split("\n\n"))
    return _html("".join(f"<p>{html.escape(each)}</p>" for each in paragraphs if each))


def links(panel: Any, _figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a line per dashboard that the panel leads to."""
    lines = []
    for each in panel.links:
        name = each if isinstance(each, str) else each.dashboard
        target = catalog.dashboards.get(name)
        if target is not None:
            label = html.escape(getattr(each, "label", "") or target.title)
            lines.append(f'<p><a href="/d/{uid_of(name, catalog.settings.workspace)}">{label}</a></p>')
    return _html("".join(lines))


def registry(panel: Any, figures: Sequence[Figure], catalog: Catalog) -> Drawing:
    """Return a bar per metric; a registry that lists none stays in Sightline."""
    return gauges(panel, figures, catalog) if figures else elsewhere(panel, figures, catalog)


def elsewhere(_panel: Any, _figures: Sequence[Figure], _catalog: Catalog) -> Drawing:
    """Return the sentence that stands in place of rows."""
    return _html("<p>These rows are no figures, so they stay in Sightline: the link above leads there.</p>")


def _html(content: str) -> Drawing:
    return Drawing("text", {"mode": "html", "content": content})
