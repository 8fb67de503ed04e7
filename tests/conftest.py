"""What every test stands on: no network, the shared data sets, and the requirement report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from chromium_browser import chromium
from database import django_db_setup
from loopback_only import no_network

__all__ = ["chromium", "django_db_setup"]

pytest_plugins = ["req_report"]

settings.register_profile("sightline", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("sightline")

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Nothing in a test reaches beyond this machine."""
    with no_network():
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function from a name such as `cdnow/CDNOW_master.txt` to the path of the real data.

    The data lies beside the repository (`SIGHTLINE_SHARED_DATA` names another place). Where it is missing the test is
    skipped, but fails in CI: there a silent skip would hide that nothing was proven.
    """
    folder = Path(os.environ.get("SIGHTLINE_SHARED_DATA", ROOT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            missing = f"there is no {path}; set SIGHTLINE_SHARED_DATA to the folder of the shared data sets"
            if os.environ.get("CI"):
                pytest.fail(missing)
            pytest.skip(missing)
        return path

    return find
