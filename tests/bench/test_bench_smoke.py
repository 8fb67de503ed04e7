"""The benchmark measures what it says: the same numbers as plain SQL, and a report with every figure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sightline.bench.figures import Figure, Report, report_document, report_table
from sightline.bench.home import BenchHome, prepared
from sightline.bench.periods import distinct_periods, period_text
from sightline.bench.queries import NOW, QUESTIONS
from sightline.bench.raw import RawDashboard
from sightline.bench.run import SCENARIOS, run_bench
from sightline.bench.statements import PANELS
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.metrics.ask import ask
from sightline.metrics.question import Period
from sightline.metrics.warehouse import warehouse_of

ROWS = 3_000
SOME_PERIOD = Period(date(2024, 3, 5), date(2025, 11, 20), "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def home(folder: Path) -> BenchHome:
    return prepared(rows=ROWS, folder=folder, tell=lambda text: None)


@pytest.fixture(scope="module")
def raw(home: BenchHome) -> Iterator[RawDashboard]:
    dashboard = RawDashboard(home.folder())
    yield dashboard
    dashboard.close()


def numbers(rows: list[list[object]]) -> list[tuple[object, ...]]:
    """Return rows in one order, numbers rounded as far as floating point differs and dates as text."""

    def plain(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return round(float(value), 6) if math.isfinite(value) else None
        return str(value)[:10] if value is not None else ""

    return sorted((tuple(sorted(map(plain, row), key=str)) for row in rows), key=str)


@pytest.mark.req("PLT-10", "PLT-3")
@pytest.mark.parametrize("panel", PANELS)
def test_each_question_gives_what_the_statement_beside_it_gives(home: BenchHome, raw: RawDashboard, panel: str) -> None:
    question = replace(QUESTIONS[panel], period=SOME_PERIOD)
    answer = ask(question, SYSTEM_VIEWER, warehouse=warehouse_of(home.folder()), now=NOW)
    direct = [list(row.values()) for row in raw.run_one(panel, SOME_PERIOD).to_pylist()]
    assert numbers(answer.rows()) == numbers(direct)


def test_the_dashboard_has_a_panel_for_each_statement(home: BenchHome) -> None:
    assert len(home.folder().catalog.dashboards["bench"].panels) == len(PANELS) == len(QUESTIONS) == 12


def test_periods_are_never_asked_twice() -> None:
    periods = [period_text(period) for period in distinct_periods()]
    assert len(periods) == len(set(periods)) > 2_000


def test_generated_data_is_kept_for_the_next_run(home: BenchHome, folder: Path) -> None:
    told: list[str] = []
    assert prepared(rows=ROWS, folder=folder, tell=told.append) == home
    assert told == []


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", 5, "ms"), None),
        (Figure("a", 5, "ms", target=5), True),
        (Figure("a", 6, "ms", target=5), False),
        (Figure("a", 6, "rows/s", target=5, bound="at_least"), True),
        (Figure("a", 6, "ms", raw=5, target=1.5, of_ratio=True), True),
        (Figure("a", 8, "ms", raw=5, target=1.5, of_ratio=True), False),
        (Figure("a", 8, "ms", target=1.5, of_ratio=True), None),
    ],
)
def test_a_target_is_about_the_value_or_the_ratio(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


@pytest.mark.req("PLT-10")
def test_a_whole_run_reports_every_figure(folder: Path) -> None:
    told: list[str] = []
    report = run_bench(scenarios=SCENARIOS, rows=ROWS, users=2, requests=5, folder=folder, tell=told.append)
    names = " | ".join(figure.name for figure in report.figures)
    for expected in (
        "import of CSV",
        "metrics layer per question",
        "server start",
        "cached dashboard, 2 users, p95",
        "uncached dashboard, 1 user, p50",
        "uncached dashboard, 2 users, p95",
        "server resident memory",
        "installed size",
    ):
        assert expected in names
    assert all(figure.value > 0 for figure in report.figures)
    assert told
    document = report_document(Report(rows=ROWS, users=2, figures=report.figures))
    assert {"rows", "users", "machine", "figures"} == set(document)
    assert report_table(report).row_count == len(report.figures)
