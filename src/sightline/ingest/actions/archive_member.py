"""Archiving a member of an entity, such as a program: it leaves lists to choose from, its history stays."""

from __future__ import annotations

from datetime import datetime

from sightline.accounts.access import Access
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, NotFound, UserError
from sightline.ingest.actions.enter_values import Entered, enter_values
from sightline.lake.lookup import rows_by_key


class NotArchivable(UserError):
    """An entity whose dataset has no column that says what is archived."""

    code = "SL-E383"


def home_of_members(catalog: Catalog, entity: str) -> Dataset | None:
    """Return the dataset that has a row per member of an entity."""
    return next((each for each in catalog.datasets.values() if each.primary and each.primary[0] == entity), None)


def set_archived(*, access: Access, entity: str, key: str, archived: bool, reason: str, now: datetime) -> Entered:
    """Return the change. Raises NotFound for an unknown member, NotArchivable where the dataset cannot say it."""
    access.require("edit_data")
    catalog = access.folder.catalog
    dataset = home_of_members(catalog, entity)
    if dataset is None or dataset.primary is None or dataset.archived is None:
        raise NotArchivable(
            f'a member of "{entity}" cannot be archived', hint="Its dataset names no column with `archived:`."
        )
    if access.viewer.policy.rows_of(dataset.name) != "all":
        raise NotAllowed("Members are archived by those who may see every one of them.")
    lake = access.folder.lake
    if not rows_by_key(lake, dataset, lake.snapshot(), [(key,)], run=f"archive-{dataset.name}"):
        raise NotFound(f'there is no {entity} "{key}"')
    row = {dataset.primary[1].column: key, dataset.archived: "true" if archived else "false"}
    return enter_values(access=access, dataset=dataset.name, rows=[row], reason=reason, now=now)
