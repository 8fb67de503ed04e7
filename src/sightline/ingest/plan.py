"""What an import will do, decided before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.dataset import Dataset, check_kind
from sightline.ingest.convert import Reading
from sightline.ingest.mapping import MapFile, Mapped, resolve
from sightline.lake.rules import Reference
from sightline.lake.snapshot import Snapshot
from sightline.lake.store import Lake


@dataclass(frozen=True)
class ImportPlan:
    """An import: into which dataset, how columns map, how values are read, and the id that makes it repeatable.

    The same content, dataset and map always make the same `run`. `excused`: see `lake.commit.Load`.
    """

    dataset: Dataset
    run: str
    mapped: Mapped
    reading: Reading
    zone: str
    columns: tuple[str, ...]
    excused: bool = False


def plan_import(*, dataset: Dataset, columns: Sequence[str], file: MapFile, content: str, zone: str) -> ImportPlan:
    """Return the plan to import a file with these columns and this content hash into a workspace of a zone."""
    reading = Reading(zone=file.zone or dataset.zone or zone, day_first=bool(file.day_first))
    return ImportPlan(
        dataset, _run_id(content, dataset.name, file), resolve(dataset, columns, file), reading, zone, tuple(columns)
    )


def _run_id(content: str, dataset: str, file: MapFile) -> str:
    text = f"{content}\n{dataset}\n{file.model_dump_json()}"
    return "import-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def references_of(dataset: Dataset, *, catalog: Catalog, lake: Lake, snapshot: Snapshot) -> Mapping[str, Reference]:
    """Return where the entities that a dataset's checks refer to live, as published in a snapshot."""
    references = {}
    for check in dataset.checks:
        entity = getattr(check, "references", None) if check_kind(check) == "references" else None
        target = next(
            (other for other in catalog.datasets.values() if other.primary and other.primary[0] == entity), None
        )
        if entity and target and target.primary:
            relation = lake.relation(target.name, snapshot)
            references[entity] = Reference(target.name, target.primary[1].column, relation)
    return references
