"""How a metric is shown to Prometheus."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from sightline.definitions.schema.base import Definition, Name

_WORD = "[a-z][a-z0-9_]*"
_LABEL = f"{_WORD}( ?= ?{_WORD})?"

ExportText = Annotated[
    str,
    StringConstraints(pattern=rf"^{_WORD}( ?\{{ ?{_LABEL}( ?, ?{_LABEL})* ?\}})?$", max_length=300),
]
"""A name, and in braces the dimensions that become labels: `revenue_mrr{tier}`, `visits{page=landing_page}`."""

MetricPrefix = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]*)?$", max_length=60)]
"""What exported names begin with, its underscore included: `chom_`."""


class Export(Definition):
    """One exported name of a metric. Each combination of its labels is a series."""

    name: Name | None = Field(default=None, description="Without the prefix. Default: the metric's own name.")
    labels: list[Name] | dict[Name, Name] = Field(
        default_factory=list,
        description="Dimensions that become labels, or label → dimension; `period` is the name of the period.",
    )
    period: str | list[str] | None = Field(
        default=None,
        description="The period of the figure, or several (then `period` is a label). Default: the 30 whole days "
        "before today, for cohorts the last 30 that have had time to mature.",
    )
