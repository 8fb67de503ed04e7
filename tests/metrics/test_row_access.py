"""Row policy: what no rule allows does not exist, on every way to a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_company import METRICS, answer, company, event, person, utc, value, values, viewer

from sightline.definitions.policy import NOTHING, Viewer
from sightline.errors import NotAllowed
from sightline.metrics.members import members
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

NOW = utc("2025-06-15T12:00")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    people = [
        person("r1", "2025-05-01", origin="web", active=True),
        person("r2", "2025-05-02", origin="fair", active=False),
        person("b1", "2025-05-03", team="blue", origin="web"),
        person("n1", "2025-05-04", team=None, origin=None),
    ]
    events = [event(f"e{n}", who, "buy", "2025-05-10") for n, who in enumerate(["r1", "b1", "b1", "n1", None])]
    return company(tmp_path_factory.mktemp("access"), people=people, events=events)


def seen(warehouse: Warehouse, who: Viewer) -> tuple[float | None, float | None]:
    return value(warehouse, "people", viewer=who), value(warehouse, "events", viewer=who)


@pytest.mark.req("PRG-4.1", "PLT-3")
@pytest.mark.parametrize(
    ("rule", "attributes", "people", "events"),
    [
        ("team in $user.team", {"team": ("red",)}, 2, 1),
        ("team in $user.team", {"team": ("red", "blue")}, 3, 3),
        ("team in $user.team", {"team": ()}, 0, 0),
        ("team in $user.team", {}, 0, 0),
        ("team = $user.team", {"team": ("blue",)}, 1, 2),
        ("team != $user.team", {"team": ("red",)}, 1, 2),
        ("team != $user.team", {"team": ()}, 0, 0),
        ("team not in $user.team", {"team": ("red",)}, 1, 2),
        ("team not in $user.team", {"team": ()}, 0, 0),
        ("not (team in $user.team)", {}, 0, 0),
        ("team in $user.team or origin = 'web'", {}, 2, 3),
        ("region in $user.region", {"region": ("south",)}, 1, 2),
        ("person in $user.me", {"me": ("r1",)}, 1, 1),
        ("team is null", {}, 1, 2),
        ("team in $user.team", {"team": ("red' or '1'='1",)}, 0, 0),
    ],
)
def test_a_rule_for_everything_holds_for_every_dataset_that_reaches_it(
    warehouse: Warehouse, rule: str, attributes: dict[str, tuple[str, ...]], people: int, events: int
) -> None:
    assert seen(warehouse, viewer({"*": rule}, **attributes)) == (people, events)


@pytest.mark.req("PRG-4.1", "PLT-3")
@pytest.mark.parametrize(
    ("rows", "people", "events"),
    [
        ({}, None, None),
        ({"people": "all"}, 4, None),
        ({"*": "all", "events": "kind = 'nothing'"}, 4, 0),
        ({"*": "all", "people": "active"}, 1, 5),
        ({"*": "kind = 'buy'"}, None, 5),  # people reach no kind: a rule that cannot be checked is not met
        ({"*": "nowhere = 'x'"}, None, None),
    ],
)
def test_no_rule_or_one_that_cannot_be_checked_shows_nothing(
    warehouse: Warehouse, rows: dict[str, str], people: int | None, events: int | None
) -> None:
    assert seen(warehouse, viewer(rows)) == (people, events)


@pytest.mark.req("PRG-4.1", "PLT-3", "PLT-3.7")
def test_what_a_role_shows_nothing_of_is_not_zero_and_nor_is_what_is_made_of_it(tmp_path: Path) -> None:
    made = """
  both: {type: derived, expression: "people + coalesce(events, 0)"}
  running: {type: cumulative, metric: events, window: 30 days}
  ladder:
    type: funnel
    entity: person
    stages: [{name: here, dataset: people}, {name: bought, dataset: events, where: kind = 'buy'}]
  health: {type: score, components: [{metric: people, weight: 1, best: 8}, {metric: events, weight: 1, best: 1}]}
  pulse: {type: score, components: [{metric: events, weight: 1, best: 1}]}
"""
    people = [person("a", "2025-06-02"), person("b", "2025-06-03")]
    warehouse = company(tmp_path, people=people, events=[event("e", "a", "buy", "2025-06-03")], metrics=METRICS + made)
    blind = viewer({"people": "all"})
    names = ("people", "events", "events_per_person", "both", "running", "buyers", "health", "pulse")
    found = answer(warehouse, *names, period="this_month", viewer=blind)
    cells = {name: found.cell(0, name) for name in names}
    assert {name: each.value for name, each in cells.items() if each.state == "ok"} == {
        "people": 2,
        "health": pytest.approx(25),  # of people alone, 2 of 8: what cannot be told has no weight
    }
    assert {each.state for name, each in cells.items() if name not in ("people", "health")} == {"hidden"}
    assert all(each.status is None and each.change is None for each in cells.values() if each.state == "hidden")
    funnel = answer(warehouse, "ladder", period="this_month", viewer=blind)
    assert funnel.funnel() == []
    assert [each.count for each in answer(warehouse, "ladder", period="this_month").funnel()] == [2, 1]


@pytest.mark.req("PRG-4.1", "PLT-3", "PLT-3.7")
def test_a_condition_on_what_a_role_shows_nothing_of_is_not_met_by_none_but_not_told(tmp_path: Path) -> None:
    made = """
  in_south: {type: simple, dataset: events, agg: count, where: region = 'south'}
  from_web: {type: simple, dataset: events, agg: count, where: origin = 'web' and team is not null}
