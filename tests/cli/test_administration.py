"""init, user, token and doctor, as scripts use them: words, exit codes, what is printed where."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run_in(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run `sightline` with this home."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        input=given,
        env=environment,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a workspace and its admin, made by the commands. Nobody changes it."""
    home = tmp_path_factory.mktemp("cli") / "home"
    done = run_in(home, "init", "--workspace", "programs", "--pack", "programs")
    assert done.returncode == 0, done.stderr
    assert "user add" in done.stdout
    assert run_in(home, "user", "add", "boss@cli.test", "--role", "admin").returncode == 0
    return home


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """Return a copy of that home, for one test alone."""
    return Path(shutil.copytree(made_once, tmp_path / "home"))


@pytest.mark.req("PLT-1")
def test_help_lists_the_commands_quickly(tmp_path: Path) -> None:
    started = time.perf_counter()
    done = run_in(tmp_path, "--help")
    took = time.perf_counter() - started
    assert done.returncode == 0
    for command in ("demo", "init", "serve", "user", "token", "doctor"):
        assert f"\n  {command} " in done.stdout
    assert "build-demo" not in done.stdout
    assert took < 3, f"it took {took:.1f} s: a heavy import crept into cli.main"


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = "('pyarrow', 'duckdb', 'deltalake', 'ninja')"
    code = f"import sys, sightline.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_wrong_usage_exits_2_and_what_cannot_be_done_exits_1(made: Path, tmp_path: Path) -> None:
    assert run_in(made, "dance").returncode == 2
    assert run_in(made, "user", "add", "a@cli.test").returncode == 2
    assert run_in(made, "user", "add", "a@cli.test", "--role", "school_partner", "--attr", "school").returncode == 2
    refused = run_in(made, "user", "add", "a@cli.test", "--role", "boss")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert 'unknown role "boss"' in refused.stderr
    assert "Traceback" not in refused.stderr
    nowhere = run_in(tmp_path / "none", "doctor")
    assert nowhere.returncode == 1
    assert "sightline init" in nowhere.stderr
    assert not (tmp_path / "none").exists()


def test_making_a_workspace_twice_or_from_an_unknown_pack_is_refused(made: Path) -> None:
    assert "already" in run_in(made, "init", "--workspace", "programs").stderr
    unknown = run_in(made, "init", "--workspace", "other", "--pack", "programs_x")
    assert unknown.returncode == 1
    assert "programs_x" in unknown.stderr


@pytest.mark.req("PLT-8", "PRG-4.1")
def test_people_are_added_changed_listed_and_removed(made: Path) -> None:
    added = run_in(
        made, "user", "add", "Pat@cli.test", "--role", "school_partner", "--attr", "school=business,education"
    )
    assert added.returncode == 0, added.stderr
    assert "Password: " in added.stdout
    changed = run_in(made, "user", "add", "pat@cli.test", "--role", "reader")
    assert "now reader" in changed.stdout
    assert "pat@cli.test\treader" in run_in(made, "user", "list").stdout
    removed = run_in(made, "user", "remove", "pat@cli.test")
    assert "closed" in removed.stdout
    assert "pat@cli.test" not in run_in(made, "user", "list").stdout
    last = run_in(made, "user", "remove", "boss@cli.test")
    assert last.returncode == 1
    assert "without an admin" in last.stderr


@pytest.mark.req("PRG-4.2")
def test_a_password_is_read_from_standard_input_and_must_be_strong(made: Path) -> None:
    assert (
        run_in(made, "user", "passwd", "boss@cli.test", "--password-stdin", given="a fine long phrase\n").stdout
        == "Done.\n"
    )
    weak = run_in(made, "user", "passwd", "boss@cli.test", "--password-stdin", given="short\n")
    assert weak.returncode == 1
    assert "10 characters" in weak.stderr
    nobody = run_in(made, "user", "passwd", "bos@cli.test")
    assert 'did you mean "boss@cli.test"' in nobody.stderr


@pytest.mark.req("PRG-4.2")
def test_a_weak_password_for_a_new_person_leaves_no_account(made: Path) -> None:
    refused = run_in(made, "user", "add", "new@cli.test", "--role", "reader", "--password-stdin", given="short\n")
    assert refused.returncode == 1
    assert "new@cli.test" not in run_in(made, "user", "list").stdout


@pytest.mark.req("PLT-8")
def test_a_token_is_printed_once_listed_by_prefix_and_revoked(made: Path) -> None:
    made_token = run_in(made, "token", "add", "boss@cli.test", "--scope", "read", "--days", "7")
    secret = made_token.stdout.strip()
    prefix = secret.split("_")[1]
    listed = run_in(made, "token", "list").stdout
    assert prefix in listed
    assert secret not in listed
    assert run_in(made, "token", "revoke", prefix).returncode == 0
    assert prefix not in run_in(made, "token", "list").stdout
    assert run_in(made, "token", "revoke", prefix).returncode == 1


@pytest.mark.req("PLT-11", "PLT-8")
def test_the_doctor_finds_a_sound_home_and_every_planted_fault(made: Path) -> None:
    sound = run_in(made, "doctor", "--json")
    assert sound.returncode == 0, sound.stdout
    levels = {finding["check"]: finding["level"] for finding in json.loads(sound.stdout)}
    assert levels["audit log"] == levels["database"] == levels["workspace programs"] == "ok"

    broken = made / "workspaces" / "programs" / "definitions" / "roles.yaml"
    broken.write_text("roles:\n  extra: {permissions: [fly]}\n")
    with sqlite3.connect(made / "app.sqlite3") as database:
        database.execute("DROP TRIGGER accounts_auditentry_no_update")
        database.execute("UPDATE accounts_auditentry SET actor = 'nobody' WHERE id = 1")
    database.close()
    found = run_in(made, "doctor", "--json")
    broken.unlink()
    assert found.returncode == 1
    errors = {finding["check"] for finding in json.loads(found.stdout) if finding["level"] == "error"}
    assert errors == {"audit log", "workspace programs"}


def test_with_several_workspaces_one_must_be_named(made: Path) -> None:
    assert run_in(made, "init", "--workspace", "second", "--pack", "programs").returncode == 0
    unnamed = run_in(made, "user", "list")
    assert unnamed.returncode == 2
    assert "programs, second" in unnamed.stderr.replace("\n", " ")
    assert run_in(made, "user", "list", "--workspace", "second").returncode == 0
