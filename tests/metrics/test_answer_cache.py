"""Answers are kept by question, policy, definitions, data and day: never stale, never shared across policies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from small_company import answer, company, event, person, utc, value, viewer
from tiny_workspace import LOADED, table_of

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.ask import ask
from sightline.metrics.members import members
from sightline.metrics.question import Filter, Question
from sightline.metrics.warehouse import Warehouse


def publish(warehouse: Warehouse, dataset: str, rows: list[dict[str, object]], run: str) -> None:
    spec = warehouse.catalog.dataset(dataset)
    assert isinstance(warehouse.lake, Lake)
    publish_table(warehouse.lake, spec, table_of(spec, rows), zone="UTC", now=LOADED, run=run)


@pytest.mark.req("PLT-10")
def test_the_same_question_is_answered_from_memory_and_just_the_same(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-01")])
    first = answer(warehouse, "people", group_by=("team",))
    hits = warehouse.cache.hits
    second = answer(warehouse, "people", group_by=("team",), now="2025-06-15T18:00")
    assert warehouse.cache.hits > hits
    assert second.rows() == first.rows()
    assert (second.cell(0, "people"), second.asked_at) == (first.cell(0, "people"), utc("2025-06-15T18:00"))


@pytest.mark.req("PLT-10", "PLT-3")
def test_new_data_is_seen_at_once_and_the_old_can_still_be_read(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-01")])
    before = warehouse.lake.snapshot()
    assert value(warehouse, "people") == 1
    assert [each.key for each in members("person", SYSTEM_VIEWER, warehouse=warehouse)] == ["a"]
    publish(warehouse, "people", [person("b", "2025-05-02"), person("a", "2025-05-01", team="blue")], "second")
    after = answer(warehouse, "people", group_by=("team",))
    assert {row[0]: row[2] for row in after.rows()} == {"blue": 1, "red": 1}
    assert after.snapshot.id > before.id
    assert len(members("person", SYSTEM_VIEWER, warehouse=warehouse)) == 2
    old = ask(Question(("people",)), SYSTEM_VIEWER, warehouse=warehouse, now=utc("2025-06-15"), at=before)
    assert (old.cell(0, "people").value, old.snapshot.id, old.sources[0].rows) == (1, before.id, 1)


@pytest.mark.req("PLT-10", "PLT-3.2")
def test_tomorrow_is_another_question(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-06-14"), person("b", "2025-06-15")])
    assert value(warehouse, "people", period="yesterday", now="2025-06-15T23:59") == 1
    assert value(warehouse, "people", period="yesterday", now="2025-06-16T00:01") == 1
    assert value(warehouse, "people", period="last_7_days", now="2025-06-15T23:59") == 1
    assert value(warehouse, "people", period="last_7_days", now="2025-06-16T00:01") == 2
    noon = answer(warehouse, "people", grain="hour", period="today", now="2025-06-15T12:59")
    later = answer(warehouse, "people", grain="hour", period="today", now="2025-06-15T13:00")
    assert (noon.n_rows, later.n_rows) == (13, 14)


@pytest.mark.req("PRG-4.1", "PLT-10")
def test_people_with_different_rules_masks_or_attributes_never_share_an_answer(tmp_path: Path) -> None:
    people = [person("a", "2025-05-01"), person("b", "2025-05-01", team="blue"), person("c", "2025-05-01", team="blue")]
    warehouse = company(tmp_path, people=people)
    rule = {"*": "team in $user.team"}
    cast = {
        3: viewer({"*": "all"}),
        1: viewer(rule, team=("red",)),
        2: viewer(rule, team=("blue",)),
        0: viewer(rule, team=()),
    }
    for _ in range(2):
        for count, who in cast.items():
            assert value(warehouse, "people", viewer=who) == count
            assert len(members("person", who, warehouse=warehouse)) == count
    plain, hidden = viewer({"*": "all"}, masks={"*": "show"}), viewer({"*": "all"}, masks={"*": "hide"})
    assert {row[0] for row in answer(warehouse, "people", group_by=("name",), viewer=plain).rows()} == {"A", "B", "C"}
    assert {row[0] for row in answer(warehouse, "people", group_by=("name",), viewer=hidden).rows()} == {None}


@pytest.mark.req("PLT-3", "PLT-10")
def test_changed_definitions_are_another_question(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-01")])
    assert value(warehouse, "people") == 1
    catalog = warehouse.catalog
    metric = catalog.metric("people").model_copy(update={"where": "origin = 'web'"})
    changed = replace(catalog, metrics={**catalog.metrics, "people": metric}, digest="another")
    assert value(replace(warehouse, catalog=changed), "people") == 0


@pytest.mark.req("PLT-10")
def test_twenty_people_asking_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    people = [person(f"p{n}", f"2025-05-{1 + n % 28:02d}", team=("red", "blue")[n % 2], score=n) for n in range(60)]
    events = [
        event(f"e{n}", f"p{n % 60}", ("visit", "buy")[n % 3 == 0], f"2025-05-{1 + n % 28:02d}") for n in range(200)
    ]
    warehouse = company(tmp_path, people=people, events=events)

    def asked(number: int) -> tuple[int, float | None, float | None]:
        who = viewer({"*": "team in $user.team"}, team=(("red", "blue")[number % 2],))
        held = (Filter("score", (number,), ">="),)
        return (
            number,
            value(warehouse, "people", filters=held, viewer=who),
            value(warehouse, "events", where=f"kind = 'buy' and score < {number}", viewer=who),
        )

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(asked, [*range(60), *range(60)]))
    for number, many, bought in results:
        own = {row["person_id"]: row["score"] for row in people if row["score"] % 2 == number % 2}
        assert many == sum(score >= number for score in own.values())
        assert bought == sum(
            each["kind"] == "buy" and each["person_id"] in own and own[each["person_id"]] < number for each in events
        )
