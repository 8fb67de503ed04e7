"""One benchmark run: the chosen scenarios, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from sightline.bench.dashboards import measure_dashboards
from sightline.bench.events import measure_events
from sightline.bench.figures import Figure, Report
from sightline.bench.footprint import installed_mb
from sightline.bench.forecasts import measure_forecasts
from sightline.bench.home import prepared
from sightline.bench.imports import measure_import
from sightline.bench.queries import measure_queries
from sightline.bench.syncs import measure_syncs

Scenario = Literal["dashboards", "import", "query", "events", "sync", "forecast"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
MOST_IMPORTED = 500_000
INSTALLED_TARGET_MB = 800.0


def run_bench(
    *, scenarios: tuple[Scenario, ...], rows: int, users: int, requests: int, folder: Path, tell: Callable[[str], None]
) -> Report:
    """Return the figures of these scenarios. `requests` sizes the cached runs; uncached ones are a fraction of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    figures: list[Figure] = []
    if "import" in scenarios:  # first: the largest memory of a child process must be the import's
        tell("importing a CSV file")
        figures += measure_import(rows=min(rows, MOST_IMPORTED), folder=folder)
    if "query" in scenarios:
        home = prepared(rows=rows, folder=folder, tell=tell)
        tell("asking questions")
        figures += measure_queries(home=home)
    if "dashboards" in scenarios:
        home = prepared(rows=rows, folder=folder, tell=tell)
        tell("starting the server")
        figures += measure_dashboards(home=home, users=users, requests=requests, tell=tell)
        figures.append(Figure("installed size", installed_mb(), "MB", target=INSTALLED_TARGET_MB))
    if "events" in scenarios:
        figures += measure_events(folder=folder, requests=requests, tell=tell)
    if "sync" in scenarios:
        tell("reading a database")
        figures += measure_syncs(rows=min(rows, MOST_IMPORTED), folder=folder)
    if "forecast" in scenarios:
        tell("forecasting")
        figures += measure_forecasts()
    return Report(rows=rows, users=users, figures=tuple(figures))
