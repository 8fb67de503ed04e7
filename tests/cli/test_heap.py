"""The memory of long-running processes: freed blocks go back, and a page needs no mapping of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource
from sightline.cli.heap import keep_memory_small
keep_memory_small()
def faults(size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        bytearray(size)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults(400_000)
print(faults(400_000), faults(8_000_000))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library")
def test_the_memory_of_a_page_is_used_again_and_that_of_large_things_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    page, large = map(int, done.stdout.split())
    assert page < 100
    assert large > 100 * 1000
