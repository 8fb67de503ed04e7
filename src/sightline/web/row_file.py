"""The rows behind a number as a file: all of them, or a refusal; never silently fewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.export import MEDIA, Export, Form, file_name, written
from sightline.dashboards.sheets import About, Heading, Kind, Sheet, in_zone
from sightline.dashboards.watermark import dataset_watermark, metrics_watermark
from sightline.errors import UserError
from sightline.lake.snapshot import Snapshot
from sightline.metrics.document import data_through
from sightline.metrics.freshness import freshness
from sightline.metrics.rows import LARGEST_PAGE, RowsPage, RowsRequest, rows_behind
from sightline.metrics.warehouse import warehouse_of

MOST_ROWS = 200_000
KINDS: dict[str, Kind] = {
    "integer": "integer",
    "number": "number",
    "decimal": "number",
    "date": "date",
    "timestamp": "datetime",
}


class TooManyRows(UserError):
    """More rows than one file should hold."""

    code = "SL-E068"


def row_file(wanted: RowsRequest, access: Access, *, form: Form, now: datetime, at: Snapshot) -> Export:
    """Return every row the viewer may export as a file."""
    access.require("export")
    first = _page(wanted, access, 1, now, at)
    if first.total > MOST_ROWS:
        raise TooManyRows(
            f"{first.total:,} rows are more than one file holds ({MOST_ROWS:,})", hint="Choose a shorter period."
        )
    limit = access.viewer.policy.export_limit
    found: list[tuple[Any, ...]] = list(first.rows)
    for number in range(2, first.pages + 1):
        if limit is not None and len(found) >= limit:
            break
        found += _page(wanted, access, number, now, at).rows
    kept = found if limit is None else found[:limit]
    zone = access.folder.catalog.settings.zone
    through = _through(first, access, now)
    sheet = Sheet(
        title=f"Rows of {first.label}",
        headings=tuple(Heading(column.label, KINDS.get(column.type, "text")) for column in first.columns),
        rows=in_zone(kept, zone),
        about=_about(first, wanted, access, len(kept), now, through),
        mark=_mark(wanted, access, now),
    )
    name = f"rows-{wanted.metric or first.dataset}"
    file = file_name(name, first.period, through=through, zone=zone, at=now, form=form)
    return Export(file, MEDIA[form], written(sheet, form), len(kept), first.total)


def _mark(wanted: RowsRequest, access: Access, now: datetime) -> About:
    catalog, viewer = access.folder.catalog, access.viewer
    if wanted.metric:
        return metrics_watermark((wanted.metric,), viewer, catalog=catalog, workspace=access.workspace, now=now)
    return dataset_watermark(wanted.dataset or "", viewer, catalog=catalog, workspace=access.workspace, now=now)


def _page(wanted: RowsRequest, access: Access, number: int, now: datetime, at: Snapshot) -> RowsPage:
    request = replace(wanted, page=number, page_size=LARGEST_PAGE)
    return rows_behind(request, access.viewer, warehouse=warehouse_of(access.folder), now=now, at=at)


def _through(first: RowsPage, access: Access, now: datetime) -> datetime | None:
    """Return the moment of the newest row of the dataset that the viewer may see."""
    warehouse = warehouse_of(access.folder)
    return data_through(
        freshness((first.dataset,), access.viewer, warehouse=warehouse, snapshot=first.snapshot, now=now)
    )


def _about(
    first: RowsPage, wanted: RowsRequest, access: Access, shown: int, now: datetime, through: datetime | None
) -> tuple[tuple[str, str], ...]:
    catalog = access.folder.catalog
    filters = "; ".join(f"{each.dimension}: {', '.join(map(str, each.values))}" for each in wanted.filters)
    lines = [
        ("Title", f"Rows of {first.label}" + (f" behind {wanted.metric}" if wanted.metric else "")),
        ("Period", dates.span(first.period)),
        ("Filters", filters or "none"),
        ("Condition", wanted.where or "none"),
        ("Time zone", catalog.settings.zone),
        ("Rows", f"{shown:,} of {first.total:,}"),
        ("Data through", dates.moment(through, zone=catalog.settings.zone) if through else "not dated"),
        ("Snapshot", str(first.snapshot.id)),
        ("Definitions", catalog.digest[:12]),
        ("Generated at", dates.moment(now, zone=catalog.settings.zone)),
        ("By", access.viewer.name),
    ]
    if shown < first.total:
        lines.append(("Limit", f"Your role may export {shown:,} rows; {first.total - shown:,} are left out."))
    return tuple(lines)
