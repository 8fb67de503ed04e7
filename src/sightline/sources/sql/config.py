"""The settings of a database as a source."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from sightline.sources.base import ConnectorConfig

Tls = Literal["off", "required", "verified"]


class _Read(BaseModel):
    """What tables and queries have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="The stream's name.")
    key: tuple[str, ...]
    cursor: str | None = Field(
        default=None, description="The column that grows with every change of a row. Without one all rows are read."
    )
    created: str | None = Field(default=None, description="The column of the moment a row was made: counts, backfills.")
    deleted: str | None = Field(
        default=None, description="The column that is set (true, or a moment) when a row was deleted softly."
    )
    settle_seconds: int = Field(
        default=10,
        ge=0,
        le=86_400,
        description="Rows whose cursor is younger are left to the next sync: a transaction that began earlier may "
        "still commit an older moment. Only where the cursor is a date or a time.",
    )


class TableConfig(_Read):
    """A table or view that is read. `name` is the table's."""

    key: tuple[str, ...] = Field(default=(), description="The columns that identify a row. Default: the primary key.")


class QueryConfig(_Read):
    """A SELECT of one's own, read like a table."""

    sql: str = Field(min_length=1, description="One SELECT statement.")
    key: tuple[str, ...] = Field(min_length=1, description="The columns of the result that identify a row.")


class SqlConfig(ConnectorConfig):
    """Where a database is and what is read of it."""

    dialect: Literal["postgresql", "mysql", "sqlite"]
    host: str = Field(default="", pattern=r"^[A-Za-z0-9._:-]*$")
    port: int | None = Field(default=None, ge=1, le=65_535, description="Default: the dialect's.")
    database: str = Field(min_length=1, description="The database; for SQLite the file.")
    user: str = ""
    password: SecretStr | None = None
    database_schema: str | None = Field(default=None, description="Default: the database's own.")
    tls: Tls = Field(default="required", description="`verified` also checks the server's certificate and its name.")
    ca_file: str | None = Field(
        default=None, description="PEM file of the authority for `verified`, below an allowed folder. Default: public."
    )
    zone: str = Field(default="UTC", description="The time zone of columns that hold times without one.")
    tables: tuple[TableConfig, ...] = Field(default=(), description="Default: every table with a primary key.")
    queries: tuple[QueryConfig, ...] = ()
    page_rows: int = Field(default=5_000, ge=1, le=100_000)
    statement_seconds: int = Field(default=600, ge=1, le=86_400, description="A statement that takes longer is ended.")

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            return str(ZoneInfo(value))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone; an example: Europe/Berlin") from error

    @model_validator(mode="after")
    def _is_whole(self) -> SqlConfig:
        if self.dialect != "sqlite" and not (self.host and self.user):
            raise ValueError(f"{self.dialect} needs host and user")
        if self.dialect == "sqlite" and (self.host or self.user or self.password):
            raise ValueError("an SQLite file has no host, user or password")
        names = [each.name for each in (*self.tables, *self.queries)]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"named twice: {', '.join(sorted(repeated))}")
        for each in (*self.tables, *self.queries):
            if each.deleted and len(each.key) > 1:
                raise ValueError(f'"{each.name}" has a "deleted" column, so its key must be one column')
        return self
