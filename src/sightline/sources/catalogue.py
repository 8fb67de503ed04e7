"""Every connector there is."""

from __future__ import annotations

from typing import Any

from sightline.registry import Registry
from sightline.sources.base import Connector

CONNECTORS: Registry[Connector[Any]] = Registry("connector", {connector.name: connector for connector in ()})
