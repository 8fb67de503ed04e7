"""Retention against plain SQL: cohorts, ages, nobody coming back, open buckets, filters and policy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from tiny_workspace import make_warehouse

from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Filter, Question, QuestionError
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-3", "PRG-3.1")
NOW = datetime(2025, 5, 20, 12, tzinfo=UTC)
EVENTS = [  # customer, day, channel
    ("a", date(2025, 1, 5), "ads"),
    ("a", date(2025, 1, 25), "ads"),
    ("a", date(2025, 2, 3), "mail"),
    ("a", date(2025, 4, 9), "ads"),
    ("b", date(2025, 1, 31), "mail"),
    ("b", date(2025, 3, 1), "mail"),
    ("c", date(2025, 2, 14), "ads"),
    ("d", date(2025, 4, 1), "ads"),
    ("d", date(2025, 5, 2), "mail"),
    (None, date(2025, 1, 1), "ads"),
]


DATASETS = {
    "visits": """
dataset: visits
append_only: true
time: day
entities: {customer: {type: foreign, column: customer, standalone: true}}
columns: {customer: {type: string}, day: {type: date}, channel: {type: string, dimension: true}}
"""
}
METRICS = """
metrics:
  coming_back: {type: retention, entity: customer, first: {dataset: visits}, description: x}
  still_here: {type: retention, entity: customer, first: {dataset: visits}, show: count, description: x}
  visits: {type: simple, dataset: visits, agg: count, description: x}
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    rows = [dict(zip(("customer", "day", "channel"), row, strict=True)) for row in EVENTS]
    return make_warehouse(tmp_path_factory.mktemp("visits"), datasets=DATASETS, metrics=METRICS, rows={"visits": rows})


def asked(warehouse: Warehouse, *, viewer: Viewer = SYSTEM_VIEWER, metric: str = "coming_back", **more: Any) -> Answer:
    question = Question((metric,), **{"period": "all_time", **more})
    return ask(question, viewer, warehouse=warehouse, now=NOW)


def triangle(answer: Answer, name: str = "coming_back") -> dict[tuple[date, int], tuple[int, int]]:
    columns = (answer.data[key] for key in ("period", "age", f"{name}__active", f"{name}__n"))
    return {(cohort, age): (active, size) for cohort, age, active, size in zip(*columns, strict=True)}


def oracle(grain: str = "month", where: str = "true") -> dict[tuple[date, int], tuple[int, int]]:
    """The same by hand: first bucket of each customer, sizes, and distinct customers active in each later bucket."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE visits (customer VARCHAR, day DATE, channel VARCHAR)")
        connection.executemany("INSERT INTO visits VALUES (?, ?, ?)", EVENTS)
        rows = connection.execute(f"""
            WITH known AS (SELECT *, date_trunc('{grain}', day)::DATE AS bucket FROM visits WHERE customer IS NOT NULL),
            firsts AS (SELECT DISTINCT ON (customer) customer, bucket AS cohort, channel
                       FROM known ORDER BY customer, day),
            chosen AS (SELECT * FROM firsts WHERE {where}),
            buckets AS (SELECT DISTINCT bucket FROM known)
            SELECT c.cohort, date_diff('{grain}', c.cohort, b.bucket),
                   count(DISTINCT k.customer), count(DISTINCT c.customer)
            FROM chosen c JOIN buckets b ON b.bucket >= c.cohort
            LEFT JOIN known k ON k.customer = c.customer AND k.bucket = b.bucket GROUP BY c.cohort, b.bucket
        """).fetchall()  # noqa: S608 # the test's own words
    return {(cohort, age): (active, size) for cohort, age, active, size in rows}


@pytest.mark.parametrize("grain", ["month", "week", "quarter", "year"])
def test_cohorts_and_ages_equal_plain_sql(warehouse: Warehouse, grain: str) -> None:
    assert triangle(asked(warehouse, grain=grain)) == oracle(grain)


def test_the_grain_is_the_metrics_where_a_question_names_none(warehouse: Warehouse) -> None:
    assert triangle(asked(warehouse)) == oracle()


def test_nobody_coming_back_is_a_row_with_nobody(warehouse: Warehouse) -> None:
    found = triangle(asked(warehouse))
    assert found[date(2025, 2, 1), 1] == (0, 1)
    assert found[date(2025, 1, 1), 0] == (2, 2)


def test_a_rate_is_active_by_size_and_a_count_the_active(warehouse: Warehouse) -> None:
    rates, counts = asked(warehouse), asked(warehouse, metric="still_here")
    for row, (active, size) in enumerate(triangle(rates).values()):
        assert rates.value(row, "coming_back") == pytest.approx(active / size)
        assert counts.value(row, "still_here") == active


def test_an_age_that_is_not_over_is_maturing_and_the_rest_is_final(warehouse: Warehouse) -> None:
    answer = asked(warehouse)
    for row, (cohort, age) in enumerate(triangle(answer)):
        is_may = cohort.month + age == 5
        assert (answer.cell(row, "coming_back").maturing == 0.0) is is_may


def test_the_period_chooses_cohorts_and_not_their_later_activity(warehouse: Warehouse) -> None:
    found = triangle(asked(warehouse, period="2025-01-01..2025-02-01"))
    assert found == {key: counts for key, counts in oracle().items() if key[0] == date(2025, 1, 1)}


def test_a_filter_judges_the_first_event_and_does_not_move_it(warehouse: Warehouse) -> None:
    found = triangle(asked(warehouse, filters=(Filter("channel", ("mail",)),)))
    assert found == oracle(where="channel = 'mail'")
    assert set(found.values()) == {(1, 1), (0, 1)}  # only b began by mail, though a came back by mail


def test_groups_are_those_of_the_first_event(warehouse: Warehouse) -> None:
    answer = asked(warehouse, group_by=("channel",))
    for channel in ("ads", "mail"):
        rows = [row for row in range(answer.n_rows) if answer.value(row, "channel") == channel]
        found = {
            (answer.value(row, "period"), answer.value(row, "age")): (
                answer.value(row, "coming_back__active"),
                answer.value(row, "coming_back__n"),
            )
            for row in rows
        }
        assert found == oracle(where=f"channel = '{channel}'")


def test_a_restricted_viewer_sees_cohorts_of_own_rows_only(warehouse: Warehouse) -> None:
    policy = Policy(permissions=frozenset({"view"}), rows={"*": "channel = 'mail'"}, masks={"*": "show"}, attributes={})
    found = triangle(asked(warehouse, viewer=Viewer("v", policy)))
    assert found[date(2025, 2, 1), 0] == (1, 1)  # of a, only the visits by mail are known: the first is in February
    assert (date(2025, 1, 1), 2) in found


@pytest.mark.parametrize(
    "question",
    [{"grain": "hour"}, {"compare": "previous_period", "period": "last_90_days"}],
)
def test_what_has_no_meaning_is_refused(warehouse: Warehouse, question: dict[str, Any]) -> None:
    with pytest.raises(QuestionError):
        asked(warehouse, **question)
    with pytest.raises(QuestionError, match="Ask for it alone"):
        ask(Question(("coming_back", "visits"), period="all_time"), SYSTEM_VIEWER, warehouse=warehouse, now=NOW)


def test_it_explains_itself(warehouse: Warehouse) -> None:
    explained = asked(warehouse).explain("coming_back", row=1)
    assert "customer with visits so many periods later ÷ customer whose first visits" in explained.formula
