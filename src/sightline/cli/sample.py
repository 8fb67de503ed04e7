"""Loading a pack's sample data, made by the pack's own seeded generator."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq

from sightline.definitions.catalog import Location
from sightline.definitions.folders import find_packs
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.import_file import import_file


def load_sample(folder: WorkspaceFolder, *, seed: int, end: date, now: datetime) -> Iterator[str]:
    """Load the sample data of every pack of a workspace that has some; yield a line per dataset."""
    settings = folder.settings
    packs, _ = find_packs(settings.packs, relative_to=folder.path, named_in=Location("settings.yaml"))
    for pack in packs:
        generator = pack / "sample.py"
        if generator.is_file():
            for dataset, table in _module(generator).generate(seed=seed, end=end).items():
                yield _imported(folder, dataset, table, now)


def _imported(folder: WorkspaceFolder, dataset: str, table: pa.Table, now: datetime) -> str:
    """Import a table as a file, the way people's data comes in: its planted problems land in the quarantine."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{dataset}.parquet"
        pq.write_table(table, file)
        result = import_file(folder=folder, dataset=dataset, path=file, now=now, by="sample data")
    rejected = f", {result.rejected:,} in quarantine" if result.rejected else ""
    return f"  {dataset}: {result.accepted:,} rows{rejected}"


def _module(path: Path) -> ModuleType:
    """Return the generator; a pack is a folder of content, so it is loaded by path."""
    spec = importlib.util.spec_from_file_location(f"sightline_sample_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
