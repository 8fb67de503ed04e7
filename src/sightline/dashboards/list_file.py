"""A list of rows as a sheet: every row the viewer may export, and what they are."""

from __future__ import annotations

from dataclasses import replace

from sightline.dashboards import dates
from sightline.dashboards.answering import Asker, Failure
from sightline.dashboards.build import PlannedPanel
from sightline.dashboards.page import Page
from sightline.dashboards.panels.list_table import ROWS
from sightline.dashboards.sheets import About, Sheet, in_zone
from sightline.dashboards.table_sheet import sheet_of, table_of
from sightline.errors import NotAllowed, UserError
from sightline.metrics.answer import Answer
from sightline.metrics.rows import LARGEST_PAGE, RowsPage


class ListError(UserError):
    """The list cannot be exported as asked."""

    code = "SL-E420"


def list_rows(planned: PlannedPanel, asker: Asker) -> RowsPage:
    """Return all rows of a list as one page, up to the viewer's limit. Raises NotAllowed or ListError."""
    request = replace(planned.rows[0].request, page_size=LARGEST_PAGE)
    first = _page(asker.rows(request))
    limit = asker.viewer.policy.export_limit
    found, names = list(first.rows), list(first.names)
    for number in range(2, first.pages + 1):
        if limit is not None and len(found) >= limit:
            break
        more = _page(asker.rows(replace(request, page=number)))
        found += more.rows
        names += more.names
    return replace(first, rows=tuple(found[:limit]), names=tuple(names[:limit]))


def list_sheet(planned: PlannedPanel, rows: RowsPage, asker: Asker, *, title: str, page: Page) -> Sheet:
    """Return the list as the page shows it, with all its rows."""
    slot = replace(planned.slot, rows={ROWS: rows})
    more = planned.kind.follow(planned.panel, slot=slot) if planned.kind.follow else ()
    found = asker.answers(each.question for each in more)
    answers = {each.key: answer for each in more if isinstance(answer := found[each.question], Answer)}
    view = planned.kind.view(planned.panel, slot=slot, answers=answers)
    table = table_of(view)
    if table is None:
        raise ListError("this list has no rows to export", hint="Clear a filter.")
    sheet = sheet_of(table, title=title)
    kept = in_zone(sheet.rows, page.catalog.settings.zone)
    return replace(sheet, rows=kept, mark=page.mark, about=_about(planned, rows, asker, title=title, page=page))


def _page(found: RowsPage | Failure) -> RowsPage:
    if isinstance(found, RowsPage):
        return found
    if found.denied:
        raise NotAllowed(found.text, hint=found.hint)
    raise ListError(found.text, hint=found.hint or "Open the panel to see why.")


def _about(planned: PlannedPanel, rows: RowsPage, asker: Asker, *, title: str, page: Page) -> About:
    request, zone = planned.rows[0].request, page.catalog.settings.zone
    held = [(page.dimension(each.dimension), ", ".join(map(str, each.values))) for each in request.filters]
    filters = "; ".join(f"{label}: {values}" for label, values in held)
    shown = len(rows.rows)
    lines = [
        ("Title", title),
        ("Period", dates.span(rows.period)),
        ("Filters", filters or "none"),
        ("Condition", request.where or "none"),
        ("Time zone", zone),
        ("Rows", f"{shown:,} of {rows.total:,}" if shown < rows.total else f"{shown:,}, all of them"),
        ("Snapshot", str(rows.snapshot.id)),
        ("Definitions", page.catalog.digest[:12]),
        ("Generated at", dates.moment(asker.now, zone=zone)),
        ("By", asker.viewer.name),
    ]
    if shown < rows.total:
        lines.append(("Limit", f"Your role may export {shown:,} rows; {rows.total - shown:,} are left out."))
    return tuple(lines)
