"""The bands of a metric: which values are excellent, good, warning or critical, of the whole and of segments."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from sightline.definitions.schema.base import Definition, Name


class Ranges(Definition):
    """Status by value. Each is a comparison such as `>= 15 %` written in the metric's own unit: `>= 0.15`, `3..5`.

    The first that holds decides, in this order: excellent, good, critical, warning.
    """

    excellent: str | None = Field(default=None, description="Better than good: what is worth learning from.")
    good: str | None = None
    warning: str | None = None
    critical: str | None = None


class SegmentRanges(Ranges):
    """The ranges of one segment, instead of those of the whole."""

    segment: dict[Name, str] = Field(min_length=1, description="Dimension values the ranges are for.")


class Bands(Ranges):
    """The ranges of every value, and of single segments where those differ: what a channel may cost."""

    segments: list[SegmentRanges] = Field(default_factory=list)

    def of(self, segment: Mapping[str, str]) -> Ranges:
        """Return the ranges for a segment: those that name most of it, else those of the whole."""
        held = [each for each in self.segments if each.segment.items() <= segment.items()]
        return max(held, key=lambda each: len(each.segment), default=self)
