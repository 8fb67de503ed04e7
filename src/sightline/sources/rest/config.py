"""What one writes about a REST source: where, as whom, and for each stream its path, records, cursor and paging."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from sightline.sources.base import ConnectorConfig

Format = Literal["iso", "date", "epoch", "epoch_ms", "raw"]
"""How moments are written: ISO 8601 in UTC, a UTC date, seconds or milliseconds since 1970, or as they come."""

NEEDED: dict[str, tuple[str, ...]] = {
    "none": (),
    "bearer": ("token",),
    "header": ("token", "header"),
    "basic": ("username", "password"),
    "oauth2": ("token_url", "client_id", "client_secret"),
}


class Part(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RestCursor(Part):
    """How to ask for what changed. `column`: when a record changed. `param`: the parameter for the lower bound,
    `until_param` for the upper one. `sorted`: answers come in the order of the column. `overlap`: seconds read again,
    for a source whose records show late.
    """

    column: str
    param: str
    format: Format = "iso"
    until_param: str = ""
    sorted: bool = False
    overlap: int = Field(default=0, ge=0)


class RestPaging(Part):
    """How to get further pages.

    `none`; `page`: numbers from `start` on; `offset`: records to skip; `cursor`: a value at `next` in the answer that
    is sent as `param`; `link`: an address at `next` in the answer; `link_header`: an address in the Link header.
    """

    kind: Literal["none", "page", "offset", "cursor", "link", "link_header"] = "none"
    param: str = ""
    start: int = 1
    size_param: str = ""
    size: int = Field(default=100, ge=1)
    next: str = ""

    @model_validator(mode="after")
    def _complete(self) -> RestPaging:
        if self.kind in ("page", "offset", "cursor") and not self.param:
            raise ValueError(f"paging of the kind {self.kind} needs `param`")
        if self.kind in ("cursor", "link") and not self.next:
            raise ValueError(f"paging of the kind {self.kind} needs `next`, the place in the answer")
        return self


class RestCount(Part):
    """How to ask for the number of records created on a day: `total`, the place in the answer, between two moments."""

    total: str
    from_param: str
    until_param: str
    format: Format = "iso"
    path: str = ""


class RestStream(Part):
    """One kind of record. `records`: the place of the list in the answer, empty when the answer is the list."""

    name: str
    path: str
    key: tuple[str, ...] = Field(min_length=1)
    label: str = ""
    params: dict[str, str] = Field(default_factory=dict)
    records: str = ""
    columns: tuple[str, ...] = ()
    created: str | None = None
    cursor: RestCursor | None = None
    paging: RestPaging = RestPaging()
    count: RestCount | None = None
    appends_only: bool = False

    @field_validator("path")
    @classmethod
    def _relative(cls, path: str) -> str:
        if "://" in path or path.startswith("//"):
            raise ValueError("a path begins behind the base_url")
        return path

    @model_validator(mode="after")
    def _columns_hold_what_is_named(self) -> RestStream:
        named = {*self.key, *filter(None, (self.created, self.cursor.column if self.cursor else None))}
        if self.columns and (missing := named - set(self.columns)):
            raise ValueError(f"columns of {self.name} lack {', '.join(sorted(missing))}")
        if self.count and not self.created:
            raise ValueError(f"{self.name} counts per day, so it needs `created`")
        return self


class RestConfig(ConnectorConfig):
    """A REST source. `auth` says which of the credentials are used; `per_second` bounds our own pace."""

    base_url: str = Field(pattern=r"^https?://[^\s@?#]+$")
    auth: Literal["none", "bearer", "header", "basic", "oauth2"] = "none"
    token: SecretStr | None = None
    header: str = ""
    username: str = ""
    password: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    token_url: str = ""
    scope: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    per_second: float | None = Field(default=None, gt=0)
    streams: tuple[RestStream, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> RestConfig:
        missing = [name for name in NEEDED[self.auth] if not getattr(self, name)]
        if missing:
            raise ValueError(f"auth {self.auth} needs {', '.join(missing)}")
        names = [stream.name for stream in self.streams]
        if len(set(names)) < len(names):
            raise ValueError("two streams have the same name")
        return self
