"""What docs/command-line.md says of the commands is what they take."""

from __future__ import annotations

import pytest
from command_line_document import DOCUMENT, command_line_text

CONTRACT = {
    "demo": ("--port", "--no-browser"),
    "serve": ("--host", "--port"),
    "init": ("--workspace", "--pack"),
    "check": ("PATH", "--data"),
    "import": ("DATASET", "FILE", "--map", "--dry-run", "--json", "--workspace"),
    "query": (
        *("--metrics", "--by", "--grain", "--where", "--period", "--compare", "--order", "--limit"),
        *("--as", "--json", "--csv", "--explain", "--workspace"),
    ),
    "user": ("sightline user add", "--role", "--attr"),
    "token": ("sightline token add", "--scope"),
    "data-events": ("--state", "--json", "--workspace"),
    "doctor": ("sightline doctor",),
    "schema": ("sightline schema",),
    "bench": ("SCENARIO", "--rows", "--users", "--json"),
}


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == command_line_text(), "run: python tests/cli/command_line_document.py"


@pytest.mark.parametrize("command", CONTRACT)
def test_the_words_that_scripts_rely_on_are_there(command: str) -> None:
    section = command_line_text().partition(f"\n## {command}\n")[2].partition("\n## ")[0]
    assert [word for word in CONTRACT[command] if word not in section] == []
