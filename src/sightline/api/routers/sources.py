"""Sources: connect, change, check, read, stop, remove."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from sightline.accounts.access import Access, open_workspace
from sightline.api.auth import Bearer, access_to, caller_of, request_time
from sightline.api.errors import InvalidRequest
from sightline.api.paths import Workspace
from sightline.api.schemas.problem import PROBLEMS, Problem
from sightline.api.schemas.sources import (
    CheckBody,
    SourceBody,
    SourceSummary,
    SourceWrite,
    StopBody,
    StreamBody,
    StreamOutcomeBody,
    SyncBody,
    SyncsBody,
    SyncStart,
)
from sightline.errors import NotFound
from sightline.ingest.actions.remove_source import remove_source
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.actions.start_sync import start_sync, stop_sync
from sightline.ingest.connections import source_named, spec_of
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.overview import SourceLine, line_of, overview, require_may_see
from sightline.ingest.spec import spec_from
from sightline.ingest.trial import require_same_place, try_source

router = Router(tags=["sources"])

SourceName = Annotated[str, Path(description="Name of the source.")]
PAGE_SIZE = 50


@router.get(
    "/sources", response={200: list[SourceSummary], **PROBLEMS}, operation_id="sources", summary="List the sources"
)
def list_sources(request: HttpRequest, workspace: Workspace) -> list[SourceSummary]:
    """For those who manage sources or see what was held."""
    access = _seeing(request, workspace)
    return [SourceSummary(**_summary(line)) for line in overview(access=access, now=request_time()).lines]


@router.get(
    "/sources/{source}", response={200: SourceBody, **PROBLEMS}, operation_id="source", summary="Describe one source"
)
def show_source(request: HttpRequest, workspace: Workspace, source: SourceName) -> SourceBody:
    """Its settings only for those who manage sources; its secrets for nobody."""
    access = _seeing(request, workspace)
    return _body(access, source_named(access.workspace, source))


@router.put(
    "/sources/{source}",
    response={200: SourceBody, **PROBLEMS},
    operation_id="put_source",
    summary="Connect a source, or change one",
    auth=Bearer(),
)
def put_source(request: HttpRequest, workspace: Workspace, source: SourceName, body: SourceWrite) -> SourceBody:
    """Every change is a version. Stored secrets go only where they were given for: another address needs them again."""
    access = access_to(request, workspace, permission="manage_sources")
    spec = spec_from({"source": source, **body.spec}, where=source)
    if spec.name != source:
        raise InvalidRequest(
            f'the specification is of "{spec.name}", the address of "{source}"', hint="use the same name"
        )
    known = Source.objects.filter(workspace=access.workspace, name=source).first()
    require_same_place(known, spec, body.secrets)
    saved = save_source(access=access, spec=spec, secrets=body.secrets, now=request_time(), reason=body.reason)
    return _body(access, saved)


@router.delete(
    "/sources/{source}",
    response={204: None, **PROBLEMS},
    operation_id="delete_source",
    summary="Remove a source",
    auth=Bearer(),
)
def delete_source(request: HttpRequest, workspace: Workspace, source: SourceName) -> Status[None]:
    """With its secrets, history and cursors; the rows it brought stay."""
    access = access_to(request, workspace, permission="manage_sources")
    remove_source(access=access, name=source, now=request_time())
    return Status(204, None)


@router.get(
    "/sources/{source}/streams",
    response={200: CheckBody, **PROBLEMS, 502: Problem},
    operation_id="check_source",
    summary="Reach a source and list what it has",
)
def check_source(request: HttpRequest, workspace: Workspace, source: SourceName) -> CheckBody:
    """Asks the source itself, for at most 20 seconds."""
    access = access_to(request, workspace, permission="manage_sources")
    spec = spec_of(source_named(access.workspace, source))
    tried = try_source(access=access, spec=spec, secrets={}, now=request_time())
    return CheckBody(
        reached=tried.checked.reached,
        details=dict(tried.checked.details),
        streams=[
            StreamBody(
                name=each.name,
                label=each.label,
                key=list(each.key),
                columns=list(each.columns),
                cursor=each.cursor,
                created=each.created,
                dataset=spec.streams[each.name].dataset if each.name in spec.streams else "",
            )
            for each in tried.streams
        ],
    )


@router.post(
    "/sources/{source}/sync",
    response={202: SyncBody, **PROBLEMS},
    operation_id="start_sync",
    summary="Read a source now",
    auth=Bearer(),
)
def begin_sync(
    request: HttpRequest, workspace: Workspace, source: SourceName, body: SyncStart | None = None
) -> Status[SyncBody]:
    """Answers at once; the worker reads. For those who manage sources or import data (scope `import` or `admin`)."""
    access = _opened(request, workspace)
    wanted = body or SyncStart()
    if wanted.until and not wanted.since:
        raise InvalidRequest("until needs since", hint="say where the backfill begins")
    for name, moment in (("since", wanted.since), ("until", wanted.until)):
        if moment is not None and moment.tzinfo is None:
            raise InvalidRequest(f"{name} has no time zone", hint="write 2026-01-31T00:00:00Z")
    run = start_sync(access=access, name=source, now=request_time(), since=wanted.since, until=wanted.until)
    return Status(202, _sync(run))


@router.post(
    "/sources/{source}/stop",
    response={200: StopBody, **PROBLEMS},
    operation_id="stop_sync",
    summary="Stop the sync of a source",
    auth=Bearer(),
)
def end_sync(request: HttpRequest, workspace: Workspace, source: SourceName) -> StopBody:
    """One that waits ends at once, a running one after the page it is at. The next one goes on from there."""
    access = access_to(request, workspace, permission="manage_sources")
    return StopBody(stopped=stop_sync(access=access, name=source, now=request_time()))


@router.get(
    "/sources/{source}/syncs",
    response={200: SyncsBody, **PROBLEMS},
    operation_id="syncs",
    summary="List the syncs of a source",
)
def list_syncs(
    request: HttpRequest,
    workspace: Workspace,
    source: SourceName,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = PAGE_SIZE,
) -> SyncsBody:
    """Newest first."""
    access = _seeing(request, workspace, syncs=True)
    runs = SyncRun.objects.filter(source=source_named(access.workspace, source))
    start = (page - 1) * page_size
    return SyncsBody(syncs=[_sync(run) for run in runs[start : start + page_size]], total=runs.count())


@router.get(
    "/sources/{source}/syncs/{sync}",
    response={200: SyncBody, **PROBLEMS},
    operation_id="sync",
    summary="Describe one sync",
)
def show_sync(request: HttpRequest, workspace: Workspace, source: SourceName, sync: int) -> SyncBody:
    """How far it is, or what came of it."""
    access = _seeing(request, workspace, syncs=True)
    run = SyncRun.objects.filter(source=source_named(access.workspace, source), pk=sync).first()
    if run is None:
        raise NotFound(f'source "{source}" has no sync {sync}')
    return _sync(run)


def _opened(request: HttpRequest, workspace: str) -> Access:
    """Return the caller's access: a token of the scope `import` has no permission to view, and need not."""
    access = open_workspace(caller_of(request), workspace)
    if not access.allows("import_data"):
        access.require("view")
    return access


def _seeing(request: HttpRequest, workspace: str, *, syncs: bool = False) -> Access:
    """Return the access of somebody who may see sources; their syncs also for those who may start one."""
    access = _opened(request, workspace)
    if not (syncs and access.allows("import_data")):
        require_may_see(access)
    return access


def _body(access: Access, source: Source) -> SourceBody:
    manages = access.allows("manage_sources")
    return SourceBody(
        **_summary(line_of(access=access, source=source, now=request_time())),
        spec=source.spec if manages else None,
        secrets=sorted(source.secrets.values_list("field", flat=True)) if manages else None,
    )


def _summary(line: SourceLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "label": line.label,
        "type": line.kind,
        "state": line.state,
        "is_syncing": line.is_open,
        "streams": line.streams,
        "version": line.version,
        "last_at": line.last_at,
        "next_at": line.next_at,
        "rows_today": line.today,
        "held": line.held,
    }


def _sync(run: SyncRun) -> SyncBody:
    names = SyncBody.model_fields.keys() - {"id", "streams"}
    streams = {name: StreamOutcomeBody.model_validate(each) for name, each in run.streams.items()}
    return SyncBody(id=run.pk, streams=streams, **{name: getattr(run, name) for name in names})
