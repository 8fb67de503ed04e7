"""A forecast learns from whole, known, final buckets that the viewer may see, and says what it left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import sin
from pathlib import Path

import pytest
from small_company import company, event, person
from tiny_workspace import LOADED, make_warehouse, table_of

from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer
from sightline.errors import NotAllowed
from sightline.lake.store import Lake
from sightline.lake.write import publish_table
from sightline.metrics.forecast import MOST_SERIES, Forecast, SeriesForecast, forecast
from sightline.metrics.question import Filter, Question, QuestionError
from sightline.metrics.training import LeftOut
from sightline.metrics.warehouse import Warehouse
from sightline.stats.forecast import Projection
from sightline.stats.forecast import forecast as projected

pytestmark = pytest.mark.req("SAA-1")

NOW = datetime(2025, 12, 20, 12, tzinfo=UTC)
SALES = """
dataset: sales
key: [id]
time: at
columns:
  id: {type: string}
  at: {type: date}
  shop: {type: string, dimension: true}
  amount: {type: decimal}
  kind: {type: string, dimension: true}
"""
READINGS = """
dataset: readings
key: [at]
time: at
columns:
  at: {type: date}
  value: {type: decimal}
"""
METRICS = """
metrics:
  takings: {type: simple, dataset: sales, agg: sum, column: amount, unit: usd, label: Takings}
  sold: {type: simple, dataset: sales, agg: count}
  returned: {type: simple, dataset: sales, agg: count, where: "kind = 'return'"}
  return_rate: {type: ratio, numerator: returned, denominator: sold, unit: percent, min_n: 3}
  lost: {type: derived, expression: sold - returned}
  level: {type: semi_additive, dataset: readings, column: value, cadence: monthly, unit: score}
  level_of_no_cadence: {type: semi_additive, dataset: readings, column: value, unit: score}
