"""The metric catalogue."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from sightline.api.auth import access_to
from sightline.api.paths import Workspace
from sightline.api.schemas.metric import MetricBody, MetricSummary
from sightline.api.schemas.problem import PROBLEMS
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.metrics.plan import dataset_of, leaves_of, operands
from sightline.metrics.warehouse import Warehouse, warehouse_of

router = Router(tags=["metrics"])


@router.get(
    "/metrics", response={200: list[MetricSummary], **PROBLEMS}, operation_id="metrics", summary="List the metrics"
)
def metrics(request: HttpRequest, workspace: Workspace) -> list[MetricSummary]:
    """Building blocks that packs hide from the catalogue are left out; they can be asked for all the same."""
    catalog = access_to(request, workspace).catalog
    return [summary_of(catalog, name) for name, metric in sorted(catalog.metrics.items()) if not metric.hidden]


@router.get(
    "/metrics/{metric}", response={200: MetricBody, **PROBLEMS}, operation_id="metric", summary="Describe one metric"
)
def metric(request: HttpRequest, workspace: Workspace, metric: str) -> MetricBody:
    """Its definition as written, what it is made of and what it can be grouped by."""
    access = access_to(request, workspace)
    catalog = access.catalog
    definition = catalog.metric(metric)
    return MetricBody(
        **summary_of(catalog, metric).model_dump(),
        definition=definition.model_dump(mode="json", exclude_defaults=True),
        location=str(catalog.locations.get(("metric", metric), "")),
        made_of=list(operands(definition)),
        dimensions=shared_dimensions(metric, warehouse_of(access.folder)),
    )


def summary_of(catalog: Catalog, name: str) -> MetricSummary:
    """Return what the list says of a metric."""
    metric = catalog.metric(name)
    return MetricSummary(
        name=name,
        label=label_of(name, metric.label),
        description=metric.description,
        type=metric.type,
        unit=metric.unit,
        direction=metric.direction,
        owner=metric.owner,
        group=metric.group,
        pack=catalog.pack_of.get(("metric", name), ""),
    )


def shared_dimensions(metric: str, warehouse: Warehouse) -> list[str]:
    """Return what a metric can be grouped by: the dimensions that everything it is made of has."""
    datasets = {dataset_of(leaf, warehouse.catalog) for leaf in leaves_of((metric,), warehouse.catalog).values()}
    reached = [set(warehouse.joins.dimensions(dataset)) for dataset in datasets]
    return sorted(name for name in set.intersection(*reached) if "__" not in name) if reached else []
