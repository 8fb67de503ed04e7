"""A pack: one system as content."""

from __future__ import annotations

from pydantic import Field

from sightline.definitions.schema.base import Definition, Described, Name
from sightline.definitions.schema.export import MetricPrefix
from sightline.definitions.schema.status import StatusRule


class Pack(Described):
    """`pack.yaml`. Its folder holds datasets/, metrics/, dashboards/ and roles.yaml."""

    pack: Name
    version: int = Field(default=1, ge=1, description="Version of the definition language.")
    icon: str = "layers"
    order: int = 100
    home: Name | None = Field(default=None, description="The dashboard the pack opens with.")
    sample: str | None = Field(default=None, description="File of the seeded generator of sample data.")
    metric_prefix: MetricPrefix | None = Field(
        default=None, description="What exported names of its metrics begin with, unless the workspace says otherwise."
    )
    status: StatusRule | None = Field(
        default=None, description="How the course of its metrics changes their status, unless the workspace says so."
    )


class Branding(Definition):
    """How a workspace looks."""

    name: str = ""
    logo: str | None = Field(default=None, description="File name of the uploaded logo.")
    accent: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$")


class Settings(Definition):
    """A workspace's own settings (`settings.yaml` in its folder)."""

    workspace: Name
    label: str = ""
    packs: list[str] = Field(default_factory=list, description="Names of shipped packs, or folders.")
    zone: str = Field(default="UTC", description="Where the days of this workspace begin.")
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    week_start: str = Field(default="monday", pattern="^(monday|sunday|saturday)$")
    fiscal_year_start: int = Field(default=1, ge=1, le=12, description="First month of the fiscal year.")
    holidays: list[str] = Field(default_factory=list, description="Dates that are not business days (pacing).")
    metric_prefix: MetricPrefix | None = Field(
        default=None, description="What exported names begin with. Default: the pack's, else `sightline_`."
    )
    metric_series: int = Field(default=5000, ge=1, le=100_000, description="Most series of one exported name.")
    status: StatusRule | None = Field(
        default=None, description="How the course of a metric changes its status. Default: as its pack says."
    )
    branding: Branding = Branding()
