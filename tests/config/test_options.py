"""The table of options, and the settings made from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.config.database import DatabaseAddressError, database_of
from sightline.config.options import OptionError, Options, documentation, read_options

pytestmark = pytest.mark.req("PLT-1", "PLT-11")


def options(home: Path, toml: str = "", **environment: str) -> Options:
    if toml:
        (home / "config.toml").write_text(toml)
    return read_options(home=home, environment=environment)


def test_a_missing_file_means_defaults(tmp_path: Path) -> None:
    assert options(tmp_path) == Options()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    read = options(tmp_path, "web_workers = 2\nweb_threads = 3\n", SIGHTLINE_WEB_WORKERS="4", PATH="x")
    assert (read.web_workers, read.web_threads) == (4, 3)


def test_lists_in_the_environment_are_separated_by_commas(tmp_path: Path) -> None:
    assert options(tmp_path, SIGHTLINE_ALLOWED_HOSTS="a.test, b.test").allowed_hosts == ("a.test", "b.test")


def test_every_wrong_option_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        options(tmp_path, 'web_worker = 2\nurl = "example.org"\n', SIGHTLINE_SMTP_PORT="70000")
    text = str(refused.value)
    assert 'unknown option "web_worker"; did you mean "web_workers"?' in text
    assert "environment variable SIGHTLINE_SMTP_PORT" in text
    assert f'{tmp_path / "config.toml"}: option "url"' in text


def test_secrets_are_never_in_a_message(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        options(tmp_path, "smtp_password = 12345678\n")
    assert "12345678" not in str(refused.value)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="not valid TOML"):
        options(tmp_path, "web_workers: 2")


def test_mail_goes_to_files_until_a_server_is_named() -> None:
    assert Options().mail_medium == "file"
    assert Options(smtp_host="mail.test").mail_medium == "smtp"
    assert Options(smtp_host="mail.test", mail="console").mail_medium == "console"


def test_the_database_is_sqlite_in_the_home_or_what_the_address_says(tmp_path: Path) -> None:
    embedded = database_of("", home=tmp_path)
    assert embedded["NAME"] == str(tmp_path / "app.sqlite3")
    assert embedded["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    server = database_of("postgresql://me:p%40ss@db.test:5433/sight?sslmode=require", home=tmp_path)
    assert (server["HOST"], server["PORT"], server["USER"], server["PASSWORD"]) == ("db.test", "5433", "me", "p@ss")
    assert (server["NAME"], server["OPTIONS"]) == ("sight", {"sslmode": "require"})
    with pytest.raises(DatabaseAddressError, match="mysql"):
        database_of("mysql://x", home=tmp_path)


def test_settings_load_without_a_home_and_secure_the_cookies_under_https(tmp_path: Path) -> None:
    code = (
        "from sightline.config import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0);"
        "print(s.SESSION_COOKIE_NAME[:7], s.DEBUG)"
    )
    environment = {**os.environ, "SIGHTLINE_HOME": str(tmp_path / "none"), "SIGHTLINE_URL": "https://s.test"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "__Host-", "False"]
    assert not (tmp_path / "none").exists()


def test_the_page_of_settings_is_current(repository: Path) -> None:
    assert (repository / "docs" / "settings.md").read_text() == documentation(), (
        "run python -m sightline.config.options"
    )
