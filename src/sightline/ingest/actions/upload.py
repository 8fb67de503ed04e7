"""An upload: a file put aside with its map, carried out by whoever claims it first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.mapping import MapFile, map_from
from sightline.ingest.models import ImportRun
from sightline.ingest.result import ImportResult


def queue_import(
    *, workspace: str, dataset: str, path: Path, file_name: str, mapping: MapFile, by: str, now: datetime
) -> ImportRun:
    """Return the queued import of an uploaded file."""
    return ImportRun.objects.create(
        workspace=workspace,
        dataset=dataset,
        file_name=file_name[:255],
        path=str(path),
        mapping=mapping.model_dump(exclude_defaults=True),
        by=by,
        queued_at=now,
    )


def run_queued(*, run: int, folder: WorkspaceFolder, now: datetime) -> ImportResult | None:
    """Carry out a queued import and remove its file. None when somebody else has claimed it.

    Raises what `import_file` raises; the run's row tells the same to people.
    """
    claimed = ImportRun.objects.filter(pk=run, workspace=folder.name, state=ImportRun.State.QUEUED)
    if not claimed.update(state=ImportRun.State.RUNNING, started_at=now):
        return None
    record = ImportRun.objects.get(pk=run)
    try:
        return import_file(
            folder=folder,
            dataset=record.dataset,
            path=Path(record.path),
            mapping=map_from(record.mapping),
            now=now,
            by=record.by,
            record=record,
        )
    except SightlineError as error:
        if not record.is_over:  # wrong before it began: the file, the map or the dataset
            record.state, record.problem, record.finished_at = ImportRun.State.FAILED, str(error), now
            record.save()
        raise
    finally:
        Path(record.path).unlink(missing_ok=True)
