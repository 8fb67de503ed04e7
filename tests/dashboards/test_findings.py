"""The sentence a page opens with, of one metric: what it is, how it stands and how it moved."""

from __future__ import annotations

import pytest

from panel_club import NOW, TODAY, rows_of
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import Finding
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("PLT-4", "EXE-1")


def opening(club: Warehouse, finding: dict[str, object], **chosen: str) -> list[tuple[str, bool]]:
    dashboard = club.catalog.dashboard("board").model_copy(
        update={"finding": Finding.model_validate(finding), "standfirst": "Said before."}
    )
    selection = parse(
        {name: [text] for name, text in chosen.items()}, dashboard=dashboard, catalog=club.catalog
    ).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=club, now=NOW, problems=("findings",))
    return list(view.standfirst.parts)


def test_it_says_figure_standing_and_change(club: Warehouse) -> None:
    values = [float(str(row["value"])) for row in rows_of(TODAY)["entries"] if row["kpi"] == "turnover"]
    newest = values[-1]  # of 1 November, the only one in the 90 days up to 22 January
    claim, stands, *rest = opening(club, {"metric": "turnover"})
    assert claim == (f"Staff turnover is {100 * newest:.1f}%", True)
    assert stands == (", on watch: 5% to 10%", False)
    assert rest[0] == (".", False)


def test_without_a_figure_the_standfirst_stays(club: Warehouse) -> None:
    assert opening(club, {"metric": "turnover"}, period="2019-01-01..2019-01-31") == [("Said before.", False)]
