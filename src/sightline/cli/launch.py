"""Starting processes of ours, from a process that stays small: nothing heavy is imported here."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import typer

from sightline.errors import UserError

HOW_TO_MAKE_ONE = '"sightline init" makes one; "sightline demo" makes one with sample data; --home names another.'


class NoHome(UserError):
    """There is no home folder where one was expected."""

    code = "SL-E071"


@dataclass(frozen=True)
class ServeOptions:
    """What the server's main process needs to know."""

    host: str
    port: int
    web_workers: int
    web_threads: int
    url: str


def home_path() -> Path:
    """Return where the home is or would be (see main: it is chosen before any command runs)."""
    return Path(os.environ["SIGHTLINE_HOME"])


def existing_home() -> Path:
    """Return where the home is, or raise NoHome when there is none."""
    path = home_path()
    if not (path / "config.toml").is_file():
        raise NoHome(f"{path}: no home folder here (it has no config.toml)", hint=HOW_TO_MAKE_ONE)
    return path


def run_command(*arguments: str) -> None:
    """Run another command of ours in its own process, so that what it loads is not kept; stop when it fails."""
    done = subprocess.run([sys.executable, "-m", "sightline.cli.main", *arguments], check=False)  # noqa: S603 (our own)
    if done.returncode:
        raise typer.Exit(done.returncode)


def serve_options(host: str, port: int) -> ServeOptions:
    """Return the options of the server. They were checked by `upgrade`, which runs before."""
    values = tomllib.loads((home_path() / "config.toml").read_text(encoding="utf-8"))

    def option(name: str, default: str) -> str:
        return os.environ.get(f"SIGHTLINE_{name.upper()}") or str(values.get(name, default))

    return ServeOptions(host, port, int(option("web_workers", "1")), int(option("web_threads", "4")), option("url", ""))
