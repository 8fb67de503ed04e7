"""What a guide may tell: the definitions its reader sees, with words for values, owners, bands and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sightline.dashboards.formats import limit
from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.bands import Band, parse_band
from sightline.definitions.catalog import Catalog
from sightline.definitions.lineage import metric_references
from sightline.definitions.panels import panel_metrics, spelt_out
from sightline.definitions.policy import Policy, seen_catalog
from sightline.definitions.schema.bands import SegmentRanges
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import Dashboard
from sightline.definitions.schema.metric import Metric, Target
from sightline.guides.document import Words

NO_GROUP = "Other"


@dataclass(frozen=True)
class Scope:
    """The definitions that a viewer with `policy` sees."""

    catalog: Catalog
    policy: Policy

    @classmethod
    def of(cls, catalog: Catalog, policy: Policy) -> Scope:
        return cls(seen_catalog(catalog, policy), policy)

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Every metric that is not a building block, by group in the order of the definitions, then by label.

        One that is made of metrics of a pack that the viewer does not see is left out: its formula would name them.
        """
        known = self.catalog.metrics
        shown = {
            name: metric
            for name, metric in known.items()
            if not metric.hidden and all(each in known for _, each in metric_references(metric))
        }
        groups = list(dict.fromkeys(metric.group or NO_GROUP for metric in shown.values()))

        def place(item: tuple[str, Metric]) -> tuple[int, str]:
            return groups.index(item[1].group or NO_GROUP), self.label(item[0]).lower()

        return dict(sorted(shown.items(), key=place))

    def label(self, name: str) -> str:
        metric = self.catalog.metrics.get(name)
        return label_of(name, metric.label if metric else "")

    def link(self, name: str) -> Words:
        return Words(self.label(name), f"metrics/{name}")

    def unit(self, metric: Metric) -> Unit:
        return unit_of(metric.unit, currency=self.catalog.settings.currency)

    def value(self, value: float | None, metric: Metric) -> str:
        """Return a value in the metric's unit; nothing for None."""
        return "" if value is None else limit(value, self.unit(metric))

    def owner(self, name: str) -> str:
        """Return an owner in words: the role's label where it is one, else the name."""
        role = self.catalog.roles.get(name)
        return label_of(name, role.label if role else "") if name else ""

    def band(self, written: str | None, metric: Metric) -> str:
        """Return a band in words: "at least 15%", "from 3 to 5"."""
        return _in_words(parse_band(written), metric, self) if written else ""

    def targets(self, metric: Metric) -> tuple[str, ...]:
        """Return the targets in words. One for a segment names a member: only who sees all rows is told."""
        return tuple(self._target(each, metric) for each in metric.targets if self._sees_all or not each.segment)

    @property
    def _sees_all(self) -> bool:
        return bool(self.policy.rows) and set(self.policy.rows.values()) == {"all"}

    def segments(self, metric: Metric) -> tuple[SegmentRanges, ...]:
        """Return the segments with ranges of their own; they name members, so only who sees all rows is told."""
        return tuple(metric.bands.segments) if metric.bands and self._sees_all else ()

    def _target(self, target: Target, metric: Metric) -> str:
        text = self.value(target.value, metric) + (f" per {target.per}" if target.per else "")
        text += f", {segment_words(target.segment)}" if target.segment else ""
        text += f", from {target.since}" if target.since else ""
        text += f", before {target.until}" if target.until else ""
        return text + (f" ({self.owner(target.owner)})" if target.owner and target.owner != metric.owner else "")

    def dashboards(self, name: str) -> tuple[Dashboard, ...]:
        """Return the dashboards that show a metric, in their order."""
        return tuple(each for each in self.pages if name in self._shown_on[each.name])

    @cached_property
    def pages(self) -> tuple[Dashboard, ...]:
        return tuple(sorted(self.catalog.dashboards.values(), key=lambda each: (each.order, each.title)))

    @cached_property
    def _shown_on(self) -> dict[str, set[str]]:
        return {page.name: self._metrics_of(page) for page in self.pages}

    def _metrics_of(self, page: Dashboard) -> set[str]:
        known = self.catalog.metrics
        return {name for panel in page.panels for _, name in panel_metrics(spelt_out(panel, known))}


def segment_words(segment: Mapping[str, str]) -> str:
    """Return a segment in words: "channel organic"."""
    return ", ".join(f"{label_of(name).lower()} {value}" for name, value in segment.items())


def page_link(page: Dashboard) -> Words:
    """Return the way to a dashboard; one about a member of an entity opens from that member only."""
    return Words(page.title) if page.entity else Words(page.title, f"d/{page.name}")


def _in_words(band: Band, metric: Metric, scope: Scope) -> str:
    low, high = scope.value(band.low, metric), scope.value(band.high, metric)
    if low and high:
        return low if band.low == band.high else f"from {low} to {high}"
    if low:
        return f"at least {low}" if band.low_included else f"above {low}"
    return f"at most {high}" if band.high_included else f"below {high}"
