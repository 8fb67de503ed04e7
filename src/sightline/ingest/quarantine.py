"""Looking at the rows that were held back."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sightline.accounts.access import Access
from sightline.definitions.policy import Policy
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed, NotFound
from sightline.lake import sql
from sightline.lake.held_facets import held_by_checks
from sightline.lake.quarantine import HeldFilter, HeldPage, HeldRow, browse
from sightline.lake.settle import RowId, chosen_rows

PAGE_SIZE = 50


@dataclass(frozen=True)
class Facets:
    """By what the held rows of a dataset can be chosen: kinds of checks and runs, each with its number of rows."""

    checks: Mapping[str, int]
    runs: Mapping[str, int]
    total: int


def held_rows(
    *,
    access: Access,
    dataset: str,
    run: str | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    wanted: HeldFilter | None = None,
) -> HeldPage:
    """Return one page of the rows of a dataset in quarantine, newest first: of one run, or those that are wanted.

    Raw records obey no row policy: nobody knows to which school a row belongs that has no program. So beside the
    permission this needs the right to see every row of the dataset, and records with personal data are left empty for
    whoever sees that masked. Raises NotAllowed otherwise.
    """
    definition = _definition(access, dataset)
    filtered = wanted or HeldFilter(run=run)
    with tempfile.TemporaryDirectory() as folder, sql.scratch(Path(folder), memory="128MB") as scratch:
        lake = access.folder.lake
        held = browse(lake, definition.name, scratch, page=max(page, 1), page_size=page_size, wanted=filtered)
    if sees_personal_data(access.viewer.policy, definition):
        return held
    return replace(held, rows=tuple(replace(row, record="", value="") for row in held.rows))


def held_row(*, access: Access, dataset: str, row: RowId) -> HeldRow:
    """Return one row in quarantine. Raises NotFound when it is not held (any more), else as `held_rows` does."""
    found = held_rows(access=access, dataset=dataset, page_size=1, wanted=HeldFilter(run=row.run, row=row.row)).rows
    if not found:
        raise NotFound("this row is not held any more", hint="Somebody may have dealt with it.")
    return found[0]


def chosen_held(*, access: Access, dataset: str, ids: Collection[RowId]) -> Sequence[HeldRow]:
    """Return those of the chosen rows that are still held, without their records. Raises as `held_rows` does."""
    definition = _definition(access, dataset)
    names = sorted(f"{each.run}:{each.row}" for each in ids)
    run = f"chosen-{hashlib.sha256(repr(names).encode()).hexdigest()[:20]}"
    found = chosen_rows(access.folder.lake, definition.name, ids, run=run)
    return [replace(row, record="", value="") for row in found]


def facets_of(*, access: Access, dataset: str) -> Facets:
    """Return by what the held rows of a dataset can be chosen. Raises as `held_rows` does."""
    definition = _definition(access, dataset)
    with tempfile.TemporaryDirectory() as folder, sql.scratch(Path(folder), memory="128MB") as scratch:
        found = held_by_checks(access.folder.lake, definition.name, scratch)
    checks: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    for (run, broken), count in found.items():
        runs[run] += count
        for kind in set(broken.split("; ")):
            checks[kind] += count
    return Facets(dict(checks.most_common()), dict(runs.most_common()), sum(found.values()))


def sees_held(access: Access, dataset: str) -> bool:
    """Return whether somebody may see rows kept out of a dataset: raw records have passed no row policy."""
    return access.allows("see_quarantine") and access.viewer.policy.rows_of(dataset) == "all"


def sees_personal_data(policy: Policy, dataset: Dataset) -> bool:
    """Return whether no column of the dataset is masked for this viewer."""
    columns = dataset.columns.items()
    return all(policy.mask_of(dataset.name, name, column.pii) == "show" for name, column in columns if column.pii)


def _definition(access: Access, dataset: str) -> Dataset:
    access.require("see_quarantine")
    definition = access.folder.catalog.dataset(dataset)
    if not sees_held(access, definition.name):
        raise NotAllowed("Held rows are shown to those who may see every row of the dataset.")
    return definition
