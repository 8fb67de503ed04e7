"""Roles: permissions, row policy and masks as data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sightline.definitions.schema.base import Definition, Described, Expression, Name

Permission = Literal[
    "*",
    "view",  # dashboards, metrics
    "see_rows",  # the rows behind a number
    "export",
    "use_api",  # make API tokens
    "import_data",
    "edit_data",  # values by hand, rows in quarantine, archive
    "manage_sources",  # connect, map, read
    "see_quarantine",
    "manage_members",
    "manage_settings",
    "edit_definitions",
    "manage_alerts",
    "decide",
    "comment",
    "see_audit",
]
Masking = Literal["show", "hide", "hash", "partial"]


class Role(Described):
    """What its members may do and see. Nothing is visible that no rule allows.

    `rows`: dataset name or "*" → "all" or an expression over that dataset's dimensions; it may use `$user.<attribute>`.
    `masks`: kind of personal data, `dataset.column` or "*" → what to do with it. Default: hide.
    `hash` shows 16 digits under a key of the workspace: the same value looks the same everywhere in it, nowhere else.
    """

    permissions: list[Permission] = Field(default_factory=list)
    rows: dict[str, Literal["all"] | Expression] = Field(default_factory=dict)
    masks: dict[str, Masking] = Field(default_factory=dict)
    enters: list[Name] | None = Field(
        default=None, description="The datasets whose values it enters by hand, with `edit_data`. Default: all it sees."
    )
    lists: list[Name] = Field(
        default_factory=list,
        description="The datasets whose list panels it reads without `see_rows`: the columns that a dashboard names, "
        "and the events on its charts; no other row or column. Row policy and masks hold. Default: none.",
    )
    export_limit: int | None = Field(default=None, ge=0, description="Most rows in one export.")


class RoleFile(Definition):
    """A file of roles, by name."""

    roles: dict[Name, Role] = Field(min_length=1)
