"""The club, ready to be exported."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from club_home import club_warehouse, write_pack
from sightline.definitions.loader import check
from sightline.exports.files import ExportContext
from sightline.metrics.warehouse import Warehouse

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def club(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Return the club with its rows."""
    return club_warehouse(tmp_path_factory.mktemp("club"), now=NOW)


@pytest.fixture(scope="session")
def context(club: Warehouse) -> ExportContext:
    """Return what exports of the club are made of."""
    return ExportContext(club.catalog, "https://sightline.example.org", "http://prometheus:9090")


@pytest.fixture(scope="session")
def now() -> datetime:
    """Return the moment at which the club is looked at."""
    return NOW


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return the path of promtool. Where it is missing the test is skipped, but fails in CI."""
    found = shutil.which("promtool")
    if found is None:
        missing = "promtool is not installed (Debian: apt-get install prometheus)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[dict[str, str]], list[str]]:
    """Return a function that gives the codes of what is wrong with the club's pack when some files are changed."""

    def found(changes: dict[str, str]) -> list[str]:
        return [each.code for each in check(write_pack(tmp_path, changes)).issues]

    return found
