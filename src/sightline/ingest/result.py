"""What came of an import, as shown by page, API and command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sightline.lake.audit import Reason
from sightline.lake.write import Written


@dataclass(frozen=True)
class ImportResult:
    """Counts, reasons and where the rows are now.

    received = accepted + rejected; accepted = inserted + updated + unchanged. `reasons` are why rows were rejected (a
    row may have several), `warnings` what was remarked on without rejecting. `sources` says which column of the file
    filled which column; `unused_columns` of the file fill none, and `missing_columns` stay empty. `snapshot_id` is None
    in a dry run.
    """

    run_id: str
    dataset: str
    dry_run: bool
    received: int
    accepted: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    sources: dict[str, str]
    unused_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    snapshot_id: int | None
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def result_of(
    written: Written,
    *,
    dataset: str,
    dry_run: bool,
    sources: dict[str, str],
    unused: tuple[str, ...],
    missing: tuple[str, ...],
    seconds: float,
) -> ImportResult:
    """Return the result of what the lake wrote."""
    return ImportResult(
        run_id=written.run,
        dataset=dataset,
        dry_run=dry_run,
        received=written.received,
        accepted=written.accepted,
        inserted=written.inserted,
        updated=written.updated,
        unchanged=written.unchanged,
        rejected=written.rejected,
        reasons=written.reasons,
        warnings=written.warnings,
        sources=sources,
        unused_columns=unused,
        missing_columns=missing,
        snapshot_id=None if dry_run else written.snapshot.id,
        seconds=seconds,
    )
