"""The settings of spend exports as a source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.pattern import problem_of


class SpendConfig(PlaceConfig):
    """Where exports are, and what they do not tell themselves."""

    pattern: str = Field(default="*.csv", min_length=1, description="Which files, as for `files`.")
    channel: str | None = Field(default=None, description="Default: google_ads or meta, by the columns' names.")
    currency: str | None = Field(
        default=None, pattern=r"^[A-Z]{3}$", description="Of amounts in files that name no currency."
    )
    dates: Literal["day first", "month first"] | None = Field(
        default=None, description="Of dates such as 3/4/2026, where no date of the file tells."
    )
    decimal: Literal[".", ","] | None = Field(default=None, description="Default: by the header's language.")

    @field_validator("pattern")
    @classmethod
    def _stays_below(cls, value: str) -> str:
        if problem := problem_of(value):
            raise ValueError(problem)
        return value