"""
MONTHS = [date(2023 + at // 12, at % 12 + 1, 1) for at in range(36)]
"""January 2023 to December 2025, which is still running."""


def amount_of(at: int, shop: str) -> int:
    return 1000 + 20 * at + round(40 * sin(1.7 * at)) if shop == "north" else 300 - 4 * at + round(20 * sin(2.3 * at))


def sales() -> list[dict[str, object]]:
    """Two sales a month in each of two shops; of the running month only the first. Every fifth is a return."""
    found: list[dict[str, object]] = []
    for at, month in enumerate(MONTHS):
        for shop in ("north", "south"):
            for day in (3, 28) if month < MONTHS[-1] else (3,):
                kind = "return" if len(found) % 5 == 0 else "sale"
                row = {"id": f"{len(found)}", "at": month.replace(day=day), "shop": shop, "kind": kind}
                found.append({**row, "amount": amount_of(at, shop)})
    found.append({"id": "last", "at": date(2025, 12, 19), "shop": "north", "amount": 5, "kind": "sale"})
    return found


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    readings = [{"at": month, "value": round(50 + at + 3 * sin(at))} for at, month in enumerate(MONTHS[:35])]
    return make_warehouse(
        tmp_path_factory.mktemp("forecasts"),
        datasets={"sales": SALES, "readings": READINGS},
        metrics=METRICS,
        rows={"sales": sales(), "readings": readings},
    )


def asked(warehouse: Warehouse, metric: str, *, periods: int = 3, now: datetime = NOW, **words: object) -> Forecast:
    question = Question((metric,), **{"grain": "month", **words})  # type: ignore[arg-type] # words of a question
    return forecast(question, SYSTEM_VIEWER, warehouse=warehouse, now=now, periods=periods)


def only(found: Forecast) -> SeriesForecast:
    (series,) = found.series
    return series


def monthly(*shops: str, months: int = 35) -> list[float]:
    return [float(sum(2 * amount_of(at, shop) for shop in shops)) for at in range(months)]


def same_steps(series: SeriesForecast, values: list[float], *, lower: float | None = 0) -> bool:
    made = projected(values, periods=len(series.steps), season=12, lower=lower)
    assert isinstance(made, Projection)
    return [(s.median, s.low80, s.high95) for s in series.steps] == [
        (pytest.approx(s.median), pytest.approx(s.low80), pytest.approx(s.high95)) for s in made.steps
    ]


def test_it_learns_from_the_whole_buckets_and_begins_with_the_running_one(warehouse: Warehouse) -> None:
    found = asked(warehouse, "takings")
    series = only(found)
    assert series.values == pytest.approx(monthly("north", "south"))  # worked out from the rows themselves
    assert series.buckets == tuple(MONTHS[:35])
    assert series.closed_on == date(2025, 12, 1)
    so_far = amount_of(35, "north") + amount_of(35, "south") + 5
    assert series.left_out == (LeftOut("running", (date(2025, 12, 1),), pytest.approx(so_far)),)
    assert [step.period for step in series.steps] == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert same_steps(series, monthly("north", "south"))
    assert found.snapshot == 2
    assert [source.dataset for source in found.sources] == ["sales"]


def test_each_group_is_a_series_of_its_own(warehouse: Warehouse) -> None:
    found = asked(warehouse, "takings", group_by=("shop",))
    by_shop = {series.key: series for series in found.series}
    assert set(by_shop) == {("north",), ("south",)}
    for shop in ("north", "south"):
        assert by_shop[(shop,)].labels == (shop,)
        assert same_steps(by_shop[(shop,)], monthly(shop))


def test_a_viewer_gets_the_forecast_of_their_own_rows_and_one_without_rights_none(warehouse: Warehouse) -> None:
    policy = Policy(frozenset({"view"}), rows={"*": "shop in $user.shop"}, attributes={"shop": ("south",)})
    own = forecast(
        Question(("takings",), grain="month"), Viewer("south", policy), warehouse=warehouse, now=NOW, periods=3
    )
    assert only(own).values == pytest.approx(monthly("south"))
    filtered = asked(warehouse, "takings", filters=(Filter("shop", ("south",)),))
    assert only(own).steps == only(filtered).steps
    with pytest.raises(NotAllowed):
        forecast(Question(("takings",), grain="month"), Viewer("x", Policy()), warehouse=warehouse, now=NOW, periods=3)


def test_a_month_that_the_data_does_not_reach_the_end_of_is_not_learned_from(warehouse: Warehouse) -> None:
    later = asked(warehouse, "takings", now=datetime(2026, 1, 20, 12, tzinfo=UTC))  # the newest row is of 19 December
    series = only(later)
    assert series.buckets[-1] == date(2025, 11, 1)
    assert [left.why for left in series.left_out] == ["running", "unknown"]
    assert series.left_out[1].buckets == (date(2025, 12, 1),)


def test_a_monthly_reading_is_whole_once_something_was_published_after_the_month(warehouse: Warehouse) -> None:
    # Readings stand on the first of their month; the last is of November, all were published in January.
    after = only(asked(warehouse, "level", now=LOADED + timedelta(days=3)))
    assert after.buckets[-1] == date(2025, 11, 1)
    assert [left.why for left in after.left_out] == ["running", "unknown"]  # of December nothing is known
    unsaid = only(asked(warehouse, "level_of_no_cadence", now=LOADED + timedelta(days=3)))
    assert unsaid.buckets[-1] == date(2025, 10, 1)  # without a cadence, the newest row is how far the data reaches


def test_a_period_that_was_asked_for_is_what_it_learns_from(warehouse: Warehouse) -> None:
    series = only(asked(warehouse, "takings", period="2024-01-10..2025-07-01"))
    assert series.buckets == tuple(MONTHS[13:30])  # January is cut, July and later are not in it
    assert series.left_out == (LeftOut("cut", (date(2024, 1, 1),)),)
    assert series.steps[0].period == date(2025, 7, 1)
    assert same_steps(series, monthly("north", "south")[13:30])


def test_a_rate_stays_a_rate_and_too_few_observations_are_a_gap(warehouse: Warehouse) -> None:
    rate = only(asked(warehouse, "return_rate"))
    assert rate.steps
    assert all(0 <= step.low95 <= step.median <= step.high95 <= 1 for step in rate.steps)
    of_one_shop = only(asked(warehouse, "return_rate", filters=(Filter("shop", ("north",)),)))
    assert of_one_shop.steps == ()  # two sales a month are fewer than three
    assert of_one_shop.refused == "A forecast needs 12 whole months, and there is none."


def test_a_difference_may_fall_below_zero_where_a_count_may_not(warehouse: Warehouse) -> None:
    period = "2024-01-01..2025-12-01"
    lost, sold = only(asked(warehouse, "lost", period=period)), asked(warehouse, "sold", period=period)
    assert lost.steps
    assert only(sold).refused == "All 23 months have the same value: there is no movement to learn from."


def test_what_has_too_little_behind_it_is_refused_in_words(warehouse: Warehouse) -> None:
    short = only(asked(warehouse, "takings", period="2025-02-01..2025-12-01"))
    assert short.refused == "A forecast needs 12 whole months, and there are 10."
    far = only(asked(warehouse, "takings", period="2024-01-01..2025-12-01", periods=12))
    assert far.refused == "23 whole months carry a forecast of at most 11: choose fewer."
    assert far.steps == ()
    assert far.model is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"metrics": ("takings", "sold")}, "2 metrics cannot be forecast together"),
        ({"grain": None}, "no grain cannot be forecast"),
        ({"grain": "hour"}, '"hour" cannot be forecast'),
        ({"compare": "previous_year"}, "neither a comparison nor a limit"),
        ({"limit": 3}, "neither a comparison nor a limit"),
    ],
)
def test_a_question_without_a_forecast_is_refused(warehouse: Warehouse, words: dict[str, object], message: str) -> None:
    question = Question(**{"metrics": ("takings",), "grain": "month", **words})  # type: ignore[arg-type] # words of a question
    with pytest.raises(QuestionError, match=message):
        forecast(question, SYSTEM_VIEWER, warehouse=warehouse, now=NOW, periods=3)


def test_a_horizon_of_nothing_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(QuestionError, match="0 periods cannot be forecast"):
        asked(warehouse, "takings", periods=0)


def test_more_series_than_anybody_reads_are_refused(tmp_path: Path) -> None:
    rows = [
        {"id": f"{shop}", "at": date(2025, 1, 1), "shop": f"shop {shop}", "amount": 1, "kind": "sale"}
        for shop in range(MOST_SERIES + 1)
    ]
    many = make_warehouse(
        tmp_path, datasets={"sales": SALES}, metrics=METRICS.split("  level")[0], rows={"sales": rows}
    )
    with pytest.raises(QuestionError, match="41 groups"):
        asked(many, "takings", group_by=("shop",))


def with_gap() -> Iterator[dict[str, object]]:
    for at, month in enumerate(MONTHS[:35]):
        if at != 20:
            yield {"at": month, "value": 50 + at}


def test_a_gap_is_named_and_a_snapshot_keeps_its_forecast(tmp_path: Path) -> None:
    metrics = "metrics:\n  level: {type: semi_additive, dataset: readings, column: value}\n"
    gaps = make_warehouse(tmp_path, datasets={"readings": READINGS}, metrics=metrics, rows={"readings": [*with_gap()]})
    before = asked(gaps, "level", now=datetime(2025, 11, 2, tzinfo=UTC))
    assert only(before).refused == ("Of 34 months 1 without data (2024-09-01): a forecast needs a value in each.")
    lake, dataset = Lake(tmp_path / "lake"), gaps.catalog.dataset("readings")
    held = lake.snapshot()
    filled = table_of(dataset, [{"at": MONTHS[20], "value": 71}])
    publish_table(lake, dataset, filled, zone="UTC", now=LOADED, run="readings-2")
    now = datetime(2025, 11, 2, tzinfo=UTC)
    assert only(asked(gaps, "level", now=now)).refused == ""
    question = Question(("level",), grain="month")
    then = forecast(question, SYSTEM_VIEWER, warehouse=gaps, now=now, periods=3, at=held)
    assert only(then).refused == only(before).refused


def test_cohorts_that_still_mature_are_not_learned_from(tmp_path: Path) -> None:
    # Two to four people a month begin on the 30th, so that by the 10th of June nobody of May has had their 14 days.
    people = [
        person(f"{year}-{month}-{one}", f"{year}-{month:02}-{28 if month == 2 else 30}")
        for year, month in [(2024 + at // 12, at % 12 + 1) for at in range(17)]
        for one in range(2 + month % 3)
    ]
    events = [event(f"e{at}", each["person_id"], "buy", "2025-06-09") for at, each in enumerate(people)]
    warehouse = company(tmp_path, people=[*people, person("new", "2025-06-09")], events=events)
    now = datetime(2025, 6, 10, 12, tzinfo=UTC)
    series = only(asked(warehouse, "buyer_count", now=now))
    assert [(left.why, left.buckets) for left in series.left_out] == [
        ("running", (date(2025, 6, 1),)),
        ("maturing", (date(2025, 5, 1),)),
    ]
    assert series.values == pytest.approx([2 + (at % 12 + 1) % 3 for at in range(16)])
    assert series.steps[0].period == date(2025, 5, 1)
    with pytest.raises(QuestionError, match='"journey" is a funnel'):
        asked(warehouse, "journey", now=now)


def test_the_same_question_is_forecast_once(warehouse: Warehouse) -> None:
    first, again = asked(warehouse, "takings", periods=4), asked(warehouse, "takings", periods=4)
    assert again is first
    assert asked(warehouse, "takings", periods=5) is not first


def test_a_known_forecast_says_when_it_was_asked_and_how_late_its_sources_are_now(warehouse: Warehouse) -> None:
    first = asked(warehouse, "takings", periods=4)
    later = asked(warehouse, "takings", periods=4, now=NOW + timedelta(minutes=5))
    assert later.series is first.series
    assert (first.asked_at, later.asked_at) == (NOW, NOW + timedelta(minutes=5))
