"""How long ago the newest row happened, by whatever dimension, against plain SQL over the same rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import duckdb
import pytest
from tiny_workspace import make_warehouse, table_of

from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Filter, Question, QuestionError
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("PRG-1.5")
ZONE = "America/New_York"
NOW = datetime(2025, 3, 10, 14, 35, tzinfo=UTC)  # 10:35 there, the day after its clocks went forward
HOUR = datetime(2025, 3, 10, 14, tzinfo=UTC)
DATASETS = {
    "leads": """
dataset: leads
entities: {lead: {type: primary, column: lead_id}, program: {type: foreign, column: program_id}}
time: created_at
columns:
  lead_id: {type: string}
  program_id: {type: string}
  created_at: {type: timestamp}
  spent_on: {type: date}
  channel: {type: string, dimension: true}
""",
    "programs": """
dataset: programs
entities: {program: {type: primary, column: program_id, label: name}}
columns: {program_id: {type: string}, name: {type: string}, school: {type: string, dimension: true}}
""",
}
METRICS = """
metrics:
  lead_age: {type: simple, dataset: leads, agg: age, description: Hours since the newest lead.}
  web_age: {type: simple, dataset: leads, agg: age, where: channel = 'web', description: The same of the web.}
  spend_age: {type: simple, dataset: leads, agg: age, column: spent_on, description: Hours since the last spend.}
  days_without: {type: derived, expression: lead_age / 24, unit: days, description: The same in days.}
  leads: {type: simple, dataset: leads, agg: count, description: Leads.}
