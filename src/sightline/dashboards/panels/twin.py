"""The table that says the same as a chart, and how the chart's axes are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sightline.charts.series import Axis
from sightline.dashboards.formats import plural
from sightline.dashboards.parts import Figure
from sightline.dashboards.units import Unit
from sightline.dashboards.view import Cell, Column, Row, RowGroup, TableView

Shown = Figure | str
"""What stands in one cell of a twin: a figure, or words."""
Lines = list[tuple[str, list[Shown]]]


def axis_of(unit: Unit) -> Axis:
    """Return how a chart writes numbers of this unit."""
    return Axis(prefix=unit.prefix, suffix="" if unit.is_rate else unit.suffix, percent=unit.is_rate)


def twin(about: dict[str, Any], *, columns: Sequence[Column], rows: Lines) -> TableView:
    """Return the table of a chart. Each row is its heading and a figure or words per further column."""
    made = [Row(heading, (Cell(heading, heading), *(_cell(each) for each in cells))) for heading, cells in rows]
    return table_beside(about, columns=columns, rows=made)


def table_beside(about: dict[str, Any], *, columns: Sequence[Column], rows: Sequence[Row]) -> TableView:
    """Return the table that stands behind a drawing, made of finished rows."""
    made = tuple(rows)
    fields = {**about, "id": f"{about['id']}-table", "note": "", "notes": (), "finding": ""}
    title = about["title"]
    return TableView(
        **fields,
        caption=f"{title}, {plural(len(made), 'row')}",
        columns=tuple(columns),
        groups=(RowGroup("", made),),
        total_rows=len(made),
        shown_rows=len(made),
    )


def _cell(shown: Shown) -> Cell:
    return Cell(shown, shown) if isinstance(shown, str) else Cell(shown.text, shown.value, figure=shown)
