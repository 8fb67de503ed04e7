"""What people write about a source: where it is, when it is read, and which stream fills which dataset.

The same document is a file for the command line, a form on the page and a row in the database:

    source: crm
    type: hubspot
    config: {auth: token}                          # the connector's settings; secrets are given apart
    schedule: {cron: "0 5 * * *", zone: Europe/Berlin}
    streams:
      contacts: {dataset: leads, map: {columns: {lead_id: id}}}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.base import Definition, Duration, Name
from sightline.errors import UserError
from sightline.ingest.mapping import MapFile
from sightline.sources.base import Connector, ConnectorConfig
from sightline.sources.catalogue import CONNECTORS

SchemaChanges = Literal["evolve", "freeze", "discard"]
PUSHED = "webhook"
"""The kind of source that sends to us: it has no connector and no schedule."""


class BadSource(UserError):
    """A source's specification is wrong."""

    code = "SL-E384"


class Schedule(Definition):
    """When a source is read: a cron expression (five fields) in a time zone."""

    cron: str = Field(description="Minute, hour, day of month, month, day of week, for example `0 5 * * 1-5`.")
    zone: str | None = Field(default=None, description="Time zone of the schedule. Default: the workspace's.")

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        try:
            CronSim(value, datetime(2026, 1, 1))  # noqa: DTZ001 - only parsed
        except CronSimError as error:
            raise ValueError(f"not a cron expression ({error}); an example: 0 5 * * 1-5") from error
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str | None) -> str | None:
        try:
            return value and str(ZoneInfo(value))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone; an example: Europe/Berlin") from error

    def next_after(self, moment: datetime, *, zone: str) -> datetime:
        """Return the next moment the schedule names, in UTC.

        Over changes to summer time it keeps to Debian's cron: a skipped hour runs right after, a doubled one once.
        """
        following = next(CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone or zone))))
        return following.astimezone(UTC)


class StreamSpec(Definition):
    """Where a stream's records go."""

    dataset: Name
    map: MapFile = MapFile()
    deletes: Literal["remove", "keep", "compare"] = Field(
        default="remove",
        description="What happens to rows whose record the source deleted. `compare` removes them, and after each "
        "sync finds those that it does not tell of by comparing all keys.",
    )
    deletes_at_most: int = Field(
        default=20,
        ge=1,
        le=100,
        description="`compare`: how many percent of the stream's rows one sync may remove; more removes none.",
    )
    schema_changes: SchemaChanges | None = Field(default=None, description="Default: the source's.")


class SourceSpec(Definition):
    """A source as people set it up."""

    source: Name
    type: str = Field(description=f"A connector, or `{PUSHED}` for one that sends to us.")
    label: str = ""
    config: dict[str, Any] = Field(default_factory=dict, description="The connector's settings, without secrets.")
    private_network: bool = Field(
        default=False, description="An admin allows addresses of this machine and of private networks."
    )
    schedule: Schedule | None = Field(default=None, description="Without one it is read by hand only.")
    since: date | None = Field(default=None, description="How far back the first sync goes. Default: everything.")
    schema_changes: SchemaChanges = Field(
        default="evolve",
        description="When the source's columns change: `evolve` takes new ones that fit, `discard` ignores them, "
        "`freeze` stops the stream.",
    )
    late_after: Duration | None = Field(default=None, description="Stale when no sync succeeded for so long.")
    streams: dict[str, StreamSpec] = Field(min_length=1)

    @field_validator("type")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value != PUSHED and value not in CONNECTORS:
            raise ValueError(f'no connector "{value}"; {did_you_mean(value, [*CONNECTORS, PUSHED])}')
        return value

    @model_validator(mode="after")
    def _pushed_ones_have_no_schedule(self) -> SourceSpec:
        if self.type == PUSHED and (self.schedule or self.config):
            raise ValueError(f"a {PUSHED} source sends to us: it has neither a schedule nor a config")
        return self

    @property
    def name(self) -> str:
        return self.source

    def policy_of(self, stream: str) -> SchemaChanges:
        """Return what to do when a stream's columns change."""
        return self.streams[stream].schema_changes or self.schema_changes


def spec_from(values: object, *, where: str = "source") -> SourceSpec:
    """Return the specification in plain values. Raises BadSource that names every problem, one a line."""
    try:
        return SourceSpec.model_validate(values)
    except ValidationError as error:
        raise BadSource("\n".join(problems_of(error, where))) from error


def connector_of(spec: SourceSpec) -> Connector[Any]:
    """Return the connector of a source that is read."""
    if spec.type == PUSHED:
        raise BadSource(f'source "{spec.name}" sends to us and cannot be read', hint="Its sender decides when.")
    return CONNECTORS[spec.type]


def secret_fields(config: type[ConnectorConfig]) -> tuple[str, ...]:
    """Return the names of a connector's secret settings."""
    return tuple(name for name, field in config.model_fields.items() if "SecretStr" in str(field.annotation))


def config_of(spec: SourceSpec, secrets: Mapping[str, str]) -> ConnectorConfig:
    """Return the connector's settings with their secrets. Raises BadSource that never shows a secret."""
    connector = connector_of(spec)
    _refuse_open_secrets(spec, secret_fields(connector.config))
    try:
        config: ConnectorConfig = connector.config.model_validate({**spec.config, **secrets})
    except ValidationError as error:
        raise BadSource("\n".join(problems_of(error, f"{spec.name} › config"))) from None
    return config


def _refuse_open_secrets(spec: SourceSpec, fields: Iterable[str]) -> None:
    for name in fields:
        if name in spec.config:
            raise BadSource(
                f"{spec.name} › config › {name}: a secret does not belong into the specification",
                hint=f"Give it apart: `--secret {name}`, or in the secret field of the page.",
            )


def problems_of(error: ValidationError, where: str) -> list[str]:
    """Return one line per problem: where, what, and the value unless it may be secret."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        path = " › ".join([where, *(str(part) for part in problem["loc"])])
        lines.append(f"{path}: {problem['msg'].removeprefix('Value error, ')}")
    return lines


def without_secrets(config: ConnectorConfig) -> dict[str, Any]:
    """Return a connector's settings as plain values, secrets left out."""
    return {
        name: value
        for name, value in config.model_dump(mode="json").items()
        if not isinstance(getattr(config, name), SecretStr)
    }
