"""How one number stands, for the explanation of it: as on the page it was seen on, with its trend."""

from __future__ import annotations

from dataclasses import replace

from sightline.dashboards.about import About
from sightline.dashboards.answering import Asker
from sightline.dashboards.build import page_of
from sightline.dashboards.cadence import grain_of, recent_buckets
from sightline.dashboards.figures import figure
from sightline.dashboards.page import Page
from sightline.dashboards.parts import Standing
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import trend_of
from sightline.definitions.status_rules import status_rule
from sightline.metrics.answer import Answer


def number_standing(number: About, answer: Answer, *, asker: Asker) -> Standing:
    """Return status and reason of a number that the answer holds."""
    page = page_of("explain", number.selection, asker)
    cell = answer.cell(number.row(answer), number.metric)
    made = figure(cell, answer, page, place="tile")
    return standing(cell, made, page, trend=trend_of(cell, answer, _course(number, page, asker), page))


def _course(number: About, page: Page, asker: Asker) -> Answer | None:
    if number.question.grain is not None or not status_rule(number.metric, page.catalog).worse_for:
        return None
    grain = grain_of(page.catalog.metric(number.metric).cadence)
    question = replace(number.question, grain=grain, period=recent_buckets(grain, page), compare="none")
    found = asker.answer(question)
    return found if isinstance(found, Answer) else None
