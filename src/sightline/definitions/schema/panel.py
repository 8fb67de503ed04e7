"""What every panel of a dashboard may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sightline.definitions.schema.base import Definition, Expression, Name

Compare = Literal["none", "previous_period", "previous_year", "same_weekdays", "same_point", "target", "peers"]


class Panel(Definition):
    """What every panel may say. `span` is columns of twelve."""

    title: str = ""
    subtitle: str = Field(default="", description="Default: measure, unit and period.")
    span: int | None = Field(default=None, ge=2, le=12)
    below: bool = Field(default=False, description="Stands under the panel before it, in its columns.")
    where: Expression | None = None
    period: str | None = Field(default=None, description="Instead of the dashboard's.")
    compare: Compare | None = None
    drill: Name | None = Field(default=None, description="The dashboard that opens for the thing clicked.")
    note: str = Field(default="", description="A line under the panel.")
