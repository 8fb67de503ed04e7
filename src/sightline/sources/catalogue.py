"""Every connector there is."""

from __future__ import annotations

from typing import Any

from sightline.registry import Registry
from sightline.sources.base import Connector

ALL: tuple[Connector[Any], ...] = ()

CONNECTORS: Registry[Connector[Any]] = Registry("connector")

for _connector in ALL:
    CONNECTORS.register(_connector.name, _connector)
