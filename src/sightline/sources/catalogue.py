"""Every connector there is."""

from __future__ import annotations

from typing import Any

from sightline.registry import Registry
from sightline.sources.base import Connector
from sightline.sources.hubspot.source import HUBSPOT
from sightline.sources.rest.source import REST
from sightline.sources.sql.source import SQL

ALL: tuple[Connector[Any], ...] = (HUBSPOT, REST, SQL)

CONNECTORS: Registry[Connector[Any]] = Registry("connector")

for _connector in ALL:
    CONNECTORS.register(_connector.name, _connector)
