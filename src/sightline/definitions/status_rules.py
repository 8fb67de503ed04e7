"""Which rule holds for the status of a metric: its own, the workspace's, its pack's."""

from __future__ import annotations

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.status import StatusRule

NO_RULE = StatusRule()


def status_rule(name: str, catalog: Catalog) -> StatusRule:
    """Return how a trend changes the status of a metric; a rule without parts where none is written."""
    packs = {each.pack: each.status for each in catalog.packs}
    of_pack = packs.get(catalog.pack_of.get(("metric", name), ""))
    written = (catalog.metric(name).status, catalog.settings.status, of_pack)
    return next((each for each in written if each is not None), NO_RULE)
