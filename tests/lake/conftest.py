"""A small lake and the dataset most of its tests load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lake_samples import LEADS, NOW, rows_of

from sightline.definitions.schema.dataset import Dataset
from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return an empty lake."""
    return Lake(tmp_path / "lake")


@pytest.fixture
def now() -> datetime:
    """Return the moment the tests happen at."""
    return NOW


@pytest.fixture
def make_dataset() -> Callable[..., Dataset]:
    """Return a function from changes to the leads dataset."""

    def make(**changes: Any) -> Dataset:
        return Dataset.model_validate({**LEADS, **changes})

    return make


@pytest.fixture
def leads(make_dataset: Callable[..., Dataset]) -> Dataset:
    """Return the leads dataset without checks."""
    return make_dataset()


@pytest.fixture
def read(lake: Lake) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that reads a dataset as people see it in a snapshot (default: the newest)."""

    def read_rows(dataset: str = "leads", at: Snapshot | None = None, order: str = "1") -> list[dict[str, Any]]:
        relation = lake.relation(dataset, at or lake.snapshot())
        assert relation is not None
        return rows_of(relation.files, order)

    return read_rows
