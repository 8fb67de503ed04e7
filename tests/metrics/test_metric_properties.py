"""What must hold for any data and any question, tried on many."""

from __future__ import annotations

import ast
import random
from datetime import date, timedelta
from itertools import pairwise, permutations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import answer, company, event, person, values
from sqlglot import exp

from sightline.definitions.durations import shift_months
from sightline.definitions.expressions import parse_expression
from sightline.engines.duckdb import DuckDB
from sightline.metrics.answer import Answer
from sightline.metrics.calendar import Calendar
from sightline.metrics.compile.formulas import guarded
from sightline.metrics.question import Filter, Period
from sightline.metrics.warehouse import Warehouse

DAYS = st.dates(min_value=date(1999, 12, 1), max_value=date(2032, 3, 1))
GRAINS = st.sampled_from(["day", "week", "month", "quarter", "year"])
WEEK_STARTS = st.sampled_from(["monday", "sunday", "saturday"])
FISCAL = st.integers(1, 12)
ADDITIVE = ("events", "bought", "priced", "amount", "weight")
GROUPS = ("team", "region", "kind", "origin", "person")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    rng = random.Random(20)  # noqa: S311 - made-up rows, not secrets
    people = [
        person(
            f"p{n}", f"2025-0{rng.randint(1, 5)}-11", team=rng.choice(["red", "blue", None]), origin=rng.choice("ab")
        )
        for n in range(30)
    ]
    events = [
        event(
            f"e{n}",
            rng.choice([f"p{rng.randint(0, 29)}", "unknown", None]),
            rng.choice(["buy", "visit"]),
            f"2025-0{rng.randint(1, 6)}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:15",
            rng.choice([None, rng.randint(-50, 50) / 4]),
            weight=rng.choice([None, 0.5, 2.0]),
        )
        for n in range(300)
    ]
    return company(tmp_path_factory.mktemp("properties"), people=people, events=events)


@pytest.mark.req("PLT-3.3", "PLT-3.6")
@settings(max_examples=40)
@given(
    st.sampled_from(ADDITIVE),
    st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True),
    st.sampled_from([None, "week", "month", "quarter"]),
    st.sampled_from([None, "kind = 'buy'", "team is null or origin = 'a'"]),
)
def test_the_parts_of_an_additive_metric_add_up_to_the_whole(
    warehouse: Warehouse, metric: str, groups: list[str], grain: str | None, where: str | None
) -> None:
    question = {"period": "2025-01-01..2025-06-01", "where": where}
    whole = answer(warehouse, metric, **question).cell(0, metric).value
    parts = answer(warehouse, metric, group_by=tuple(groups), grain=grain, **question)
    assert sum(parts.cell(row, metric).value or 0 for row in range(parts.n_rows)) == pytest.approx(whole)


@pytest.mark.req("PLT-3.3")
@settings(max_examples=15)
@given(st.permutations(["buyers", "amount_each", "events_per_person", "mean_amount"]), st.data())
def test_the_order_of_filters_groups_and_metrics_changes_nothing(
    warehouse: Warehouse, metrics: list[str], data: st.DataObject
) -> None:
    held = (Filter("team", ("red", None)), Filter("origin", ("a",)), Filter("region", ("south",), "not_in"))
    filters = data.draw(st.sampled_from(list(permutations(held))))
    plain = answer(warehouse, *sorted(metrics), filters=held, group_by=("team", "origin"))
    mixed = answer(warehouse, *metrics, filters=filters, group_by=("origin", "team"))
    for metric in metrics:
        turned = {(team, origin): value for (origin, team), value in values(mixed, metric).items()}
        assert turned == values(plain, metric)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDB:
    return DuckDB(tmp_path_factory.mktemp("engine"))


@pytest.mark.req("PLT-3.1")
@settings(max_examples=200)
@given(DAYS, GRAINS, WEEK_STARTS, FISCAL)
def test_python_and_the_engine_put_a_day_in_the_same_bucket(
    engine: DuckDB, day: date, grain: str, week_start: str, fiscal: int
) -> None:
    calendar = Calendar(today=day, week_start=week_start, fiscal_year_start=fiscal)
    column = exp.Cast(this=exp.Parameter(this=exp.var("day")), to=exp.DataType.build("date"))
    bucket = engine.functions.bucket(column, grain, week_start=week_start, fiscal_year_start=fiscal)
    found = engine.run(f"SELECT {bucket.sql(dialect='duckdb')} AS b", {"day": day}).column("b")
    first = calendar.bucket(day, grain)
    assert found.cast(pa.date32()).to_pylist() == [first]
    assert first <= day < calendar.following(first, grain)


