"""Several processes write the audit log at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.home import Home

WRITER = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from sightline.accounts import audit
for number in range(40):
    audit.record(workspace="w", actor=sys.argv[1], verb="did", object=str(number), now=datetime.now(UTC))
"""
READER = """
import django
django.setup()
from sightline.accounts import audit
chain = audit.verify_chain()
print(chain.is_sound, chain.entries)
"""


@pytest.mark.req("PLT-8")
def test_the_chain_holds_when_four_processes_write_at_once(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    environment = {
        **os.environ,
        "SIGHTLINE_HOME": str(home.path),
        "DJANGO_SETTINGS_MODULE": "sightline.config.settings",
    }

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True)

    migrate = start("-m", "django", "migrate", "-v0")
    assert (migrate.communicate(), migrate.returncode)[1] == 0
    writers = [start("-c", WRITER, f"writer {number}") for number in range(4)]
    assert [(writer.communicate(), writer.returncode)[1] for writer in writers] == [0] * 4
    assert start("-c", READER).communicate()[0].split() == ["True", "160"]