"""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    rng, found = Random(7), []  # noqa: S311 - made-up rows, the same every time
    for number in range(300):
        moment = NOW - timedelta(minutes=rng.randrange(60 * 24 * 60) + (number % 6) * 60 * 24 * 4)
        found.append(
            {
                "lead_id": f"l{number}",
                "program_id": f"p{number % 6}",
                "created_at": moment,
                "spent_on": (moment - timedelta(hours=5)).date(),
                "channel": ("web", "mail")[number % 2],
            }
        )
    return found


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> Warehouse:
    programs = [{"program_id": f"p{n}", "name": f"Program {n}", "school": ("north", "south")[n % 2]} for n in range(6)]
    return make_warehouse(
        tmp_path_factory.mktemp("ages"),
        datasets=DATASETS,
        metrics=METRICS,
        rows={"leads": rows, "programs": programs},
        zone=ZONE,
    )


def asked(warehouse: Warehouse, *metrics: str, viewer: Viewer = SYSTEM_VIEWER, now: datetime = NOW, **more) -> Answer:
    return ask(Question(metrics, **more), viewer, warehouse=warehouse, now=now)


def plain(warehouse: Warehouse, rows: list[dict[str, object]], query: str) -> dict[object, float | None]:
    """Return group → hours as plain SQL finds them; `leads` are the rows, `local` their day, `at` the last hour."""
    leads = table_of(warehouse.catalog.dataset("leads"), rows)
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.register("given", leads)
        db.execute("CREATE MACRO hours(since, until) AS (epoch_us(until) - epoch_us(since)) / 3.6e9")
        view = "CREATE VIEW leads AS SELECT *, (created_at AT TIME ZONE $zone)::date AS local FROM given"
        for text in (view, query):
            text = text.replace("$zone", f"'{ZONE}'").replace("$at", f"'{HOUR.isoformat()}'::timestamptz")
            found = db.execute(text).fetchall()
        return dict(found)


def test_an_age_by_any_dimension_is_what_plain_sql_finds(warehouse: Warehouse, rows: list[dict[str, object]]) -> None:
    found = asked(warehouse, "lead_age", "web_age", "leads", group_by=("program",))
    wanted = plain(warehouse, rows, "SELECT program_id, hours(max(created_at), $at) FROM leads GROUP BY 1")
    assert dict(zip(found.data["program"], found.data["lead_age"], strict=True)) == pytest.approx(
        {key: max(0.0, value) for key, value in wanted.items()}
    )
    web = plain(
        warehouse,
        rows,
        "SELECT program_id, greatest(0, hours(max(created_at) FILTER (channel = 'web'), $at)) FROM leads "
        "GROUP BY 1 HAVING count(*) FILTER (channel = 'web') > 0",
    )
    known = dict(zip(found.data["program"], found.data["web_age"], strict=True))
    assert {key: value for key, value in known.items() if value is not None} == pytest.approx(web)
    assert found.data["leads"] == [50] * 6
    assert (found.columns[2].unit, found.catalog.metric("lead_age").direction) == ("hours", "down")
    by_school = asked(warehouse, "lead_age", group_by=("school",))
    oldest = {"north": ("p0", "p2", "p4"), "south": ("p1", "p3", "p5")}
    for school, age in zip(by_school.data["school"], by_school.data["lead_age"], strict=True):
        assert age == pytest.approx(min(max(0.0, wanted[key]) for key in oldest[school]))


def test_a_date_counts_from_its_first_moment_there(warehouse: Warehouse, rows: list[dict[str, object]]) -> None:
    found = asked(warehouse, "spend_age", group_by=("program",))
    wanted = plain(
        warehouse,
        rows,
        "SELECT program_id, hours(max(spent_on)::timestamp AT TIME ZONE $zone, $at) FROM leads GROUP BY 1",
    )
    assert dict(zip(found.data["program"], found.data["spend_age"], strict=True)) == pytest.approx(wanted)


def test_by_day_it_is_read_at_the_end_of_each_and_days_without_rows_grow_older(
    warehouse: Warehouse, rows: list[dict[str, object]]
) -> None:
    found = asked(
        warehouse,
        "lead_age",
        grain="day",
        period="2025-02-20..2025-03-11",
        filters=(Filter("program", ("p4",)),),
    )
    wanted = plain(
        warehouse,
        rows,
        """SELECT d::date, (SELECT hours(max(created_at), least($at, (d::date + 1)::timestamp AT TIME ZONE $zone))
            FROM leads WHERE program_id = 'p4' AND local <= d::date)
            FROM generate_series('2025-02-20'::date, '2025-03-10'::date, INTERVAL 1 DAY) AS t(d)""",
    )
    assert dict(zip(found.data["period"], found.data["lead_age"], strict=True)) == pytest.approx(wanted)
    assert max(found.data["lead_age"]) > 24


def test_what_never_was_has_no_age_and_what_is_to_come_is_not_negative(warehouse: Warehouse) -> None:
    never = asked(warehouse, "lead_age", filters=(Filter("channel", ("post",)),))
    assert (never.cell(0, "lead_age").value, never.cell(0, "lead_age").state) == (None, "no_data")
    early = asked(warehouse, "lead_age", now=NOW - timedelta(hours=1), period="last_30_days")
    assert early.data["lead_age"][0] >= 0


def test_an_age_grows_by_the_hour_although_nothing_changed(warehouse: Warehouse) -> None:
    before, again = asked(warehouse, "lead_age"), asked(warehouse, "lead_age", now=NOW + timedelta(minutes=20))
    later, days = asked(warehouse, "lead_age", now=NOW + timedelta(hours=7)), asked(warehouse, "days_without")
    assert again.data["lead_age"] == before.data["lead_age"]
    assert later.data["lead_age"][0] == pytest.approx(before.data["lead_age"][0] + 7)
    much_later = asked(warehouse, "days_without", now=NOW + timedelta(hours=24))
    assert much_later.data["days_without"][0] == pytest.approx(days.data["days_without"][0] + 1)


def test_it_is_compared_with_its_value_at_the_end_of_the_time_before(
    warehouse: Warehouse, rows: list[dict[str, object]]
) -> None:
    found = asked(warehouse, "lead_age", period="2025-03-01..2025-03-06", compare="previous_period")
    wanted = plain(
        warehouse,
        rows,
        """SELECT e, (SELECT hours(max(created_at), e::timestamp AT TIME ZONE $zone) FROM leads WHERE local < e)
            FROM (VALUES ('2025-03-06'::date), ('2025-03-01'::date)) AS t(e)""",
    )
    cell = found.cell(0, "lead_age")
    assert [cell.value, cell.previous] == pytest.approx(list(wanted.values()))


def test_row_policy_holds_and_the_rows_behind_it_are_all_so_far(warehouse: Warehouse) -> None:
    north = Viewer("n", Policy(frozenset({"view", "see_rows"}), {"*": "school = 'north'"}))
    mine = asked(warehouse, "lead_age", viewer=north, group_by=("program",))
    assert mine.data["program"] == ["p0", "p2", "p4"]
    request = RowsRequest(metric="lead_age", period="2025-03-09..2025-03-10")
    assert (
        rows_behind(request, north, warehouse=warehouse, now=NOW).total
        == asked(warehouse, "leads", viewer=north, period="2020-01-01..2025-03-10").data["leads"][0]
    )
    explained = mine.explain("lead_age")
    assert explained.formula == "hours since the newest created at in leads"


def test_by_hour_or_without_an_end_it_cannot_be_drawn(warehouse: Warehouse) -> None:
    with pytest.raises(QuestionError, match="age at the end of whole days"):
        asked(warehouse, "lead_age", grain="hour", period="yesterday")
    with pytest.raises(QuestionError, match="needs a bounded period"):
        asked(warehouse, "lead_age", grain="day")
