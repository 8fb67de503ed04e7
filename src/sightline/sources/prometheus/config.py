"""Settings of the Prometheus connector."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from sightline.sources.base import ConnectorConfig
from sightline.sources.prometheus.records import Naming
from sightline.sources.prometheus.sample import MetricType
from sightline.sources.prometheus.selectors import SELECTOR

Auth = Literal["none", "bearer", "basic"]
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class Target(BaseModel):
    """An address that shows metrics."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="Where the metrics are, for example `https://app.example.com/metrics`.")
    job: str = Field(default="sightline", description="The label `job` of its series.")
    instance: str = Field(default="", description="The label `instance`. Default: host and port of the address.")
    auth: Auth = Field(default="none", description="`bearer` sends `token`, `basic` sends `username` and `password`.")
    username: str = ""

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return web_address(value)

    @property
    def name(self) -> str:
        """The label `instance`."""
        return self.instance or urlsplit(self.url).netloc


class PrometheusConfig(ConnectorConfig):
    """How Prometheus metrics are read: from the targets themselves, or from a server that keeps their history."""

    mode: Literal["scrape", "server"] = Field(
        description="`scrape` reads the present values of targets; `server` reads the history of a Prometheus server."
    )
    metric_prefix: str = Field(default="chom_", description="Taken off the names of metrics.")
    types: dict[str, MetricType] = Field(
        default_factory=dict, description="Exported name → type, where the source does not tell it or tells it wrongly."
    )
    metrics: tuple[str, ...] = Field(
        default=(), description="Exported names that get a stream of their own beside `samples`."
    )
    token: SecretStr | None = None
    password: SecretStr | None = None

    targets: tuple[Target, ...] = Field(default=(), description="What `scrape` reads.")
    sample_limit: int = Field(default=50_000, ge=1, description="A target that shows more samples counts as down.")

    url: str = Field(default="", description="The server, for example `https://prometheus.example.com`.")
    auth: Auth = "none"
    username: str = ""
    selectors: tuple[str, ...] = Field(
        default=(), description='Series to read, for example `{job="app"}` or `chom_revenue_mrr{tier="pro"}`.'
    )
    expressions: dict[str, str] = Field(
        default_factory=dict, description="Name of a metric → PromQL whose answer is an instant vector."
    )
    step_seconds: int = Field(default=60, ge=1, description="Time between two values of a series.")
    delay_seconds: int = Field(default=30, ge=0, description="How long the server waits for late samples.")
    history_days: int = Field(default=15, ge=1, description="How far back the first sync goes when it is not told.")

    @property
    def naming(self) -> Naming:
        """How records name metrics."""
        return Naming(self.metric_prefix, self.types)

    @field_validator("metrics")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if not METRIC.fullmatch(name)]
        if wrong:
            raise ValueError(f'"{wrong[0]}" is not the name of a metric; an example: chom_revenue_mrr')
        return value

    @field_validator("selectors")
    @classmethod
    def _are_selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [text for text in value if not SELECTOR.fullmatch(text.strip())]
        if wrong:
            raise ValueError(f'"{wrong[0]}" does not select series; an example: {{job="app"}}. PromQL: see expressions')
        return value

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return web_address(value) if value else value

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        if self.mode == "scrape" and (self.url or self.selectors or self.expressions):
            raise ValueError("url, selectors and expressions belong to the mode server")
        if self.mode == "scrape" and not self.targets:
            raise ValueError("name at least one target")
        if self.mode == "server" and (self.targets or not self.url or not (self.selectors or self.expressions)):
            raise ValueError("the mode server needs url, and selectors or expressions; targets belong to scrape")
        return self

    @model_validator(mode="after")
    def _has_what_it_sends(self) -> Self:
        used = {self.auth, *(target.auth for target in self.targets)}
        if "bearer" in used and self.token is None:
            raise ValueError("auth bearer needs the secret token")
        if "basic" in used and self.password is None:
            raise ValueError("auth basic needs the secret password")
        return self

    @model_validator(mode="after")
    def _targets_differ(self) -> Self:
        names = [(target.job, target.name) for target in self.targets]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f'two targets are job "{twice[0]}", instance "{twice[1]}"; give one another instance')
        return self


def web_address(value: str) -> str:
    """Return an address of the web. Raises ValueError for anything else, and for one that carries credentials."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address of the web; an example: https://app.example.com/metrics")
    if parts.username or parts.password:
        raise ValueError("credentials do not belong into an address; see auth")
    return value
