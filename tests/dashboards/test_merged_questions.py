"""Questions asked together give exactly what they give apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_shop import NOW, warehouse_at

from sightline.dashboards.answering import Asker
from sightline.dashboards.merging import merged, narrowed
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.metrics import Answer, Question, QuestionError, Warehouse, ask

NAMES = ("leads", "wins", "win_rate", "spend", "cpl", "cohort_rate")


def asker(shop: Warehouse, how: Any = ask) -> Asker:
    return Asker(SYSTEM_VIEWER, shop, NOW, shop.lake.snapshot(), how)


@pytest.mark.parametrize("grain", [None, "week", "month"])
@pytest.mark.parametrize("compare", ["none", "previous_period"])
def test_together_and_apart_are_the_same_numbers(shop: Warehouse, grain: Any, compare: Any) -> None:
    questions = [Question(metrics=(name,), grain=grain, period="last_90_days", compare=compare) for name in NAMES]
    together = asker(shop).answers(questions)
    for question in questions:
        name = question.metrics[0]
        found, alone = together[question], ask(question, SYSTEM_VIEWER, warehouse=shop, now=NOW)
        assert isinstance(found, Answer)
        assert found.n_rows == alone.n_rows
        assert [found.cell(row, name) for row in range(found.n_rows)] == [
            alone.cell(row, name) for row in range(alone.n_rows)
        ]
        assert [column.name for column in found.columns] == [column.name for column in alone.columns]
        assert {source.dataset for source in alone.sources} == {source.dataset for source in found.sources}


def test_alike_questions_become_one_and_others_stay(shop: Warehouse) -> None:
    plain = [Question(metrics=(name,), period="last_90_days") for name in ("leads", "spend", "leads")]
    grouped = Question(metrics=("leads",), period="last_90_days", group_by=("program",))
    funnel = Question(metrics=("funnel",), period="last_90_days")
    endless = Question(metrics=("leads",), grain="week", period="all_time")
    found = merged([*plain, grouped, funnel, endless], catalog=shop.catalog)
    assert [question.metrics for question in found] == [("leads", "spend"), ("leads",), ("funnel",), ("leads",)]


def test_a_late_source_of_one_metric_does_not_make_another_look_late(tmp_path: Path) -> None:
    shop = warehouse_at(tmp_path)
    both = ask(Question(metrics=("leads", "spend"), period="last_90_days"), SYSTEM_VIEWER, warehouse=shop, now=NOW)
    late = tuple(replace(each, state="stale") if each.dataset == "leads" else each for each in both.sources)
    spend = narrowed(replace(both, sources=late), Question(metrics=("spend",), period="last_90_days"), first=True)
    assert {source.state for source in spend.sources} == {"fresh"}


def test_when_the_whole_fails_its_good_parts_are_answered(shop: Warehouse) -> None:
    def fails(question: Question, viewer: Viewer, **options: Any) -> Answer:
        if "spend" in question.metrics:
            raise QuestionError("no spend today")
        return ask(question, viewer, **options)

    leads, spend = (Question(metrics=(name,), period="last_90_days") for name in ("leads", "spend"))
    found = asker(shop, fails).answers([leads, spend])
    assert isinstance(found[leads], Answer)
    assert getattr(found[spend], "text", "") == "no spend today"
