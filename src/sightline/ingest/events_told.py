"""Which data events somebody may be told of: it tells of all rows, so whoever sees some is told nothing."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sightline.accounts.access import Access
from sightline.definitions.lineage import datasets_behind
from sightline.ingest.completeness import KIND
from sightline.ingest.models import DataEvent


def events_told(access: Access) -> QuerySet[DataEvent]:
    """Return the events about sources, and those about datasets of which the viewer sees every row.

    That data is incomplete is told with the figure of a metric: only to who sees all that it is computed from.
    """
    catalog, policy = access.folder.catalog, access.viewer.policy
    whole = {name for name in catalog.datasets if policy.rows_of(name) == "all"}
    found = DataEvent.objects.filter(workspace=access.workspace).filter(Q(dataset="") | Q(dataset__in=whole))
    for name, metric in catalog.metrics.items():
        if metric.completeness is not None and not datasets_behind(catalog.metrics, name) <= whole:
            about = Q(subject=name) | Q(subject__startswith=f"{name} ")
            found = found.exclude(Q(kind=KIND) & about)
    return found
