"""Panels of lines and words: the registry of metrics, rows of a dataset, plain text, links to dashboards."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sightline.definitions.schema.base import Definition, Name
from sightline.definitions.schema.panel import Panel


class MetricGroups(Definition):
    """All metrics of the catalogue under one heading, or under several."""

    group: str | list[str] = Field(description="The `group` of metrics.")

    @property
    def names(self) -> tuple[str, ...]:
        return (self.group,) if isinstance(self.group, str) else tuple(self.group)


RegistryColumn = Literal["value", "change", "target", "gap", "course", "status", "owner", "cadence", "last", "due"]


class RegistryPanel(Panel):
    """A row per metric: value, change, target, gap to target, status and why, owner, cadence, last value, next due."""

    registry: list[Name] | MetricGroups = Field(description="The metrics, or `group:` for all under a heading.")
    owner: str | list[str] | None = Field(default=None, description="Only metrics of these owners.")
    only: Literal["overdue", "off_track", "alerts"] | None = Field(
        default=None,
        description="Only metrics whose value is overdue by their cadence, or off track or on watch; `alerts`: those, "
        "and what is ahead.",
    )
    gathered: bool | Literal["level"] = Field(
        default=True,
        description="Gather the rows under the `group` of their metrics; `level`: under the alert they are, Critical, "
        "Warning, Opportunity (ahead) and On target.",
    )
    columns: list[RegistryColumn] | None = Field(
        default=None, min_length=1, description="Which columns stand beside the measure. Default: all."
    )
    forecast: bool = Field(
        default=False,
        description="Adds what the bucket after the last whole one of its cadence will be, with the 80 % interval, and "
        "whether the target lies inside.",
    )
    sort: Literal["label", "value", "change", "gap", "status", "owner", "due"] | None = Field(
        default=None, description="Default: as listed. The reader may choose another, and the other direction."
    )


class ListColumn(Definition):
    """One column of a list panel. Words of a status not named here go by their usual meaning (done, open, blocked)."""

    column: Name
    label: str = ""
    show: Literal["plain", "status", "due", "metric"] = Field(
        default="plain",
        description="`due`: a date that warns when it has passed and no status of the row is good. `metric`: the name "
        "of a metric, shown as its label and leading to its page.",
    )
    good: list[str] = Field(default_factory=list, description="Values that read as good.")
    warning: list[str] = Field(default_factory=list, description="Values that read as a warning.")
    critical: list[str] = Field(default_factory=list, description="Values that read as critical.")


class Effect(Definition):
    """A last column: whether a metric moved after what the row is about.

    Its value over whole periods of its cadence before the row began, and over as many after it was done; better or
    worse by its direction, "Too early" while these periods are not over.
    """

    metric: str = Field(
        pattern=r"^[a-z_{][a-z0-9_{}]*$", description="The row's metric: `kpi_{kpi}` is filled from its column `kpi`."
    )
    started: Name = Field(description="The column with the day it began.")
    done: Name = Field(description="The column with the day it was done; empty while it is not.")
    periods: int = Field(default=3, ge=1, le=12, description="How many periods before and after.")
    label: str = "Effect"


Columns = list[Name | ListColumn]


class ListPanel(Panel):
    """Rows of a dataset as they are: a register of risks, items to act on. Row policy and masks hold.

    The dashboard's period does not cut the list; give it a `period` of its own for that.
    """

    list: Name = Field(description="The dataset.")
    columns: Columns = Field(min_length=1, max_length=12)
    effect: Effect | None = Field(default=None, description="Whether a metric moved after what each row is about.")
    sort: str | None = Field(default=None, description="A column, with a leading - for descending.")
    limit: int = Field(default=20, ge=1, le=500)


class TextPanel(Panel):
    """Plain paragraphs, separated by empty lines. No mark-up."""

    text: str = Field(min_length=1, max_length=5000)


class DashboardLink(Definition):
    """A way to another dashboard."""

    dashboard: Name
    label: str = Field(default="", description="Default: the dashboard's title.")
    text: str = Field(default="", description="A line under it. Default: the dashboard's description.")


class LinksPanel(Panel):
    """Ways to other dashboards; period, comparison and filters go along."""

    links: list[Name | DashboardLink] = Field(min_length=1, max_length=24)