@pytest.mark.req("PLT-3.1")
@settings(max_examples=100)
@given(DAYS, st.integers(1, 800), GRAINS, WEEK_STARTS, FISCAL)
def test_buckets_cover_a_period_without_gap_or_overlap_and_the_engine_counts_the_same(
    engine: DuckDB, start: date, length: int, grain: str, week_start: str, fiscal: int
) -> None:
    calendar = Calendar(today=date(2040, 1, 1), week_start=week_start, fiscal_year_start=fiscal)
    period = Period(start, start + timedelta(days=length))
    buckets = calendar.buckets(period, grain)
    assert buckets[0] <= start
    assert buckets[-1] < period.end
    for one, following in pairwise(buckets):
        assert calendar.following(one, grain) == following
    ends = (exp.Parameter(this=exp.var("first")), exp.Parameter(this=exp.var("last")))
    series = engine.functions.buckets(*ends, grain).sql(dialect="duckdb")
    found = engine.run(f"SELECT unnest({series})::DATE AS b", {"first": buckets[0], "last": buckets[-1]})
    assert found.column("b").to_pylist() == buckets


@pytest.mark.req("PLT-3.1")
@settings(max_examples=300)
@given(DAYS, st.integers(1, 400), st.sampled_from(["previous_period", "same_weekdays", "previous_year"]), DAYS)
def test_a_comparison_is_as_long_as_the_period_or_its_calendar_shift(
    start: date, length: int, compare: str, today: date
) -> None:
    period = Period(start, start + timedelta(days=length), "custom")
    end = period.end or start
    calendar = Calendar(today=today)
    earlier = calendar.comparison(period, compare)
    assert earlier is not None
    assert earlier.start is not None
    assert earlier.end is not None
    assert earlier.start < start
    seen = min(end, today + timedelta(days=1))
    if seen < end:
        assert earlier.end - earlier.start <= max(seen - start, timedelta(0)) or seen < start
        return
    whole_months = start.day == 1 and end.day == 1
    if compare == "previous_year":
        assert earlier.start == shift_months(start, -12)
        assert abs((earlier.end - earlier.start).days - length) <= 1
    elif compare == "same_weekdays":
        assert (earlier.end - earlier.start).days == length
        assert earlier.start.weekday() == start.weekday()
        assert earlier.end <= start
    elif whole_months:
        assert earlier.end == start
        assert (earlier.start.day, earlier.end.day) == (1, 1)
    else:
        assert (earlier.end, (earlier.end - earlier.start).days) == (start, length)


NUMBERS = st.sampled_from(["events", "bought", "amount", "weight", "2", "0.5"])
FORMULAS = st.recursive(
    NUMBERS, lambda part: st.builds("({} {} {})".format, part, st.sampled_from("+-*/"), part), max_leaves=6
)


def in_plain_python(node: ast.expr, found: Answer) -> float | None:
    """Return the value of a formula over the metrics of an answer; None when a part has none."""
    if isinstance(node, ast.Constant):
        return float(str(node.value))
    if isinstance(node, ast.Name):
        return found.cell(0, node.id).value
    assert isinstance(node, ast.BinOp)
    left, right = in_plain_python(node.left, found), in_plain_python(node.right, found)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Div):
        return left / right if right else None
    return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(node.op)]


@pytest.mark.req("PLT-3.4", "PLT-3.6")
@settings(max_examples=60)
@given(FORMULAS)
def test_a_formula_in_the_engine_is_the_formula_in_python(warehouse: Warehouse, formula: str) -> None:
    metrics = ("events", "bought", "amount", "weight")
    found = answer(warehouse, *metrics, period="2025-01-01..2025-04-01")
    in_python = in_plain_python(ast.parse(formula, mode="eval").body, found)
    derived = warehouse.catalog.metric("mixture").model_copy(update={"expression": formula})
    catalog = warehouse.catalog.__class__(
        **{**vars(warehouse.catalog), "metrics": {**warehouse.catalog.metrics, "mixture": derived}, "digest": formula}
    )
    if not any(name in formula for name in metrics):
        return
    other = Warehouse(catalog=catalog, lake=warehouse.lake, engine=warehouse.engine)
    in_engine = answer(other, "mixture", period="2025-01-01..2025-04-01").cell(0, "mixture").value
    assert in_engine == (None if in_python is None else pytest.approx(in_python))


@pytest.mark.req("PLT-3.4")
@settings(max_examples=50)
@given(st.integers(-5, 5), st.integers(-5, 5))
def test_a_guarded_division_is_real_or_missing(engine: DuckDB, top: int, bottom: int) -> None:
    quotient = guarded(exp.Literal.number(top), exp.Literal.number(bottom)).sql(dialect="duckdb")
    found = engine.run(f"SELECT {quotient} AS q", {}).column("q").to_pylist()[0]
    assert found == (None if bottom == 0 else pytest.approx(top / bottom))
    assert not parse_expression("a / b").find(exp.Nullif)  # what is written stays as written
