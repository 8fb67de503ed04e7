"""How close to its target, and on which course, a metric has a better or worse status than by the value alone."""

from __future__ import annotations

from pydantic import Field

from sightline.definitions.schema.base import Definition, Duration


class StatusRule(Definition):
    """What a near target and a trend say of a status. Each moves it by one step; what is not written does not apply.

    Of a metric, else of the workspace (`settings.yaml`), else of its pack (`pack.yaml`); `status: {}` is none at all.
    """

    near_target: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Of a metric without bands: what misses its target by no more than this share of what is due "
        "(`0.1` is 10 %) is on watch, not off track.",
    )
    worse_for: int | None = Field(
        default=None,
        ge=2,
        le=12,
        description="So many whole periods of its cadence running, each worse than the one before: what is ahead is on "
        "track, what is on track is on watch.",
    )
    reaches_target_in: Duration | None = Field(
        default=None,
        description="What is off track is on watch if it comes to its target within this time, or while the target "
        "holds (`until`), should it go on as it went since the comparison period.",
    )
    ahead_by: float | None = Field(
        default=None,
        gt=0,
        description="What is on track and by this share of its target better than it (`0.05` is 5 %) is ahead, if it "
        "is no worse than in the comparison period.",
    )
