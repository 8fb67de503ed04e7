"""Changing a workspace's settings."""

from __future__ import annotations

import pytest

from cast import NOW, Cast
from sightline.accounts.access import PermissionMissing
from sightline.accounts.actions.change_settings import SettingsRefused, change_settings
from sightline.accounts.models import AuditEntry

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
pytestmark = pytest.mark.req("PRG-8")


def test_a_change_is_written_kept_in_history_and_recorded(cast: Cast) -> None:
    access = cast.access(cast.owner)
    change_settings(access=access, changes={"zone": "Europe/Vienna", "branding": {"accent": "#336699"}}, now=NOW)
    settings = cast.folder.settings
    assert (settings.zone, settings.branding.accent, settings.label) == ("Europe/Vienna", "#336699", "Programs")
    assert cast.folder.catalog.settings == settings
    assert len(list((cast.folder.path / "history").iterdir())) == 1
    detail = AuditEntry.objects.get(verb="settings_changed").detail
    assert detail["zone"] == {"before": "UTC", "after": "Europe/Vienna"}
    assert "label" not in detail


def test_every_wrong_value_is_named_and_nothing_is_written(cast: Cast) -> None:
    changes = {"zone": "Europe/Wien", "currency": "euro", "workspace": "other", "branding": {"accent": "red"}}
    with pytest.raises(SettingsRefused) as refused:
        change_settings(access=cast.access(cast.owner), changes=changes, now=NOW)
    assert set(refused.value.problems) == {"zone", "currency", "workspace", "branding.accent"}
    assert "did you mean" in refused.value.problems["zone"]
    assert cast.folder.settings.zone == "UTC"
    assert not AuditEntry.objects.exists()


def test_only_admins_change_settings(cast: Cast) -> None:
    for user in (cast.analyst, cast.partner, cast.viewer):
        with pytest.raises(PermissionMissing):
            change_settings(access=cast.access(user), changes={"label": "x"}, now=NOW)


def test_a_logo_is_kept_until_another_or_none_is_chosen(cast: Cast) -> None:
    access = cast.access(cast.owner)
    change_settings(access=access, changes={}, logo=PNG, now=NOW)
    assert cast.folder.logo is not None
    assert cast.folder.logo.read_bytes() == PNG
    change_settings(access=access, changes={"branding": {"name": "Ours"}}, now=NOW)
    assert cast.folder.settings.branding.logo == "logo.png"
    change_settings(access=access, changes={"branding": {"logo": None}}, now=NOW)
    assert cast.folder.logo is None


@pytest.mark.parametrize("content", [b"<svg onload='x'/>", b"", b"\x89PNG\r\n\x1a\n" + b"0" * 600_000])
def test_other_kinds_of_files_and_large_ones_are_no_logo(cast: Cast, content: bytes) -> None:
    with pytest.raises(SettingsRefused):
        change_settings(access=cast.access(cast.owner), changes={}, logo=content, now=NOW)
