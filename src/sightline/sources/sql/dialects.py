"""Every database there is."""

from __future__ import annotations

from sightline.registry import Registry
from sightline.sources.sql.dialect import Dialect
from sightline.sources.sql.mysql import MYSQL
from sightline.sources.sql.postgresql import POSTGRESQL
from sightline.sources.sql.sqlite import SQLITE

DIALECTS: Registry[Dialect] = Registry("dialect", {each.name: each for each in (POSTGRESQL, MYSQL, SQLITE)})
