"""What every definition shares."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A lower-case identifier: letters, digits and underscores."""

Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
"""A safe expression (see `definitions.expressions`)."""

Duration = Annotated[
    str, StringConstraints(pattern=r"^\d+ ?(m|h|d|minutes?|hours?|days?|weeks?|months?|quarters?|years?)$")
]
"""A length of time such as `26h`, `30 days` or `24 months`."""


class Definition(BaseModel):
    """The base of all schemas: frozen, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Described(Definition):
    """A definition that people read about: a label and a sentence."""

    label: str = Field(default="", description="What people see. Default: the name in sentence case.")
    description: str = Field(default="", description="One or two plain sentences.")


def label_of(name: str, label: str = "") -> str:
    """Return the label, or the name in sentence case when there is none."""
    return label or name.replace("_", " ").capitalize()
