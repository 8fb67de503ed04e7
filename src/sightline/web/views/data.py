"""Datasets: what is loaded, how fresh, what was kept out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.freshness import reached
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.ingest.entries import sees_entries
from sightline.ingest.models import ImportRun
from sightline.ingest.own_rows import may_enter
from sightline.ingest.quarantine import held_rows, sees_held
from sightline.metrics.freshness import freshness
from sightline.metrics.result import SourceState
from sightline.metrics.warehouse import warehouse_of
from sightline.web.freshness import freshness_of
from sightline.web.guards import member
from sightline.web.member_freshness import member_freshness
from sightline.web.page import page

RUNS = 10


@dataclass(frozen=True)
class DatasetLine:
    """One dataset as the table shows it. `held` is None when the viewer may not know."""

    name: str
    label: str
    description: str
    state: str
    through: str
    loaded: str
    rows: str
    held: int | None
    can_open: bool


@require_GET
@member("view")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the datasets with their freshness, and the last imports."""
    now, catalog = timezone.now(), access.catalog
    snapshot = access.folder.lake.snapshot()
    warehouse = warehouse_of(access.folder)
    states = freshness(catalog.filled, access.viewer, warehouse=warehouse, snapshot=snapshot, now=now)
    today = now.astimezone(ZoneInfo(catalog.settings.zone)).date()
    lines = [_line(access, catalog.datasets[state.dataset], state, today) for state in states]
    runs = ImportRun.objects.filter(workspace=access.workspace)[:RUNS] if sees_imports(access) else []
    return page(
        request,
        "web/pages/data.html",
        title="Datasets",
        access=access,
        current="data",
        crumbs=(("Data", ""),),
        lines=lines,
        late=[line for line in lines if line.state in ("late", "stale")],
        runs=runs,
        fresh_tables=member_freshness(access, now=now),
        snapshot=snapshot,
        can_import=access.allows("import_data"),
        can_edit=access.allows("edit_data"),
        freshness=freshness_of(access, now),
    )


@require_GET
@member("view")
def dataset(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Return one dataset: its columns, checks and joins, as they are defined."""
    definition = access.catalog.dataset(name)
    return page(
        request,
        "web/pages/dataset.html",
        title=label_of(name, definition.label),
        access=access,
        current="data",
        crumbs=(("Datasets", f"/w/{access.workspace}/data"),),
        dataset=definition,
        may_enter=may_enter(access, name),
        sees_entries=sees_entries(access, name) or may_enter(access, name),
        columns=[(label_of(key, column.label), key, column) for key, column in definition.columns.items()],
        location=access.folder.catalog.locations.get(("dataset", name), ""),
    )


def sees_imports(access: Access) -> bool:
    """Return whether somebody may see what was loaded when."""
    return access.allows("import_data") or access.allows("see_quarantine")


def _line(access: Access, dataset: Dataset, state: SourceState, today: date) -> DatasetLine:
    zone = access.folder.catalog.settings.zone
    held = (
        held_rows(access=access, dataset=dataset.name, page_size=1).total if sees_held(access, dataset.name) else None
    )
    return DatasetLine(
        name=dataset.name,
        label=state.label,
        description=dataset.description,
        state=state.state,
        through=reached(state, catalog=access.folder.catalog, today=today) if state.data_through else "–",
        loaded=dates.moment(state.loaded_at, zone=zone, today=today) if state.loaded_at else "–",
        rows=f"{state.rows:,}" if state.state != "empty" else "–",
        held=held,
        can_open=access.allows("see_rows"),
    )
