"""Values entered by hand, and members archived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from sightline.accounts.access import Access
from sightline.api.auth import Bearer, access_to, admin_access_to, note_access, request_time
from sightline.api.paths import Workspace
from sightline.api.schemas.entries import ArchiveBody, ChangeBody, EnterBody, EnteredBody, EntriesBody, EntryBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.ingest.actions.archive_member import home_of_members, set_archived
from sightline.ingest.actions.enter_values import Change, enter_values
from sightline.ingest.entries import PAGE_SIZE, as_seen, entries_of

router = Router(tags=["datasets"])


@router.get(
    "/datasets/{dataset}/entries",
    response={200: EntriesBody, **PROBLEMS},
    operation_id="entries",
    summary="List what was entered by hand",
)
def list_entries(
    request: HttpRequest,
    workspace: Workspace,
    dataset: str,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=1000)] = PAGE_SIZE,
) -> EntriesBody:
    """Newest first. All for those who may see every row, with nothing masked; who enters own rows sees own entries."""
    access = access_to(request, workspace)
    found = entries_of(access=access, dataset=dataset, page=page, page_size=page_size)
    note_access(access, request, verb="entries seen", thing=dataset)
    bodies = [EntryBody.model_validate(each, from_attributes=True) for each in found.entries]
    return EntriesBody(entries=bodies, total=found.total)


@router.post(
    "/datasets/{dataset}/entries",
    response={200: EnteredBody, **PROBLEMS},
    operation_id="enter_values",
    summary="Enter values by hand",
    auth=Bearer(),
)
def enter(request: HttpRequest, workspace: Workspace, dataset: str, body: EnterBody) -> EnteredBody:
    """All rows are entered, or none: one that breaks a check stops the whole. Scope `admin`."""
    access = admin_access_to(request, workspace, permission="edit_data")
    done = enter_values(
        access=access,
        dataset=dataset,
        rows=body.texts,
        reason=body.reason,
        now=request_time(),
        effective_on=body.effective_on,
        dry_run=body.dry_run,
    )
    return EnteredBody(changes=_changes(access, dataset, done.changes), snapshot=done.snapshot)


@router.post(
    "/members/{entity}/{key}/archive",
    response={200: EnteredBody, **PROBLEMS},
    operation_id="archive_member",
    summary="Archive or restore a member",
    auth=Bearer(),
)
def archive(request: HttpRequest, workspace: Workspace, entity: str, key: str, body: ArchiveBody) -> EnteredBody:
    """An archived member is not offered to choose from; its rows still count. Scope `admin`."""
    access = admin_access_to(request, workspace, permission="edit_data")
    done = set_archived(
        access=access, entity=entity, key=key, archived=body.archived, reason=body.reason, now=request_time()
    )
    dataset = home_of_members(access.folder.catalog, entity)
    changes = _changes(access, dataset.name, done.changes) if dataset else []
    return EnteredBody(changes=changes, snapshot=done.snapshot)


def _changes(access: Access, dataset: str, changes: Sequence[Change]) -> list[ChangeBody]:
    """Return changes as the caller may see them."""
    seen = as_seen(access, access.folder.catalog.dataset(dataset), changes)
    return [ChangeBody(key=dict(each.key), before=_plain(each), after=dict(each.after)) for each in seen]


def _plain(change: Change) -> dict[str, str | None] | None:
    return None if change.before is None else dict(change.before)
