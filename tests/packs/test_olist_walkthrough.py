"""The README of the Olist example, followed to the letter: every command runs and prints what it shows."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SIGHTLINE = Path(sys.executable).with_name("sightline")


def _blocks(text: str) -> list[str]:
    return re.findall(r"```\n(.*?)```", text, flags=re.DOTALL)


def _words(line: str) -> list[str]:
    return [word for word in re.split(r"\s{2,}", line.strip()) if word]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walkthrough") / "olist-home"


def _run(command: str, home: Path, repository: Path, files: Path) -> str:
    written = command.replace("$FILES", shlex.quote(str(files))).replace("olist-home", shlex.quote(str(home)))
    _, *arguments = shlex.split(written)
    done = subprocess.run([SIGHTLINE, *arguments], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.req("PLT-9")
def test_every_command_of_the_readme_runs_and_prints_what_it_shows(
    home: Path, repository: Path, shared_data: Callable[[str], Path]
) -> None:
    files = shared_data("olist_marketing_funnel")
    printed = ""
    for block in _blocks((repository / "examples" / "olist" / "README.md").read_text()):
        if not block.startswith("sightline"):
            shown = {tuple(_words(line)) for line in block.splitlines() if "─" not in line}
            assert shown <= {tuple(_words(line)) for line in printed.splitlines()}
            continue
        for command in block.splitlines():
            if not re.search(r" (serve|user add)\b", command):
                printed = _run(command, home, repository, files)
    asked = "sightline --home olist-home query --json --metrics leads,won_deals,lead_to_deal_rate,median_days_to_win"
    answer = json.loads(_run(asked, home, repository, files))
    assert answer["rows"][0] == [8000, 842, pytest.approx(0.10525), pytest.approx(14.7222, abs=0.0005)]
    assert "0 problems" in _run("sightline --home olist-home check", home, repository, files)
