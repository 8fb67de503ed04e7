"""The same twelve statements run directly in DuckDB over the same files: what the figures are compared with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa

from sightline.bench.load import Latencies, latencies_of
from sightline.bench.statements import statements
from sightline.home.workspace import WorkspaceFolder
from sightline.metrics.question import Period


class RawDashboard:
    """Twelve statements, run one after the other, as the dashboard's panels would be by hand."""

    def __init__(self, folder: WorkspaceFolder) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        self._statements = statements(leads=_files(folder, "leads"), programs=_files(folder, "programs"))

    def run(self, period: Period) -> None:
        """Run all statements for this period."""
        for panel in self._statements:
            self.run_one(panel, period)

    def run_one(self, panel: str, period: Period) -> pa.Table:
        """Return the result of one panel's statement for this period."""
        with self._connection.cursor() as cursor:
            return cursor.execute(self._statements[panel], {"start": period.start, "end": period.end}).to_arrow_table()

    def measure(self, *, users: int, runs: int, periods: Callable[[], Period]) -> Latencies:
        """Return the times of `runs` whole dashboards read by so many users at once."""
        chosen = [periods() for _ in range(runs)]
        started = time.perf_counter()
        with ThreadPoolExecutor(max_workers=users) as people:
            times = list(people.map(self._timed, chosen))
        return latencies_of(times, seconds=time.perf_counter() - started)

    def _timed(self, period: Period) -> float:
        started = time.perf_counter()
        self.run(period)
        return (time.perf_counter() - started) * 1000

    def close(self) -> None:
        self._connection.close()


def _files(folder: WorkspaceFolder, dataset: str) -> Sequence[str]:
    relation = folder.lake.relation(dataset, folder.lake.snapshot())
    return relation.files if relation else ()
