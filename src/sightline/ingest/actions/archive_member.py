"""Archiving a member of an entity, such as a program: it leaves lists to choose from, its history stays."""

from __future__ import annotations

from datetime import datetime

from sightline.accounts.access import Access
from sightline.errors import NotFound, UserError
from sightline.ingest.actions.enter_values import Entered, enter_values
from sightline.lake.lookup import rows_by_key


class NotArchivable(UserError):
    """An entity whose dataset has no column that says what is archived."""

    code = "SL-E383"


def set_archived(*, access: Access, entity: str, key: str, archived: bool, reason: str, now: datetime) -> Entered:
    """Return the change. Raises NotFound for an unknown member, NotArchivable where the dataset cannot say it."""
    access.require("edit_data")
    catalog = access.folder.catalog
    dataset = next((each for each in catalog.datasets.values() if each.primary and each.primary[0] == entity), None)
    if dataset is None or dataset.primary is None or dataset.archived is None:
        raise NotArchivable(
            f'a member of "{entity}" cannot be archived', hint="Its dataset names no column with `archived:`."
        )
    lake = access.folder.lake
    if not rows_by_key(lake, dataset, lake.snapshot(), [(key,)], run=f"archive-{dataset.name}"):
        raise NotFound(f'there is no {entity} "{key}"')
    row = {dataset.primary[1].column: key, dataset.archived: "true" if archived else "false"}
    return enter_values(access=access, dataset=dataset.name, rows=[row], reason=reason, now=now)
