"""A tile: one figure with its change, its course and its target."""

from __future__ import annotations

from sightline.dashboards.figures import bullet, delta, figure, spark
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked, recent
from sightline.dashboards.panel_views import TileView
from sightline.dashboards.panels.frame import Answers, frame
from sightline.dashboards.parts import Spark
from sightline.dashboards.reading import buckets, cells, partial
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import planned_course, trend_of
from sightline.definitions.schema.dashboard import TilePanel


def plan(panel: TilePanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the figure's question and the sparkline's."""
    questions = [PlannedQuestion("figure", asked(panel, slot.selection, (panel.tile,), compare=True))]
    if panel.sparkline and slot.catalog.metric(panel.tile).type != "funnel":
        period, grain = recent(slot.selection, panel, panel.sparkline)
        questions += [PlannedQuestion("spark", asked(panel, slot.selection, (panel.tile,), grain=grain, period=period))]
    return (*questions, *planned_course(panel, panel.tile, slot))


def view(panel: TilePanel, *, slot: Slot, answers: Answers) -> TileView:
    """Return the tile. An open period says so in the title and compares with the same point."""
    answer, page = answers["figure"], slot.page
    cell = answer.cell(0, panel.tile)
    title = panel.title or page.label(panel.tile)
    about = frame(panel, slot=slot, answer=answer, metrics=(panel.tile,), title=title)
    about["title"] = f"{title}, to date" if answer.is_open and answer.period.start else title
    about["span"] = panel.span or 2
    made = figure(cell, answer, page, place="tile")
    stands = standing(cell, made, page, trend=trend_of(cell, answer, answers.get("course"), page))
    return TileView(
        **about,
        figure=made,
        standing=stands if stands.is_told or (panel.status and stands.is_well) else None,
        delta=delta(cell, answer, page),
        spark=_course(panel, page, answers),
        bullet=bullet(cell, page, stands),
        metric=panel.tile,
    )


def _course(panel: TilePanel, page: Page, answers: Answers) -> Spark | None:
    answer = answers.get("spark")
    if answer is None or answer.question.grain is None or not answer.n_rows:
        return None
    values = [cell.value for cell in cells(answer, panel.tile)]
    open_end = partial(buckets(answer)[-1], answer.question.grain, answer, page)
    return spark(values, label=page.label(panel.tile), open_end=open_end)
