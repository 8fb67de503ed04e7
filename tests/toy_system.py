"""The toy system as a source that has settings and a secret, a pack for what it brings, and roles for a cast."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sightline.sources.base import Checked, Connector, ConnectorConfig, SourceRefused, Surroundings
from toy_source import Toy, ToySource

LEADS: dict[str, Any] = {
    "dataset": "leads",
    "entities": {"lead": {"type": "primary", "column": "lead_id"}},
    "time": "created_at",
    "columns": {
        "lead_id": {"type": "string"},
        "program_id": {"type": "string"},
        "email": {"type": "string", "pii": "email"},
        "created_at": {"type": "timestamp"},
    },
    "checks": [{"not_null": ["lead_id", "created_at", "program_id"]}],
}
STAGES: dict[str, Any] = {
    "dataset": "lead_stages",
    "entities": {"lead": {"type": "foreign", "column": "lead_id"}},
    "key": ["lead_id", "stage"],
    "time": "at",
    "columns": {"lead_id": {"type": "string"}, "stage": {"type": "string"}, "at": {"type": "timestamp"}},
}
ROLES = """\
roles:
  admin: {label: Admin, permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
  analyst:
    label: Analyst
    permissions: [view, see_rows, export, see_quarantine]
    rows: {"*": all}
    masks: {email: partial}
  viewer: {label: Viewer, permissions: [view], rows: {"*": all}, masks: {"*": hide}}
  partner:
    label: Partner
    permissions: [view, see_rows, export]
    rows: {leads: program_id in $user.program}
  clerk: {label: Clerk, permissions: [view, import_data, see_quarantine], rows: {"*": all}}
"""
MAP = {"columns": {"lead_id": "id", "program_id": "program", "created_at": "created"}}
SPEC: dict[str, Any] = {
    "source": "crm",
    "type": "toy",
    "label": "The CRM",
    "config": {"base_url": "https://toy.example.com", "size": 3},
    "schedule": {"cron": "0 5 * * 1-5"},
    "streams": {
        "contacts": {"dataset": "leads", "map": MAP},
        "stages": {"dataset": "lead_stages", "map": {"columns": {"lead_id": "contact"}}},
    },
}


class ToyPart(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="What it is called.")
    columns: tuple[str, ...] = ()


class ToyConfig(ConnectorConfig):
    """A toy with a setting of every kind."""

    base_url: str = Field(pattern=r"^https?://.+", description="Where the toy is.")
    mode: Literal["calm", "wild"] = "calm"
    password: SecretStr | None = None
    is_quick: bool = False
    size: int = Field(default=10, ge=1, le=100, description="Records a page.")
    names: tuple[str, ...] = ("a",)
    parts: tuple[ToyPart, ...] = ()


class LockedToy(ToySource):
    """A toy that opens with the right password only."""

    def __init__(self, toy: Toy, config: ToyConfig) -> None:
        super().__init__(toy)
        self.config = config

    def check(self) -> Checked:
        if self.config.password is None or self.config.password.get_secret_value() != "hunter2":
            raise SourceRefused("the toy does not accept the password", hint="Enter it again.")
        return replace(super().check(), details={"size": str(self.config.size)})


def toy_connector(toy: Toy) -> Connector[ToyConfig]:
    """Return a connector that reads this toy."""

    def opening(config: ToyConfig, _: Surroundings) -> LockedToy:
        return LockedToy(toy, config)

    return Connector("toy", "Toy", "A system in memory", ToyConfig, opening)
