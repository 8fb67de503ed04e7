"""The page of datasets says how fresh each school and program is, the late ones first, as far as the viewer may see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from page_audit import problems_of

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.home import Home
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import warehouse_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRG-1.5")]
PAGE = "/w/demo/data"


def table(page: str, entity: str) -> list[list[str]]:
    """Return the rows of a table of freshness as text."""
    (body,) = re.findall(rf'aria-labelledby="fr-{entity}" tabindex.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr data-row>(.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def test_the_oldest_come_first_with_the_hours_that_are_answered_when_asked(
    company_home: Path, as_: Callable[[str], Client]
) -> None:
    page = as_("owner").get(PAGE).content.decode()
    assert problems_of(page) == []
    for entity in ("school", "program"):
        question = Question(("lead_age", "spend_age"), group_by=(entity,))
        warehouse = warehouse_of(Home.open(company_home).workspace("demo"))
        answer = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=datetime.now(UTC))
        hours = {
            answer.value(row, f"{entity}_label"): [answer.value(row, name) for name in question.metrics]
            for row in range(answer.n_rows)
        }
        shown = table(page, entity)
        assert len(shown) == min(8, len(hours))
        assert all(re.sub(r"\D", "", row[1]) == f"{hours[row[0]][0]:.0f}" for row in shown)
        oldest = [max(each for each in hours[row[0]] if each is not None) for row in shown]
        assert oldest == sorted(oldest, reverse=True)


def test_a_partner_reads_of_the_own_school_only(as_: Callable[[str], Client]) -> None:
    page = as_("partner").get(PAGE).content.decode()
    assert len(table(page, "school")) == 1
    everything = as_("owner").get(PAGE).content.decode()
    assert len(table(everything, "school")) > 1
