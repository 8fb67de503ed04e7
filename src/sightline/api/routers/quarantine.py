"""Rows that were kept out, and dealing with them."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from sightline.api.auth import Bearer, access_to, admin_access_to, note_access, request_time
from sightline.api.paths import Workspace
from sightline.api.schemas.problem import PROBLEMS
from sightline.api.schemas.quarantine import FixBody, HeldRowBody, HeldRowsBody, ReplayBody, SettleBody, SettledBody
from sightline.ingest.actions.settle_held import discard_rows, fix_row, release_rows, replay_rows
from sightline.ingest.quarantine import PAGE_SIZE, held_rows
from sightline.lake.quarantine import HeldFilter

router = Router(tags=["datasets"])


@router.get(
    "/quarantine/{dataset}",
    response={200: HeldRowsBody, **PROBLEMS},
    operation_id="held_rows",
    summary="List rows that were kept out",
)
def list_held_rows(
    request: HttpRequest,
    workspace: Workspace,
    dataset: str,
    run: Annotated[str, Query(max_length=400, description="Only of this run.")] = "",
    check: Annotated[str, Query(max_length=40, description="Only those that broke this kind of check.")] = "",
    search: Annotated[str, Query(max_length=200, description="Only with this text in a reason.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=1000)] = PAGE_SIZE,
) -> HeldRowsBody:
    """Newest first. For those who may see every row of the dataset; records only where nothing is masked."""
    access = access_to(request, workspace, permission="see_quarantine")
    wanted = HeldFilter(run=run or None, check=check, search=search)
    found = held_rows(access=access, dataset=dataset, wanted=wanted, page=page, page_size=page_size)
    note_access(access, request, verb="held rows seen", thing=dataset)
    return HeldRowsBody(rows=[HeldRowBody.of(row) for row in found.rows], total=found.total)


@router.post(
    "/quarantine/{dataset}/replay",
    response={200: SettledBody, **PROBLEMS},
    operation_id="replay_held_rows",
    summary="Try held rows again",
    auth=Bearer(),
)
def replay(request: HttpRequest, workspace: Workspace, dataset: str, body: ReplayBody) -> SettledBody:
    """With the map as it stands now. What is still wrong is held again. Scope `import` or `admin`."""
    access = access_to(request, workspace, permission="edit_data")
    settled = replay_rows(access=access, dataset=dataset, ids=body.ids, now=request_time(), reason=body.reason)
    return SettledBody.of(settled)


@router.post(
    "/quarantine/{dataset}/release",
    response={200: SettledBody, **PROBLEMS},
    operation_id="release_held_rows",
    summary="Release held rows in spite of their checks",
    auth=Bearer(),
)
def release(request: HttpRequest, workspace: Workspace, dataset: str, body: SettleBody) -> SettledBody:
    """What cannot be stored or told apart is held again all the same. Scope `admin`."""
    access = admin_access_to(request, workspace, permission="edit_data")
    settled = release_rows(access=access, dataset=dataset, ids=body.ids, now=request_time(), reason=body.reason)
    return SettledBody.of(settled)


@router.post(
    "/quarantine/{dataset}/discard",
    response={200: SettledBody, **PROBLEMS},
    operation_id="discard_held_rows",
    summary="Discard held rows",
    auth=Bearer(),
)
def discard(request: HttpRequest, workspace: Workspace, dataset: str, body: SettleBody) -> SettledBody:
    """They are not offered again; who discarded them and why stays in the audit log. Scope `admin`."""
    access = admin_access_to(request, workspace, permission="edit_data")
    settled = discard_rows(access=access, dataset=dataset, ids=body.ids, now=request_time(), reason=body.reason)
    return SettledBody.of(settled)


@router.post(
    "/quarantine/{dataset}/fix",
    response={200: SettledBody, **PROBLEMS},
    operation_id="fix_held_row",
    summary="Store a held row with other values",
    auth=Bearer(),
)
def fix(request: HttpRequest, workspace: Workspace, dataset: str, body: FixBody) -> SettledBody:
    """For those who see all of the record. A row that is still wrong is held again. Scope `admin`."""
    access = admin_access_to(request, workspace, permission="edit_data")
    settled = fix_row(
        access=access, dataset=dataset, row=body.id, values=body.values, now=request_time(), reason=body.reason
    )
    return SettledBody.of(settled)
