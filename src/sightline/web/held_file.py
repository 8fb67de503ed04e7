"""Held rows as a file: those the filters show, with the reasons; records only for those who may see all of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.export import MEDIA, Export, Form, written
from sightline.dashboards.sheets import Heading, Sheet
from sightline.definitions.schema.base import label_of
from sightline.errors import UserError
from sightline.ingest.held_origins import origins_of
from sightline.ingest.quarantine import held_rows
from sightline.web.held_lines import Chosen, kind_words

MOST_ROWS = 50_000
HEADINGS = (
    Heading("Row", "integer"),
    Heading("From", "text"),
    Heading("Run", "text"),
    Heading("Check", "text"),
    Heading("Reason", "text"),
    Heading("Field", "text"),
    Heading("Value", "text"),
    Heading("Held at", "datetime"),
    Heading("Record", "text"),
)


class TooManyHeld(UserError):
    """More held rows than one file should hold."""

    code = "SL-E413"


def held_file(chosen: Chosen, access: Access, *, form: Form, now: datetime) -> Export:
    """Return the held rows that the address shows, all pages of them, as far as the role may export."""
    access.require("export")
    limit = access.viewer.policy.export_limit
    most = MOST_ROWS if limit is None else min(MOST_ROWS, limit)
    found = held_rows(access=access, dataset=chosen.dataset, wanted=chosen.wanted, page_size=most)
    if found.total > MOST_ROWS:
        raise TooManyHeld(
            f"{found.total:,} rows are more than one file holds ({MOST_ROWS:,})", hint="Choose one run or one check."
        )
    zone = access.folder.catalog.settings.zone
    origins = origins_of(access.workspace, {row.run for row in found.rows})
    lines = tuple(
        (
            row.row,
            origins[row.run].label,
            row.run,
            kind_words(row.checks),
            row.reasons,
            row.columns,
            row.value,
            row.at.astimezone(ZoneInfo(zone)),
            row.record,
        )
        for row in found.rows
    )
    sheet = Sheet("Quarantine", HEADINGS, lines, _about(chosen, access, len(lines), found.total, now))
    name = f"quarantine-{chosen.dataset}-{dates.stamp(now, zone=zone)}.{form.partition('_')[0]}"
    return Export(name, MEDIA[form], written(sheet, form), len(lines), found.total)


def _about(chosen: Chosen, access: Access, shown: int, total: int, now: datetime) -> tuple[tuple[str, str], ...]:
    catalog = access.folder.catalog
    dataset = catalog.dataset(chosen.dataset)
    filters = {"Run": chosen.wanted.run, "Check": chosen.wanted.check, "Reason": chosen.wanted.search}
    return (
        ("Title", f"Rows of {label_of(dataset.name, dataset.label)} in quarantine"),
        ("Filters", "; ".join(f"{name}: {value}" for name, value in filters.items() if value) or "none"),
        ("Time zone", catalog.settings.zone),
        ("Rows", f"{shown:,} of {total:,}"),
        ("Generated at", dates.moment(now, zone=catalog.settings.zone)),
        ("By", access.viewer.name),
    )
