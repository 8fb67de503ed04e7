"""Changing a workspace's settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from pydantic import ValidationError

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.pack import Settings
from sightline.errors import UserError

CHANGEABLE = ("label", "zone", "currency", "week_start", "fiscal_year_start", "holidays", "branding")
LOGO_LIMIT = 512 * 1024
# SVG is left out: it can carry scripts
LOGO_KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


class SettingsRefused(UserError):
    """A setting has a value that is not allowed. `problems` tells by field."""

    code = "SL-E051"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


def change_settings(
    *, access: Access, changes: Mapping[str, Any], now: datetime, logo: bytes | None = None
) -> Settings:
    """Change some settings (`label`, `zone`, `branding` …) and return all; `logo` is a PNG, JPEG or WebP.

    `branding` replaces only the keys it has. The logo already there stays unless another is given or its key is None.
    """
    access.require("manage_settings")
    before = access.folder.settings
    values = before.model_dump(mode="json")
    branding = {**values["branding"], **changes.get("branding", {})}
    suffix = _logo_suffix(logo) if logo is not None else ""
    if suffix:
        branding["logo"] = f"logo{suffix}"
    values |= {key: value for key, value in changes.items() if key != "branding"} | {"branding": branding}
    after = _checked(values, changes)
    with transaction.atomic():
        changed = _difference(before, after)
        audit.record(
            workspace=access.workspace,
            actor=access.actor,
            verb="settings_changed",
            object="settings",
            detail=changed | ({"logo": "replaced"} if suffix else {}),
            now=now,
        )
        if logo is not None:
            access.folder.save_logo(logo, suffix=suffix)
        access.folder.save_settings(after, by=access.actor, now=now)
    return after


def _checked(values: dict[str, Any], changes: Mapping[str, Any]) -> Settings:
    problems = {key: "cannot be changed here" for key in changes if key not in CHANGEABLE}
    zone = values["zone"]
    if zone not in available_timezones():
        problems["zone"] = f'there is no time zone "{zone}"; {did_you_mean(str(zone), available_timezones())}'
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems |= {".".join(map(str, e["loc"])): f"{e['msg']}, not {e['input']!r}" for e in error.errors()}
    if problems:
        raise SettingsRefused(problems)
    return settings


def _logo_suffix(content: bytes) -> str:
    suffix = next((suffix for start, suffix in LOGO_KINDS.items() if content.startswith(start)), "")
    if not suffix or len(content) > LOGO_LIMIT:
        seen = f"{len(content) // 1024} KB" if suffix else "another kind of file"
        raise SettingsRefused({"logo": f"expected a PNG, JPEG or WebP of at most {LOGO_LIMIT // 1024} KB, not {seen}"})
    return suffix


def _difference(before: Settings, after: Settings) -> dict[str, Any]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {key: {"before": old[key], "after": new[key]} for key in new if old[key] != new[key]}
