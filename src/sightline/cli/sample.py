"""Loading a pack's sample data, made by the pack's own seeded generator."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

from sightline.definitions.catalog import Location
from sightline.definitions.folders import find_packs
from sightline.home import WorkspaceFolder
from sightline.lake.write import publish_table


def load_sample(folder: WorkspaceFolder, *, seed: int, end: date, now: datetime) -> Iterator[str]:
    """Load the sample data of every pack of a workspace that has some; yield a line per dataset."""
    settings = folder.settings
    packs, _ = find_packs(settings.packs, relative_to=folder.path, named_in=Location("settings.yaml"))
    for pack in packs:
        generator = pack / "sample.py"
        if generator.is_file():
            tables = _module(generator).generate(seed=seed, end=end, problems=False)
            for dataset, table in tables.items():
                definition = folder.catalog.dataset(dataset)
                publish_table(
                    folder.lake, definition, table, zone=settings.zone, now=now, run=f"sample-{pack.name}-{dataset}"
                )
                yield f"  {dataset}: {table.num_rows:,} rows"


def _module(path: Path) -> ModuleType:
    """Return the generator; a pack is a folder of content, so it is loaded by path."""
    spec = importlib.util.spec_from_file_location(f"sightline_sample_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
