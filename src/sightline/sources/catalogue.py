"""Every connector there is, by name. A connector is loaded when it is used: most processes never read a source."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from sightline.registry import Registry
from sightline.sources.base import Connector

PLACES: Registry[str] = Registry(
    "connector",
    {
        "files": "sightline.sources.files.source:FILES",
        "hubspot": "sightline.sources.hubspot.source:HUBSPOT",
        "prometheus": "sightline.sources.prometheus.source:PROMETHEUS",
        "rest": "sightline.sources.rest.source:REST",
        "salesforce": "sightline.sources.salesforce.source:SALESFORCE",
        "spend": "sightline.sources.spend.source:SPEND",
        "sql": "sightline.sources.sql.source:SQL",
    },
)
"""Where each connector is: named, not imported."""


class Connectors(Mapping[str, Connector[Any]]):
    """The connectors by name. Asking whether there is one loads nothing."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._members: dict[str, Connector[Any]] = {}

    def __getitem__(self, name: str) -> Connector[Any]:
        if name not in self._members:
            module, _, attribute = self._places[name].partition(":")
            self._members[name] = getattr(importlib.import_module(module), attribute)
        return self._members[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places or name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._members})

    def __len__(self) -> int:
        return len({**self._places, **self._members})


CONNECTORS = Connectors(PLACES)
