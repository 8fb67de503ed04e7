"""Importing a file: plan, load, record."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

from sightline.accounts import audit
from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.mapping import MapFile, read_map
from sightline.ingest.models import ImportRun
from sightline.ingest.plan import ImportPlan, content_hash, plan_import, references_of
from sightline.ingest.result import ImportResult, result_of
from sightline.ingest.staged import Progress, Watcher, run_import
from sightline.lake.write import Written
from sightline.sources.files.formats import Opened
from sightline.sources.files.readers import open_file


def import_file(
    *,
    folder: WorkspaceFolder,
    dataset: str,
    path: Path,
    mapping: MapFile | Path | None = None,
    dry_run: bool = False,
    now: datetime,
    by: str,
    progress: Watcher | None = None,
    record: ImportRun | None = None,
) -> ImportResult:
    """Import a file into a dataset and return what became of its rows.

    A dry run counts the same and writes nothing. `record` is a queued import to carry out; without one a new row of the
    history is made. Raises UserError when file, map or dataset are wrong. The same file may be imported again at any
    time: it completes what was interrupted and adds nothing twice.
    """
    began = time.monotonic()
    plan, opened = prepare(folder=folder, dataset=dataset, path=path, mapping=mapping)
    if dry_run:
        written = _run(folder, plan, opened, now=now, dry_run=True, watch=progress or _ignore)
        return _result(plan, written, began, dry_run=True)
    history = _History(
        folder.name,
        plan,
        record.file_name if record else path.name,
        by=by,
        now=now,
        record=record,
        also=progress or _ignore,
    )
    try:
        written = _run(folder, plan, opened, now=now, dry_run=False, watch=history.watch)
    except Exception as error:
        history.failed(error, seconds=time.monotonic() - began)
        raise
    result = _result(plan, written, began, dry_run=False)
    history.done(result)
    return result


def prepare(
    *, folder: WorkspaceFolder, dataset: str, path: Path, mapping: MapFile | Path | None
) -> tuple[ImportPlan, Opened]:
    """Return the plan of an import and the opened file. Nothing is written."""
    file = read_map(mapping) if isinstance(mapping, Path) else mapping or MapFile()
    catalog = folder.catalog
    definition = catalog.dataset(dataset)
    opened = open_file(path, sheet=file.sheet)
    content = content_hash(path)
    plan = plan_import(
        dataset=definition, columns=opened.columns, file=file, content=content, zone=catalog.settings.zone
    )
    return plan, opened


def _run(
    folder: WorkspaceFolder, plan: ImportPlan, opened: Opened, *, now: datetime, dry_run: bool, watch: Watcher
) -> Written:
    lake = folder.lake
    references = references_of(plan.dataset, catalog=folder.catalog, lake=lake, snapshot=lake.snapshot())
    return run_import(plan, opened, lake, references=references, now=now, dry_run=dry_run, watch=watch)


def _result(plan: ImportPlan, written: Written, began: float, *, dry_run: bool) -> ImportResult:
    mapped = plan.mapped
    return result_of(
        written,
        dataset=plan.dataset.name,
        dry_run=dry_run,
        sources=dict(mapped.sources),
        unused=mapped.unused,
        missing=mapped.missing,
        seconds=time.monotonic() - began,
    )


def _ignore(_: Progress) -> None:
    """Nobody watches."""


class _History:
    """Keeps the row that people follow up to date, and the audit log."""

    def __init__(
        self,
        workspace: str,
        plan: ImportPlan,
        file_name: str,
        *,
        by: str,
        now: datetime,
        record: ImportRun | None,
        also: Watcher,
    ) -> None:
        self.now, self.also, self.by = now, also, by
        interrupted = ImportRun.objects.filter(workspace=workspace, run_id=plan.run, state=ImportRun.State.RUNNING)
        interrupted.exclude(pk=record.pk if record else 0).update(
            state=ImportRun.State.FAILED, problem="It was interrupted; the same file was started again."
        )
        self.row = record or ImportRun(workspace=workspace, queued_at=now)
        self.row.dataset, self.row.file_name, self.row.by = plan.dataset.name, file_name[:255], by
        self.row.run_id, self.row.mapping = plan.run, plan.mapped.file.model_dump(exclude_defaults=True)
        self.row.state, self.row.started_at = ImportRun.State.RUNNING, now
        self.row.save()

    def watch(self, progress: Progress) -> None:
        percent = int(100 * progress.fraction)
        if percent != self.row.progress or progress.doing != self.row.doing:
            self.row.progress, self.row.doing = percent, progress.doing
            self.row.counts = {"received": progress.rows}
            self.row.save(update_fields=["progress", "doing", "counts"])
        self.also(progress)

    def done(self, result: ImportResult) -> None:
        self.row.state, self.row.progress = ImportRun.State.DONE, 100
        self.row.snapshot, self.row.problem = result.snapshot_id, ""
        self.row.counts = result.as_dict()
        self.row.finished_at = self.now + timedelta(seconds=result.seconds)
        self.row.save()
        counts = {name: result.as_dict()[name] for name in ("run_id", "received", "inserted", "updated", "rejected")}
        self._audit("imported", {"file": self.row.file_name, **counts, "snapshot": result.snapshot_id})

    def failed(self, error: Exception, *, seconds: float) -> None:
        self.row.state = ImportRun.State.FAILED
        self.row.problem = (
            str(error) if isinstance(error, SightlineError) else "An error on our side; see the server's log."
        )
        self.row.finished_at = self.now + timedelta(seconds=seconds)
        self.row.save()
        self._audit("import failed", {"file": self.row.file_name, "problem": self.row.problem})

    def _audit(self, verb: str, detail: dict[str, object]) -> None:
        audit.record(
            workspace=self.row.workspace, actor=self.by, verb=verb, object=self.row.dataset, detail=detail, now=self.now
        )
