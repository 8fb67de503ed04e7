"""The settings of files as a source."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from sightline.sources.base import ConnectorConfig
from sightline.sources.files.pattern import problem_of

FILE, ROW, MALFORMED = "_file", "_row", "_malformed"
"""Columns that every record has besides the file's own: its file and row; and what is wrong with a row that has no
columns because it could not be split."""

NEEDED = {
    "folder": ("folder",),
    "s3": ("bucket", "access_key", "secret_key"),
    "sftp": ("host", "user", "host_key"),
    "http": ("address",),
}


class PlaceConfig(ConnectorConfig):
    """Where files are."""

    place: Literal["folder", "s3", "sftp", "http"]
    folder: str = Field(default="", description="The folder on this machine, on the SFTP server, or in the bucket.")
    address: str = Field(
        default="", description="Where the web addresses begin; for S3 the service, when it is not Amazon's."
    )
    bucket: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: SecretStr | None = None
    host: str = ""
    port: int = Field(default=22, ge=1, le=65_535)
    user: str = ""
    password: SecretStr | None = None
    private_key: SecretStr | None = Field(default=None, description="The text of a key file, instead of a password.")
    host_key: str = Field(
        default="", description="Fingerprint of the SFTP server's key, `SHA256:…`, as `ssh-keygen -lf` shows it."
    )
    token: SecretStr | None = Field(default=None, description="Sent as a bearer token with every HTTP request.")
    largest_mb: int = Field(default=2_048, ge=1, description="Larger files are not fetched.")
    page_rows: int = Field(default=5_000, ge=1, le=100_000)

    @model_validator(mode="after")
    def _is_whole(self) -> PlaceConfig:
        missing = [name for name in NEEDED[self.place] if not getattr(self, name)]
        if missing:
            raise ValueError(f"{self.place} needs {' and '.join(missing)}")
        if self.address and not self.address.startswith(("https://", "http://")):
            raise ValueError("address begins with https:// or http://")
        if self.place == "sftp" and not (self.password or self.private_key):
            raise ValueError("sftp needs password or private_key")
        return self


class FileStream(BaseModel):
    """Files of the same kind: a pattern, and how they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="The stream's name.")
    pattern: str = Field(
        min_length=1,
        description="Which files: `leads-*.csv`, `2026/**/*.xlsx`. Over HTTP one address below the source's.",
    )
    key: tuple[str, ...] = Field(
        default=(FILE, ROW), min_length=1, description="The columns that identify a row. Default: its file and number."
    )
    sheet: str | None = Field(default=None, description="Of a workbook. Default: the first.")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(default=None, description="Default: found out.")
    skipped_lines: int = Field(default=0, ge=0, le=100, description="Lines above a CSV file's header.")
    format: Literal["csv", "xlsx", "parquet", "jsonl"] | None = Field(
        default=None, description="Of a web address that does not end in it."
    )

    @field_validator("pattern")
    @classmethod
    def _stays_below(cls, value: str) -> str:
        if problem := problem_of(value):
            raise ValueError(problem)
        return value


class FilesConfig(PlaceConfig):
    """Where files are and which are read."""

    streams: tuple[FileStream, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> FilesConfig:
        names = [stream.name for stream in self.streams]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"named twice: {', '.join(sorted(repeated))}")
        return self
