"""What every engine must do, in one suite: a second engine is added to ENGINES and runs it unchanged."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from sightline.engines.base import Engine, QueryFailed, QueryTooLong, ValueRefused
from sightline.engines.duckdb import DuckDB
from sightline.lake.relation import Relation
from sightline.metrics.calendar import Calendar

ENGINES: dict[str, Callable[[Path], Engine]] = {"duckdb": DuckDB}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return ENGINES[request.param](tmp_path)


def value(engine: Engine, expression: exp.Expr, **parameters: object) -> object:
    """Return the one value of SELECT expression."""
    sql = exp.Select(expressions=[exp.alias_(expression, "v")]).sql(dialect=engine.capabilities.dialect)
    return engine.run(sql, parameters).column("v")[0].as_py()


def parameter(name: str) -> exp.Parameter:
    return exp.Parameter(this=exp.var(name))


def typed(name: str, kind: str) -> exp.Expr:
    return exp.Cast(this=parameter(name), to=exp.DataType.build(kind))


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("week_start", ["monday", "sunday", "saturday"])
@pytest.mark.parametrize("first_month", [1, 2, 4, 7, 10])
def test_buckets_begin_where_the_calendar_says(engine: Engine, grain: str, week_start: str, first_month: int) -> None:
    calendar = Calendar(today=date(2026, 1, 1), week_start=week_start, fiscal_year_start=first_month)
    for day in (date(2024, 2, 29), date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 30), date(2024, 3, 31)):
        bucket = engine.functions.bucket(
            typed("d", "date"), grain, week_start=week_start, fiscal_year_start=first_month
        )
        assert value(engine, bucket, d=day) == calendar.bucket(day, grain)  # type: ignore[arg-type] # grains by name


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"])
def test_a_local_day_is_the_day_on_the_wall(engine: Engine, zone: str) -> None:
    for hours in range(0, 24 * 400, 37):
        moment = datetime(2025, 1, 1, 2, 30, tzinfo=UTC) + timedelta(hours=hours)
        day = engine.functions.local_day(typed("t", "timestamptz"), parameter("z"))
        assert value(engine, day, t=moment, z=zone) == moment.astimezone(ZoneInfo(zone)).date()


def test_quantiles_are_exact_and_interpolated(engine: Engine, tmp_path: Path) -> None:
    numbers = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    pq.write_table(pa.table({"x": numbers}), tmp_path / "x.parquet")
    scan = engine.functions.scan(relation(tmp_path / "x.parquet"), files=parameter("files"))
    for fraction in (0.25, 0.5, 0.9):
        query = exp.Select(expressions=[exp.alias_(engine.functions.quantile(exp.column("x"), parameter("f")), "v")])
        query.set("from_", exp.From(this=exp.Table(this=scan.copy())))
        sql = query.sql(dialect=engine.capabilities.dialect)
        bound = {"f": fraction, "files": engine.functions.files(relation(tmp_path / "x.parquet"))}
        expected = statistics.quantiles(numbers, n=100, method="inclusive")[round(fraction * 100) - 1]
        assert engine.run(sql, bound).column("v")[0].as_py() == pytest.approx(expected)


def test_days_between_have_fractions_and_signs(engine: Engine) -> None:
    between = engine.functions.days_between(typed("a", "timestamptz"), typed("b", "timestamptz"))
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, 12, tzinfo=UTC)
    assert value(engine, between, a=start, b=end) == 1.5
    assert value(engine, between, a=end, b=start) == -1.5


@pytest.mark.parametrize(
    ("grain", "first", "last", "number"),
    [
        ("day", date(2024, 2, 28), date(2024, 3, 1), 3),
        ("week", date(2024, 1, 1), date(2024, 1, 29), 5),
        ("month", date(2024, 1, 1), date(2024, 12, 1), 12),
        ("quarter", date(2024, 2, 1), date(2024, 11, 1), 4),
        ("year", date(2020, 4, 1), date(2024, 4, 1), 5),
    ],
)
def test_a_series_of_buckets_has_both_ends(engine: Engine, grain: str, first: date, last: date, number: int) -> None:
    found = value(engine, engine.functions.buckets(parameter("a"), parameter("b"), grain), a=first, b=last)
    assert isinstance(found, list)
    assert (len(found), found[0].date(), found[-1].date()) == (number, first, last)


def test_older_files_may_lack_columns(engine: Engine, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "old.parquet")
    pq.write_table(pa.table({"a": [2], "b": ["x"]}), tmp_path / "new.parquet")
    both = relation(tmp_path / "old.parquet", tmp_path / "new.parquet", union=True)
    scan = engine.functions.scan(both, files=parameter("files"))
    query = exp.Select(expressions=[exp.Star()])
    query.set("from_", exp.From(this=exp.Table(this=scan)))
    rows = engine.run(query.sql(dialect=engine.capabilities.dialect), {"files": engine.functions.files(both)})
    assert sorted(rows.to_pylist(), key=lambda row: row["a"]) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]


def relation(*files: Path, union: bool = False) -> Relation:
    return Relation("x", 0, tuple(str(each) for each in files), frozenset({"a", "b", "x"}), "UTC", union)


@pytest.mark.req("PLT-8")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '{outside}/escape.csv'",
        "ATTACH '{outside}/escape.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
    ],
)
def test_nothing_outside_the_lake_can_be_touched(tmp_path: Path, statement: str) -> None:
    (tmp_path / "lake").mkdir()
    with pytest.raises(QueryFailed):
        DuckDB(tmp_path / "lake").run(statement.replace("{outside}", str(tmp_path)), {})
    assert [each.name for each in tmp_path.iterdir()] == ["lake"]


def test_a_value_that_does_not_fit_is_refused_without_quoting_data(engine: Engine) -> None:
    with pytest.raises(ValueRefused) as refused:
        engine.run("SELECT CAST(secret AS BIGINT) FROM (VALUES ('a-secret-value')) AS t(secret)", {})
    assert "a-secret-value" not in str(refused.value)


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.engines.duckdb.TIME_LIMIT_SECONDS", 0.2)
    engine = DuckDB(tmp_path)
    with pytest.raises(QueryTooLong):
        engine.run("SELECT SUM(a.range * b.range) FROM range(400000) a, range(400000) b", {})
    assert engine.run("SELECT 1 AS one", {}).column("one")[0].as_py() == 1


def test_many_threads_get_their_own_rows(engine: Engine) -> None:
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(20):
            rows = engine.run("SELECT $n AS n, COUNT(*) AS c FROM range($n)", {"n": number}).to_pylist()
            if rows != [{"n": number, "c": number}]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_small_result_holds_no_more_memory_than_it_needs(engine: Engine) -> None:
    columns = ", ".join(f"range AS c{number}" for number in range(30))
    sql = f"SELECT {columns} FROM range(3)"  # noqa: S608 - made of numbers only
    before = pa.total_allocated_bytes()
    table = engine.run(sql, {})
    assert table.column("c29").to_pylist() == [0, 1, 2]
    # in Arrow's own memory, where it is counted, and not in buffers of the engine with room for thousands of rows
    assert 0 < pa.total_allocated_bytes() - before < 20_000


def test_an_empty_result_keeps_its_columns(engine: Engine) -> None:
    table = engine.run("SELECT 1 AS a, 'x' AS b WHERE false", {})
    assert table.num_rows == 0
    assert table.column_names == ["a", "b"]
