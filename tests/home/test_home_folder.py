"""The home folder and its workspaces."""

from __future__ import annotations

import multiprocessing
import stat
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from sightline.definitions.catalog import UnknownName
from sightline.definitions.schema.pack import Settings
from sightline.errors import UserError
from sightline.home import Home, HomeError, SettingsError, UnknownPack, WorkspaceFolder

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.req("PLT-1")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "home")


@pytest.fixture
def workspace(home: Home) -> WorkspaceFolder:
    return home.create_workspace("demo", packs=["programs"], label="Demo")


def test_opening_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="sightline init"):
        Home.open(tmp_path)


def test_the_secret_key_is_random_and_for_the_owner_only(tmp_path: Path) -> None:
    files = [Home.create(tmp_path / name).path / "config.toml" for name in ("one", "two")]
    assert files[0].read_text() != files[1].read_text()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_making_a_home_again_keeps_what_is_there(home: Home) -> None:
    before = (home.path / "config.toml").read_text()
    assert Home.create(home.path) is home
    assert (home.path / "config.toml").read_text() == before


def test_a_workspace_has_its_packs_and_settings(home: Home, workspace: WorkspaceFolder) -> None:
    assert home.workspaces() == ["demo"]
    assert home.workspace("demo") is workspace
    assert workspace.settings == Settings(workspace="demo", label="Demo", packs=["programs"])
    assert "admin" in workspace.catalog.roles
    assert not [issue for issue in workspace.issues if issue.level == "error"]


def test_a_pack_by_path_is_kept_as_an_absolute_path(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "packs" / "mine"
    pack.mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: mine\nlabel: Mine\n")
    monkeypatch.chdir(tmp_path)
    folder = home.create_workspace("own", packs=["packs/mine"])
    monkeypatch.chdir("/")
    assert folder.settings.packs == [str(pack)]
    assert [p.pack for p in folder.catalog.packs] == ["mine"]


def test_names_that_are_taken_wrong_or_unknown_are_refused(home: Home, workspace: WorkspaceFolder) -> None:
    for name in ("demo", "Demo", "a b", "../x", ""):
        with pytest.raises(UserError):
            home.create_workspace(name, packs=["programs"])
    with pytest.raises(UnknownPack, match="programms"):
        home.create_workspace("other", packs=["programms"])
    with pytest.raises(UnknownName, match='did you mean "demo"'):
        home.workspace("demmo")
    assert home.workspaces() == ["demo"]


def test_the_catalog_is_the_same_object_until_a_file_changes(workspace: WorkspaceFolder) -> None:
    assert workspace.catalog is workspace.catalog


def test_a_definition_of_the_workspace_is_seen_at_once_and_again_when_removed(workspace: WorkspaceFolder) -> None:
    before = workspace.catalog
    own = workspace.definitions / "roles.yaml"
    own.write_text("roles:\n  auditor: {permissions: [see_audit]}\n")
    assert "auditor" in workspace.catalog.roles
    own.unlink()
    assert workspace.catalog.roles.keys() == before.roles.keys()


def test_a_server_that_looks_now_and_then_sees_a_change_after_that_time(workspace: WorkspaceFolder) -> None:
    workspace.look_again_seconds = 0.2
    before = workspace.catalog
    (workspace.definitions / "roles.yaml").write_text("roles:\n  auditor: {permissions: [see_audit]}\n")
    assert workspace.catalog is before
    time.sleep(0.25)
    assert "auditor" in workspace.catalog.roles


def test_settings_saved_here_are_seen_at_once_however_seldom_files_are_looked_at(workspace: WorkspaceFolder) -> None:
    workspace.look_again_seconds = 3600
    assert workspace.catalog.settings.zone == "UTC"
    workspace.save_settings(workspace.settings.model_copy(update={"zone": "Asia/Tokyo"}), by="x", now=NOW)
    assert workspace.catalog.settings.zone == "Asia/Tokyo"


def test_settings_are_saved_with_the_version_before_in_history(workspace: WorkspaceFolder) -> None:
    for zone in ("Europe/Vienna", "Asia/Tokyo"):
        workspace.save_settings(workspace.settings.model_copy(update={"zone": zone}), by="a\nb", now=NOW)
    assert workspace.catalog.settings.zone == "Asia/Tokyo"
    kept = sorted((workspace.path / "history").iterdir())
    assert [yaml.safe_load(file.read_text()).get("zone") for file in kept] == [None, "Europe/Vienna"]
    assert (workspace.path / "settings.yaml").read_text().startswith("# Saved by a b at 2026-03-04")


def test_wrong_settings_are_reported_with_their_line(workspace: WorkspaceFolder) -> None:
    file = workspace.path / "settings.yaml"
    file.write_text("workspace: demo\nweek_start: mittwoch\ncolour: red\n")
    with pytest.raises(SettingsError) as refused:
        _ = workspace.settings
    assert "settings.yaml:2" in str(refused.value)
    assert "settings.yaml:3" in str(refused.value)


def _save_many(path: Path, worker: int) -> None:
    folder = Home.open(path).workspace("demo")
    for number in range(20):
        folder.save_settings(folder.settings.model_copy(update={"label": f"{worker} {number}"}), by="x", now=NOW)


def test_several_processes_save_while_readers_see_whole_files_only(workspace: WorkspaceFolder) -> None:
    context = multiprocessing.get_context("spawn")
    home = workspace.path.parents[1]
    writers = [context.Process(target=_save_many, args=(home, number)) for number in range(2)]
    for writer in writers:
        writer.start()
    stop, seen = threading.Event(), []
    while any(writer.is_alive() for writer in writers) and not stop.is_set():
        seen.append(workspace.settings.packs)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert all(packs == ["programs"] for packs in seen)
    assert len(list((workspace.path / "history").iterdir())) == 40
