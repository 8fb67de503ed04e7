"""The sample company: when and where it lives, and its rows twice over."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import duckdb

from sightline.metrics.warehouse import Warehouse

END = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 14, 0, tzinfo=UTC)
ZONE = "America/New_York"


def read_module(path: Path, name: str) -> ModuleType:
    """Return the Python file of a pack as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Company:
    """The same rows twice: behind the metrics layer, and as raw files that plain SQL reads."""

    warehouse: Warehouse
    oracle: duckdb.DuckDBPyConnection
