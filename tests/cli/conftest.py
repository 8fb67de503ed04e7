"""The command line, in this process, over a home of generated leads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings
from typer.testing import CliRunner, Result

from lead_home import make_lead_home
from sightline.cli.main import app


@pytest.fixture(scope="session")
def one_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with one workspace."""
    return make_lead_home(tmp_path_factory.mktemp("cli") / "home", workspaces=("demo",))


@pytest.fixture
def run(one_workspace: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs a command over the home: `run("query", "--metrics", "leads")`."""
    monkeypatch.setenv("SIGHTLINE_HOME", os.environ.get("SIGHTLINE_HOME", ""))  # put back what the command sets
    settings.SIGHTLINE_HOME = one_workspace

    def command(*arguments: str, home: Path = one_workspace) -> Result:
        return CliRunner().invoke(app, ["--home", str(home), *arguments])

    return command
