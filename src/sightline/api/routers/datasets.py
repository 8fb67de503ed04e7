"""Datasets: what they hold and how fresh they are."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from sightline.accounts.access import Access
from sightline.api.auth import access_to, request_time
from sightline.api.paths import Workspace
from sightline.api.schemas.dataset import DatasetBody, DatasetColumn, DatasetSummary
from sightline.api.schemas.problem import PROBLEMS
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.metrics.freshness import freshness
from sightline.metrics.warehouse import warehouse_of

router = Router(tags=["datasets"])


@router.get(
    "/datasets", response={200: list[DatasetSummary], **PROBLEMS}, operation_id="datasets", summary="List the datasets"
)
def datasets(request: HttpRequest, workspace: Workspace) -> list[DatasetSummary]:
    """Every dataset of the workspace, with the state of its published version."""
    access = access_to(request, workspace)
    return [summary_of(access, definition) for _, definition in sorted(access.catalog.datasets.items())]


@router.get(
    "/datasets/{dataset}",
    response={200: DatasetBody, **PROBLEMS},
    operation_id="dataset",
    summary="Describe one dataset",
)
def dataset(request: HttpRequest, workspace: Workspace, dataset: str) -> DatasetBody:
    """Its columns as declared."""
    access = access_to(request, workspace)
    definition = access.catalog.dataset(dataset)
    columns = [
        DatasetColumn(
            name=name,
            label=label_of(name, column.label),
            description=column.description,
            type=column.type,
            dimension=column.dimension,
            pii=column.pii,
            unit=column.unit,
        )
        for name, column in definition.columns.items()
    ]
    return DatasetBody(**summary_of(access, definition).model_dump(), columns=columns)


def summary_of(access: Access, definition: Dataset) -> DatasetSummary:
    """Return what the list says of a dataset: rows and freshness are those of the rows the caller may see."""
    warehouse = warehouse_of(access.folder)
    snapshot = warehouse.lake.snapshot()
    (source,) = freshness((definition.name,), access.viewer, warehouse=warehouse, snapshot=snapshot, now=request_time())
    published = snapshot.datasets.get(definition.name)
    return DatasetSummary(
        name=definition.name,
        label=source.label,
        description=definition.description,
        time=definition.time,
        key=list(definition.key_columns),
        rows=source.rows,
        version=published.version if published else None,
        data_through=source.data_through,
        loaded_at=source.loaded_at,
        state=source.state,
    )
