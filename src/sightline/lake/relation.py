"""What a reader needs to scan one version of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

DAY_SUFFIX = "__day"
"""A timestamp column `t` is stored with `t__day`, its date in the workspace's zone, so that days need no conversion."""

SYSTEM_COLUMNS = ("_run", "_row", "_loaded_at")
"""Written beside the declared columns: the import or sync run, the row number in it, and when it was published."""


@dataclass(frozen=True)
class Relation:
    """Parquet files of one published version of one dataset.

    `columns` are the columns the files hold (declared, `…__day` and system columns); a declared column that is not
    among them has no values yet. `union_by_name` is True when older files lack some columns.
    """

    dataset: str
    version: int
    files: tuple[str, ...]
    columns: frozenset[str]
    zone: str
    union_by_name: bool = False

    @property
    def shape(self) -> tuple[frozenset[str], str, bool, bool]:
        """What a statement depends on beside the names of the files."""
        return self.columns, self.zone, self.union_by_name, bool(self.files)
