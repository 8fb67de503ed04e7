"""Rows kept out of a dataset, read for the quarantine page."""

from __future__ import annotations

import duckdb

from sightline.accounts.access import Access
from sightline.lake.quarantine import HeldPage, browse


def held_of(access: Access, dataset: str, *, size: int, page: int = 1, run: str | None = None) -> HeldPage:
    """Return one page of the rows kept out of a dataset, newest first, and how many there are."""
    with duckdb.connect() as scratch:
        return browse(access.folder.lake, dataset, scratch, run=run, page=page, page_size=size)
