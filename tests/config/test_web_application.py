"""The application that the web server runs, loaded in a process of its own as the server does."""

from __future__ import annotations

import subprocess
import sys

LOAD = """
import gc
from sightline.config.wsgi import application
from sightline.home import WorkspaceFolder
print(gc.get_freeze_count() > 50_000, 0 < WorkspaceFolder.look_again_seconds < 1)
"""


def test_it_looks_at_definitions_within_a_second_and_never_for_garbage_in_what_was_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "True"], done.stderr
