"""Looking at the rows that were held back."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from sightline.accounts.access import Access
from sightline.definitions.policy import Policy
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed
from sightline.lake import sql
from sightline.lake.quarantine import HeldPage, browse

PAGE_SIZE = 50


def held_rows(
    *, access: Access, dataset: str, run: str | None = None, page: int = 1, page_size: int = PAGE_SIZE
) -> HeldPage:
    """Return one page of the rows of a dataset in quarantine, newest first.

    Raw records obey no row policy: nobody knows to which school a row belongs that has no program. So beside the
    permission this needs the right to see every row of the dataset, and records with personal data are left empty for
    whoever sees that masked. Raises NotAllowed otherwise.
    """
    access.require("see_quarantine")
    definition = access.folder.catalog.dataset(dataset)
    if access.viewer.policy.rows_of(definition.name) != "all":
        raise NotAllowed("Held rows are shown to those who may see every row of the dataset.")
    with tempfile.TemporaryDirectory() as folder, sql.scratch(Path(folder), memory="128MB") as scratch:
        held = browse(access.folder.lake, definition.name, scratch, run=run, page=max(page, 1), page_size=page_size)
    if sees_personal_data(access.viewer.policy, definition):
        return held
    return replace(held, rows=tuple(replace(row, record="", value="") for row in held.rows))


def sees_personal_data(policy: Policy, dataset: Dataset) -> bool:
    """Return whether no column of the dataset is masked for this viewer."""
    columns = dataset.columns.items()
    return all(policy.mask_of(dataset.name, name, column.pii) == "show" for name, column in columns if column.pii)
