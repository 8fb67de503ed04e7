"""The kinds of definition: one row each in the table every reader of packs goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from sightline.definitions.schema.dashboard import Dashboard
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Metric, MetricFile, Tieout, TieoutFile
from sightline.definitions.schema.pack import Pack, Settings
from sightline.definitions.schema.roles import Role, RoleFile
from sightline.registry import Registry


@dataclass(frozen=True)
class Kind:
    """One kind of definition.

    `place` is a folder of files (`metrics/`) or one file (`roles.yaml`). With `map_key` a file holds many objects under
    that key, by name; otherwise it holds one, named by `name_key`. `shape` is one object, `file_shape` a whole file.
    """

    name: str
    place: str
    shape: Any
    file_shape: Any
    map_key: str | None = None
    name_key: str | None = None

    @property
    def is_folder(self) -> bool:
        return self.place.endswith("/")

    @property
    def adapter(self) -> TypeAdapter[Any]:
        return _ADAPTERS[self.name]


KINDS: Registry[Kind] = Registry(
    "kind of definition",
    {
        "pack": Kind("pack", "pack.yaml", Pack, Pack, name_key="pack"),
        "dataset": Kind("dataset", "datasets/", Dataset, Dataset, name_key="dataset"),
        "metric": Kind("metric", "metrics/", Metric, MetricFile, map_key="metrics"),
        "dashboard": Kind("dashboard", "dashboards/", Dashboard, Dashboard, name_key="dashboard"),
        "role": Kind("role", "roles.yaml", Role, RoleFile, map_key="roles"),
        "tieout": Kind("tieout", "tieouts/", Tieout, TieoutFile, map_key="tieouts"),
    },
)

SETTINGS = Kind("settings", "settings.yaml", Settings, Settings, name_key="workspace")

_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.name: TypeAdapter(kind.shape) for kind in (*KINDS.values(), SETTINGS)}
