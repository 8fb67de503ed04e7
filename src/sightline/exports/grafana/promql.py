"""The query of one figure of a panel, and those behind the variables.

A variable that stands at "All" becomes the regular expression `.{0}`, which matches only series without its label:
those held to no member. A chosen member selects its own series. So one selector serves both, and nothing is summed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sightline.definitions.exported import PERIOD_LABEL, WHERE_LABEL, WORKSPACE_LABEL, by_label, label_name
from sightline.definitions.schema.dashboard import Dashboard
from sightline.exports.families import Family, by_name, dashboard_families, levels_of, variables_of
from sightline.exports.files import ExportContext
from sightline.exports.names import quoted
from sightline.exports.panel_readings import PanelReading, panel_readings

ALL = ".{0}"


@dataclass(frozen=True)
class Queries:
    """Writes the queries of one workspace."""

    context: ExportContext
    families: dict[str, Family]

    @classmethod
    def of(cls, context: ExportContext) -> Queries:
        return cls(context, {each.metric: each for each in dashboard_families(context.catalog, context.joins)})

    def figure(self, reading: PanelReading, dashboard: Dashboard) -> str | None:
        """Return the expression, None when the metric cannot be grouped as the panel wants it."""
        context = self.context
        if not any(levels_of(reading, dashboard, context.catalog, context.joins)):
            return None
        matchers = ", ".join(self._matchers(reading, dashboard))
        return f"{by_name(context.catalog, reading.metric)}{{{matchers}}}"

    def members(self, dimension: str, dashboard: Dashboard) -> str | None:
        """Return the query of the values that a variable offers, None when no figure knows them."""
        shown = [self.families[name] for name in self._shown(dashboard) if name in self.families]
        for family in sorted(shown, key=self._seldom_empty):
            if any(dimension in level.held for level in family.levels):
                own = f'{WORKSPACE_LABEL}={quoted(self.context.workspace)}, {label_name(dimension)}!=""'
                return f"label_values({family.name}{{{own}}}, {label_name(dimension)})"
        return None

    def _shown(self, dashboard: Dashboard) -> set[str]:
        catalog = self.context.catalog
        return {each.metric for panel in dashboard.panels for each in panel_readings(panel, dashboard, catalog)}

    def _seldom_empty(self, family: Family) -> tuple[bool, str]:
        """Return what puts plain counts and sums first: they have a figure for every member."""
        metric = self.context.catalog.metric(family.metric)
        return metric.type != "simple" or bool(metric.min_n), family.name

    def _matchers(self, reading: PanelReading, dashboard: Dashboard) -> Iterator[str]:
        levels = self.families[reading.metric].levels
        yield f"{WORKSPACE_LABEL}={quoted(self.context.workspace)}"
        yield f"{PERIOD_LABEL}={quoted(reading.period)}"
        if any(level.where for level in levels):
            yield f"{WHERE_LABEL}={quoted(reading.where or '')}"
        for name in sorted({name for level in levels for name in level.by}):
            yield f'{by_label(name)}{"!=" if name in reading.by else "="}""'
        for name in sorted({name for level in levels for name in level.held}.union(variables_of(dashboard))):
            yield f"{label_name(name)}{_held(name, dashboard)}"


def _held(name: str, dashboard: Dashboard) -> str:
    if name == dashboard.entity:
        return f'="${name}"'
    return f'=~"${name}"' if name in variables_of(dashboard) else '=""'
