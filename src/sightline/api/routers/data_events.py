"""Data events: late sources, unusual days, changed columns, counts that differ, incomplete data."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from sightline.accounts.access import open_workspace
from sightline.api.auth import caller_of
from sightline.api.paths import Workspace
from sightline.api.schemas.data_events import DataEventBody, DataEventsBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.ingest.event_list import EventState, data_events

router = Router(tags=["sources"])

PAGE_SIZE = 50


@router.get(
    "/data-events",
    response={200: DataEventsBody, **PROBLEMS},
    operation_id="data_events",
    summary="List what people should know of data that came in",
)
def list_data_events(
    request: HttpRequest,
    workspace: Workspace,
    state: EventState = "open",
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = PAGE_SIZE,
) -> DataEventsBody:
    """For those who manage sources or see what was held; about datasets for those who see every row of them."""
    access = open_workspace(caller_of(request), workspace)
    found = data_events(access=access, state=state, page=page, page_size=page_size)
    return DataEventsBody(events=[DataEventBody(**vars(each)) for each in found.events], total=found.total)
