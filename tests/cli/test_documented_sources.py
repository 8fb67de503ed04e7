"""What docs/sources.md says of the command line, the specification and schedules is so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings
from typer.testing import Result

from lead_home import make_lead_home
from sightline.ingest.spec import SourceSpec, StreamSpec, spec_from
from sightline.web.schedule_words import schedule_words

DOCUMENT = Path(__file__).parents[2] / "docs" / "sources.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
LEADS = "Record ID,Program,Made,status\n900001,p00,2026-02-01 09:00,Closed Won\n900002,,2026-02-01 10:00,new\n"


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split()[1])
def test_every_specification_is_one(text: str) -> None:
    assert spec_from(yaml.safe_load(text)).name == text.split()[1]


@pytest.mark.parametrize("model", [SourceSpec, StreamSpec])
def test_every_key_of_a_specification_is_documented(model: type[SourceSpec | StreamSpec]) -> None:
    assert [name for name in model.model_fields if f"| `{name}` |" not in TEXT] == []


def test_the_words_of_schedules_are_those_of_the_pages() -> None:
    rows = re.findall(r"^\| `([*/0-9 -]+)` \| (.+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 5
    assert [(cron, words) for cron, words in rows if schedule_words(cron) != words] == []


@pytest.mark.req("PRG-1.2", "PLT-2")
@pytest.mark.django_db(transaction=True)
def test_the_walk_on_the_command_line_works(run: Callable[..., Result], tmp_path: Path, settings: Settings) -> None:
    home = make_lead_home(tmp_path / "home", workspaces=("demo",))
    settings.SIGHTLINE_HOME = home
    files = home / "workspaces" / "demo" / "files"
    files.mkdir(exist_ok=True)
    (files / "leads-2026.csv").write_text(LEADS)
    (tmp_path / "exports.yaml").write_text(EXAMPLES[0])
    said = []
    for line in re.findall(r"^\$ sightline (.+)$", TEXT, re.MULTILINE):
        words = [str(tmp_path / word) if word.endswith(".yaml") else word for word in shlex.split(line)]
        result = run(*words, home=home)
        assert result.exit_code == 0, result.output
        said.append(result.output)
    assert "saved as version 1" in said[0]
    assert "Reached" in said[1]
    assert "1 would be accepted, 1 held" in said[2]
    assert "2 records read, 1 accepted, 1 held" in said[3]
    assert "done at" in said[4]