"""
    people = [person("a", "2025-06-02", team="blue", origin="web")]
    warehouse = company(tmp_path, people=people, events=[event("e", "a", "buy", "2025-06-03")], metrics=METRICS + made)
    names = ("events", "in_south", "from_web")

    def told(rows: dict[str, str]) -> list[tuple[str, float | None]]:
        found = answer(warehouse, *names, period="this_month", viewer=viewer(rows))
        return [(found.cell(0, name).state, found.cell(0, name).value) for name in names]

    assert told({"*": "all"}) == [("ok", 1), ("ok", 1), ("ok", 1)]
    assert told({"events": "all", "people": "all"}) == [("ok", 1), ("hidden", None), ("ok", 1)]
    assert told({"events": "all"}) == [("ok", 1), ("hidden", None), ("hidden", None)]


@pytest.mark.req("PRG-4.1", "PLT-3")
def test_every_part_of_a_formula_and_of_a_journey_is_held_to_the_rule(warehouse: Warehouse) -> None:
    red = viewer({"*": "team in $user.team"}, team=("red",))
    assert value(warehouse, "events_per_person", viewer=red) == pytest.approx(1 / 2)
    assert value(warehouse, "buyers", viewer=red) == pytest.approx(1 / 2)
    blind = viewer({"people": "all"})  # sees who began, and no event at all
    assert value(warehouse, "buyers", viewer=blind) is None
    assert value(warehouse, "days_to_buy", viewer=blind) is None
    everybody = viewer({"*": "all"})
    assert value(warehouse, "buyers", viewer=everybody) == pytest.approx(3 / 4)


@pytest.mark.req("PRG-4.1", "PLT-3")
def test_groups_and_names_of_others_do_not_exist(warehouse: Warehouse) -> None:
    red = viewer({"*": "team in $user.team"}, team=("red",))
    assert values(answer(warehouse, "events", group_by=("team",), viewer=red), "events") == {"red": 1}
    peers = answer(warehouse, "events", group_by=("team",), compare="peers", viewer=red)
    assert peers.cell(0, "events").previous == 1  # the peers are those the viewer may see
    assert [each.key for each in members("team", red, warehouse=warehouse)] == ["red"]
    assert [each.key for each in members("region", red, warehouse=warehouse)] == ["north"]
    assert {each.key for each in members("person", red, warehouse=warehouse)} == {"r1", "r2"}
    assert members("team", red, warehouse=warehouse, search="blue") == []
    rows = rows_behind(RowsRequest(dataset="teams"), red, warehouse=warehouse, now=NOW)
    assert [row[0] for row in rows.rows] == ["red"]


@pytest.mark.req("PRG-4.1", "PLT-3")
def test_a_label_behind_the_rule_is_missing_while_the_key_is_known(warehouse: Warehouse) -> None:
    events_only = viewer({"events": "all", "people": "team = 'red'"})
    found = answer(warehouse, "events", group_by=("person",), viewer=events_only)
    labels = {found.value(row, "person"): found.value(row, "person_label") for row in range(found.n_rows)}
    assert labels["b1"] is None


@pytest.mark.req("PRG-4.1", "PLT-3", "PRG-1.5")
def test_freshness_and_size_tell_only_of_rows_one_may_see(warehouse: Warehouse) -> None:
    red = viewer({"*": "team in $user.team"}, team=("red",))
    source = answer(warehouse, "people", viewer=red).sources[0]
    assert (source.rows, source.data_through) == (2, utc("2025-05-02"))
    nothing = answer(warehouse, "people", viewer=viewer({"events": "all"})).sources[0]
    assert (nothing.rows, nothing.data_through, nothing.state) == (0, None, "empty")


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_without_the_permission_to_view_there_is_no_answer_at_all(warehouse: Warehouse) -> None:
    nobody = Viewer("nobody", NOTHING)
    with pytest.raises(NotAllowed):
        answer(warehouse, "people", viewer=nobody)
    with pytest.raises(NotAllowed):
        members("team", nobody, warehouse=warehouse)
    with pytest.raises(NotAllowed):
        rows_behind(RowsRequest(dataset="teams"), nobody, warehouse=warehouse, now=NOW)


@pytest.mark.req("PRG-4.1", "PLT-3")
def test_the_rule_is_told_in_words_with_the_viewers_own_values(tmp_path: Path) -> None:
    warehouse = company(tmp_path, people=[person("a", "2025-05-01")])
    who = viewer({"*": "team in $user.team or region in $user.team_region"}, team=("red",), team_region=())
    told = dict(answer(warehouse, "people", viewer=who).explain("people").filters)["Row access"]
    assert told == "team is red or region is nothing"
