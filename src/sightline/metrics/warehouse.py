"""Everything that answering needs of one workspace: definitions, lake, engine, and the answers already known."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins
from sightline.definitions.lineage import aging_metrics
from sightline.engines.base import Engine
from sightline.engines.duckdb import DuckDB
from sightline.lake.relation import Relation
from sightline.lake.snapshot import Snapshot
from sightline.metrics.cache import AnswerCache


class LakeReader(Protocol):
    """The part of the lake that reading needs."""

    root: Path

    def snapshot(self, id: int | None = None) -> Snapshot: ...  # noqa: A002 - the field's own name

    def relation(self, dataset: str, snapshot: Snapshot) -> Relation | None: ...


class Folder(Protocol):
    """The part of a workspace folder that reading needs."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def lake(self) -> LakeReader: ...

    @property
    def mask_key(self) -> str: ...


@dataclass(frozen=True)
class Warehouse:
    """One workspace, ready to answer. Cheap to make; engine and cache are shared.

    `mask_key` keys the hashes that masks show; without one they differ from process to process.
    """

    catalog: Catalog
    lake: LakeReader
    engine: Engine
    cache: AnswerCache = field(default_factory=AnswerCache)
    mask_key: str = field(default_factory=partial(secrets.token_hex, 32), repr=False)

    @cached_property
    def joins(self) -> Joins:
        return Joins.of(self.catalog)

    @cached_property
    def aging(self) -> frozenset[str]:
        """The metrics whose value grows while nothing happens: ages, and what is made of them."""
        return aging_metrics(self.catalog.metrics)


_engines: dict[Path, DuckDB] = {}
_warehouses: dict[Path, Warehouse] = {}
_lock = threading.Lock()


def warehouse_of(folder: Folder) -> Warehouse:
    """Return the warehouse of a workspace folder: the same one until its definitions change."""
    catalog, root = folder.catalog, folder.lake.root
    known = _warehouses.get(root)
    if known is not None and known.catalog is catalog:
        return known
    with _lock:
        engine = _engines.get(root)
        if engine is None:
            engine = _engines[root] = DuckDB(root)
        cache = known.cache if known is not None else AnswerCache()
        _warehouses[root] = Warehouse(
            catalog=catalog, lake=folder.lake, engine=engine, cache=cache, mask_key=folder.mask_key
        )
        return _warehouses[root]
