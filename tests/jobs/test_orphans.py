"""A duty's process does not outlive the worker that started it, not even one killed while the process was starting."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sightline.jobs.own_process import STARTED_BY

CHILD = "from sightline.jobs.own_process import end_with_parent; import time; end_with_parent(); time.sleep(60)"


@pytest.mark.req("PLT-2")
@pytest.mark.skipif(sys.platform == "win32", reason="processes have no parents there")
def test_a_process_whose_worker_is_gone_before_it_looks_ends_at_once() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    environment = {"DJANGO_SETTINGS_MODULE": "sightline.config.settings", STARTED_BY: str(gone.pid)}
    assert subprocess.run([sys.executable, "-c", CHILD], env=environment, timeout=30, check=False).returncode == 1
