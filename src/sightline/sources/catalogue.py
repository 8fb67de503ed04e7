"""Every connector there is."""

from __future__ import annotations

from typing import Any

from sightline.registry import Registry
from sightline.sources.base import Connector
from sightline.sources.files.source import FILES
from sightline.sources.hubspot.source import HUBSPOT
from sightline.sources.prometheus.source import PROMETHEUS
from sightline.sources.rest.source import REST
from sightline.sources.salesforce.source import SALESFORCE
from sightline.sources.spend.source import SPEND
from sightline.sources.sql.source import SQL

ALL: tuple[Connector[Any], ...] = (FILES, HUBSPOT, PROMETHEUS, REST, SALESFORCE, SPEND, SQL)

CONNECTORS: Registry[Connector[Any]] = Registry("connector")

for _connector in ALL:
    CONNECTORS.register(_connector.name, _connector)
