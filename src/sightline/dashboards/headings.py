"""How a file heads the values of a metric."""

from __future__ import annotations

from sightline.dashboards.page import Page
from sightline.dashboards.sheets import Heading


def metric_heading(label: str, metric: str, page: Page, *, whole: bool) -> Heading:
    """Return the heading of a metric's values: the label with its unit, and how its numbers are written."""
    unit = page.unit(metric)
    if unit.kind == "money":
        return Heading(f"{label} ({unit.code})", "money", unit.prefix)
    if unit.kind == "percent":
        return Heading(f"{label} (%)", "percent")
    return Heading(f"{label} ({unit.header})" if unit.header else label, "integer" if whole else "number")
