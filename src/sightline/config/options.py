"""Every option of an installation, in one typed table.

An option is read from the environment (`SIGHTLINE_<NAME>`), else from `config.toml` in the home folder, else a default.
`docs/settings.md` is written from this table (see `documentation`) and kept current by a test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sightline.errors import UserError

PREFIX = "SIGHTLINE_"
NOT_OPTIONS = frozenset({"SIGHTLINE_HOME"})


class OptionError(UserError):
    """An option is unknown or its value is not allowed."""

    code = "SL-E030"


class Options(BaseModel):
    """The options of one installation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret_key: str = Field(
        default="",
        description="Signs sessions and links and keys the hashes that masks show: with another one all are signed out "
        "and the hashes are others. `sightline init` writes a random one; keep it secret.",
    )
    url: str = Field(
        default="",
        description="Where people reach this installation, for links in mails. With `https`, cookies need TLS.",
        examples=["https://sightline.example.org"],
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Host names this server answers to, besides the one in `url`. In the environment: with commas.",
    )
    behind_proxy: bool = Field(
        default=False,
        description="A reverse proxy sets X-Forwarded-For and X-Forwarded-Proto. Otherwise they are ignored.",
    )
    database: str = Field(
        default="",
        description="Where people, sessions and the audit log live. Empty: `app.sqlite3` in the home folder.",
        examples=["postgresql://user:password@host:5432/sightline"],
    )
    web_workers: int = Field(default=1, ge=1, le=64, description="Web server processes.")
    web_threads: int = Field(default=4, ge=1, le=256, description="Requests that one process answers at the same time.")
    mail: Literal["", "file", "console", "smtp"] = Field(
        default="",
        description="How mail leaves: `file` (the home folder's mail/), `console` or `smtp`. "
        "Empty: smtp when smtp_host is set, else file.",
    )
    mail_from: str = Field(default="Sightline <sightline@localhost>", description="The sender of mails.")
    smtp_host: str = Field(default="", description="Mail server.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_user: str = Field(default="", description="User name at the mail server; empty: none.")
    smtp_password: str = Field(default="", description="Password at the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How mail is encrypted.")
    session_idle_hours: int = Field(default=12, ge=1, description="Signed out after so many hours without a request.")
    session_days: int = Field(default=14, ge=1, description="Signed out so many days after signing in, at the latest.")
    upload_limit_mb: int = Field(
        default=2048, ge=1, description="Largest file accepted by the import page and the API."
    )
    private_sources: bool = Field(
        default=True,
        description="Whether an admin may let a source reach addresses of this machine and of private networks.",
    )
    source_folders: tuple[str, ...] = Field(
        default=(),
        description="Folders that file sources may read, besides `files/` of their workspace. In the environment: with "
        "commas.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged to standard error."
    )
    debug: bool = Field(default=False, description="Show error details in the browser. Never on a reachable server.")

    @field_validator("allowed_hosts", "source_folders", mode="before")
    @classmethod
    def _list_from_text(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError("expected an address such as https://sightline.example.org")
        return value.rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def mail_medium(self) -> str:
        return self.mail or ("smtp" if self.smtp_host else "file")


def read_options(*, home: Path, environment: Mapping[str, str]) -> Options:
    """Return the options of the home folder with the environment's on top; a missing config.toml means defaults."""
    file = home / "config.toml"
    values = _from_file(file) if file.is_file() else {}
    origin = dict.fromkeys(values, str(file))
    for key, value in environment.items():
        if key.startswith(PREFIX) and key not in NOT_OPTIONS:
            name = key.removeprefix(PREFIX).lower()
            if name in Options.model_fields:
                values[name], origin[name] = value, f"environment variable {key}"
    try:
        return Options.model_validate(values)
    except ValidationError as error:
        raise OptionError("\n".join(_problem(e, origin, str(file)) for e in error.errors())) from error


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{file}: not valid TOML: {error}") from error


def _problem(error: Any, origin: Mapping[str, str], file: str) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    where = origin.get(name, file)
    if error["type"] == "extra_forbidden":
        close = get_close_matches(name, Options.model_fields, n=1)
        allowed = f'did you mean "{close[0]}"?' if close else "docs/settings.md lists the options"
        return f'{where}: unknown option "{name}"; {allowed}'
    shown = "a secret" if "secret" in name or "password" in name else repr(error["input"])
    return f'{where}: option "{name}": {error["msg"]}, not {shown}'


def documentation() -> str:
    """Return docs/settings.md."""
    rows = [
        f"| `{name}` | `{PREFIX}{name.upper()}` | {_shown_default(field.default)} | {field.description} |"
        for name, field in Options.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Written by `python -m sightline.config.options`; do not edit. Each option stands in `config.toml` in the",
            "home folder (`--home`, `SIGHTLINE_HOME`, default `./sightline-home`) or in the environment, which wins.",
            "",
            "| option | environment | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "What belongs to one workspace (time zone, currency, first day of the week, fiscal year, branding) is in",
            "`workspaces/<name>/settings.yaml` and on its settings page.",
            "",
        ]
    )


def _shown_default(value: object) -> str:
    if isinstance(value, tuple):
        value = ", ".join(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else ""


if __name__ == "__main__":
    Path("docs/settings.md").write_text(documentation(), encoding="utf-8")
